#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "gatehouse/llm/tokens/vocabulary.h"

// Byte pair merging of one piece. For this folder only.
namespace gatehouse::llm::detail {

// Merges the pieces of one text. Holds memory only once a long piece was met, at most about 40 bytes for each byte of
// `window`. One thread.
class Merger {
 public:
  static constexpr std::size_t kShort = 64;  // up to here by looking at all pairs, above by a heap

  // `limit`: up to there memory may be read. Pieces of more than `window` bytes are merged window by window.
  Merger(const Vocabulary& vocabulary, const char* limit, std::size_t window)
      : vocabulary_(vocabulary), limit_(limit), window_(window) {}

  std::uint64_t count(const char* at, std::size_t size) {
    if (vocabulary_.find(at, size, limit_) != kNoToken) return 1;
    return split(at, size, nullptr);
  }
  void encode(const char* at, std::size_t size, std::vector<std::uint32_t>& ids) {
    const std::uint32_t id = vocabulary_.find(at, size, limit_);
    if (id != kNoToken) {
      ids.push_back(id);
    } else {
      split(at, size, &ids);
    }
  }

  // Look-ups and moves in long pieces so far: what tests hold against the size of a text.
  std::uint64_t steps() const { return steps_; }
  // Windows that were joined without proof that the result is exact.
  std::uint64_t unproven() const { return unproven_; }

 private:
  struct Part {
    std::uint32_t rank;  // of the pair that begins here, while that is one
    std::uint32_t next;
    std::uint32_t previous;
  };

  // The number of tokens; their ids too if asked for.
  std::uint64_t split(const char* at, std::size_t size, std::vector<std::uint32_t>* ids);
  // The same for a piece of at most kShort bytes; `sizes`, if given, gets each token's size.
  std::size_t split_short(const char* at, std::size_t size, std::uint8_t* starts) const;
  // Leaves the tokens as a chain in parts_: 0, parts_[0].next ... `size`.
  void merge_long(const char* at, std::size_t size);
  std::uint64_t split_windows(const char* at, std::size_t size, std::vector<std::uint32_t>* ids);
  std::uint64_t emit(const char* at, std::size_t from, std::size_t to, std::vector<std::uint32_t>* ids);
  bool stay_apart(const char* at, std::size_t first, std::size_t second) const;
  std::uint32_t rank(const char* at, std::size_t from, std::size_t to) const {
    return to - from > vocabulary_.longest() ? kNoToken : vocabulary_.find(at + from, to - from, limit_);
  }

  const Vocabulary& vocabulary_;
  const char* limit_;
  std::size_t window_;
  std::vector<Part> parts_;
  std::vector<std::uint64_t> heap_;
  std::uint64_t steps_ = 0;
  std::uint64_t unproven_ = 0;
};

}  // namespace gatehouse::llm::detail
