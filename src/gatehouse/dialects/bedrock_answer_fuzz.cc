// Whatever Bedrock answers: no crash; an answer that is read is one that a run could have said; a stream, its events a
// line each, is a well-formed run with one end; an error always has a kind and a message that is text.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "gatehouse/dialects/bedrock/codec.h"
#include "gatehouse/llm/chat/assembler.h"

namespace {

using namespace gatehouse;
using namespace gatehouse::dialects;

void require(bool condition) {
  if (!condition) std::abort();
}

void stream(std::string_view lines, const Reading& reading) {
  llm::AnswerAssembler assembler;
  const auto decoder = bedrock::back().make_decoder(reading);
  std::vector<llm::ChatEvent> out;
  const auto take = [&] {
    for (const auto& event : out) require(assembler.add(event).has_value() || assembler.lost());
    out.clear();
  };
  while (!lines.empty()) {
    const auto end = std::min(lines.find('\n'), lines.size());
    const std::string line(lines.substr(0, end));
    lines.remove_prefix(std::min(end + 1, lines.size()));
    // "NAME DATA" or a union.
    const std::string_view whole = line;
    const auto space = line.starts_with('{') ? std::string_view::npos : whole.find(' ');
    const bool named = space != std::string_view::npos;
    decoder->on_event(named ? whole.substr(0, space) : std::string_view(), named ? whole.substr(space + 1) : whole,
                      out);
    take();
  }
  decoder->on_end(out);
  take();
  require(assembler.ended() != assembler.error().has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const llm::Quirks quirks;
  Rewrites plain;
  Rewrites rewritten;
  rewritten.json_tool = "j";
  rewritten.json_wrapped = true;
  rewritten.tool_names = {{"f_1", "f 1"}};
  rewritten.text_tools = {"t"};
  for (const Rewrites* rewrites : {&plain, &rewritten}) {
    const Reading reading{.rewrites = *rewrites, .quirks = quirks, .origin = llm::Origin::anthropic};
    if (const auto answer = bedrock::back().read_answer(bytes, reading)) {
      require(answer->choices.size() == 1 && answer->choices[0].finish != llm::FinishReason::unknown);
      llm::AnswerAssembler assembler;
      for (const auto& event : llm::run_of(*answer)) require(assembler.add(event).has_value() || assembler.lost());
    }
    stream(bytes, reading);
  }
  const auto error = bedrock::back().read_error(400 + static_cast<int>(size % 200), bytes);
  require(error.status >= 400 && error.message.size() <= size * 2 + 2);
  return 0;
}
