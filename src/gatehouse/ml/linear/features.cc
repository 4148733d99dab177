#include "gatehouse/ml/linear/features.h"

#include <algorithm>
#include <array>

namespace gatehouse::ml::linear {
namespace {

constexpr std::uint32_t kP = 0x2C9277B5;
constexpr std::uint32_t kBigram = 0x9E3779B1;
constexpr std::uint32_t kSkip = 0x85EBCA77;
constexpr std::uint32_t kKind = 0x61C88647;
enum Feature : std::uint32_t { unigram = 1, bigram, skip, gram, shapes, before_cased, cased };

constexpr std::uint8_t kBegin = 0x02;  // around a word
constexpr std::uint8_t kEnd = 0x03;
constexpr std::uint32_t kStartShape = 6;

// Of a byte: what kind of token it belongs to, and what it is in the text as it stands.
constexpr std::uint8_t kSpace = 0;
constexpr std::uint8_t kWord = 1;
constexpr std::uint8_t kMark = 2;
constexpr std::uint8_t kKindMask = 3;
constexpr std::uint8_t kUpper = 4;
constexpr std::uint8_t kLetter = 8;  // begins a character that is no digit
constexpr std::uint8_t kWide = 16;   // not ASCII

struct ByteClass {
  std::uint8_t folded = 0;
  std::uint8_t flags = 0;
};
constexpr std::array<ByteClass, 256> make_classes() {
  std::array<ByteClass, 256> out{};
  for (unsigned c = 0; c < 256; ++c) {
    ByteClass& to = out[c];
    to.folded = static_cast<std::uint8_t>(c);
    if (c <= 0x20 || c == 0x7F) {
      to.flags = kSpace;
    } else if (c >= '0' && c <= '9') {
      to.folded = '0';
      to.flags = kWord;
    } else if (c >= 'A' && c <= 'Z') {
      to.folded = static_cast<std::uint8_t>(c + 0x20);
      to.flags = kWord | kUpper | kLetter;
    } else if (c >= 'a' && c <= 'z') {
      to.flags = kWord | kLetter;
    } else if (c >= 0x80) {
      to.flags = kWord | kWide | (c >= 0xC0 ? kLetter : 0);
    } else {
      to.flags = kMark;
    }
  }
  return out;
}
constexpr auto kClasses = make_classes();

// Lengths of the n-grams that begin at a byte: two to four characters' worth of most scripts.
struct Sizes {
  std::array<std::uint8_t, 3> of{};
};
constexpr Sizes sizes_at(std::uint8_t byte) {
  if (byte == kEnd) return {};
  if (byte < 0x80) return {{3, 4, 5}};
  if (byte < 0xC0) return {};
  if (byte < 0xE0) return {{4, 6, 8}};
  if (byte < 0xF0) return {{3, 6, 9}};
  return {{4, 8, 0}};
}
// Of those that begin with the word, by its first byte.
constexpr Sizes sizes_before(std::uint8_t byte) {
  if (byte < 0x80) return {{3, 4, 5}};
  if (byte < 0xC0) return {};
  if (byte < 0xE0) return {{3, 5, 7}};
  if (byte < 0xF0) return {{4, 7, 10}};
  return {{5, 9, 0}};
}
constexpr std::size_t kLongestGram = 10;
constexpr auto kPowers = [] {
  std::array<std::uint32_t, kLongestGram + 1> out{};
  std::uint32_t power = 1;
  for (std::uint32_t& to : out) {
    to = power;
    power *= kP;
  }
  return out;
}();

// The finaliser "lowbias32" of Chris Wellons' hash prospector without its last shift: the highest bits are used.
constexpr std::uint32_t mix(std::uint32_t x, std::uint32_t kind) {
  x += kind * kKind;
  x ^= x >> 16U;
  x *= 0x7FEB352DU;
  x ^= x >> 15U;
  x *= 0x846CA68BU;
  return x;
}

}  // namespace

void Features::normalise(std::string_view text) {
  const std::size_t size = text.size();
  bytes_.resize(size);
  flags_.resize(size);
  const auto* raw = reinterpret_cast<const std::uint8_t*>(text.data());
  for (std::size_t i = 0; i < size; ++i) {
    const std::uint8_t c = raw[i];
    bytes_[i] = kClasses[c].folded;
    flags_[i] = kClasses[c].flags;
    if (c < 0xC3 || i + 1 == size) continue;
    // Capitals of Latin-1, Greek and Russian.
    const std::uint8_t next = raw[i + 1];
    std::uint8_t lead = c;
    std::uint8_t folded = next;
    if (c == 0xC3) {
      if (next >= 0x80 && next <= 0x9E && next != 0x97) folded = next + 0x20;
    } else if (c == 0xCE || c == 0xD0) {
      const std::uint8_t from = c == 0xCE ? 0x91 : 0x90;
      const std::uint8_t last = c == 0xCE ? 0xA9 : 0xAF;
      if (next >= from && next <= 0x9F) folded = next + 0x20;
      if (next >= 0xA0 && next <= last) {
        folded = next - 0x20;
        lead = c + 1;
      }
    } else if (c == 0xE2 || c == 0xE3 || c == 0xEF) {
      // Punctuation and spaces of three bytes.
      if (i + 2 >= size) continue;
      const std::uint8_t third = raw[i + 2];
      bool space = false;
      bool mark = false;
      if (c == 0xE2 && next == 0x80) {
        space = third >= 0x80 && third <= 0x8F;
        mark = third >= 0x90 && third <= 0xBF;
      } else if (c == 0xE3 && next == 0x80) {
        space = third == 0x80;
        mark = third >= 0x81 && third <= 0x91;
      } else if (c == 0xEF && next == 0xBC) {
        mark = (third >= 0x81 && third <= 0x8F) || (third >= 0x9A && third <= 0x9F);
      }
      if (!space && !mark) continue;
      for (std::size_t k = 0; k < 3; ++k) {
        bytes_[i + k] = space ? 0x20 : 0x22;
        flags_[i + k] = space ? kSpace : kMark;
      }
      i += 2;
      continue;
    }
    if (folded == next) continue;
    bytes_[i] = lead;
    ++i;
    bytes_[i] = folded;
    flags_[i] = kWord | kWide | kUpper;
  }
}

void Features::extract(std::string_view text, unsigned bits, std::vector<std::uint32_t>& out) {
  normalise(text);
  const unsigned down = 32 - bits;
  // Room for a token's is made before it comes: a check for each feature is felt.
  std::size_t count = out.size();
  const auto add = [&](std::uint32_t value, std::uint32_t of) { out[count++] = mix(value, of) >> down; };
  const auto make_room = [&](std::size_t padded) {
    const std::size_t most = count + 3 * padded + 6;
    if (most > out.size()) out.resize(std::max(most, 2 * out.size()));
  };

  std::uint32_t before = 0;
  std::uint32_t before_2 = 0;
  std::uint32_t shape_1 = kStartShape;
  std::uint32_t shape_2 = kStartShape;
  const std::size_t size = text.size();
  for (std::size_t begin = 0; begin < size;) {
    const std::uint8_t kind = flags_[begin] & kKindMask;
    if (kind == kSpace) {
      ++begin;
      continue;
    }
    std::size_t end = begin;
    std::uint32_t hash = kind == kWord ? kBegin : 0;
    std::uint32_t shape = 0;
    if (kind == kMark) {
      while (end < size && (flags_[end] & kKindMask) == kMark) hash = hash * kP + bytes_[end++];
      const std::uint8_t first = bytes_[begin];
      make_room(0);
      shape = first == '.' || first == '!' || first == '?' || first == ':' ? 6 : 7;
      add(hash, unigram);
      add(before * kBigram + hash, bigram);
    } else {
      std::size_t letters = 0;
      std::size_t uppers = 0;
      std::uint8_t any = 0;
      prefix_.clear();
      prefix_.push_back(0);
      prefix_.push_back(hash);
      while (end < size && (flags_[end] & kKindMask) == kWord) {
        const std::uint8_t flags = flags_[end];
        any |= flags;
        letters += (flags & kLetter) != 0 ? 1 : 0;
        uppers += (flags & kUpper) != 0 ? 1 : 0;
        hash = hash * kP + bytes_[end++];
        prefix_.push_back(hash);
      }
      hash = hash * kP + kEnd;
      prefix_.push_back(hash);
      make_room(prefix_.size());
      if (letters == 0) {
        shape = 4;
      } else if (uppers > 0) {
        const bool first_upper =
            (flags_[begin] & kUpper) != 0 || (bytes_[begin] >= 0xC0 && end - begin > 1 && (flags_[begin + 1] & kUpper));
        shape = uppers == letters && letters >= 2 ? 2 : first_upper && uppers == 1 ? 1 : 3;
      }
      add(hash, unigram);
      add(before * kBigram + hash, bigram);
      add(before_2 * kSkip + hash, skip);
      add(shape_2 * 64 + shape_1 * 8 + shape, shapes);
      if (shape != 0) {
        add(before * 8 + shape, before_cased);
        add(hash * 8 + shape, cased);
      }
      // n-grams of `padded` bytes: the word and its marks.
      const std::size_t padded = prefix_.size() - 1;
      const std::uint32_t* prefix = prefix_.data();
      const auto gram_at = [&](std::size_t at, std::size_t length) {
        add(prefix[at + length] - prefix[at] * kPowers[length], gram);
      };
      if ((any & kWide) == 0) {
        for (std::size_t length = 3; length <= 5; ++length) {
          for (std::size_t at = 0; at + length <= padded; ++at) gram_at(at, length);
        }
      } else {
        for (std::size_t at = 0; at + 3 <= padded; ++at) {
          const Sizes sizes = at == 0 ? sizes_before(bytes_[begin]) : sizes_at(bytes_[begin + at - 1]);
          for (const std::size_t length : sizes.of) {
            if (length != 0 && at + length <= padded) gram_at(at, length);
          }
        }
      }
    }
    before_2 = before;
    before = hash;
    shape_2 = shape_1;
    shape_1 = shape;
    begin = end;
  }
  out.resize(count);
}

}  // namespace gatehouse::ml::linear
