#pragma once

#include <cstdint>
#include <vector>

#include "gatehouse/base/ids.h"
#include "gatehouse/config/snapshot.h"

namespace gatehouse::route {

// The positions of a model's targets in the order in which to try them: each next one is drawn among those left with
// a probability proportional to its weight, so that what fails over is spread by weight too. Pure.
std::vector<std::uint32_t> weighted_order(const std::vector<config::Target>& targets, base::Random& random);

}  // namespace gatehouse::route
