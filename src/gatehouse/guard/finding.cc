#include "gatehouse/guard/finding.h"

#include <array>

namespace gatehouse::guard {
namespace {

constexpr std::array<std::string_view, kFamilyCount> kFamilies = {
    "pii",    "secrets", "injection", "leakage",      "unsafe_output", "terms",
    "schema", "answer",  "limits",    "conversation", "callout"};

}  // namespace

std::string_view name(Family family) { return kFamilies[static_cast<std::size_t>(family)]; }
std::optional<Family> family_from_name(std::string_view name) {
  for (std::size_t i = 0; i < kFamilyCount; ++i) {
    if (kFamilies[i] == name) return static_cast<Family>(i);
  }
  return std::nullopt;
}

std::string_view name(Direction direction) { return direction == Direction::request ? "request" : "response"; }

}  // namespace gatehouse::guard
