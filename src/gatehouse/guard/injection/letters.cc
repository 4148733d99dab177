#include "gatehouse/guard/injection/letters.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::guard::injection {
namespace {

// Base letters of U+00C0 to U+017F, as Unicode's decompositions have them, and those that have none as they are read.
constexpr std::string_view kLatin =
    "aaaaaaaceeeeiiiidnooooo*ouuuuytsaaaaaaaceeeeiiiidnooooo*ouuuuyty"
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllll"
    "lllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
static_assert(kLatin.size() == 0x180 - 0xC0);

enum class Kind : std::uint8_t { separator, stop, letter, unspaced, ignored };

struct Letter {
  Kind kind = Kind::separator;
  char32_t folded = 0;
  std::uint8_t bytes = 1;
};

char32_t vietnamese(char32_t c) {  // U+1EA0 to U+1EF9
  if (c < 0x1EB8) return 'a';
  if (c < 0x1EC8) return 'e';
  if (c < 0x1ECC) return 'i';
  if (c < 0x1EE4) return 'o';
  if (c < 0x1EF2) return 'u';
  return 'y';
}

Letter classify(char32_t c) {
  if (c < 0xC0) {
    if (c == 0xAD) return {Kind::ignored};
    if (c == 0xAA || c == 0xB5 || c == 0xBA) return {Kind::letter, c};
    return {};
  }
  if (c < 0x180)
    return c == 0xD7 || c == 0xF7 ? Letter{} : Letter{Kind::letter, static_cast<char32_t>(kLatin[c - 0xC0])};
  if (c < 0x300) {
    switch (c) {
      case 0x1A0:
      case 0x1A1:
        return {Kind::letter, 'o'};
      case 0x1AF:
      case 0x1B0:
        return {Kind::letter, 'u'};
      case 0x218:
      case 0x219:
        return {Kind::letter, 's'};
      case 0x21A:
      case 0x21B:
        return {Kind::letter, 't'};
      default:
        return {Kind::letter, c};
    }
  }
  if (c < 0x370) return {Kind::ignored};  // combining marks
  if (c < 0x400) return {Kind::letter, c >= 0x391 && c <= 0x3A9 ? c + 0x20 : c};
  if (c < 0x530) {
    if (c < 0x410) c += 0x50;
    if (c >= 0x410 && c < 0x430) c += 0x20;
    return {Kind::letter, c == 0x451 ? U'\u0435' : c};
  }
  if (c >= 0x600 && c < 0x700) {
    switch (c) {
      case 0x61F:  // question mark
      case 0x6D4:
        return {Kind::stop};
      case 0x60C:
      case 0x61B:
        return {};
      case 0x640:  // tatweel
        return {Kind::ignored};
      case 0x622:
      case 0x623:
      case 0x625:
      case 0x671:
        return {Kind::letter, 0x627};
      case 0x649:
        return {Kind::letter, 0x64A};
      case 0x629:
        return {Kind::letter, 0x647};
      default:
        return c >= 0x64B && c <= 0x65F ? Letter{Kind::ignored} : Letter{Kind::letter, c};
    }
  }
  if (c == 0x964 || c == 0x965) return {Kind::stop};  // danda
  if (c >= 0xE00 && c < 0xE80) return {Kind::unspaced, c};
  if (c >= 0x1EA0 && c < 0x1EFA) return {Kind::letter, vietnamese(c)};
  if (c >= 0x2000 && c < 0x2070) {
    return (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) || c >= 0x2060 ? Letter{Kind::ignored}
                                                                                       : Letter{};
  }
  if (c >= 0x2100 && c < 0x2C00) return {};
  if (c >= 0x3000 && c < 0x3040) return c == 0x3002 ? Letter{Kind::stop} : Letter{};
  if (c >= 0x3040 && c < 0xA000) return c == 0x30FB ? Letter{} : Letter{Kind::unspaced, c};
  if (c >= 0xFE00 && c < 0xFE10) return {Kind::ignored};
  if (c == 0xFEFF) return {Kind::ignored};
  if (c >= 0xFF01 && c < 0xFF5F) {  // full width
    c = c - 0xFF01 + 0x21;
    if (c >= 'A' && c <= 'Z') c += 0x20;
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) return {Kind::letter, c};
    return {c == '.' || c == '!' || c == '?' ? Kind::stop : Kind::separator};
  }
  if (c >= 0x1F000 && c < 0x20000) return {};
  if (c >= 0xE0000) return {Kind::ignored};
  return {Kind::letter, c};
}

constexpr std::array<Letter, 128> kAscii = [] {
  std::array<Letter, 128> table{};
  for (std::size_t c = 0; c < table.size(); ++c) {
    const auto code = static_cast<char32_t>(c);
    if ((code >= 'a' && code <= 'z') || (code >= '0' && code <= '9')) table[c] = {Kind::letter, code};
    if (code >= 'A' && code <= 'Z') table[c] = {Kind::letter, code + 0x20};
    if (code == '.' || code == '!' || code == '?' || code == ';') table[c] = {Kind::stop};
  }
  return table;
}();

// The same in a byte each, for the loops over plain words: small letters and digits, 0 for what is neither.
constexpr std::array<char, 256> kFolded = [] {
  std::array<char, 256> table{};
  for (std::size_t c = 0; c < kAscii.size(); ++c) {
    if (kAscii[c].kind == Kind::letter) table[c] = static_cast<char>(kAscii[c].folded);
  }
  return table;
}();

Letter decode(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U; };
  const unsigned lead = byte(0);
  if (lead < 0x80) return kAscii[lead];
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  char32_t c = 0;
  std::uint8_t bytes = 1;
  if (lead >= 0xC2 && lead < 0xE0 && follows(1)) {
    c = ((lead & 0x1FU) << 6) | (byte(1) & 0x3FU);
    bytes = 2;
  } else if (lead >= 0xE0 && lead < 0xF0 && follows(1) && follows(2)) {
    c = ((lead & 0xFU) << 12) | ((byte(1) & 0x3FU) << 6) | (byte(2) & 0x3FU);
    bytes = 3;
  } else if (lead >= 0xF0 && lead < 0xF5 && follows(1) && follows(2) && follows(3)) {
    c = ((lead & 7U) << 18) | ((byte(1) & 0x3FU) << 12) | ((byte(2) & 0x3FU) << 6) | (byte(3) & 0x3FU);
    bytes = 4;
  } else {
    return {};
  }
  if (c < 0x80) return {};  // overlong
  Letter letter = classify(c);
  letter.bytes = bytes;
  return letter;
}

std::uint8_t append(char* out, char32_t c) {
  if (c < 0x80) {
    out[0] = static_cast<char>(c);
    return 1;
  }
  if (c < 0x800) {
    out[0] = static_cast<char>(0xC0 | (c >> 6));
    out[1] = static_cast<char>(0x80 | (c & 0x3F));
    return 2;
  }
  if (c < 0x10000) {
    out[0] = static_cast<char>(0xE0 | (c >> 12));
    out[1] = static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out[2] = static_cast<char>(0x80 | (c & 0x3F));
    return 3;
  }
  out[0] = static_cast<char>(0xF0 | (c >> 18));
  out[1] = static_cast<char>(0x80 | ((c >> 12) & 0x3F));
  out[2] = static_cast<char>(0x80 | ((c >> 6) & 0x3F));
  out[3] = static_cast<char>(0x80 | (c & 0x3F));
  return 4;
}

}  // namespace

bool Words::next(Word& word) {
  if (in_run_ && run_next_ < characters_) {
    const std::size_t folded_from = run_next_ == 0 ? 0 : folded_ends_[run_next_ - 1];
    const std::size_t from = run_begin_ + (run_next_ == 0 ? 0 : source_ends_[run_next_ - 1]);
    if (cut_ && run_next_ > 0 && size_ - folded_from < kLongest / 3) {  // a word may go on behind the cut
      in_run_ = false;
      at_ = from;
      return next(word);
    }
    word.begin = from;
    word.end = run_begin_ + source_ends_[characters_ - 1];
    word.folded = std::string_view(folded_ + folded_from, size_ - folded_from);
    word.run = true;
    word.after_stop = false;
    return true;
  }
  in_run_ = false;
  Letter letter;
  for (; at_ < to_; at_ += letter.bytes) {
    const auto c = static_cast<unsigned char>(text_[at_]);
    letter = c < 0x80 ? kAscii[c] : decode(text_, at_);
    if (letter.kind == Kind::letter || letter.kind == Kind::unspaced) break;
    if (letter.kind == Kind::stop) stop_ = true;
  }
  if (at_ >= to_) return false;
  word.begin = at_;
  word.after_stop = stop_;
  stop_ = false;
  size_ = 0;
  characters_ = 0;
  const bool run = letter.kind == Kind::unspaced;
  const Kind wanted = letter.kind;
  cut_ = false;
  std::size_t end = at_;
  while (at_ < to_) {
    if (!run && size_ + 4U <= kLongest) {
      // Letters and digits of ASCII, as many as stand together.
      const std::size_t room = std::min(to_ - at_, kLongest - 3U - size_);
      const char* const from = text_.data() + at_;
      std::size_t count = 0;
      for (; count < room; ++count) {
        const char folded = kFolded[static_cast<unsigned char>(from[count])];
        if (folded == 0) break;
        folded_[size_ + count] = folded;
      }
      if (count > 0) {
        size_ = static_cast<std::uint8_t>(size_ + count);
        end = at_ += count;
        if (at_ == to_) break;
      }
      if (static_cast<unsigned char>(text_[at_]) < 0x80 && size_ + 4U <= kLongest) break;
    }
    letter = decode(text_, at_);
    if (letter.kind == Kind::ignored) {
      if (at_ - word.begin >= 240) break;
      at_ += letter.bytes;
      continue;
    }
    if (letter.kind != wanted) break;
    if (size_ + 4U > kLongest || at_ - word.begin >= 240) {
      cut_ = true;
      break;
    }
    size_ += append(folded_ + size_, letter.folded);
    at_ += letter.bytes;
    end = at_;
    if (run) {
      folded_ends_[characters_] = size_;
      source_ends_[characters_] = static_cast<std::uint8_t>(end - word.begin);
      ++characters_;
    }
  }
  word.end = end;
  word.folded = std::string_view(folded_, size_);
  word.run = run;
  if (run) {
    in_run_ = true;
    run_begin_ = word.begin;
    run_next_ = 0;
  }
  return true;
}

std::size_t Words::take(std::size_t folded_bytes) {
  const std::size_t from = run_next_ == 0 ? 0 : folded_ends_[run_next_ - 1];
  ++run_next_;
  while (run_next_ < characters_ && folded_ends_[run_next_ - 1] < from + folded_bytes) ++run_next_;
  return run_begin_ + source_ends_[run_next_ - 1];
}

std::string fold_word(std::string_view word) {
  Words words(word, 0, word.size());
  Word first;
  return words.next(first) ? std::string(first.folded) : std::string();
}

}  // namespace gatehouse::guard::injection
