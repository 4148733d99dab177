#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "gatehouse/json/value.h"
#include "gatehouse/ml/tokenizer/characters.h"
#include "gatehouse/ml/tokenizer/tokenizer.h"
#include "gatehouse/ml/tokenizer/wordpiece.h"

namespace gatehouse::ml::tokenizer {

struct BertOptions {
  bool clean_text = true;     // control characters go, white space is a space
  bool ideographs = true;     // each a word of its own
  bool strip_accents = true;  // decompose, and take nonspacing marks out
  bool lowercase = true;
  static BertOptions read(const json::Value& normalizer);
};

// BertNormalizer, BertPreTokenizer and WordPiece in one pass over the text, with nothing in between: the path that most
// encoders take. Same tokens as the three one after the other. Immutable, any thread; encode() allocates for a text
// with words that are not ASCII once, and else only what `out` needs.
class BertText {
 public:
  explicit BertText(const BertOptions& options);

  // Appends until `out` has `most` tokens.
  void encode(const WordPiece& model, std::string_view text, std::size_t most, std::vector<Token>& out) const;

 private:
  // What becomes of a code point.
  enum Kind : std::uint32_t { kKeep, kDrop, kSplit, kAlone };
  // In the table: a kind; for kKeep perhaps other code points in its place.
  static constexpr std::uint32_t kKindMask = 3;
  static constexpr std::uint32_t kSurrounded = 4;  // a word of its own, whatever it becomes
  static constexpr std::uint32_t kUnordered = 8;   // may stand in another order than written
  static constexpr unsigned kCountShift = 4;       // how many stand in its place; 0: itself
  static constexpr std::uint32_t kCountMask = 15;
  static constexpr unsigned kPlaceShift = 8;  // where in `mapped_`
  struct Mapped {
    char32_t point = 0;
    std::uint32_t entry = 0;  // of it: kind and kUnordered
  };
  struct Word;

  std::uint32_t entry_of(char32_t c, const BertOptions& options);
  // A stretch of words from `at` on, at least one code point, up to a word's end; returns where it ends.
  std::size_t slow(const WordPiece& model, std::string_view text, std::size_t at, Word& word,
                   std::vector<Token>& out) const;
  static void flush(const WordPiece& model, Word& word, std::vector<Token>& out);

  PointTable<std::uint32_t> table_;
  std::vector<Mapped> mapped_;
  std::array<std::uint8_t, 256> ascii_{};  // kinds of single bytes; kNotAscii and kRare are left to slow()
  std::array<std::uint8_t, 256> fold_{};   // upper to lower case, where that is wanted
};

}  // namespace gatehouse::ml::tokenizer
