#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "gatehouse/base/function_ref.h"

namespace gatehouse::ml::tokenizer {

// How byte-level tokenizers cut a text into words, by hand: the same as their regular expressions, which end with a
// look-ahead that RE2 has not, and several times as fast. All cut off English contractions ('s, 're), runs of letters,
// of numbers and of other characters with perhaps a space before them, and white space without its last character where
// a word follows.
enum class WordRule : std::uint8_t {
  gpt2,    // as GPT-2, RoBERTa and ModernBERT
  cl100k,  // contractions in any case, any sign before letters, three digits at most, lines' ends by themselves: Llama
           // 3
  qwen2,   // the same with single digits
};
// The rule that a regular expression stands for, if it is one of them.
std::optional<WordRule> word_rule(std::string_view expression);

// Calls piece(begin, end); the pieces cover the text, which is well-formed.
void split_words(WordRule rule, std::string_view text,
                 base::FunctionRef<void(std::size_t begin, std::size_t end)> piece);

// Where white space [begin, end) ends as a piece: its last character goes with what follows, if it has another one.
std::size_t without_last(std::string_view text, std::size_t begin, std::size_t end);

}  // namespace gatehouse::ml::tokenizer
