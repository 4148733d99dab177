// The input is the data of a stream's events, one a line. What is told is well-formed, ends once, and goes out in the
// order of the dialect, each event JSON.
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/dialects/anthropic/codec.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/llm/chat/assembler.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void check_stream(std::string_view out) {
  bool open = false;
  bool over = false;
  while (!out.empty()) {
    require(!over);
    const auto size = out.find("\n\n");
    require(size != std::string_view::npos && out.starts_with("event: "));
    const std::string_view event = out.substr(0, size);
    const auto line = event.find('\n');
    const std::string_view name = event.substr(7, line - 7);
    require(event.substr(line + 1).starts_with("data: "));
    require(gatehouse::json::validate(event.substr(line + 7)).has_value());
    if (name == "content_block_start") {
      require(!open);
      open = true;
    } else if (name == "content_block_stop") {
      require(open);
      open = false;
    } else if (name == "content_block_delta") {
      require(open);
    } else if (name == "message_delta") {
      require(!open);
    }
    over = name == "error" || name == "message_stop";
    out.remove_prefix(size + 2);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse;
  using namespace gatehouse::dialects;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const llm::Quirks quirks;
  const llm::ChatRequest asked;
  for (const bool rewritten : {false, true}) {
    Rewrites rewrites;
    if (rewritten) {
      rewrites.json_tool = "f";
      rewrites.json_wrapped = true;
      rewrites.text_tools = {"g"};
    }
    auto decoder = anthropic::back().make_decoder({.rewrites = rewrites, .quirks = quirks});
    auto encoder = anthropic::front().make_encoder({.request = asked, .seed = "s"});
    llm::AnswerAssembler assembler;
    std::vector<llm::ChatEvent> events;
    std::string out;
    const auto pass = [&] {
      for (const auto& event : events) {
        require(assembler.add(event).has_value());
        encoder->write(event, out);
      }
      events.clear();
    };
    for (std::string_view rest = input; !rest.empty();) {
      const auto end = rest.find('\n');
      const std::string line(rest.substr(0, end));
      decoder->on_event("", line, events);
      pass();
      if (end == std::string_view::npos) break;
      rest.remove_prefix(end + 1);
    }
    decoder->on_end(events);
    pass();
    require(assembler.ended() != assembler.error().has_value());
    check_stream(out);
  }
  return 0;
}
