// Any body of a chat request: it reads or says why not; what was read can be written for every kind of server, or says
// why not; and what was written is JSON that reads again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "gatehouse/dialects/openai_chat/codec.h"
#include "gatehouse/json/scan.h"

namespace {

using namespace gatehouse;
using Q = llm::Quirks;

void require(bool condition) {
  if (!condition) std::abort();
}

void write(const llm::ChatRequest& request, const Q& quirks, llm::Origin origin) {
  dialects::Losses losses;
  dialects::Rewrites rewrites;
  const dialects::Target target{.model = "m", .stream = request.stream, .quirks = quirks, .origin = origin};
  const auto body = dialects::openai_chat::back().write_request(request, target, losses, rewrites);
  if (!body) return;
  require(json::validate(*body).has_value());
  // Bounds aside, what goes out is what would be taken.
  const auto again = dialects::openai_chat::front().read_request(*body, {}, false);
  require(again.has_value() || again.error().error.code == Code::too_large || request.messages.empty() ||
          again.error().param == "messages");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  if (!json::validate(body)) {
    (void)dialects::openai_chat::front().read_request(body, {}, false);
    return 0;
  }
  auto request = dialects::openai_chat::front().read_request(body, {}, false);
  if (!request) return 0;
  write(*request, Q{}, llm::Origin::none);
  write(*request, Q{.seed = "random_seed", .send_reasoning = Q::SendReasoning::chunks, .tool_id_length = 9},
        llm::Origin::mistral);
  write(*request, Q{.send_reasoning = Q::SendReasoning::details, .ask_reasoning = Q::AskReasoning::object},
        llm::Origin::openrouter);
  request->dialect = llm::Dialect::gemini;
  write(*request,
        Q{.send_reasoning = Q::SendReasoning::loop,
          .refuses = ~(Q::tools | Q::images | Q::audio | Q::video),
          .alternates = true,
          .content_parts = false},
        llm::Origin::gemini);
  return 0;
}
