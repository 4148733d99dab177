#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::guard {

// A set of terms of one or more words, looked up at any place of a text. Immutable once built; any thread.
//
// A term is its tokens (glyphs.h) with one blank where white space was. Every beginning of a term that ends with a
// token is a row of one hash table; the bytes stand once, so a row is 8 bytes. Looking goes on word by word as long as
// a row is there: linear, and one look-up for a word that begins no term. A million terms of two words take about 45
// MB.
class TermTable {
 public:
  static constexpr std::size_t kLongest = 128;  // bytes of a term
  static constexpr std::size_t kWidest = 256;   // bytes of a text that one match may cover

  // Terms that are empty, too long or there already are left out.
  void build(std::span<const std::string> terms, bool caseless);
  void build(std::span<const std::string_view> terms, bool caseless);

  struct Match {
    std::size_t end = 0;  // of the longest term here; 0: none
    bool open = false;    // the text ends where a longer one, or one at all, may come
  };
  // `at` begins a token.
  Match match(std::string_view text, std::size_t at, bool complete) const;

  std::size_t size() const { return terms_; }
  std::size_t memory() const;  // bytes

  // A term as the table writes it: blanks for white space, small ASCII letters where case does not count.
  static std::string normalized(std::string_view term, bool caseless);

 private:
  struct Row {
    std::uint32_t offset;
    std::uint8_t length;
    std::uint8_t flags;  // kTerm, kMore, kUsed
    std::uint16_t tag;
  };
  static constexpr std::uint8_t kUsed = 1;
  static constexpr std::uint8_t kTerm = 2;
  static constexpr std::uint8_t kMore = 4;

  std::size_t slot_of(std::uint64_t hash) const;
  const Row* find(std::uint64_t hash, const char* bytes, std::size_t length) const;
  Row& insert(std::uint64_t hash, std::uint32_t offset, std::size_t length);

  std::string bytes_;
  std::vector<Row> rows_;
  std::vector<std::uint64_t> firsts_;  // a bit for each first token, by its hash
  std::uint64_t first_mask_ = 0;
  std::size_t terms_ = 0;
  bool caseless_ = true;
};

}  // namespace gatehouse::guard
