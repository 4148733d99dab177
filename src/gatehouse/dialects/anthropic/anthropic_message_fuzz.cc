// The input is a whole answer or the body of an error: what is read of it can be written, whole and as a stream.
#include <cstdlib>
#include <string>
#include <string_view>

#include "gatehouse/dialects/anthropic/codec.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/llm/chat/assembler.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse;
  using namespace gatehouse::dialects;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  require(json::validate(anthropic::front().write_error(anthropic::back().read_error(400, input))).has_value());

  const llm::Quirks quirks;
  const llm::ChatRequest asked;
  const Writing writing{.request = asked, .seed = "s"};
  for (const bool tool : {false, true}) {
    Rewrites rewrites;
    rewrites.json_wrapped = true;
    if (tool) {
      rewrites.json_tool = "f";
      rewrites.text_tools = {"g"};
    }
    const auto answer = anthropic::back().read_answer(input, {.rewrites = rewrites, .quirks = quirks});
    if (!answer) continue;
    require(json::validate(anthropic::front().write_answer(*answer, writing)).has_value());
    auto encoder = anthropic::front().make_encoder(writing);
    llm::AnswerAssembler assembler;
    std::string out;
    for (const auto& event : llm::run_of(*answer)) {
      require(assembler.add(event).has_value() || assembler.lost());
      encoder->write(event, out);
    }
    require(out.starts_with("event: message_start\n"));
    for (std::string_view rest = out; !rest.empty();) {
      const auto begin = rest.find("\ndata: ") + 7;
      const auto end = rest.find("\n\n");
      require(json::validate(rest.substr(begin, end - begin)).has_value());
      rest.remove_prefix(end + 2);
    }
  }
  return 0;
}
