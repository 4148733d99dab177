#include "gatehouse/stages/authorise/authorise.h"

#include <string>

#include "gatehouse/text/utf8.h"

namespace gatehouse::stages {
namespace {

using pipeline::Continue;
using pipeline::Verdict;

constexpr std::size_t kShown = 100;

// In an operation that only concerns the gateway's own list.
bool lists(llm::Operation operation) {
  return operation == llm::Operation::models_list || operation == llm::Operation::model_get;
}

}  // namespace

Eventually<Verdict> Authorise::on_request(pipeline::Exchange& exchange) const {
  const auto* principal = exchange.principal;
  if (principal != nullptr && !principal->may_use_operation(llm::name(exchange.operation))) {
    return Verdict(
        pipeline::refuse(Code::forbidden, "This API key may not use " + std::string(llm::name(exchange.operation))));
  }
  if (exchange.has_model) {
    const std::string& model = exchange.call.model;
    exchange.match = exchange.config().find_model(model);
    if (!exchange.match) {
      return Verdict(pipeline::refuse(
          Code::unknown_model,
          "The model `" + text::safe_excerpt(model, kShown) + "` does not exist or you do not have access to it",
          "model"));
    }
    if (principal != nullptr && !principal->may_use_model(model)) {
      return Verdict(pipeline::refuse(
          Code::forbidden, "This API key may not use the model `" + text::safe_excerpt(model, kShown) + "`", "model"));
    }
    return Verdict(Continue{});
  }
  if (principal != nullptr && !principal->models.admits_all() && !lists(exchange.operation)) {
    return Verdict(pipeline::refuse(
        Code::forbidden,
        "This API key is limited to some models, and the model of this request cannot be read from it"));
  }
  return Verdict(Continue{});
}

}  // namespace gatehouse::stages
