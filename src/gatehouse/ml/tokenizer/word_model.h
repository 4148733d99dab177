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

// Cuts one pre-token into tokens. Immutable, any thread.
class WordModel {
 public:
  virtual ~WordModel() = default;
  // `word` is well-formed UTF-8 and not empty. Appends, in order. Time: the word's length, or that times its logarithm.
  virtual void encode(std::string_view word, std::vector<Piece>& out) const = 0;
  virtual const Vocabulary& vocabulary() const = 0;
};

}  // namespace gatehouse::ml::tokenizer
