#include "gatehouse/route/weighted.h"

#include <algorithm>
#include <numeric>

namespace gatehouse::route {

std::vector<std::uint32_t> weighted_order(const std::vector<config::Target>& targets, base::Random& random) {
  std::vector<std::uint32_t> order(targets.size());
  std::iota(order.begin(), order.end(), 0U);
  std::uint64_t total = 0;
  for (const auto& target : targets) total += target.weight;
  for (std::size_t i = 0; i + 1 < order.size(); ++i) {
    std::uint64_t ticket = random.below(total);
    std::size_t drawn = i;
    while (ticket >= targets[order[drawn]].weight) ticket -= targets[order[drawn++]].weight;
    std::swap(order[i], order[drawn]);
    total -= targets[order[i]].weight;
  }
  return order;
}

}  // namespace gatehouse::route
