// The input is a body and, line by line, a stream: no crash; a body in pieces reads as the whole does; a stream ends
// with what its last lines say.
#include <cstdlib>
#include <string_view>

#include "gatehouse/dialects/answer_reader.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using gatehouse::dialects::AnswerReader;
  const std::string_view input(reinterpret_cast<const char*>(data), size);

  AnswerReader whole;
  whole.on_body(input, true);
  AnswerReader pieces;
  const std::size_t cut = size == 0 ? 0 : data[0] % (size + 1);
  pieces.on_body(input.substr(0, cut), false);
  pieces.on_body(input.substr(cut), true);
  require(whole.usage() == pieces.usage() && whole.finish_reason() == pieces.finish_reason());
  require(whole.content_seen() == pieces.content_seen() && whole.error_seen() == pieces.error_seen());

  AnswerReader events;
  for (std::string_view rest = input; !rest.empty();) {
    const auto end = rest.find('\n');
    events.on_event(rest.substr(0, end));
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  for (const auto& usage : {whole.usage(), events.usage()}) {
    require(usage.cached_tokens <= usage.prompt_tokens && usage.reasoning_tokens <= usage.completion_tokens);
  }
  // A chunk with usage is found by the search for it, too.
  AnswerReader late;
  late.on_event(R"({"choices":[{"delta":{"content":"x"}}]})");
  late.on_event(input);
  require(late.usage() == whole.usage() && late.error_seen() == whole.error_seen());
  return 0;
}
