#pragma once

#include <cstddef>
#include <span>

#include "gatehouse/guard/pii/kind.h"
#include "gatehouse/guard/pii/scene.h"
#include "gatehouse/guard/pii/shapes.h"

namespace gatehouse::guard::pii {

// The recogniser of all kinds that have a shape. Borrows its tables.
class Runs {
 public:
  Runs(const ShapeTable& shapes, std::span<const Kind> kinds) : shapes_(shapes), kinds_(kinds) {}

  // `digit` is the first digit of a run of digits. Looks at the group it stands in, and at the groups of letters
  // before it, as the beginning of an identifier. Returns where that group ends: digits before are done with.
  std::size_t at(Scene& scene, std::size_t digit) const;

  // Where the earliest identifier may begin whose beginning is there and whose digits are not: [at, size) is open, and
  // short words before it may belong to it.
  std::size_t lead_of(const Scene& scene, std::size_t at) const;

 private:
  void walk(Scene& scene, std::size_t begin, bool glued) const;
  bool judge(Scene& scene, std::size_t begin, std::size_t end, ShapeTable::Node node, std::string_view compact,
             std::uint64_t digits, std::uint8_t separators, bool glued) const;

  const ShapeTable& shapes_;
  std::span<const Kind> kinds_;
};

}  // namespace gatehouse::guard::pii
