#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/json/value.h"
#include "gatehouse/ml/tokenizer/word_model.h"

namespace gatehouse::ml::tokenizer {

// WordPiece: the longest token first; a word of which any part is in no token, or that is too long, is one unknown
// token.
class WordPiece final : public WordModel {
 public:
  // Errors: configuration, beginning with "model".
  static Result<std::unique_ptr<WordPiece>> parse(const json::Value& model, const Reserved& reserved);

  void encode(std::string_view word, WordScratch& scratch, std::vector<Piece>& out) const override;
  const Vocabulary& vocabulary() const override { return vocabulary_; }

  std::size_t most_characters() const { return most_characters_; }
  std::int32_t unknown() const { return unknown_; }
  // Cuts `word`, each byte taken as fold[byte], and calls piece(id, begin, end). False: it is an unknown word, and what
  // was called counts for nothing. The number of characters is the caller's matter.
  template <class OnPiece>
  bool cut(std::string_view word, const std::uint8_t* fold, OnPiece&& piece) const {
    const Trie& trie = vocabulary_.trie();
    std::int32_t state = Trie::kRoot;
    std::size_t begin = 0;
    while (begin < word.size()) {
      if (state == Trie::kNone) return false;  // no token goes on with a word
      std::int32_t best = -1;
      std::size_t end = begin;
      for (std::size_t at = begin; at < word.size();) {
        state = trie.step(state, fold[static_cast<std::uint8_t>(word[at])]);
        if (state == Trie::kNone) break;
        ++at;
        if (const std::int32_t value = trie.value(state); Vocabulary::readable(value)) {
          best = value;
          end = at;
        }
      }
      if (best < 0) return false;
      piece(best, begin, end);
      begin = end;
      state = continuing_;
    }
    return true;
  }

 private:
  Vocabulary vocabulary_;
  std::int32_t continuing_ = Trie::kNone;  // the state behind the prefix of tokens that go on with a word
  std::int32_t unknown_ = 0;
  std::size_t most_characters_ = 100;
};

}  // namespace gatehouse::ml::tokenizer
