#include "gatehouse/app/hours.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "gatehouse/base/strings.h"
#include "gatehouse/govern/admission/zone.h"

namespace gatehouse::app {
namespace {

std::optional<std::uint16_t> minutes_of(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto hours = base::parse_u64(text.substr(0, colon));
  const auto minutes = base::parse_u64(text.substr(colon + 1));
  if (!hours || !minutes || *hours > 24 || *minutes > 59 || *hours * 60 + *minutes > 1440) return std::nullopt;
  return static_cast<std::uint16_t>(*hours * 60 + *minutes);
}

// "mon-fri", "sat,sun", "fri-mon".
std::optional<std::uint8_t> days_of(std::string_view text) {
  static constexpr std::array<std::string_view, 7> kDays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  const auto day = [](std::string_view name) -> std::optional<std::size_t> {
    const auto found = std::ranges::find(kDays, name);
    if (found == kDays.end()) return std::nullopt;
    return static_cast<std::size_t>(found - kDays.begin());
  };
  std::uint8_t days = 0;
  while (!text.empty()) {
    const auto comma = text.find(',');
    const auto part = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    const auto dash = part.find('-');
    const auto first = day(part.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : day(part.substr(dash + 1));
    if (!first || !last) return std::nullopt;
    for (std::size_t at = *first;; at = (at + 1) % kDays.size()) {
      days = static_cast<std::uint8_t>(days | (1U << at));
      if (at == *last) break;
    }
  }
  return days;
}

}  // namespace

Result<> read_hours(std::string_view days, std::string_view from, std::string_view to, govern::WeightRule& rule) {
  if (!days.empty()) {
    const auto read = days_of(days);
    if (!read) return fail(Code::configuration, "days: must be days such as `mon-fri` or `sat,sun`");
    rule.days = *read;
  }
  if (from.empty() != to.empty()) return fail(Code::configuration, "from and to belong together");
  if (from.empty()) return {};
  const auto begin = minutes_of(from);
  const auto end = minutes_of(to);
  if (!begin || !end) return fail(Code::configuration, "from and to: must be times such as `08:00`");
  rule.from = *begin;
  rule.to = *end;
  return {};
}

Result<std::function<bool(base::WallTime)>> hours_of(std::string_view days, std::string_view from, std::string_view to,
                                                     const std::string& time_zone) {
  if (days.empty() && from.empty()) return std::function<bool(base::WallTime)>();
  govern::WeightRule rule;
  if (auto read = read_hours(days, from, to, rule); !read) return std::unexpected(std::move(read.error()));
  auto zone = govern::Zone::load(time_zone);
  if (!zone) return std::unexpected(std::move(zone.error()));
  return [rule = std::move(rule), at = std::move(*zone)](base::WallTime now) {
    return govern::in_force(rule, at.local(now));
  };
}

}  // namespace gatehouse::app
