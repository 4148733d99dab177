// Whatever the body, in every dialect: no crash; a call's model span is the model; an error is JSON; the body with
// another model and another bound put in reads as the same call with these.
#include <cstdlib>
#include <string>

#include "gatehouse/dialects/call.h"
#include "gatehouse/dialects/edit.h"
#include "gatehouse/dialects/errors.h"
#include "gatehouse/dialects/routes.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/splice.h"
#include "gatehouse/json/value.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse;
  using namespace gatehouse::dialects;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  for (const auto operation :
       {llm::Operation::chat_completions, llm::Operation::completions, llm::Operation::embeddings}) {
    const auto call = read_call(operation, body);
    if (!call) {
      require(json::validate(error_body(llm::Dialect::openai_chat, call.error())).has_value());
      continue;
    }
    require(json::validate(body).has_value());
    const std::string_view raw = body.substr(call->model_span.offset, call->model_span.length);
    require(json::read_string(raw) == call->model && json::find(body, "model") == raw);
    const json::Edit edit{call->model_span.offset, call->model_span.length, "\"other\""};
    const auto other = read_call(operation, json::splice(body, {&edit, 1}));
    require(other && other->model == "other" && other->stream == call->stream && other->n == call->n &&
            other->max_tokens == call->max_tokens && other->user == call->user &&
            other->include_usage == call->include_usage);
  }
  for (const auto& [dialect, operation] : {std::pair{llm::Dialect::anthropic, llm::Operation::messages},
                                           {llm::Dialect::gemini, llm::Operation::stream_content},
                                           {llm::Dialect::gemini, llm::Operation::count_tokens},
                                           {llm::Dialect::gemini, llm::Operation::embed_content}}) {
    const auto call = read_call(dialect, operation, body);
    if (!call) {
      require(json::validate(error_body(dialect, call.error())).has_value());
      continue;
    }
    require(json::validate(body).has_value() && call->dialect == dialect);
    BodyEdits edits;
    edits.model = "other";
    edits.max_tokens = 77;
    EditedBody editor;
    std::string edited;
    for (const auto piece : editor.build(body, *call, edits)) edited += piece;
    const auto other = read_call(dialect, operation, edited);
    require(other && other->max_tokens == 77 && other->stream == call->stream && other->n == call->n &&
            other->user == call->user && other->more_model_spans.size() == call->more_model_spans.size());
    const bool named = call->model_span.length > 0 || !call->more_model_spans.empty();
    require(!named || other->model == "other");
  }
  if (const auto route = find_route("GET", body); !route) {
    require(json::validate(error_body(dialect_of_path(body), route.error())).has_value());
  }
  return 0;
}
