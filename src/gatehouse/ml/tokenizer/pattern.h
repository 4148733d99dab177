#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "gatehouse/base/error.h"
#include "gatehouse/base/function_ref.h"
#include "gatehouse/json/value.h"

namespace re2 {
class RE2;
}

namespace gatehouse::ml::tokenizer {

// A `pattern` of a Split or a Replace: a string, or a regular expression. Files write them for Oniguruma; they are
// translated for RE2, which is linear in the text. What RE2 has not (look-around, back references, possessive
// repetition) is an error, but for the one look-ahead that byte-level tokenizers end with, `\s+(?!\S)|\s+`: white space
// up to the one character that belongs to the next word. Immutable, any thread.
class Pattern {
 public:
  // Errors: configuration, without the part's name.
  static Result<Pattern> parse(const json::Value& pattern);

  // Calls match(begin, end) for each match, from left to right, none empty.
  void each(std::string_view text, base::FunctionRef<void(std::size_t begin, std::size_t end)> match) const;

  static constexpr std::size_t kMostBytes = 4096;

 private:
  static Result<Pattern> regular(std::string_view expression);

  std::string literal_;  // where there is no expression
  std::shared_ptr<const re2::RE2> regex_;
  bool ends_with_space_ = false;  // the first group is the white space of that look-ahead
};

// The pieces in which byte-level tokenizers (GPT-2 and what followed it) cut a text, by hand: English contractions,
// letters, numbers and other characters with perhaps a space before them, white space. Calls piece(begin, end); the
// pieces cover the text.
void split_like_gpt2(std::string_view text, base::FunctionRef<void(std::size_t begin, std::size_t end)> piece);

}  // namespace gatehouse::ml::tokenizer
