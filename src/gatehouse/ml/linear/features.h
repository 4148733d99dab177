#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

// The features of the linear model as models/linear/README.md defines them; models/linear/features.py computes the same
// with NumPy, and a golden test holds the two together.
namespace gatehouse::ml::linear {

// A text's features: hashes of words, pairs of words, letters in words and shapes of words. Appended to `out` as they
// come, of each its bucket of 2^bits; one may come several times. One thread's; keeps its buffers. Any bytes; linear.
class Features {
 public:
  void extract(std::string_view text, unsigned bits, std::vector<std::uint32_t>& out);

 private:
  void normalise(std::string_view text);

  std::vector<std::uint8_t> bytes_;      // folded
  std::vector<std::uint8_t> flags_;      // kind and letters, see features.cc
  std::vector<std::uint32_t> prefix_{};  // of one word: hashes of its beginnings
};

}  // namespace gatehouse::ml::linear
