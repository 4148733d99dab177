// Of any bytes: the count is the number of ids, whole or in parts; the ids give the text back (where it is UTF-8);
// windows never give fewer tokens than merging all at once.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/llm/tokens/image_tokens.h"
#include "gatehouse/llm/tokens/merge.h"
#include "gatehouse/llm/tokens/model_tokens.h"
#include "gatehouse/llm/tokens/tokenizer.h"
#include "gatehouse/text/utf8.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse::llm;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::string replaced = gatehouse::text::replace_invalid(text);
  const std::size_t step = size == 0 ? 1 : 1 + data[0] % 16;
  for (const Encoding encoding : {Encoding::cl100k_base, Encoding::o200k_base}) {
    const std::vector<std::uint32_t> ids = encode(encoding, text);
    require(count_tokens(encoding, text) == ids.size());
    require(ids.size() <= upper_bound(replaced.size()));
    require(decode(encoding, ids).value() == replaced);

    TextCounter counter(encoding);
    for (std::size_t at = 0; at < text.size(); at += step) counter.add(std::string_view(text).substr(at, step));
    require(counter.finish() == ids.size());

    // Merging of bytes that need not be text: as a whole and by small windows.
    const auto vocabulary = detail::Vocabulary::of(encoding);
    const char* const end = text.data() + text.size();
    detail::Merger whole(vocabulary, end, 1U << 20U);
    detail::Merger windows(vocabulary, end, 256);
    std::vector<std::uint32_t> expected;
    std::vector<std::uint32_t> merged;
    if (!text.empty()) {
      whole.encode(text.data(), text.size(), expected);
      windows.encode(text.data(), text.size(), merged);
      require(merged.size() >= expected.size() || windows.unproven() > 0);
      if (windows.unproven() == 0) require(merged == expected);
      require(decode(encoding, merged).value() == text);
    }
  }
  static_cast<void>(tokens_of_model(text));
  static_cast<void>(image_tokens(text, false, image_size(text)));
  return 0;
}
