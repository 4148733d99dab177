#include "gatehouse/govern/limit.h"

#include <array>

namespace gatehouse::govern {
namespace {

constexpr auto kResources = std::to_array<std::string_view>(
    {"requests", "prompt_tokens", "completion_tokens", "total_tokens", "usd", "concurrency"});
static_assert(kResources.size() == kResourceCount);
constexpr auto kPeriods = std::to_array<std::string_view>({"minute", "hour", "day", "week", "month", "lifetime"});
static_assert(kPeriods.size() == kPeriodCount);

template <class E, std::size_t N>
std::optional<E> find(const std::array<std::string_view, N>& names, std::string_view name) {
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == name) return static_cast<E>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view name(Resource resource) { return kResources[static_cast<std::size_t>(resource)]; }
std::optional<Resource> resource_from_name(std::string_view name) { return find<Resource>(kResources, name); }
std::string_view name(Period period) { return kPeriods[static_cast<std::size_t>(period)]; }
std::optional<Period> period_from_name(std::string_view name) { return find<Period>(kPeriods, name); }

}  // namespace gatehouse::govern
