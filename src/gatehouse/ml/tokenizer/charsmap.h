#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/ml/tokenizer/aligned.h"

namespace gatehouse::ml::tokenizer {

// SentencePiece's `precompiled_charsmap`: a double array (darts-clone's layout: 32-bit units with label, leaf bit and
// offset) from byte strings to places in a pool of texts that end with a zero byte. The file's bytes are not trusted:
// each step is checked. Immutable, any thread.
class Charsmap {
 public:
  static constexpr std::size_t kMostBytes = std::size_t{16} << 20;

  // Of base64 (RFC 4648 section 4). Errors: configuration, without the part's name.
  static Result<Charsmap> parse(std::string_view base64);

  // What stands for the shortest beginning of `text` that is in the map, if any: how the reference implementation asks,
  // with one cluster or one character at a time.
  std::optional<std::string_view> find(std::string_view text) const;

  // False: nothing changes, and `changes` is not filled. Grapheme clusters of less than six bytes are looked up as
  // they are, and else character by character.
  bool normalise(std::string_view text, std::vector<Change>& changes) const;

 private:
  std::vector<std::uint32_t> units_;
  std::string pool_;  // well-formed UTF-8
};

}  // namespace gatehouse::ml::tokenizer
