#include "gatehouse/guard/finding.h"

#include <array>

namespace gatehouse::guard {
namespace {

constexpr std::array<std::string_view, kFamilyCount> kFamilies = {
    "pii",    "secrets", "injection", "leakage",      "unsafe_output", "terms",
    "schema", "answer",  "limits",    "conversation", "callout"};

}  // namespace

std::string_view name(Family family) { return kFamilies[static_cast<std::size_t>(family)]; }
std::string_view name(Direction direction) { return direction == Direction::request ? "request" : "response"; }

}  // namespace gatehouse::guard
