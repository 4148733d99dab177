#include "gatehouse/base/money.h"

#include <cmath>

namespace gatehouse::base {
namespace {

constexpr int kPlaces = 9;

}  // namespace

std::optional<Money> Money::parse(std::string_view decimal) {
  std::int64_t value = 0;
  int places = -1;  // not past the point yet
  bool digit_seen = false;
  for (const char c : decimal) {
    if (c == '.') {
      if (places >= 0 || !digit_seen) return std::nullopt;
      places = 0;
      continue;
    }
    if (c < '0' || c > '9' || places == kPlaces) return std::nullopt;
    digit_seen = true;
    if (places >= 0) ++places;
    if (__builtin_mul_overflow(value, std::int64_t{10}, &value) || __builtin_add_overflow(value, c - '0', &value)) {
      return std::nullopt;
    }
  }
  if (!digit_seen || places == 0) return std::nullopt;
  for (int i = places < 0 ? 0 : places; i < kPlaces; ++i) {
    if (__builtin_mul_overflow(value, std::int64_t{10}, &value)) return std::nullopt;
  }
  return nanos(value);
}

std::optional<Money> Money::from_double(double usd) {
  const double scaled = std::nearbyint(usd * 1e9);
  if (!std::isfinite(scaled) || scaled >= 9.2e18 || scaled <= -9.2e18) return std::nullopt;
  return nanos(static_cast<std::int64_t>(scaled));
}

std::string Money::to_string() const {
  const bool negative = nanos_ < 0;
  const auto magnitude = negative ? 0ULL - static_cast<std::uint64_t>(nanos_) : static_cast<std::uint64_t>(nanos_);
  std::string text = (negative ? "-" : "") + std::to_string(magnitude / 1'000'000'000);
  std::string fraction = std::to_string(magnitude % 1'000'000'000);
  fraction.insert(0, kPlaces - fraction.size(), '0');
  fraction.resize(fraction.find_last_not_of('0') + 1);
  if (!fraction.empty()) text += "." + fraction;
  return text;
}

}  // namespace gatehouse::base
