#include "gatehouse/text/views/fold_table.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uspoof.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <map>
#include <memory>
#include <stdexcept>
#include <utility>

namespace gatehouse::text::views {
namespace {

constexpr bool is_ascii_alnum(char32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Look-alikes that Unicode's confusables (UTS #39) take for different: small capitals, turned letters, letters on
// filled signs. Pairs of first code point and the letters for it and those behind it ('.' for none).
struct Row {
  char32_t first;
  const char* letters;
};
constexpr Row kRows[] = {
    {0x1F150, "abcdefghijklmnopqrstuvwxyz"},  // negative circled
    {0x1F170, "abcdefghijklmnopqrstuvwxyz"},  // negative squared
    {0x1F1E6, "abcdefghijklmnopqrstuvwxyz"},  // regional indicators
    {0x1D00, "a"},
    {0x0299, "b"},
    {0x1D04, "cd"},
    {0x1D07, "e"},
    {0xA730, "fs"},
    {0x0262, "g"},
    {0x029C, "h"},
    {0x026A, "i"},
    {0x1D0A, "jk"},
    {0x029F, "l"},
    {0x1D0D, "m"},
    {0x0274, "n"},
    {0x1D0F, "o"},
    {0x1D18, "p"},
    {0x0280, "r"},
    {0x1D1B, "tu"},
    {0x1D20, "vwz"},
    {0x028F, "y"},
    {0x0250, "a"},
    {0x0254, "c"},
    {0x01DD, "e"},
    {0x0258, "e"},
    {0x025F, "f"},
    {0x0265, "h"},
    {0x1D09, "i"},
    {0x029E, "k"},
    {0x026F, "m"},
    {0x0279, "r"},
    {0x0287, "t"},
    {0x028C, "vwy"},
    {0x0131, "i"},
    {0x0142, "l"},
    {0x00F8, "o"},
    {0x0111, "d"},
    {0x0127, "h"},
    {0x0167, "t"},
};
// Greek and Cyrillic letters that resemble less, but are used for these.
constexpr std::pair<char32_t, char> kAlso[] = {
    {0x03B1, 'a'}, {0x03B2, 'b'}, {0x03B5, 'e'}, {0x03B7, 'n'}, {0x03B9, 'i'}, {0x03BA, 'k'}, {0x03BD, 'v'},
    {0x03BF, 'o'}, {0x03C1, 'p'}, {0x03C4, 't'}, {0x03C5, 'u'}, {0x03C7, 'x'}, {0x03C9, 'w'}, {0x03B3, 'y'},
    {0x0437, 'e'}, {0x043A, 'k'}, {0x043C, 'm'}, {0x043D, 'h'}, {0x0442, 't'}, {0x0432, 'b'}, {0x0438, 'n'},
};

class Folder {
 public:
  Folder() {
    UErrorCode error = U_ZERO_ERROR;
    fold_ = icu::Normalizer2::getNFKCCasefoldInstance(error);
    split_ = icu::Normalizer2::getNFKDInstance(error);
    spoof_.reset(uspoof_open(&error));
    if (U_FAILURE(error) != 0) throw std::runtime_error("ICU has no normalisation data");
    for (const Row& row : kRows) {
      for (std::size_t i = 0; row.letters[i] != '\0'; ++i) {
        also_[row.first + static_cast<char32_t>(i)] = row.letters[i];
      }
    }
    for (const auto& [from, to] : kAlso) also_[from] = to;
  }

  // What `c` reads; nullopt-like: returns c itself where it stays.
  icu::UnicodeString operator()(char32_t c) const {
    UErrorCode error = U_ZERO_ERROR;
    const icu::UnicodeString self(static_cast<UChar32>(c));
    if (const int digit = u_charDigitValue(static_cast<UChar32>(c)); digit >= 0) {
      return {static_cast<UChar32>('0' + digit)};
    }
    const icu::UnicodeString folded = fold_->normalize(self, error);
    icu::UnicodeString out;
    bool upper_tried = false;
    for (std::int32_t i = 0; i < folded.length(); i = folded.moveIndex32(i, 1)) {
      const auto one = static_cast<char32_t>(folded.char32At(i));
      icu::UnicodeString read;
      if (one < 0x80 || !look_alike(one, read)) {
        // The capital may look like one where the small letter does not.
        if (one >= 0x80 && folded.length() == 1 && !upper_tried && one != c) {
          upper_tried = true;
          if (look_alike(c, read)) {
            out.append(read);
            continue;
          }
        }
        out.append(static_cast<UChar32>(one));
      } else {
        out.append(read);
      }
    }
    return out;
  }

 private:
  bool look_alike(char32_t c, icu::UnicodeString& out) const {
    const auto found = also_.find(c);
    if (found != also_.end()) {
      out = icu::UnicodeString(static_cast<UChar32>(found->second));
      return true;
    }
    if (u_isalpha(static_cast<UChar32>(c)) == 0) return false;
    UErrorCode error = U_ZERO_ERROR;
    const icu::UnicodeString self(static_cast<UChar32>(c));
    if (ascii_letters(split_->normalize(self, error), out)) return true;
    UChar skeleton[32];
    const std::int32_t size =
        uspoof_getSkeleton(spoof_.get(), 0, self.getBuffer(), self.length(), skeleton, 32, &error);
    if (U_FAILURE(error) != 0 || size <= 0 || size > 32) return false;
    return ascii_letters(icu::UnicodeString(skeleton, size), out);
  }

  // One to three ASCII letters with any marks on them.
  static bool ascii_letters(const icu::UnicodeString& text, icu::UnicodeString& out) {
    icu::UnicodeString letters;
    for (std::int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
      const UChar32 c = text.char32At(i);
      if (u_charType(c) == U_NON_SPACING_MARK) continue;
      if (c >= 0x80 || !is_ascii_alnum(static_cast<char32_t>(c)) || c <= '9') return false;
      letters.append(u_tolower(c));
    }
    if (letters.isEmpty() || letters.length() > 3) return false;
    if (letters == icu::UnicodeString("rn")) letters = icu::UnicodeString("m");
    out = letters;
    return true;
  }

  struct Close {
    void operator()(USpoofChecker* checker) const { uspoof_close(checker); }
  };
  const icu::Normalizer2* fold_ = nullptr;
  const icu::Normalizer2* split_ = nullptr;
  std::unique_ptr<USpoofChecker, Close> spoof_;
  std::map<char32_t, char> also_;
};

// What ordinary prose is full of: spaces and dots of typography, the full-width punctuation of Chinese and Japanese.
bool is_ordinary(char32_t c) {
  constexpr char32_t kOrdinary[] = {0x00A0, 0x2002, 0x2003, 0x2009, 0x202F, 0x2026, 0x3000, 0x00B4, 0x00B2,
                                    0x00B3, 0x00BD, 0x00BC, 0x00BE, 0x2122, 0x2033, 0x2034, 0x2011, 0x00B5,
                                    0xFF01, 0xFF08, 0xFF09, 0xFF0C, 0xFF1A, 0xFF1B, 0xFF1F, 0xFF5E};
  return std::ranges::find(kOrdinary, c) != std::end(kOrdinary);
}

// Han and Hangul stay as they are; so does all that is not assigned.
bool stays(char32_t c) {
  return (c >= 0x3400 && c <= 0x9FFF) || (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xD800 && c <= 0xF8FF) ||
         (c >= 0x12000 && c <= 0x1BFFF) || (c >= 0x20000 && c < 0x2F800) || (c >= 0x2FA20 && c < 0xE0000) ||
         c >= 0xE1000;
}

}  // namespace

FoldTable::FoldTable() {
  const Folder folder;
  std::map<std::pair<std::string, Fold>, std::uint16_t> known;
  slots_.push_back({});
  cells_.assign(kBlock, 0);
  std::array<std::uint16_t, kBlock> cells{};
  for (char32_t first = 0x80; first < 0x110000; first += kBlock) {
    bool any = false;
    cells.fill(0);
    for (char32_t i = 0; i < kBlock; ++i) {
      const char32_t c = first + i;
      if (stays(c)) continue;
      const auto point = static_cast<UChar32>(c);
      Fold fold = Fold::same;
      std::string with;
      if (u_hasBinaryProperty(point, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) != 0 || (c >= 0xFFF9 && c <= 0xFFFB)) {
        fold = c == 0x200D || c == 0xFE0E || c == 0xFE0F ? Fold::joiner : Fold::ignored;
      } else if (u_charType(point) == U_UNASSIGNED) {
        continue;
      } else if (u_charType(point) == U_NON_SPACING_MARK && u_getCombiningClass(point) != 0) {
        fold = Fold::mark;
      } else {
        const icu::UnicodeString read = folder(c);
        if (read == icu::UnicodeString(point)) continue;
        read.toUTF8String(with);
        fold = is_ordinary(c) ? Fold::weak : Fold::change;
        if (with.empty()) fold = Fold::ignored;
      }
      auto [slot, added] = known.try_emplace({with, fold}, static_cast<std::uint16_t>(slots_.size()));
      if (added) {
        slots_.push_back({static_cast<std::uint16_t>(strings_.size()), static_cast<std::uint8_t>(with.size()), fold});
        strings_ += with;
        if (strings_.size() > 0xFFFF || slots_.size() > 0xFFFF) throw std::runtime_error("fold table overflows");
      }
      cells[i] = slot->second;
      any = true;
    }
    if (!any) continue;
    // Blocks of the same contents (the ignorables of plane 14) are one.
    std::size_t block = 1;
    while (block * kBlock < cells_.size() &&
           std::memcmp(cells_.data() + block * kBlock, cells.data(), sizeof cells) != 0) {
      ++block;
    }
    if (block * kBlock == cells_.size()) cells_.insert(cells_.end(), cells.begin(), cells.end());
    if (block > 0xFF) throw std::runtime_error("fold table overflows");
    blocks_[first / kBlock] = static_cast<std::uint8_t>(block);
  }
  cells_.shrink_to_fit();
  slots_.shrink_to_fit();
  strings_.shrink_to_fit();
}

const FoldTable& FoldTable::get() {
  static const FoldTable table;
  return table;
}

std::size_t FoldTable::bytes() const {
  return sizeof *this + cells_.size() * sizeof cells_[0] + slots_.size() * sizeof slots_[0] + strings_.size();
}

}  // namespace gatehouse::text::views
