#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/config/report.h"

namespace gatehouse::config {

// What a YAML file may cost us.
inline constexpr std::size_t kMostFileBytes = 8ULL << 20;
inline constexpr std::size_t kMostNodes = 200'000;  // of all files together
inline constexpr std::size_t kMostDepth = 32;

struct Entry;

// A value of the file as written: nothing is interpolated, a scalar has no type yet.
struct Node {
  enum class Kind : std::uint8_t { null, scalar, list, map };
  Kind kind = Kind::null;
  bool plain = false;  // a scalar without quotes (and not a block)
  Place place;
  std::string text;            // of a scalar
  std::vector<Node> items;     // of a list
  std::vector<Entry> entries;  // of a map, in the order of the file; no key twice

  // The value below a key of this map, or null.
  const Node* find(std::string_view key) const;
};

struct Entry {
  std::string key;
  Place place;  // of the key
  Node value;
};

// Reads one document. Refused, each as a problem: what is not UTF-8, syntax errors, keys given twice, keys that are not
// plain scalars, merge keys, anchors, aliases, tags, more than one document, and what is over the bounds. `nodes`
// counts over several files. Nothing if the document could not be read to its end.
std::optional<Node> parse_tree(std::string_view yaml, std::uint32_t file, std::size_t& nodes, Report& report);

// Adds a second file's tree to the first's: maps merge, lists append, a scalar set twice is a problem.
void merge_tree(Node& into, Node&& from, Report& report);

}  // namespace gatehouse::config
