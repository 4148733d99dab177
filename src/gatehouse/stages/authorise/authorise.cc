#include "gatehouse/stages/authorise/authorise.h"

#include <optional>
#include <string>
#include <string_view>

#include "gatehouse/dialects/openai_responses/references.h"
#include "gatehouse/text/utf8.h"

namespace gatehouse::stages {
namespace {

using pipeline::Continue;
using pipeline::Verdict;

constexpr std::size_t kShown = 100;

// Whether the upload that a request goes on with is one of its caller's; then it is known where it goes.
std::optional<pipeline::Refuse> find_upload(pipeline::Exchange& exchange) {
  if (!exchange.upload) return std::nullopt;
  if (exchange.worker.uploads == nullptr) {
    return pipeline::refuse(Code::unsupported, "Files cannot be uploaded in steps through this gateway");
  }
  if (exchange.upload->start) return std::nullopt;
  const std::string tenant = govern::tenant_of(exchange.principal);
  exchange.upload_session = exchange.worker.uploads->read(tenant, exchange.upload->ticket, exchange.wall);
  if (exchange.upload_session) return std::nullopt;
  return pipeline::refuse(Code::not_found, "There is no such upload, or it is over; start it anew", "upload_id");
}

// In an operation that only concerns the gateway's own list.
bool lists(llm::Operation operation) {
  return operation == llm::Operation::models_list || operation == llm::Operation::model_get;
}

// The response that a request without a body asks for, where the gateway stores them; of these it is known whose they
// are, and no model is asked.
std::optional<std::string_view> stored_response(const pipeline::Exchange& exchange) {
  if (exchange.operation != llm::Operation::responses || exchange.call_read) return std::nullopt;
  if (exchange.worker.responses == nullptr) return std::nullopt;
  const auto& head = exchange.head();
  if (head.method != http::Method::get && head.method_text != "DELETE") return std::nullopt;
  const auto path = dialects::openai_responses::stored_path(head.path);
  if (!path) return std::nullopt;
  return path->id;
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
    if (principal != nullptr && exchange.call.in_file && !principal->models.admits_all()) {
      return Verdict(pipeline::refuse(
          Code::forbidden,
          "This API key is limited to some models, and those that a batch in a file asks for cannot be read"));
    }
    return Verdict(Continue{});
  }
  if (principal != nullptr && !principal->models.admits_all() && !lists(exchange.operation)) {
    if (const auto named = stored_response(exchange)) {
      const std::string tenant = govern::tenant_of(principal);
      if (exchange.worker.responses->holds(tenant, *named, exchange.wall)) return Verdict(Continue{});
      return Verdict(pipeline::refuse(Code::not_found,
                                      "Response with id '" + text::safe_excerpt(*named, kShown) + "' not found."));
    }
    return Verdict(pipeline::refuse(
        Code::forbidden,
        "This API key is limited to some models, and the model of this request cannot be read from it"));
  }
  if (auto refused = find_upload(exchange)) return Verdict(std::move(*refused));
  return Verdict(Continue{});
}

}  // namespace gatehouse::stages
