#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::guard {

// The words of a text as leakage compares them: runs of letters and digits, ASCII case folded, everything else
// (punctuation, Markdown, white space, invisible characters) in between. Each letter of a script that writes without
// spaces (Han, kana, Thai and others) is a word.
struct Word {
  std::uint32_t hash = 0;
  std::uint32_t begin = 0;  // bytes of the text
  std::uint32_t end = 0;
};

// The next word from `at` on; false: none. `open` tells that the text ends within it, so that more text could change
// it.
bool next_word(std::string_view text, std::size_t& at, Word& word, bool& open);

// What an answer must not repeat: the request's system segments, as a table of all runs of kShingle words. Made once a
// request, by its inspection; read by one thread. Bytes beyond kMostBytes are not looked at. The texts are copied as
// hashes only.
class SystemText {
 public:
  static constexpr std::size_t kShingle = 6;  // words
  static constexpr std::size_t kMostBytes = std::size_t{256} << 10;

  // One segment of it, in order. Cheap: nothing is read before the first question. The text outlives this.
  void add(std::string_view text);
  bool empty() const { return parts_.empty(); }

  struct Place {
    static constexpr std::uint32_t kNone = 0xFFFFFFFF;
    std::uint32_t word = kNone;  // index of the shingle's first word
  };
  // Where a shingle with this hash begins for the first time.
  Place find(std::uint64_t shingle) const;
  // All hashes of words in order, the parts divided by a word that occurs in no text.
  const std::vector<std::uint32_t>& words() const;
  // Whether the whole of it was taken in.
  bool complete() const { return bytes_ <= kMostBytes; }

  static std::uint64_t shingle(const std::uint32_t* words);

 private:
  void build() const;

  std::vector<std::string_view> parts_;
  std::size_t bytes_ = 0;
  mutable bool built_ = false;
  mutable std::vector<std::uint32_t> words_;
  struct Slot {
    std::uint32_t tag;
    std::uint32_t word;
  };
  mutable std::vector<Slot> slots_;  // open addressing, a power of two
};

}  // namespace gatehouse::guard
