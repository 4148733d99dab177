#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "gatehouse/base/strings.h"

// For readers of calls: which of a request's members the gateway reads or judges, now or in a guard, so that it matters
// that every server behind it reads the same value. For this room only.
namespace gatehouse::dialects {

// Whether `key` is `name` (ASCII) in a spelling that some server reads as `name`: Go's encoding/json matches keys
// without regard to case, with U+017F for s and U+212A for k.
constexpr bool folds_to(std::string_view key, std::string_view name) {
  std::size_t at = 0;
  for (const char written : name) {
    const char wanted = base::lower(written);
    const std::string_view rest = key.substr(at);
    if (rest.empty()) return false;
    if (base::lower(rest.front()) == wanted) {
      at += 1;
    } else if (wanted == 's' && rest.starts_with("\xC5\xBF")) {
      at += 2;
    } else if (wanted == 'k' && rest.starts_with("\xE2\x84\xAA")) {
      at += 3;
    } else {
      return false;
    }
  }
  return at == key.size();
}

// A key beside which something may stand that is more tokens than it has bytes (Call::words_only): parts that are not
// text, and tools, are told by their type.
constexpr bool tells_type(std::string_view key) { return key == "type"; }

// A fixed list of at most 32 names, searched by their first letter.
template <std::size_t N>
class MemberNames {
 public:
  static_assert(N <= 32);
  constexpr explicit MemberNames(const std::array<std::string_view, N>& names) : names_(names) {
    for (std::size_t i = 0; i < N; ++i) {
      by_first_letter_[static_cast<unsigned char>(names_[i].front()) % 32] |= std::uint32_t{1} << i;
    }
  }

  constexpr std::string_view operator[](std::size_t i) const { return names_[i]; }

  // A bit for each of the names that `key` may be, in whatever spelling.
  constexpr std::uint32_t candidates(std::string_view key) const {
    // No name has more than 24 bytes, each worth at most three.
    if (key.empty() || key.size() > 72) return 0;
    const auto first = static_cast<unsigned char>(key.front());
    return first < 0x80 ? by_first_letter_[first % 32] : ~std::uint32_t{0} >> (32 - N);
  }

 private:
  std::array<std::string_view, N> names_;
  std::array<std::uint32_t, 32> by_first_letter_{};  // modulo 32, so that both cases are the same
};

}  // namespace gatehouse::dialects
