#include "gatehouse/ml/tokenizer/byte_level_words.h"

#include "gatehouse/ml/tokenizer/aligned.h"
#include "gatehouse/ml/tokenizer/characters.h"

namespace gatehouse::ml::tokenizer {
namespace {

constexpr std::string_view kGpt2 = R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
constexpr std::string_view kCl100k =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kQwen2 =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

constexpr std::uint16_t kNoOther = kSpace | kLetter | kNumber;

bool is_line_end(char c) { return c == '\n' || c == '\r'; }

// Behind the characters from `at` on that have one of `any_of` (0: need none), and none of `none_of`; at most `most`.
std::size_t skip(std::string_view text, std::size_t at, std::uint16_t any_of, std::uint16_t none_of,
                 std::size_t most = std::string_view::npos) {
  const Characters& characters = Characters::get();
  for (; at < text.size() && most > 0; --most) {
    std::size_t next = at;
    const std::uint16_t properties = characters[next_point(text, next)];
    if ((properties & none_of) != 0 || (any_of != 0 && (properties & any_of) == 0)) break;
    at = next;
  }
  return at;
}

// The bytes of a contraction behind an apostrophe at `at`; 0: there is none.
std::size_t contraction(std::string_view text, std::size_t at, bool any_case) {
  const auto letter = [&](std::size_t place) {
    const char c = place < text.size() ? text[place] : '\0';
    return any_case && c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  };
  const char first = letter(at + 1);
  const char second = letter(at + 2);
  if ((second == 'e' && (first == 'r' || first == 'v')) || (first == 'l' && second == 'l')) return 3;
  if (first == 's' || first == 't' || first == 'm' || first == 'd') return 2;
  // The long s is an s in another case.
  return any_case && text.substr(at + 1).starts_with("\u017f") ? 3 : 0;
}

std::size_t gpt2_end(std::string_view text, std::size_t at) {
  if (text[at] == '\'') {
    if (const std::size_t bytes = contraction(text, at, false); bytes > 0) return at + bytes;
  }
  std::size_t next = text[at] == ' ' && at + 1 < text.size() ? at + 1 : at;
  const std::uint16_t properties = Characters::get()[next_point(text, next)];
  if ((properties & kSpace) != 0) return without_last(text, at, skip(text, at, kSpace, 0));
  if ((properties & kLetter) != 0) return skip(text, next, kLetter, 0);
  if ((properties & kNumber) != 0) return skip(text, next, kNumber, 0);
  return skip(text, next, 0, kNoOther);
}

std::size_t cl100k_end(std::string_view text, std::size_t at, std::size_t most_digits) {
  const Characters& characters = Characters::get();
  if (text[at] == '\'') {
    if (const std::size_t bytes = contraction(text, at, true); bytes > 0) return at + bytes;
  }
  std::size_t next = at;
  const std::uint16_t properties = characters[next_point(text, next)];
  if ((properties & kLetter) != 0) return skip(text, next, kLetter, 0);
  if ((properties & kNumber) != 0) return skip(text, at, kNumber, 0, most_digits);
  if (!is_line_end(text[at]) && next < text.size()) {
    const std::size_t end = skip(text, next, kLetter, 0);
    if (end > next) return end;
  }
  std::size_t other = text[at] == ' ' ? next : at;
  const std::size_t behind = skip(text, other, 0, kNoOther);
  if (behind > other) {
    other = behind;
    while (other < text.size() && is_line_end(text[other])) ++other;
    return other;
  }
  const std::size_t end = skip(text, at, kSpace, 0);
  for (std::size_t last = end; last > at; --last) {
    if (is_line_end(text[last - 1])) return last;
  }
  return without_last(text, at, end);
}

}  // namespace

std::optional<WordRule> word_rule(std::string_view expression) {
  if (expression == kGpt2) return WordRule::gpt2;
  if (expression == kCl100k) return WordRule::cl100k;
  if (expression == kQwen2) return WordRule::qwen2;
  return std::nullopt;
}

void split_words(WordRule rule, std::string_view text, base::FunctionRef<void(std::size_t, std::size_t)> piece) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    at = rule == WordRule::gpt2 ? gpt2_end(text, at) : cl100k_end(text, at, rule == WordRule::cl100k ? 3 : 1);
    piece(begin, at);
  }
}

std::size_t without_last(std::string_view text, std::size_t begin, std::size_t end) {
  if (end == text.size()) return end;
  std::size_t last = end;
  previous_point(text, last);
  return last > begin ? last : end;
}

}  // namespace gatehouse::ml::tokenizer
