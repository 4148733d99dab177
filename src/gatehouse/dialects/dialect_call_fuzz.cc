// Whatever the body: no crash; a call's model span is the model; an error has OpenAI's shape; the body with another
// model spliced in reads as the same call of the other model.
#include <cstdlib>
#include <string>

#include "gatehouse/dialects/call.h"
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
  if (const auto route = find_route("GET", body); !route) {
    require(json::validate(error_body(dialect_of_path(body), route.error())).has_value());
  }
  return 0;
}
