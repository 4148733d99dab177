#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/json/value.h"
#include "gatehouse/ml/tokenizer/word_model.h"

namespace gatehouse::ml::tokenizer {

// What two tokens beside each other become, and which pair goes first. Open addressing; immutable once filled.
class MergeTable {
 public:
  struct Merge {
    std::uint32_t rank = 0;
    std::int32_t id = -1;  // -1: the two stay
  };
  explicit MergeTable(std::size_t count = 0);
  void put(std::int32_t left, std::int32_t right, Merge merge);  // the last one of a pair counts
  Merge find(std::int32_t left, std::int32_t right) const {
    const std::uint64_t key = key_of(left, right);
    for (std::size_t at = slot(key);; at = (at + 1) & mask_) {
      if (cells_[at].key == key) return cells_[at].merge;
      if (cells_[at].key == kEmpty) return {};
    }
  }

 private:
  static constexpr std::uint64_t kEmpty = ~std::uint64_t{0};
  struct Cell {
    std::uint64_t key = kEmpty;
    Merge merge{};
  };
  static std::uint64_t key_of(std::int32_t left, std::int32_t right) {
    return std::uint64_t{static_cast<std::uint32_t>(left)} << 32 | static_cast<std::uint32_t>(right);
  }
  std::size_t slot(std::uint64_t key) const { return (key * 0x9E3779B97F4A7C15) >> 20 & mask_; }
  std::vector<Cell> cells_;
  std::size_t mask_ = 0;
};

// Byte-pair encoding: a word's characters, of which the pair that was learnt first is joined until none is left.
class Bpe final : public WordModel {
 public:
  static constexpr std::size_t kMostMerges = 4'000'000;

  // Errors: configuration, beginning with "model".
  static Result<std::unique_ptr<Bpe>> parse(const json::Value& model, const Reserved& reserved);

  void encode(std::string_view word, WordScratch& scratch, std::vector<Piece>& out) const override;
  const Vocabulary& vocabulary() const override { return vocabulary_; }

 private:
  Result<> read_merges(const json::Value& merges, std::string_view prefix);
  void read_symbols(std::string_view word, std::vector<WordScratch::Symbol>& symbols) const;
  void merge_few(std::vector<WordScratch::Symbol>& symbols) const;
  void merge_many(WordScratch& scratch) const;

  Vocabulary vocabulary_;
  MergeTable merges_;
  std::int32_t inside_ = Trie::kRoot;      // the state behind the prefix of characters that go on with a word
  std::string suffix_;                     // of a word's last character
  std::int32_t unknown_ = -1;              // -1: unknown characters are left out
  std::array<std::int32_t, 256> bytes_{};  // the tokens <0x00> ...; -1 where there is none
  bool byte_fallback_ = false;
  bool fuse_unknown_ = false;
  bool ignore_merges_ = false;
};

}  // namespace gatehouse::ml::tokenizer
