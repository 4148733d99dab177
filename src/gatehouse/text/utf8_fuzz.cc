// Every function over any bytes: they agree with each other and with the vectorised validator, wherever the text is
// cut.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "gatehouse/text/utf8.h"

namespace {
void require(bool holds) {
  if (!holds) std::abort();
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse::text;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  bool valid = true;
  std::size_t unfinished = 0;
  for (std::size_t at = 0; at < size;) {
    const Sequence sequence = next_sequence(text.substr(at));
    require(sequence.size >= 1 && at + sequence.size <= size);
    valid = valid && sequence.valid;
    if (sequence.incomplete) unfinished = sequence.size;
    at += sequence.size;
  }
  require(valid == valid_utf8(text));
  require(unfinished == incomplete_tail(text));
  const std::string replaced = replace_invalid(text);
  require(valid_utf8(replaced));
  require(!valid || replaced == text);
  // In two pieces, the second behind what the first kept back: the same characters.
  const std::string_view head = text.substr(0, size / 3);
  const std::size_t kept = incomplete_tail(head);
  require(replace_invalid(head.substr(0, head.size() - kept)) +
              replace_invalid(std::string(text.substr(head.size() - kept))) ==
          replaced);
  const std::string excerpt = safe_excerpt(text, size / 2);
  require(valid_utf8(excerpt));
  require(excerpt.size() <= 8 * (size / 2) + 3);
  return 0;
}
