#pragma once

#include <cstdint>
#include <string_view>

namespace gatehouse::ml {

// What stands at the edges of a token without being part of a name: blanks, punctuation, a genitive 's. A full stop
// stays where it ends an initial or a usual abbreviation ("J.", "Inc."). Bytes, at most 255.
struct Edges {
  std::uint8_t front = 0;
  std::uint8_t back = 0;
};
Edges edges_of(std::string_view text, std::size_t begin, std::size_t end);

}  // namespace gatehouse::ml
