#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/json/value.h"
#include "gatehouse/ml/tokenizer/word_model.h"

namespace gatehouse::ml::tokenizer {

// SentencePiece's unigram model: of all ways to cut a word into tokens the one with the best sum of scores (Viterbi).
class Unigram final : public WordModel {
 public:
  // Errors: configuration, beginning with "model".
  static Result<std::unique_ptr<Unigram>> parse(const json::Value& model, const Reserved& reserved);

  void encode(std::string_view word, WordScratch& scratch, std::vector<Piece>& out) const override;
  const Vocabulary& vocabulary() const override { return vocabulary_; }

 private:
  void put_unknown(std::string_view word, std::size_t begin, std::size_t end, std::vector<Piece>& out) const;

  Vocabulary vocabulary_;
  std::vector<double> scores_;
  double unknown_score_ = 0;
  std::int32_t unknown_ = 0;
  std::array<std::int32_t, 256> bytes_{};  // the tokens <0x00> ...; -1 where there is none
  bool byte_fallback_ = false;
};

}  // namespace gatehouse::ml::tokenizer
