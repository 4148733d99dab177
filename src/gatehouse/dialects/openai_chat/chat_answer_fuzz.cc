// Any body of a whole answer: it reads or fails; what was read is written as JSON that reads again to the same, and as
// a stream whose every event is JSON on one line. Any body of an error reads.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "gatehouse/dialects/openai_chat/codec.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/llm/chat/assembler.h"

namespace {

using namespace gatehouse;

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const auto& front = dialects::openai_chat::front();
  const auto& back = dialects::openai_chat::back();
  const llm::ChatError error = back.read_error(size % 2 == 0 ? 200 : 400, body);
  require(error.status >= 400 && error.status <= 599 && !error.message.empty());
  require(json::validate(front.write_error(error)).has_value());

  const dialects::Rewrites none;
  const llm::Quirks quirks;
  const dialects::Reading reading{.rewrites = none, .quirks = quirks};
  const auto answer = back.read_answer(body, reading);
  if (!answer) return 0;
  llm::ChatRequest asked;
  asked.include_usage = true;
  const dialects::Writing writing{.request = asked, .model = {}, .seed = "s", .now = 1};
  const std::string whole = front.write_answer(*answer, writing);
  require(json::validate(whole).has_value());
  const auto again = back.read_answer(whole, reading);
  require(again.has_value());
  require(again->choices.size() == answer->choices.size());

  std::string sse;
  const auto encoder = front.make_encoder(writing);
  for (const llm::ChatEvent& event : llm::run_of(*answer)) encoder->write(event, sse);
  for (std::string_view rest = sse; !rest.empty();) {
    const std::string_view event = rest.substr(0, rest.find("\n\n"));
    require(event.starts_with("data: ") && event.find('\n') == std::string_view::npos);
    require(event == "data: [DONE]" || json::validate(event.substr(6)).has_value());
    rest.remove_prefix(event.size() + 2);
  }
  return 0;
}
