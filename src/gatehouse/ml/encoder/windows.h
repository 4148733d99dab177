#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "gatehouse/ml/model.h"
#include "gatehouse/ml/tokenizer/tokenizer.h"

namespace gatehouse::ml {

struct WindowOptions {
  std::size_t length = 256;  // tokens at most, prefix and suffix counted
  std::size_t overlap =
      48;  // tokens of two neighbours, more where a word begins before; at most a quarter of what fits
  bool shapes = false;
  std::span<const std::int32_t> context{};  // stands in every window between prefix and text, with a suffix of its own
};

// Of a context what there is room for: its first and its last tokens, half of `most` each, since rules stand in either.
std::vector<std::int32_t> context_tokens(const Tokenizer& tokenizer, std::string_view context, std::size_t most);

// `text` in at most `most` windows, no more than it takes, and about as long as each other. Cuts lie where a word
// begins, unless a word is longer than a quarter of a window. Every token that is read is one window's own, and one
// only: of those that two have, the first half is the first one's. A text without tokens is one window of prefix and
// suffix, so that it gets a reading too.
std::vector<Window> cut_windows(const Tokenizer& tokenizer, std::string_view text, std::size_t most,
                                const WindowOptions& options);

}  // namespace gatehouse::ml
