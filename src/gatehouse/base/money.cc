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
  // A sign, 10 digits, a point and 9 places; made from its end.
  char text[24];
  char* const end = text + sizeof(text);
  char* at = end;
  char* last = end;  // past the last place that is not zero
  std::uint64_t fraction = magnitude % 1'000'000'000;
  if (fraction != 0) {
    for (int i = 0; i < kPlaces; ++i) {
      *--at = static_cast<char>('0' + fraction % 10);
      fraction /= 10;
      if (*at == '0' && last == at + 1) last = at;
    }
    *--at = '.';
  }
  std::uint64_t whole = magnitude / 1'000'000'000;
  do {
    *--at = static_cast<char>('0' + whole % 10);
    whole /= 10;
  } while (whole != 0);
  if (negative) *--at = '-';
  return {at, last};
}

}  // namespace gatehouse::base
