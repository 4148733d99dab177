#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/base/function_ref.h"
#include "gatehouse/json/value.h"
#include "gatehouse/ml/tokenizer/trie.h"
#include "gatehouse/ml/tokenizer/vocabulary.h"

namespace gatehouse::ml::tokenizer {

struct AddedToken {
  std::string content{};
  std::int32_t id = -1;
  bool special = false;
  bool single_word = false;
  bool lstrip = false;
  bool rstrip = false;
  bool normalized = true;
};

// The `added_tokens` of a file. Those that are special are never found in a text: it is read as if they were not there
// (the reference implementation's `encode_special_tokens`). Immutable once made, any thread.
class AddedTokens {
 public:
  static constexpr std::size_t kMostTokens = 100'000;

  // Errors: configuration, beginning with "added_tokens".
  static Result<AddedTokens> read(const json::Value& list);

  // What no text may be read as.
  void reserve(Reserved& reserved) const;
  // Gives them their ids: those of the vocabulary, else the next ones behind it. `normalise` makes of a content what
  // the normaliser makes of it.
  Result<> settle(const Vocabulary& vocabulary, base::FunctionRef<std::string(std::string_view)> normalise);

  // Some may be found in a text: before it is normalised, and after.
  bool any_raw() const { return !raw_.empty(); }
  bool any_normalised() const { return !normalised_.empty(); }

  // A stretch of a text, an added token or what is between them.
  struct Stretch {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    std::int32_t id = -1;  // -1: no added token
  };
  // Appends the stretches of [begin, end) of well-formed `text`, none empty.
  void split(std::string_view text, bool normalised, std::size_t begin, std::size_t end,
             std::vector<Stretch>& out) const;

  std::optional<std::int32_t> find(std::string_view content) const;
  std::size_t size() const { return tokens_.size(); }
  std::int32_t highest() const { return highest_; }
  const std::vector<AddedToken>& all() const { return tokens_; }

 private:
  std::vector<AddedToken> tokens_;
  std::unordered_map<std::string, std::int32_t> ids_;
  Trie raw_;  // values are places in tokens_
  Trie normalised_;
  std::int32_t highest_ = -1;
};

}  // namespace gatehouse::ml::tokenizer
