#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/guard/pii/kind.h"

namespace gatehouse::guard::pii {

// The shapes of all kinds as one tree over the lengths of groups: "078-05-1120" is 3, 2, 4. A run of groups walks down
// it once, whatever the number of kinds; at each node are the shapes that end there. Immutable, shared.
class ShapeTable {
 public:
  using Node = std::uint32_t;
  static constexpr Node kRoot = 0;
  static constexpr Node kNone = ~Node{0};

  // Which places of the compact text (bit 0 is the first character) must be what.
  struct Shape {
    std::uint64_t digits = 0;
    std::uint64_t letters = 0;
    std::uint64_t fixed = 0;      // are these very characters
    std::string characters = {};  // upper case, at the places of `fixed`
    std::uint16_t kind = 0;
    std::uint8_t separators = 0;  // that the kind allows (characters.h)
    bool mixed = false;
    bool glued = false;
  };

  // Kinds without a shape, and those that cannot reach `least_score`, are left out. Errors (configuration), naming the
  // entity: a shape that is not written as kind.h says, is too long, or can be written in too many ways.
  static Result<ShapeTable> make(std::span<const Kind> kinds, float least_score);

  Node child(Node node, std::size_t length) const {
    const NodeData& data = nodes_[node];
    if (length > kLongestShape || ((data.lengths >> length) & 1U) == 0) return kNone;
    return children_[data.first_child +
                     static_cast<Node>(__builtin_popcountll(data.lengths & ((std::uint64_t{1} << length) - 1)))];
  }
  // Whether a shape at the node or below it may fit a text that begins with these digits, `size` places of which are
  // known: false only if all of them want something else there.
  bool may_fit(Node node, std::uint64_t digits, std::size_t size) const {
    const std::uint64_t letters = ~digits & ((std::uint64_t{1} << size) - 1);
    return (nodes_[node].digits & letters) == 0 && (nodes_[node].letters & digits) == 0;
  }
  bool is_leaf(Node node) const { return nodes_[node].lengths == 0; }
  std::span<const Shape> shapes(Node node) const {
    return {shapes_.data() + nodes_[node].first_shape, nodes_[node].shapes};
  }
  // Whether a shape begins with so many letters in a group of their own (and so many in the next).
  bool may_lead(std::size_t letters) const { return letters < 64 && ((leads_ >> letters) & 1U) != 0; }
  // Whether any does with letters in its first two groups.
  bool may_lead_twice() const { return lead_twice_; }
  std::size_t node_count() const { return nodes_.size(); }
  std::size_t shape_count() const { return shapes_.size(); }

 private:
  struct NodeData {
    std::uint64_t lengths = 0;  // of groups that lead on
    Node first_child = 0;
    std::uint32_t first_shape = 0;
    std::uint32_t shapes = 0;
    std::uint64_t digits = ~std::uint64_t{0};  // what all shapes from here on want
    std::uint64_t letters = ~std::uint64_t{0};
  };
  std::vector<NodeData> nodes_;
  std::vector<Node> children_;
  std::vector<Shape> shapes_;
  std::uint64_t leads_ = 0;
  bool lead_twice_ = false;
};

}  // namespace gatehouse::guard::pii
