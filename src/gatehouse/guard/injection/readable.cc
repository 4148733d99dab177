#include "gatehouse/guard/injection/readable.h"

#include <algorithm>

#include "gatehouse/base/strings.h"
#include "gatehouse/guard/answer/language.h"

namespace gatehouse::guard::injection {
namespace {

constexpr std::size_t kLeastLetters = 6;
constexpr std::size_t kLeastWords = 2;
constexpr std::size_t kLeastOfLabel = 4;  // "https" and "example" are among the signatures' words

bool is_letter(char c) {
  const char low = base::lower(c);
  return (low >= 'a' && low <= 'z') || (static_cast<unsigned char>(c) & 0x80U) != 0;
}

bool has_letters(std::string_view text) {
  std::size_t letters = 0;
  return std::ranges::any_of(text, [&](char c) { return is_letter(c) && ++letters == kLeastLetters; });
}

std::size_t count_words(std::string_view text) {
  std::size_t words = 0;
  bool in_word = false;
  std::size_t letters = 0;
  for (const char c : text) {
    const bool letter = is_letter(c);
    if (letter && !in_word) letters = 0;
    if (letter && ++letters == 2) ++words;
    in_word = letter;
  }
  return words;
}

std::size_t count_known(std::string_view text, const Grammar& grammar) {
  std::size_t known = 0;
  Words words(text, 0, std::min(text.size(), kMostCompared));
  Word word;
  while (words.next(word)) {
    if (word.run) {
      (void)words.take(word.folded.size());
    } else if (word.folded.size() > 1 && (is_frequent_word(word.folded) || grammar.knows(word))) {
      ++known;
    }
  }
  return known;
}

// What both begin and end with says nothing about the difference.
void leave_common(std::string_view& a, std::string_view& b) {
  const auto same = [](char x, char y) { return base::lower(x) == base::lower(y); };
  std::size_t front = 0;
  const std::size_t most = std::min(a.size(), b.size());
  while (front < most && same(a[front], b[front])) ++front;
  // Back to where a word begins.
  while (front > 0 && is_letter(a[front - 1])) --front;
  a.remove_prefix(front);
  b.remove_prefix(front);
  std::size_t back = 0;
  const std::size_t rest = std::min(a.size(), b.size());
  while (back < rest && same(a[a.size() - 1 - back], b[b.size() - 1 - back])) ++back;
  while (back > 0 && is_letter(a[a.size() - back])) --back;
  a.remove_suffix(back);
  b.remove_suffix(back);
}

}  // namespace

bool worth_reading(const Look& look, const Grammar& grammar, bool suspected) {
  using enum text::ViewKind;
  if (!has_letters(look.text)) return false;
  if (look.view == original) {
    const bool label = look.kind == llm::SegmentKind::url || look.kind == llm::SegmentKind::file_name;
    return !label || suspected || count_known(look.text, grammar) >= kLeastOfLabel;
  }
  if (look.view == base64 || look.view == hex || look.view == tags) return count_words(look.text) >= kLeastWords;
  std::string_view read = look.text;
  std::string_view written = look.written;
  leave_common(read, written);
  if (read.empty() && written.empty()) return false;
  if (suspected) return true;
  const std::size_t known = count_known(read, grammar);
  return known >= kLeastWords && known > count_known(written, grammar);
}

}  // namespace gatehouse::guard::injection
