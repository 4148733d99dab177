#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/json/cursor.h"
#include "gatehouse/json/scan.h"

namespace gatehouse::dialects::schema {

// A whole JSON document to go about in: references lead anywhere, so walking by position would read a large schema
// again for each. Nodes are numbered, 0 is the root. One thread's; the text outlives it.
class Tree {
 public:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  static constexpr std::size_t kMostNodes = 400'000;

  struct Node {
    std::string_view key;  // decoded; of a member
    std::string_view raw;
    json::Kind kind = json::Kind::null;
    std::uint32_t first = kNone;  // child
    std::uint32_t next = kNone;   // sibling
  };

  // False: no JSON, nested too deep, or too many values (`too_large`).
  bool read(std::string_view text);
  bool too_large() const { return too_large_; }

  const Node& at(std::uint32_t node) const { return nodes_[node]; }
  bool is(std::uint32_t node, json::Kind kind) const { return node != kNone && nodes_[node].kind == kind; }
  // The last member of that name, as in most parsers.
  std::uint32_t member(std::uint32_t object, std::string_view key) const;
  std::uint32_t element(std::uint32_t array, std::size_t index) const;
  // Of a string; holds as long as the tree.
  std::string_view text(std::uint32_t node);

  template <class Visit>
  void children(std::uint32_t parent, Visit&& visit) const {
    for (auto child = nodes_[parent].first; child != kNone; child = nodes_[child].next) visit(child);
  }

 private:
  bool value(json::Cursor& cursor, std::string_view key, std::uint32_t& node);
  std::string_view decoded(const json::Cursor::String& string);

  std::vector<Node> nodes_;
  std::deque<std::string> texts_;  // of what had escapes
  bool too_large_ = false;
};

}  // namespace gatehouse::dialects::schema
