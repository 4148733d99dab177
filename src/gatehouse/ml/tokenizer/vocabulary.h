#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/json/value.h"
#include "gatehouse/ml/tokenizer/trie.h"

namespace gatehouse::ml::tokenizer {

// Tokens that no text may be read as, since they are the separators of the model that is fed.
struct Reserved {
  std::unordered_set<std::string> tokens{};
  std::unordered_set<std::int32_t> ids{};
};

// The tokens of a model and their ids. Immutable once made, any thread.
class Vocabulary {
 public:
  static constexpr std::size_t kMostTokens = 2'000'000;
  static constexpr std::int32_t kMostId = (1 << 24) - 1;
  static constexpr std::size_t kMostTokenBytes = 4096;

  using Entries = std::vector<std::pair<std::string, std::int32_t>>;
  // Of an object of token and id. Errors: configuration, without the part's name.
  static Result<Entries> read(const json::Value& object);
  static Result<Vocabulary> make(const Entries& entries, const Reserved& reserved);

  // The values are ids; those of reserved tokens have kReserved set, and readable() tells them apart.
  const Trie& trie() const { return trie_; }
  static constexpr std::int32_t kReserved = 1 << 30;
  // Whether the value of a state is a token that a text may be read as.
  static bool readable(std::int32_t value) { return static_cast<std::uint32_t>(value) < kReserved; }

  // Reserved ones too.
  std::optional<std::int32_t> find(std::string_view token) const {
    const auto value = trie_.find(token);
    if (!value) return std::nullopt;
    return *value & ~kReserved;
  }
  std::size_t size() const { return size_; }
  std::int32_t highest() const { return highest_; }  // -1: empty

 private:
  Trie trie_;
  std::size_t size_ = 0;
  std::int32_t highest_ = -1;
};

}  // namespace gatehouse::ml::tokenizer
