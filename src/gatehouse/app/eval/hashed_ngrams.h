#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::app {

// A text as counts of its words, pairs of words and runs of 3 to 5 letters, hashed: what an embedding has to beat.
class HashedNgrams {
 public:
  // Upper and lower case of ASCII are the same; all else is as it stands.
  explicit HashedNgrams(std::string_view text);
  // Cosine: 0 to 1; of an empty text 0.
  float likeness(const HashedNgrams& other) const;

 private:
  std::vector<std::pair<std::uint32_t, float>> weights_;  // ascending; of unit length together
};

}  // namespace gatehouse::app
