#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatehouse::guard {

// What a character is to words: letters and digits make words, characters of scripts without blanks between words
// (Chinese, Japanese, Korean, Thai and their neighbours) stand for themselves, and so does every other mark.
struct Glyph {
  enum class Kind : std::uint8_t { space, word, ideograph, mark };
  Kind kind = Kind::mark;
  std::uint8_t size = 1;    // bytes
  bool unfinished = false;  // the text ends inside it
};

// `at` is inside the text. Ill-formed bytes are marks of one byte.
Glyph glyph_at(std::string_view text, std::size_t at);

// Whether a word, a mark or an ideograph begins at `at`: no word goes on over it.
bool begins_token(std::string_view text, std::size_t at);

// The token at `at`, which is no space: a whole word, or one other character.
struct Token {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool open = false;  // the text ends with it: more of it may follow
};
Token token_at(std::string_view text, std::size_t at);

// Where the unfinished word at the end begins, at most `longest` bytes of it; the size where the text ends otherwise.
std::size_t word_in_progress(std::string_view text, std::size_t longest);

}  // namespace gatehouse::guard
