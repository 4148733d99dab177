#include "gatehouse/govern/anomaly/accumulator.h"

#include <algorithm>
#include <array>
#include <bit>

namespace gatehouse::govern::anomaly {

std::string_view name(Signal signal) {
  static constexpr std::array<std::string_view, kSignalCount> kNames{"tokens", "spend", "refusals", "auth_failures"};
  return kNames.at(static_cast<std::size_t>(signal));
}

// At most three quarters full, and one place beside for what does not fit.
Accumulator::Accumulator(std::size_t capacity)
    : slots_(std::bit_ceil(std::max<std::size_t>(capacity, 4))), limit_(slots_.size() / 4 * 3) {}

Accumulator::Entry* Accumulator::place(std::uint64_t principal) {
  // Numbers may be small and in a row; a multiplication spreads them (Fibonacci hashing, Knuth).
  std::size_t at = static_cast<std::size_t>((principal * 0x9E3779B97F4A7C15ULL) >> 32U);
  for (;; ++at) {
    Entry& slot = slots_[at & (slots_.size() - 1)];
    if (slot.principal == principal) return &slot;
    if (slot.principal != 0) continue;
    if (used_ == limit_) return nullptr;
    ++used_;
    slot.principal = principal;
    return &slot;
  }
}

void Accumulator::add(std::uint64_t principal, Signal signal, std::int64_t amount) {
  Entry* const entry = principal == 0 ? &rest_ : place(principal);
  if (entry == nullptr) ++dropped_;
  Amounts& amounts = (entry == nullptr ? rest_ : *entry).amounts;
  amounts[static_cast<std::size_t>(signal)] += amount;
}

void Accumulator::add(std::uint64_t principal, const Amounts& amounts) {
  Entry* const entry = principal == 0 ? &rest_ : place(principal);
  if (entry == nullptr) ++dropped_;
  Amounts& to = (entry == nullptr ? rest_ : *entry).amounts;
  for (std::size_t i = 0; i < kSignalCount; ++i) to[i] += amounts[i];
}

void Accumulator::take(std::vector<Entry>& into) {
  into.clear();
  if (used_ > 0) {
    for (Entry& slot : slots_) {
      if (slot.principal == 0) continue;
      into.push_back(slot);
      slot = Entry{};
    }
  }
  used_ = 0;
  if (rest_.amounts != Amounts{}) into.push_back(rest_);
  rest_ = Entry{};
}

}  // namespace gatehouse::govern::anomaly
