#pragma once

#include <bitset>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/error.h"

namespace gatehouse::guard::term_syntax {

// A customer's regular expression as a tree over bytes, and what can be told and made from it. See TermPattern for the
// syntax.

inline constexpr std::size_t kNoBound = static_cast<std::size_t>(-1);

using Bytes = std::bitset<256>;

struct Node {
  enum class Kind { bytes, sequence, choice, repeat, boundary, no_boundary };
  Kind kind = Kind::sequence;
  Bytes bytes;                 // bytes
  std::vector<Node> children;  // sequence, choice, repeat (one)
  std::size_t least = 0;       // repeat
  std::size_t most = 0;
};

// Errors: configuration, what is wrong and at which character.
Result<Node> parse(std::string_view pattern);

// How long matches are, and why the expression is refused.
struct Width {
  std::size_t least = 0;
  std::size_t most = 0;   // kNoBound: no end
  std::size_t parts = 0;  // single bytes once repeats are written out
  bool may_be_space = false;
  bool rare = false;     // something is needed that ordinary words have not
  std::string_view why;  // refused
};
Width measure(const Node& node, bool caseless);

// As Vectorscan and RE2 both read it.
void write(std::string& out, const Node& node);
// An expression for every beginning of what the node matches, the empty one and the whole included.
void write_prefix(std::string& out, const Node& node);

}  // namespace gatehouse::guard::term_syntax
