#include "gatehouse/stages/list_models/list_models.h"

#include <memory>
#include <utility>
#include <vector>

#include "gatehouse/dialects/models.h"
#include "gatehouse/http/head_writer.h"
#include "gatehouse/text/utf8.h"

namespace gatehouse::stages {
namespace {

using pipeline::Verdict;

bool may_see(const pipeline::Exchange& exchange, std::string_view model) {
  return exchange.principal == nullptr || exchange.principal->may_use_model(model);
}

Verdict json(std::string body) {
  pipeline::Answer answer;
  http::append_field(answer.fields, "content-type", "application/json");
  answer.body = std::make_unique<pipeline::TextSource>(std::move(body));
  return pipeline::Reply{std::move(answer)};
}

}  // namespace

Eventually<Verdict> ListModels::on_request(pipeline::Exchange& exchange) const {
  if (exchange.operation == llm::Operation::models_list) {
    std::vector<dialects::ModelRow> rows;
    for (const auto& model : exchange.config().models) {
      if (model.is_wildcard() || !may_see(exchange, model.name)) continue;
      rows.push_back({.id = model.name, .owned_by = exchange.config().provider_of(model.targets.front()).name});
    }
    return json(dialects::models_list(exchange.dialect, rows));
  }
  if (exchange.operation == llm::Operation::model_get) {
    const auto match = exchange.config().find_model(exchange.model_path);
    if (!match || !may_see(exchange, exchange.model_path)) {
      return Verdict(pipeline::refuse(Code::unknown_model,
                                      "The model `" + text::safe_excerpt(exchange.model_path, 100) + "` does not exist",
                                      "model"));
    }
    return json(dialects::model_object(
        exchange.dialect,
        {.id = exchange.model_path, .owned_by = exchange.config().provider_of(match.model->targets.front()).name}));
  }
  return Verdict(pipeline::Continue{});
}

}  // namespace gatehouse::stages
