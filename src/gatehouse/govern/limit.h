#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gatehouse/govern/name_rules.h"

namespace gatehouse::govern {

// What is counted. Part of the public surface by these names.
enum class Resource : std::uint8_t { requests, prompt_tokens, completion_tokens, total_tokens, usd, concurrency };
inline constexpr std::size_t kResourceCount = 6;
std::string_view name(Resource resource);
std::optional<Resource> resource_from_name(std::string_view name);

// Over which time. `concurrency` has none: give lifetime.
enum class Period : std::uint8_t { minute, hour, day, week, month, lifetime };
inline constexpr std::size_t kPeriodCount = 6;
std::string_view name(Period period);
std::optional<Period> period_from_name(std::string_view name);

struct Window {
  Period period = Period::month;
  bool rolling = false;   // the last 60 s, 24 h, 30 days ... instead of the calendar's
  std::string time_zone;  // IANA name, for calendar windows of a day and longer; empty: UTC. Weeks begin on Monday.
  bool operator==(const Window&) const = default;
};

// One rule on one node. A plain value; configuration and admin API make it.
struct Limit {
  std::string id;  // unique; stable over reloads, so that its count goes on
  Resource resource = Resource::usd;
  Window window;
  std::int64_t amount = 0;   // at most this much in a window; of usd in nanodollars
  NameRules models;          // counts and limits only calls of these models (as callers ask for them)
  double soft = 0;           // a share of the amount, 0 to 1, from which on the soft actions happen; 0: none
  std::string downgrade_to;  // soft: ask for this model instead; empty: do not
  bool notify = false;       // soft and hard: tell the webhook, once a window
};

}  // namespace gatehouse::govern
