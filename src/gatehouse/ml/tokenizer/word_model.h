#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "gatehouse/ml/tokenizer/vocabulary.h"

namespace gatehouse::ml::tokenizer {

// A token of one pre-token, in bytes of that.
struct Piece {
  std::int32_t id = 0;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

// What models work in, kept from word to word. One thread's.
struct WordScratch {
  struct Symbol {  // of byte-pair encoding; a list
    std::int32_t id;
    std::uint32_t begin;
    std::uint32_t end;
    std::int32_t before;
    std::int32_t behind;  // -1: none
  };
  struct Merge {
    std::uint32_t rank;
    std::uint32_t place;
    std::int32_t id;
  };
  struct Best {  // of unigram: the best way to read the word up to a byte
    double score;
    std::uint32_t begin;  // of its last token
    std::int32_t id;      // -1: there is none
  };
  std::vector<Symbol> symbols{};
  std::vector<Merge> merges{};
  std::vector<Best> best{};
};

// Cuts one pre-token into tokens. Immutable, any thread.
class WordModel {
 public:
  virtual ~WordModel() = default;
  // `word` is well-formed UTF-8 and not empty. Appends, in order. Time: the word's length, or that times its logarithm.
  virtual void encode(std::string_view word, WordScratch& scratch, std::vector<Piece>& out) const = 0;
  virtual const Vocabulary& vocabulary() const = 0;
};

}  // namespace gatehouse::ml::tokenizer
