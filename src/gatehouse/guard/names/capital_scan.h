#pragma once

#include <cstddef>
#include <string_view>

namespace gatehouse::guard {

// The next place from `from` on where a word may begin with a capital: an ASCII capital that no letter or digit stands
// before, or the first byte of a letter outside ASCII of a script with capitals (Latin, Greek, Cyrillic) at such a
// place. The size: none. Vectorised: several GB/s over text without.
std::size_t next_capital(std::string_view text, std::size_t from);

}  // namespace gatehouse::guard
