#include "gatehouse/guard/pii/words.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include <fmt/format.h>

#include "gatehouse/guard/pii/block.h"
#include "gatehouse/guard/pii/characters.h"
#include "gatehouse/guard/pii/kind.h"

namespace gatehouse::guard::pii {
namespace {

struct Char {
  char32_t code = 0;        // lower case
  std::uint8_t length = 0;  // 0: the text ends within it
  bool upper = false;
};

// Simple case folding of the alphabets that context words are written in.
char32_t fold(char32_t c) {
  if (c >= 0xC0 && c <= 0xDE && c != 0xD7) return c + 0x20;
  if (c == 0x130) return 'i';
  if (c >= 0x100 && c <= 0x137) return c | 1U;
  if (c >= 0x139 && c <= 0x148) return c + (c & 1U);
  if (c >= 0x14A && c <= 0x177) return c | 1U;
  if (c >= 0x179 && c <= 0x17E) return c + (c & 1U);
  if (c >= 0x391 && c <= 0x3A9) return c + 0x20;
  if (c >= 0x400 && c <= 0x40F) return c + 0x50;
  if (c >= 0x410 && c <= 0x42F) return c + 0x20;
  return c;
}

// One character; of what is no UTF-8, one byte.
Char char_at(std::string_view text, std::size_t at) {
  if (at >= text.size()) return {};
  const auto lead = static_cast<unsigned char>(text[at]);
  if (lead < 0x80) {
    const bool upper = lead >= 'A' && lead <= 'Z';
    return {static_cast<char32_t>(upper ? lead + 32 : lead), 1, upper};
  }
  std::uint8_t length = 1;
  char32_t code = 0xFFFD;
  if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2;
    code = lead & 0x1FU;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    length = 3;
    code = lead & 0x0FU;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4;
    code = lead & 0x07U;
  }
  for (std::uint8_t i = 1; i < length; ++i) {
    if (at + i >= text.size()) return {};
    if (!continues(text[at + i])) return {0xFFFD, 1, false};
    code = code << 6 | (static_cast<unsigned char>(text[at + i]) & 0x3FU);
  }
  const char32_t folded = fold(code);
  return {folded, length, folded != code};
}

// Scripts without spaces between words: anywhere is a word's beginning.
constexpr bool is_unspaced(char32_t c) { return c >= 0xE00 && !(c >= 0x2000 && c < 0x2E80) && c != 0xFFFD; }
constexpr bool is_spaced_letter(char32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 0xC0 && c < 0xE00 && c != 0xD7 && c != 0xF7);
}
constexpr bool is_word_letter(char32_t c) { return is_spaced_letter(c) || is_unspaced(c); }

}  // namespace

Result<std::uint16_t> WordIndex::add(std::string_view words) {
  if (const auto known = lists_.find(std::string(words)); known != lists_.end()) return known->second;
  if (lists_.size() >= kMostWordLists) return fail(Code::configuration, "too many lists of context words");
  const auto list = static_cast<std::uint16_t>(lists_.size());
  lists_.emplace(words, list);
  while (!words.empty()) {
    const std::size_t bar = std::min(words.find('|'), words.size());
    const std::string_view word = words.substr(0, bar);
    words.remove_prefix(std::min(words.size(), bar + 1));
    std::u32string text;
    bool unspaced = false;
    for (std::size_t at = 0; at < word.size();) {
      const Char c = char_at(word, at);
      if (c.length == 0) return fail(Code::configuration, fmt::format("context word '{}' is no UTF-8", word));
      unspaced |= is_unspaced(c.code);
      text += c.code;
      at += c.length;
    }
    if (text.size() < 2 || text.back() == ' ' || !is_word_letter(text[0])) {
      return fail(Code::configuration, fmt::format("context word '{}' is too short", word));
    }
    const auto same = std::ranges::find(words_, text, &Word::text);
    if (same != words_.end()) {
      same->lists.add(list);
      continue;
    }
    // Behind a space that may be missing, and behind a word of two letters, anything may stand third.
    const bool open = text.size() < 3 || text[1] == ' ' || text[2] == ' ';
    for (unsigned char second = 0; second < (text[1] == ' ' ? 32 : 1); ++second) {
      for (unsigned char third = 0; third < (open ? 32 : 1); ++third) {
        const std::size_t bit =
            front(static_cast<unsigned char>(word[0]), text[1] == ' ' ? second : static_cast<unsigned char>(word[1]),
                  open ? third : static_cast<unsigned char>(word[2]));
        fronts_[bit / 64] |= std::uint64_t{1} << (bit % 64);
      }
    }
    Entry entry{.word = static_cast<std::uint32_t>(words_.size())};
    std::array<char, 8> bytes{};
    std::array<char, 8> mask{};
    for (std::size_t i = 0; i < std::min(text.size(), bytes.size()) && text[i] < 0x80 && text[i] != ' '; ++i) {
      bytes[i] = static_cast<char>(text[i] | 0x20U);
      mask[i] = static_cast<char>(0xFF);
    }
    std::memcpy(&entry.bytes, bytes.data(), sizeof entry.bytes);
    std::memcpy(&entry.mask, mask.data(), sizeof entry.mask);
    if (text[1] == ' ') {  // "d n i": also d.n.i, dni
      for (const char32_t second : {U' ', U'.', U'-', U'_', U'/', text[2]}) {
        buckets_[bucket(text[0], second)].push_back(entry);
      }
    } else {
      buckets_[bucket(text[0], text[1])].push_back(entry);
    }
    const bool whole = !unspaced && text.size() <= 4;
    words_.push_back({.text = std::move(text), .whole = whole, .lists = {}});
    words_.back().lists.add(list);
  }
  return list;
}

WordIndex::Match WordIndex::at(std::string_view text, std::size_t at, bool complete, WordLists& joined) const {
  Match match;
  std::size_t from = 0;
  const auto ascii = [&](std::size_t i) { return static_cast<signed char>(text[at + i]) >= 0; };
  if (at + 2 < text.size() && ascii(0) && ascii(1) && ascii(2)) {
    if (!may_begin(text, at)) return match;
    from = bucket(static_cast<unsigned char>(to_lower(text[at])), static_cast<unsigned char>(to_lower(text[at + 1])));
  } else {
    const Char first = char_at(text, at);
    const Char second = first.length == 0 ? Char{} : char_at(text, at + first.length);
    if (second.length == 0) {
      match.cut = true;
      return match;
    }
    from = bucket(first.code, second.code);
  }
  // Behind the last eight bytes of a text the words are compared a character at a time.
  std::uint64_t front_bytes = 0;
  const bool compares = text.size() - at >= sizeof front_bytes;
  if (compares) {
    std::memcpy(&front_bytes, text.data() + at, sizeof front_bytes);
    front_bytes |= 0x2020202020202020U;
  }
  for (const Entry& entry : buckets_[from]) {
    if (compares && (front_bytes & entry.mask) != entry.bytes) continue;
    const Word& word = words_[entry.word];
    std::size_t i = at;
    bool fits = true;
    bool lower = false;
    for (const char32_t wanted : word.text) {
      const Char c = char_at(text, i);
      if (c.length == 0) {
        match.cut = true;
        fits = false;
        break;
      }
      if (wanted == ' ') {
        if (!is_word_letter(c.code)) i += c.length;
        continue;
      }
      if (c.code != wanted) {
        fits = false;
        break;
      }
      lower = !c.upper;
      i += c.length;
    }
    if (!fits) continue;
    if (word.whole) {
      // A plural is the same word; so is the front of a name like ssnNumber.
      Char next = char_at(text, i);
      if (next.length != 0 && next.code == 's' && !(lower && next.upper)) next = char_at(text, i + next.length);
      if (next.length == 0 && !complete) {
        match.cut = true;
        continue;
      }
      if (next.length != 0 && is_spaced_letter(next.code) && !(lower && next.upper)) continue;
    }
    match.end = std::max(match.end, i);
    joined.add(word.lists);
  }
  if (match.end != 0) match.lists = &joined;
  return match;
}

void WordContext::look_up(std::size_t at) {
  WordLists lists;
  const WordIndex::Match match = index_.at(text_, at, complete_, lists);
  if (match.cut && !complete_) last_cut_ = at;
  if (match.lists != nullptr) seen_.push_back({at, match.end, lists});
}

void WordContext::read(std::size_t lo, std::size_t hi) {
  hi = std::min(hi, text_.size());
  if (lo < lo_ || lo > hi_ || hi_ == 0) {
    seen_.clear();
    last_cut_ = 0;
    lo_ = hi_ = lo;
  }
  while (hi_ < hi) {
    const Block block(text_, hi_);
    const std::size_t size = std::min<std::size_t>(64, hi - hi_);
    const std::uint64_t inside = size == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << size) - 1;
    if ((block.not_ascii() & inside) != 0 || (hi_ > 0 && static_cast<signed char>(text_[hi_ - 1]) < 0)) {
      hi_ = read_slowly(hi_, hi_ + size);
      continue;
    }
    const std::uint64_t upper = block.within('A', 'Z');
    const std::uint64_t lower = block.within('a', 'z');
    const Byte before = hi_ > 0 ? byte(text_[hi_ - 1]) : Byte::other;
    const std::uint64_t letters = upper | lower;
    const std::uint64_t behind_letter = letters << 1 | (before >= Byte::upper ? 1U : 0U);
    const std::uint64_t behind_lower = lower << 1 | (before == Byte::lower ? 1U : 0U);
    std::uint64_t starts = ((letters & ~behind_letter) | (upper & behind_lower)) & inside;
    for (; starts != 0; starts &= starts - 1) {
      const std::size_t at = hi_ + static_cast<std::size_t>(std::countr_zero(starts));
      if (index_.may_begin(text_, at)) look_up(at);
    }
    hi_ += size;
  }
}

// The same, a character at a time. Returns where it got to: a character may reach beyond `hi`.
std::size_t WordContext::read_slowly(std::size_t at, std::size_t hi) {
  // What stands before decides whether a letter begins a word.
  bool in_word = false;
  bool lower = false;
  if (at > 0) {
    if (continues(text_[at - 1])) {
      in_word = letter_before(text_, at);
    } else {
      in_word = is_letter(text_[at - 1]);
      lower = byte(text_[at - 1]) == Byte::lower;
    }
  }
  while (at < hi) {
    const char c = text_[at];
    bool begins = false;
    std::size_t length = 1;
    if (static_cast<signed char>(c) >= 0) {
      const Byte kind = byte(c);
      const bool letter = kind >= Byte::upper;
      begins = letter && (!in_word || (lower && kind == Byte::upper));
      in_word = letter;
      lower = kind == Byte::lower;
    } else {
      const Char wide = char_at(text_, at);
      lower = false;
      if (wide.length == 0) {  // the text ends within it
        if (!complete_) last_cut_ = at;
        return text_.size();
      }
      length = wide.length;
      if (is_unspaced(wide.code)) {
        begins = true;
        in_word = false;
      } else {
        const bool letter = is_spaced_letter(wide.code);
        begins = letter && !in_word;
        in_word = letter;
      }
    }
    if (begins && index_.may_begin(text_, at)) look_up(at);
    at += length;
  }
  return at;
}

void WordContext::gather_before(std::size_t begin) {
  begin_ = begin;
  before_ = {};
  const std::size_t lo = begin - std::min(begin, kWordsBefore);
  read(lo, begin);
  for (auto it = std::ranges::lower_bound(seen_, lo, {}, &Seen::begin); it != seen_.end() && it->begin < begin; ++it) {
    if (it->end <= begin) before_.add(it->lists);
  }
}

void WordContext::gather_behind(std::size_t end) {
  end_ = end;
  behind_ = {};
  std::size_t hi = std::min(text_.size(), end + kWordsBehind);
  open_behind_ = !complete_ && text_.size() < end + kWordsBehind;
  const std::size_t line = std::min(text_.substr(end, hi - end).find_first_of("\r\n"), hi - end);
  if (end + line < hi) {
    hi = end + line;
    open_behind_ = false;
  }
  read(std::min(end, std::max(lo_, end - std::min(end, kWordsBefore))), hi);
  for (auto it = std::ranges::lower_bound(seen_, end, {}, &Seen::begin); it != seen_.end() && it->begin < hi; ++it) {
    behind_.add(it->lists);
  }
  if (last_cut_ >= end && last_cut_ != 0) open_behind_ = true;
}

}  // namespace gatehouse::guard::pii
