#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "gatehouse/base/strings.h"
#include "gatehouse/govern/ledger/usage_query.h"

namespace gatehouse::govern {
namespace {

constexpr std::array<std::pair<std::string_view, Dimension>, 21> kNames = {{
    {"org", Dimension::org},
    {"unit", Dimension::unit},
    {"team", Dimension::team},
    {"project", Dimension::project},
    {"user", Dimension::user},
    {"key", Dimension::key},
    {"key_name", Dimension::key_name},
    {"end_user", Dimension::end_user},
    {"tags", Dimension::tags},
    {"operation", Dimension::operation},
    {"model_asked", Dimension::model_asked},
    {"model", Dimension::model},
    {"provider", Dimension::provider},
    {"hour", Dimension::hour},
    {"day", Dimension::day},
    {"month", Dimension::month},
    {"status", Dimension::status},
    {"error", Dimension::error},
    {"finish", Dimension::finish},
    {"finish_reason", Dimension::finish_reason},
    {"cache", Dimension::cache},
}};
constexpr std::string_view kTag = "tag:";
constexpr std::size_t kMaxName = 128;
constexpr std::size_t kMaxValue = 512;

std::optional<int> digits(std::string_view text) {
  const auto value = base::parse_u64(text);
  return value && *value <= 9999 ? std::optional<int>(static_cast<int>(*value)) : std::nullopt;
}

}  // namespace

std::string name(const GroupBy& by) {
  if (by.dimension == Dimension::tag) return std::string(kTag) + by.tag;
  for (const auto& [known, dimension] : kNames) {
    if (dimension == by.dimension) return std::string(known);
  }
  return {};
}

Result<GroupBy> group_by_from_name(std::string_view name) {
  if (name.starts_with(kTag) && name.size() > kTag.size() && name.size() <= kMaxName) {
    return GroupBy{.dimension = Dimension::tag, .tag = std::string(name.substr(kTag.size()))};
  }
  std::string all;
  for (const auto& [known, dimension] : kNames) {
    if (known == name) return GroupBy{.dimension = dimension, .tag = {}};
    all += fmt::format("{}, ", known);
  }
  return fail(Code::invalid_request, fmt::format("no such dimension; there are {}tag:NAME", all));
}

Result<UsageFilter> filter_from_text(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return fail(Code::invalid_request, "a filter is DIMENSION=VALUE");
  auto by = group_by_from_name(text.substr(0, equals));
  if (!by) return std::unexpected(by.error());
  if (by->dimension == Dimension::hour || by->dimension == Dimension::day || by->dimension == Dimension::month) {
    return fail(Code::invalid_request, "times are not filtered by; use from and to");
  }
  if (text.size() - equals > kMaxValue) return fail(Code::invalid_request, "a filter's value is too long");
  return UsageFilter{.by = std::move(*by), .value = std::string(text.substr(equals + 1))};
}

std::string time_text(Bucket bucket, std::int64_t seconds) {
  const std::chrono::sys_seconds time{std::chrono::seconds(seconds)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const int year = static_cast<int>(date.year());
  const auto month = static_cast<unsigned>(date.month());
  const auto day_of_month = static_cast<unsigned>(date.day());
  if (bucket == Bucket::month) return fmt::format("{:04}-{:02}", year, month);
  if (bucket == Bucket::day) return fmt::format("{:04}-{:02}-{:02}", year, month, day_of_month);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", year, month, day_of_month, clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count());
}

std::optional<std::chrono::year_month> month_from_text(std::string_view text) {
  if (text.size() != 7 || text[4] != '-') return std::nullopt;
  const auto year = digits(text.substr(0, 4));
  const auto month = digits(text.substr(5));
  if (!year || !month || *month < 1 || *month > 12 || *year < 1970) return std::nullopt;
  return std::chrono::year(*year) / std::chrono::month(static_cast<unsigned>(*month));
}

std::optional<base::WallTime> time_from_text(std::string_view text) {
  const auto month = month_from_text(text.substr(0, 7));
  if (!month) return std::nullopt;
  unsigned day = 1;
  if (text.size() > 7) {
    const auto number = text.size() >= 10 && text[7] == '-' ? digits(text.substr(8, 2)) : std::nullopt;
    if (!number) return std::nullopt;
    day = static_cast<unsigned>(*number);
  }
  const std::chrono::year_month_day date(month->year(), month->month(), std::chrono::day(day));
  if (!date.ok()) return std::nullopt;
  base::WallTime time = std::chrono::sys_days(date);
  if (text.size() <= 10) return time;
  // "T10:00Z" or "T10:00:00Z"
  const bool has_seconds = text.size() == 20;
  if ((!has_seconds && text.size() != 17) || text[10] != 'T' || text[13] != ':' || text.back() != 'Z' ||
      (has_seconds && text[16] != ':')) {
    return std::nullopt;
  }
  const auto hours = digits(text.substr(11, 2));
  const auto minutes = digits(text.substr(14, 2));
  const auto seconds = has_seconds ? digits(text.substr(17, 2)) : std::optional<int>(0);
  if (!hours || !minutes || !seconds || *hours > 23 || *minutes > 59 || *seconds > 59) return std::nullopt;
  return time + std::chrono::hours(*hours) + std::chrono::minutes(*minutes) + std::chrono::seconds(*seconds);
}

}  // namespace gatehouse::govern
