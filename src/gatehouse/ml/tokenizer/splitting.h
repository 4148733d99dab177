#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "gatehouse/ml/tokenizer/added_tokens.h"

namespace gatehouse::ml::tokenizer {

// What becomes of a delimiter: gone, a piece of its own, part of the piece before or behind it, or one piece together
// with the delimiters beside it.
enum class Delimiters : std::uint8_t { removed, isolated, merged_with_previous, merged_with_next, contiguous };
std::optional<Delimiters> delimiters_named(std::string_view name);

// Puts the pieces of one stretch together from its delimiters, which are given from left to right. One thread's.
class Splitting {
 public:
  using Stretch = AddedTokens::Stretch;
  // `out` outlives it. `inverted`: what is given are the pieces, and what is between them the delimiters.
  Splitting(Delimiters how, bool inverted, std::vector<Stretch>& out) : how_(how), inverted_(inverted), out_(out) {}

  void begin(std::size_t begin, std::size_t end) {
    done_ = begin;
    end_ = end;
    was_delimiter_ = false;
    first_ = out_.size();
  }
  void delimiter(std::size_t begin, std::size_t end) {
    put(done_, begin, inverted_);
    put(begin, end, !inverted_);
    done_ = end;
  }
  void end();

 private:
  void put(std::size_t begin, std::size_t end, bool delimiter);
  void push(std::size_t begin, std::size_t end) {
    out_.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), -1});
  }

  const Delimiters how_;
  const bool inverted_;
  std::vector<Stretch>& out_;
  std::size_t done_ = 0;
  std::size_t end_ = 0;
  std::size_t first_ = 0;  // of this stretch in `out_`
  bool was_delimiter_ = false;
};

}  // namespace gatehouse::ml::tokenizer
