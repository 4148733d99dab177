#include <algorithm>
#include <array>
#include <string_view>

#include "gatehouse/text/views/chars.h"
#include "gatehouse/text/views/rewordings.h"
#include "gatehouse/text/views/windows.h"

namespace gatehouse::text::views {
namespace {

constexpr std::size_t kLongestTag = 256;
constexpr std::size_t kLongestComment = 4096;
constexpr std::size_t kLongestMark = 3;
constexpr std::size_t kNone = std::string_view::npos;

// Elements that do not part words (HTML Standard, phrasing content).
constexpr std::string_view kInline[] = {
    "a",    "abbr", "b", "bdi",  "bdo",   "big",  "cite",   "code",   "del", "em",  "font", "i", "ins", "kbd", "mark",
    "nobr", "q",    "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "tt",   "u", "var", "wbr"};

constexpr bool is_mark(char c) { return c == '*' || c == '`' || c == '~' || c == '<'; }
constexpr bool in_word(char c) { return is_letter(c) || static_cast<unsigned char>(c) >= 0x80; }

class Unmarking {
 public:
  Unmarking(std::string_view text, std::size_t first) : text_(text), first_(first) {}

  bool next(std::size_t at, Change& change) {
    at = std::max({at, first_, std::size_t{1}});
    for (; at < text_.size(); ++at) {
      if (!is_mark(text_[at])) continue;
      const std::size_t end = glue_end(at);
      if (end == at) continue;
      const std::size_t begin = at;
      at = std::max(begin, end == kNone ? begin : end - 1);
      if (!in_word(text_[begin - 1])) continue;
      if (end == kNone || end == text_.size()) {
        open = std::min(open, begin);
        continue;
      }
      if (!in_word(text_[end])) continue;
      change = {begin, end, {}, false};
      return true;
    }
    return false;
  }

  std::size_t open = kNone;

 private:
  // Behind the marks, comments and tags that stand at `at`; kNone: the text ends within them.
  std::size_t glue_end(std::size_t at) {
    while (at < text_.size() && is_mark(text_[at])) {
      const std::size_t end = text_[at] == '<' ? tag_end(at) : mark_end(at);
      if (end == at || end == kNone) return end;
      at = end;
    }
    return at;
  }

  std::size_t mark_end(std::size_t at) const {
    std::size_t end = at;
    while (end < text_.size() && end <= at + kLongestMark && text_[end] == text_[at]) ++end;
    return end - at > kLongestMark ? at : end;
  }

  std::size_t tag_end(std::size_t at) {
    constexpr std::string_view kComment = "<!--";
    const std::string_view rest = text_.substr(at);
    if (rest.size() < kComment.size() && kComment.starts_with(rest)) return kNone;
    if (rest.starts_with(kComment)) {
      const std::size_t close = comment_close(at + kComment.size());
      if (close != kNone) return close - at <= kLongestComment ? close + 3 : at;
      return rest.size() <= kLongestComment ? kNone : at;
    }
    std::size_t i = 1;
    if (i < rest.size() && rest[i] == '/') ++i;
    const std::size_t name = i;
    while (i < rest.size() && i < name + 8 && is_alnum(rest[i])) ++i;
    if (i == rest.size()) return kNone;
    std::string_view element = rest.substr(name, i - name);
    std::array<char, 8> small{};
    std::ranges::transform(element, small.begin(), [](char c) { return static_cast<char>(c | 0x20); });
    element = std::string_view(small.data(), element.size());
    if (std::ranges::find(kInline, element) == std::end(kInline)) return at;
    for (; i < rest.size() && i < kLongestTag; ++i) {
      if (rest[i] == '<') return at;
      if (rest[i] == '>') return at + i + 1;
    }
    return i == rest.size() ? kNone : at;
  }

  // The first --> at `at` or later. Looked for once.
  std::size_t comment_close(std::size_t at) {
    if (at < searched_ || (close_ != kNone && close_ < at) || searched_ == kNone) {
      close_ = text_.find("-->", at);
      searched_ = at;
    }
    return close_;
  }

  std::string_view text_;
  std::size_t first_;
  std::size_t searched_ = kNone;
  std::size_t close_ = kNone;
};

}  // namespace

void make_unmarked(const Source& source, std::size_t first, Sink& sink) {
  Unmarking reading(source.text, first);
  make_windows(source, reading, ViewKind::unmarked, sink);
}

}  // namespace gatehouse::text::views
