#pragma once

#include <cstddef>
#include <string_view>

namespace gatehouse::providers::sandbox {

// The sandbox's own way to count: a token is the white space before it and then a piece of a word (at most eight
// characters), one punctuation mark, or one character of a script without spaces (from U+2E80 on: CJK, emoji ...);
// white space at the end is one more. It is no model's tokenizer; it is near to them for English and always the same.

// Bytes of the first token of valid UTF-8; 0 for an empty text. The tokens of a text make up all of it.
std::size_t token_size(std::string_view text);
std::size_t count_tokens(std::string_view text);
// Bytes of the first `tokens` tokens.
std::size_t tokens_size(std::string_view text, std::size_t tokens);

}  // namespace gatehouse::providers::sandbox
