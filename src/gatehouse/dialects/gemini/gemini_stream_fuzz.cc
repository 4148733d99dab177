// The input is a provider's stream, an event a line: no crash; its run is well-formed and ends; what a caller gets of
// it is JSON, event by event and as an array.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "gatehouse/dialects/gemini/codec.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/llm/chat/assembler.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void require_json(std::string_view text) {
  const auto kind = gatehouse::json::validate(text);
  require(kind.has_value() || kind.error().detail.find("nested too deep") != std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse;
  std::string_view input(reinterpret_cast<const char*>(data), size);
  static const llm::Quirks plain;
  static const dialects::Rewrites none;
  llm::ChatRequest request;
  if (size % 2 == 0) request.reasoning.show = false;
  const auto decoder = dialects::gemini::back().make_decoder({none, plain, llm::Origin::gemini});
  const auto events_for = dialects::gemini::front().make_encoder({.request = request, .seed = "s"});
  llm::AnswerAssembler assembler;
  std::string stream;
  std::vector<llm::ChatEvent> events;
  const auto pass = [&] {
    for (const auto& event : events) {
      const auto added = assembler.add(event);
      // The assembler keeps so many blocks and no more; a stream may have them.
      require(added.has_value() || assembler.lost() || size > llm::AnswerAssembler::kMostBlocks);
      events_for->write(event, stream);
    }
    events.clear();
  };
  while (!input.empty()) {
    const auto end = input.find('\n');
    decoder->on_event("", input.substr(0, end), events);
    pass();
    input.remove_prefix(end == std::string_view::npos ? input.size() : end + 1);
  }
  decoder->on_end(events);
  pass();
  require(assembler.ended() || assembler.error().has_value() || size > llm::AnswerAssembler::kMostBlocks);
  for (std::string_view rest = stream; !rest.empty();) {
    require(rest.starts_with("data: "));
    const auto end = rest.find("\n\n");
    require(end != std::string_view::npos);
    require_json(rest.substr(6, end - 6));
    rest.remove_prefix(end + 2);
  }
  return 0;
}
