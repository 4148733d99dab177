// Whatever a provider sends in Cohere's or Ollama's dialect: no crash; a stream's events are a well-formed run that
// ends, an answer or an error is read or refused. Lines are events.
#include <cstdlib>
#include <string>
#include <vector>

#include "gatehouse/dialects/cohere/codec.h"
#include "gatehouse/dialects/ollama/codec.h"
#include "gatehouse/llm/chat/assembler.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void read(const gatehouse::dialects::BackCodec& codec, std::string_view text) {
  using namespace gatehouse;
  const llm::Quirks quirks;
  dialects::Rewrites rewrites;
  for (const bool rewritten : {false, true}) {
    rewrites.json_wrapped = rewritten;
    rewrites.json_tool = rewritten ? "f" : "";
    const dialects::Reading reading{.rewrites = rewrites, .quirks = quirks};
    const auto decoder = codec.make_decoder(reading);
    llm::AnswerAssembler assembler(1 << 16);
    std::vector<llm::ChatEvent> events;
    const auto take = [&] {
      for (const auto& event : events) require(assembler.add(event).has_value());
      events.clear();
    };
    std::string_view rest = text;
    while (!rest.empty()) {
      const auto end = rest.find('\n');
      decoder->on_event({}, rest.substr(0, end), events);
      take();
      if (end == std::string_view::npos) break;
      rest.remove_prefix(end + 1);
    }
    decoder->on_end(events);
    take();
    require(assembler.ended() || assembler.error().has_value());
    (void)codec.read_answer(text, reading);
  }
  require(codec.read_error(500, text).status == 500);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read(gatehouse::dialects::cohere::back(), text);
  read(gatehouse::dialects::ollama::back(), text);
  return 0;
}
