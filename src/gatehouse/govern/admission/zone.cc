#include "gatehouse/govern/admission/zone.h"

#include <cctz/civil_time.h>
#include <cctz/time_zone.h>

#include <algorithm>
#include <chrono>
#include <string_view>

namespace gatehouse::govern {

struct Zone::Rules {
  cctz::time_zone zone;
};

namespace {

using std::chrono::floor;
using std::chrono::seconds;

// The library also opens paths and "file:" names; those are not zones.
bool well_formed(std::string_view name) {
  if (name.size() > 64 || name.front() == '/' || name.contains("..")) return false;
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '+' || c == '/';
  });
}

// Where the civil time does not exist this is the moment of the jump; where it exists twice, the first of the two.
base::WallTime moment(const cctz::civil_second& civil, const cctz::time_zone& zone) {
  return cctz::convert(civil, zone);
}

template <class D>
Span stretch(base::WallTime time) {
  const auto start = floor<D>(time);
  return {start, start + D(1)};
}

}  // namespace

Result<Zone> Zone::load(const std::string& name) {
  Zone zone;
  if (name.empty() || name == "UTC") return zone;
  auto rules = std::make_shared<Rules>();
  if (!well_formed(name) || !cctz::load_time_zone(name, &rules->zone)) {
    return fail(Code::configuration,
                "\"" + name + "\" is no time zone this system knows; names are as in Europe/Berlin");
  }
  zone.rules_ = std::move(rules);
  return zone;
}

Span Zone::around(Period period, base::WallTime time) const {
  const cctz::time_zone zone = rules_ ? rules_->zone : cctz::utc_time_zone();
  const auto civil = [&] { return cctz::convert(floor<seconds>(time), zone); };
  switch (period) {
    case Period::minute:
      return stretch<std::chrono::minutes>(time);
    case Period::hour:
      return stretch<std::chrono::hours>(time);
    case Period::day: {
      const cctz::civil_day day(civil());
      return {moment(day, zone), moment(day + 1, zone)};
    }
    case Period::week: {
      const cctz::civil_day day(civil());
      const cctz::civil_day monday = day - static_cast<int>(cctz::get_weekday(day));
      return {moment(monday, zone), moment(monday + 7, zone)};
    }
    case Period::month: {
      const cctz::civil_month month(civil());
      return {moment(cctz::civil_day(month), zone), moment(cctz::civil_day(month + 1), zone)};
    }
    case Period::lifetime:
      break;
  }
  return {base::WallTime::min(), base::WallTime::max()};
}

Zone::Local Zone::local(base::WallTime time) const {
  const cctz::time_zone zone = rules_ ? rules_->zone : cctz::utc_time_zone();
  const cctz::civil_second civil = cctz::convert(floor<seconds>(time), zone);
  return {static_cast<std::uint8_t>(cctz::get_weekday(cctz::civil_day(civil))),
          static_cast<std::uint16_t>((civil.hour() * 60) + civil.minute())};
}

}  // namespace gatehouse::govern
