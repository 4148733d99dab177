#include "gatehouse/config/units.h"

#include <array>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "gatehouse/base/strings.h"

namespace gatehouse::config {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};
// Largest first, for formatting.
constexpr std::array<Unit, 4> kSizes{{{"GiB", 1ULL << 30}, {"MiB", 1ULL << 20}, {"KiB", 1ULL << 10}, {"", 1}}};
constexpr std::array<Unit, 4> kDurations{{{"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}}};

struct Split {
  std::string_view digits;
  std::string_view unit;
};

Split split(std::string_view text) {
  std::size_t digits = 0;
  while (digits < text.size() && base::is_digit(text[digits])) ++digits;
  return {text.substr(0, digits), text.substr(digits)};
}

std::optional<std::uint64_t> multiply(std::string_view digits, std::uint64_t factor) {
  const auto number = base::parse_u64(digits);
  if (!number || *number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) / factor) {
    return std::nullopt;
  }
  return *number * factor;
}

std::string format(std::uint64_t value, const std::array<Unit, 4>& units) {
  if (value == 0) return fmt::format("0{}", units.back().name.empty() ? "" : "s");
  for (const Unit& unit : units) {
    if (value % unit.factor == 0) return fmt::format("{}{}", value / unit.factor, unit.name);
  }
  return {};  // not reached: the last unit's factor is 1
}

// Reads exactly `width` digits at the front of `text` and takes them away.
std::optional<int> take_number(std::string_view& text, std::size_t width) {
  if (text.size() < width) return std::nullopt;
  int number = 0;
  for (std::size_t i = 0; i < width; ++i) {
    if (!base::is_digit(text[i])) return std::nullopt;
    number = number * 10 + (text[i] - '0');
  }
  text.remove_prefix(width);
  return number;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || base::lower(text.front()) != c) return false;
  text.remove_prefix(1);
  return true;
}

using std::chrono::system_clock;

std::optional<std::chrono::sys_days> take_date(std::string_view& text) {
  const auto year = take_number(text, 4);
  if (!year || !take(text, '-')) return std::nullopt;
  const auto month = take_number(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_number(text, 2);
  if (!day || *year < 1970 || *year > 2200) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

struct HoursMinutes {
  int hours, minutes;
};
std::optional<HoursMinutes> take_hours_minutes(std::string_view& text) {
  const auto hours = take_number(text, 2);
  if (!hours || *hours > 23 || !take(text, ':')) return std::nullopt;
  const auto minutes = take_number(text, 2);
  if (!minutes || *minutes > 59) return std::nullopt;
  return HoursMinutes{*hours, *minutes};
}

std::optional<std::chrono::seconds> take_offset(std::string_view& text) {
  if (take(text, 'z')) return std::chrono::seconds(0);
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
  const int sign = text.front() == '-' ? -1 : 1;
  text.remove_prefix(1);
  const auto offset = take_hours_minutes(text);
  if (!offset) return std::nullopt;
  return sign * (std::chrono::hours(offset->hours) + std::chrono::minutes(offset->minutes));
}

std::optional<base::WallTime> read_time(std::string_view text) {
  const auto date = take_date(text);
  if (!date) return std::nullopt;
  base::WallTime time(*date);
  if (text.empty()) return time;
  if (!take(text, 't') && !take(text, ' ')) return std::nullopt;
  const auto clock = take_hours_minutes(text);
  if (!clock || !take(text, ':')) return std::nullopt;
  const auto seconds = take_number(text, 2);
  if (!seconds || *seconds > 60) return std::nullopt;  // 60: a leap second
  time += std::chrono::hours(clock->hours) + std::chrono::minutes(clock->minutes) + std::chrono::seconds(*seconds);
  if (take(text, '.')) {
    const auto [digits, rest] = split(text);
    if (digits.empty()) return std::nullopt;
    std::int64_t nanoseconds = 0;
    for (std::size_t i = 0; i < 9; ++i) nanoseconds = nanoseconds * 10 + (i < digits.size() ? digits[i] - '0' : 0);
    time += std::chrono::duration_cast<system_clock::duration>(std::chrono::nanoseconds(nanoseconds));
    text = rest;
  }
  const auto offset = take_offset(text);
  if (!offset || !text.empty()) return std::nullopt;
  return time - *offset;
}

}  // namespace

Result<std::uint64_t> parse_size(std::string_view text) {
  const auto [digits, unit] = split(text);
  if (!digits.empty() && !unit.empty()) {
    for (const Unit& known : kSizes) {
      if (known.name != unit) continue;
      if (const auto value = multiply(digits, known.factor)) return *value;
      return fail(Code::configuration, "is too large");
    }
  }
  return fail(Code::configuration, "is not a size; write bytes as a number, or a number with KiB, MiB or GiB");
}

std::string format_size(std::uint64_t bytes) { return format(bytes, kSizes); }

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
  const auto [digits, unit] = split(text);
  if (!digits.empty()) {
    if (unit.empty()) {
      return fail(Code::configuration,
                  fmt::format("has no unit; write {0}s for seconds, or {0}ms, {0}m, {0}h", digits));
    }
    for (const Unit& known : kDurations) {
      if (known.name != unit) continue;
      if (const auto value = multiply(digits, known.factor)) {
        return std::chrono::milliseconds(static_cast<std::int64_t>(*value));
      }
      return fail(Code::configuration, "is too long");
    }
  }
  return fail(Code::configuration, "is not a duration; write a whole number with ms, s, m or h, as in 250ms or 10s");
}

std::string format_duration(std::chrono::milliseconds duration) {
  return format(static_cast<std::uint64_t>(duration.count()), kDurations);
}

Result<base::WallTime> parse_time(std::string_view text) {
  if (const auto time = read_time(text)) return *time;
  return fail(Code::configuration, "is not a date like 2027-01-31 or a time like 2027-01-31T12:00:00Z (1970 to 2200)");
}

}  // namespace gatehouse::config
