#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/dialects/schema/place.h"
#include "gatehouse/dialects/schema/tree.h"

namespace gatehouse::dialects::schema {

// Reads schemas of a document into Places: references resolved or named, allOf merged, oneOf taken as anyOf, const as
// an enum of one. What has no word in a Place becomes a note. One document's, one thread's; the tree outlives it.
class Reader {
 public:
  // `named`: references stay references, to definitions (`definitions()`); else what they name takes their place, and a
  // definition stands inside itself at most `levels` times.
  Reader(Tree& tree, bool named, unsigned levels) : tree_(tree), named_(named), levels_(levels) {}

  Result<Place> root();
  // The definition that a Place refers to by this name.
  Result<Place> definition(std::string_view name);
  // What a reference leads to; Tree::kNone: nothing.
  std::uint32_t find(std::string_view reference);
  // A definition was met inside itself: fewer levels may fit where more do not.
  bool recursive() const { return recursive_; }
  // Something was said that a Place has no word for.
  bool noted() const { return noted_; }
  // Something that was allowed is not any more.
  bool cut() const { return cut_; }

 private:
  struct Parts;
  Place read(std::uint32_t node);
  void keyword(std::uint32_t node, Place& place, Parts& parts);
  void read_types(std::uint32_t node, Place& place);
  void read_required(Place& place, const Parts& parts);
  void read_tuple(std::uint32_t node, Place& place);
  void read_reference(std::string_view reference, Place& place);
  void read_all_of(std::uint32_t list, Place& place);
  void read_any_of(std::uint32_t list, Place& place);
  Place resolve(std::uint32_t node);
  // Puts what is referred to in the place of the reference. It counts as being resolved until it is released.
  std::uint32_t dereference(Place& place);
  void release(std::uint32_t node);
  std::uint32_t find_pointer(std::string_view pointer);
  void index_names();
  std::string_view definition_name(std::string_view reference, std::uint32_t node);
  void note(Place& place, std::string_view keyword, std::uint32_t node);
  // Both hold. Annotations of `place` go before those of `other`.
  void merge(Place& place, Place&& other);
  void merge_types(Place& place, Place& other);
  void merge_limits(Place& place, const Place& other);
  void merge_properties(Place& place, Place& other);
  void merge_any_of(Place& place, Place& other);
  void settle(Place& place);
  void infer_types(Place& place);
  void keep_values(Place& place);
  bool failed() const { return error_.has_value(); }
  void fail_with(Code code, std::string detail) {
    if (!error_) error_.emplace(code, std::move(detail));
  }

  Tree& tree_;
  bool named_;
  unsigned levels_;
  std::size_t places_ = 0;
  std::size_t depth_ = 0;
  bool recursive_ = false;
  bool noted_ = false;
  bool cut_ = false;
  bool indexed_ = false;
  std::optional<Error> error_;
  std::unordered_map<std::uint32_t, unsigned> open_;                 // targets being resolved, how often
  std::unordered_map<std::string_view, std::uint32_t> found_;        // references, as written
  std::unordered_map<std::string_view, std::uint32_t> anchors_;      // $anchor, and $id
  std::unordered_map<std::uint32_t, std::string_view> names_;        // of definitions
  std::unordered_map<std::string_view, std::uint32_t> named_nodes_;  // the other way round
  std::deque<std::string> texts_;
};

}  // namespace gatehouse::dialects::schema
