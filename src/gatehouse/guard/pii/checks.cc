#include "gatehouse/guard/pii/checks.h"

#include <array>
#include <cstdint>

namespace gatehouse::guard::pii {
namespace {

using Table = std::array<std::array<std::uint8_t, 10>, 10>;

// Products in the dihedral group of order ten: 0 to 4 turn, 5 to 9 turn and flip.
constexpr Table make_products() {
  Table table{};
  for (unsigned a = 0; a < 10; ++a) {
    for (unsigned b = 0; b < 10; ++b) {
      const unsigned turn = a < 5 ? (a + b) % 5 : (a - 5 + 5 - b % 5) % 5;
      table[a][b] = static_cast<std::uint8_t>(turn + ((a < 5) == (b < 5) ? 0U : 5U));
    }
  }
  return table;
}

// The permutation that Verhoeff chose, and its powers.
constexpr Table make_powers() {
  Table table{};
  constexpr std::array<std::uint8_t, 10> kOnce = {1, 5, 7, 6, 2, 8, 3, 0, 9, 4};
  for (std::uint8_t i = 0; i < 10; ++i) table[0][i] = i;
  for (unsigned power = 1; power < 10; ++power) {
    for (unsigned i = 0; i < 10; ++i) table[power][i] = kOnce[table[power - 1][i]];
  }
  return table;
}

constexpr Table kProducts = make_products();
constexpr Table kPowers = make_powers();

}  // namespace

bool verhoeff(std::string_view digits) {
  unsigned check = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const auto value = static_cast<unsigned>(digit(digits[digits.size() - 1 - i]));
    check = kProducts[check][kPowers[i % 8][value]];
  }
  return check == 0;
}

}  // namespace gatehouse::guard::pii
