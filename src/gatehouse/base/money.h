#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::base {

// An amount of US dollars in whole nanodollars (1e-9), so that sums are exact and order does not matter. Arithmetic
// saturates at the ends of the range (9.2e9 dollars) instead of wrapping: an account that is full stays full.
class Money {
 public:
  constexpr Money() = default;
  static constexpr Money nanos(std::int64_t nanos) {
    Money money;
    money.nanos_ = nanos;
    return money;
  }
  static constexpr Money usd(std::int64_t dollars) { return nanos(dollars) * 1'000'000'000; }
  static constexpr Money max() { return nanos(std::numeric_limits<std::int64_t>::max()); }
  // A decimal number of dollars without exponent or sign, at most nine places: "12", "0.000001". Nothing for anything
  // else or out of range.
  static std::optional<Money> parse(std::string_view decimal);
  // The nearest amount; nothing for a number that is not finite or out of range.
  static std::optional<Money> from_double(double usd);

  constexpr std::int64_t nanos() const { return nanos_; }
  constexpr double as_usd() const { return static_cast<double>(nanos_) / 1e9; }
  // The shortest decimal: "0.00125", "12", "-3.5".
  std::string to_string() const;

  constexpr auto operator<=>(const Money&) const = default;
  constexpr Money operator+(Money other) const {
    std::int64_t sum = 0;
    if (!__builtin_add_overflow(nanos_, other.nanos_, &sum)) return nanos(sum);
    return end(nanos_ > 0);
  }
  constexpr Money operator-(Money other) const {
    std::int64_t difference = 0;
    if (!__builtin_sub_overflow(nanos_, other.nanos_, &difference)) return nanos(difference);
    return end(nanos_ > 0);
  }
  constexpr Money operator*(std::int64_t factor) const {
    std::int64_t product = 0;
    if (!__builtin_mul_overflow(nanos_, factor, &product)) return nanos(product);
    return end((nanos_ > 0) == (factor > 0));
  }
  constexpr Money& operator+=(Money other) { return *this = *this + other; }
  constexpr Money& operator-=(Money other) { return *this = *this - other; }

 private:
  static constexpr Money end(bool positive) {
    return nanos(positive ? std::numeric_limits<std::int64_t>::max() : std::numeric_limits<std::int64_t>::min());
  }
  std::int64_t nanos_ = 0;
};

}  // namespace gatehouse::base
