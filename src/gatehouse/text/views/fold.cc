#include "gatehouse/text/views/fold.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "gatehouse/text/utf8.h"
#include "gatehouse/text/views/fold_table.h"
#include "gatehouse/text/views/windows.h"

namespace gatehouse::text::views {
namespace {

class Folding {
 public:
  Folding(std::string_view text, std::size_t first) : text_(text), first_(first), table_(FoldTable::get()) {}

  bool next(std::size_t at, Change& change) {
    at = std::max(at, first_);
    if (at != expected_) follows_alnum_ = stands_behind_alnum(at);
    while (at < text_.size()) {
      const auto byte = static_cast<unsigned char>(text_[at]);
      if (byte < 0x80) {
        at = skip_ascii(at + 1);
        follows_alnum_ = is_alnum(text_[at - 1]);
        continue;
      }
      std::size_t size = 0;
      char32_t c = 0;
      // The common case by hand; what is left is long or broken.
      if (byte >= 0xE1 && byte <= 0xEC && at + 2 < text_.size() && continues(text_[at + 1]) &&
          continues(text_[at + 2])) {
        size = 3;
        c = ((byte & 0x0FU) << 12U) | ((static_cast<unsigned char>(text_[at + 1]) & 0x3FU) << 6U) |
            (static_cast<unsigned char>(text_[at + 2]) & 0x3FU);
      } else {
        const Sequence sequence = next_sequence(text_.substr(at));
        if (sequence.incomplete) open = at;
        size = sequence.size;
        if (!sequence.valid) {
          at += size;
          follows_alnum_ = false;
          continue;
        }
        c = sequence.code_point;
      }
      if (!table_.changes(c)) {
        at += size;
        follows_alnum_ = false;
        continue;
      }
      const FoldTable::Entry entry = table_[c];
      const std::size_t end = at + size;
      if (entry.fold == FoldTable::Fold::mark && !follows_alnum_) {
        at = end;
        continue;
      }
      change = {at, end, entry.with, entry.fold == FoldTable::Fold::weak};
      if (entry.fold == FoldTable::Fold::joiner) {
        change.weak = !follows_alnum_ && !before_alnum(at, end);
      } else if (!entry.with.empty()) {
        follows_alnum_ = is_alnum(entry.with.back());
      }
      expected_ = end;
      return true;
    }
    return false;
  }

  std::size_t open = std::string_view::npos;

 private:
  std::size_t skip_ascii(std::size_t at) const {
    while (at + 32 <= text_.size()) {
      std::array<std::uint64_t, 4> words;
      std::memcpy(words.data(), text_.data() + at, sizeof words);
      if (((words[0] | words[1] | words[2] | words[3]) & 0x8080808080808080ULL) != 0) break;
      at += 32;
    }
    while (at + 8 <= text_.size()) {
      std::uint64_t word = 0;
      std::memcpy(&word, text_.data() + at, 8);
      word &= 0x8080808080808080ULL;
      if (word != 0) {
        if constexpr (std::endian::native == std::endian::little) {
          return at + static_cast<std::size_t>(std::countr_zero(word)) / 8;
        }
        break;
      }
      at += 8;
    }
    while (at < text_.size() && static_cast<unsigned char>(text_[at]) < 0x80) ++at;
    return at;
  }

  // Asked where reading begins anew.
  bool stands_behind_alnum(std::size_t at) const { return at > 0 && is_alnum(text_[at - 1]); }
  // An invisible character between other signs (emoji) hides nothing; one before a letter may. One at the end is
  // undecided.
  bool before_alnum(std::size_t at, std::size_t end) {
    if (end < text_.size()) return is_alnum(text_[end]);
    open = std::min(open, at);
    return false;
  }

  std::string_view text_;
  std::size_t first_;
  const FoldTable& table_;
  std::size_t expected_ = 0;
  bool follows_alnum_ = false;  // what was read last is an ASCII letter or digit
};

}  // namespace

void make_folded(const Source& source, std::size_t first, Sink& sink) {
  Folding folding(source.text, first);
  make_windows(source, folding, ViewKind::folded, sink);
}

}  // namespace gatehouse::text::views
