// The input is a body and, line by line, a stream, of each dialect: no crash; a body in pieces reads as the whole does;
// a stream ends with what its last lines say.
#include <cstdlib>
#include <string>
#include <string_view>

#include "gatehouse/dialects/answer_reader.h"
#include "gatehouse/dialects/delivered.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void check(gatehouse::llm::Operation operation, std::string_view input) {
  using gatehouse::dialects::AnswerReader;
  constexpr auto kAll = AnswerReader::Depth::all;
  AnswerReader whole(kAll, operation);
  whole.on_body(input, true);
  AnswerReader pieces(kAll, operation);
  const std::size_t cut = input.empty() ? 0 : static_cast<unsigned char>(input[0]) % (input.size() + 1);
  pieces.on_body(input.substr(0, cut), false);
  pieces.on_body(input.substr(cut), true);
  require(whole.usage() == pieces.usage() && whole.finish_reason() == pieces.finish_reason());
  require(whole.content_seen() == pieces.content_seen() && whole.error_seen() == pieces.error_seen());

  AnswerReader events(kAll, operation);
  std::string said;
  for (std::string_view rest = input; !rest.empty();) {
    const auto end = rest.find('\n');
    events.on_event(rest.substr(0, end));
    gatehouse::dialects::append_delivered(operation, rest.substr(0, end), said);
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  for (const auto& usage : {whole.usage(), events.usage()}) {
    require(usage.cached_tokens <= usage.prompt_tokens && usage.reasoning_tokens <= usage.completion_tokens);
  }
  if (operation != gatehouse::llm::Operation::chat_completions) return;
  // A chunk with usage is found by the search for it, too.
  AnswerReader late(kAll, operation);
  late.on_event(R"({"choices":[{"delta":{"content":"x"}}]})");
  late.on_event(input);
  require(late.usage() == whole.usage() && late.error_seen() == whole.error_seen());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using gatehouse::llm::Operation;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  for (const auto operation : {Operation::chat_completions, Operation::messages, Operation::stream_content}) {
    check(operation, input);
  }
  return 0;
}
