#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "gatehouse/base/error.h"

namespace gatehouse::guard::pii {

// A set of word lists, numbered.
inline constexpr std::size_t kMostWordLists = 256;
struct WordLists {
  std::array<std::uint64_t, kMostWordLists / 64> bits{};
  void add(std::size_t list) { bits[list / 64] |= std::uint64_t{1} << (list % 64); }
  void add(const WordLists& other) {
    for (std::size_t i = 0; i < bits.size(); ++i) bits[i] |= other.bits[i];
  }
  bool has(std::size_t list) const { return ((bits[list / 64] >> (list % 64)) & 1U) != 0; }
};

// The context words of all kinds (kind.h says how they are written), ready to be looked up at a word's beginning.
// Immutable, shared; filled once.
class WordIndex {
 public:
  // The number of the list; equal lists share one. Errors (configuration): a word of less than two letters, one that
  // ends in a space, too many lists.
  Result<std::uint16_t> add(std::string_view words);

  struct Match {
    std::size_t end = 0;  // of the longest that matched; 0: none
    const WordLists* lists = nullptr;
    bool cut = false;  // one might match if more text followed
  };
  // What begins at `at`, which is a word's beginning. Of several the lists are joined in `joined`.
  Match at(std::string_view text, std::size_t at, bool complete, WordLists& joined) const;
  // False: nothing does, by its first three bytes. Most words are settled by it.
  bool may_begin(std::string_view text, std::size_t at) const {
    if (text.size() - at < 3) return true;
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
    if (((byte(0) | byte(1) | byte(2)) & 0x80U) != 0) return true;
    const std::size_t bit = front(byte(0), byte(1), byte(2));
    return ((fronts_[bit / 64] >> (bit % 64)) & 1U) != 0;
  }

 private:
  struct Word {
    std::u32string text;
    bool whole;
    WordLists lists;
  };
  // A word by its first bytes, as far as they are ASCII letters or digits and at most eight: with bit 5 set in each
  // they are compared at once, which settles nearly all of them.
  struct Entry {
    std::uint64_t bytes = 0;
    std::uint64_t mask = 0;
    std::uint32_t word = 0;
  };
  static constexpr std::size_t kBuckets = 2048;
  static std::size_t bucket(char32_t first, char32_t second) { return (first * 31 + second * 7) % kBuckets; }

  // Of three bytes' low five bits, which are the letter in either case: whether a word may begin so. Most do not.
  static std::size_t front(unsigned char a, unsigned char b, unsigned char c) {
    return static_cast<std::size_t>(a & 31U) << 10 | static_cast<std::size_t>(b & 31U) << 5 | (c & 31U);
  }
  std::array<std::uint64_t, 512> fronts_{};
  std::vector<Word> words_;
  std::array<std::vector<Entry>, kBuckets> buckets_;
  std::unordered_map<std::string, std::uint16_t> lists_;
};

// Which words stand around a place of one text. Reads text only when asked, each stretch once as long as the places
// ascend. One look's.
class WordContext {
 public:
  WordContext(const WordIndex& index, std::string_view text, bool complete)
      : index_(index), text_(text), complete_(complete) {}

  // A word of the list begins within kWordsBefore bytes before `begin` and ends before it.
  bool before(std::uint16_t list, std::size_t begin) {
    if (begin != begin_) gather_before(begin);
    return before_.has(list);
  }
  // One begins within kWordsBehind bytes behind `end`, on the same line. `open`: not known before more text comes.
  enum class Behind : std::uint8_t { no, yes, open };
  Behind behind(std::uint16_t list, std::size_t end) {
    if (end != end_) gather_behind(end);
    return behind_.has(list) ? Behind::yes : open_behind_ ? Behind::open : Behind::no;
  }

 private:
  struct Seen {
    std::size_t begin;
    std::size_t end;
    WordLists lists;
  };
  static constexpr std::size_t kNowhere = ~std::size_t{0};
  void gather_before(std::size_t begin);
  void gather_behind(std::size_t end);
  void read(std::size_t lo, std::size_t hi);
  std::size_t read_slowly(std::size_t at, std::size_t hi);
  void look_up(std::size_t at);

  const WordIndex& index_;
  std::string_view text_;
  bool complete_;
  std::size_t lo_ = 0;  // read: [lo_, hi_)
  std::size_t hi_ = 0;
  std::vector<Seen> seen_;
  // Of the places that were asked about last.
  std::size_t begin_ = kNowhere;
  std::size_t end_ = kNowhere;
  WordLists before_;
  WordLists behind_;
  bool open_behind_ = false;
  std::size_t last_cut_ = 0;  // what begins here may yet become a word of a list; 0: nothing
};

}  // namespace gatehouse::guard::pii
