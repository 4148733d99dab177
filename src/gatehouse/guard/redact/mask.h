#pragma once

#include <string>
#include <string_view>

#include "gatehouse/guard/finding.h"

namespace gatehouse::guard {

// The value with `*` for each letter and digit, but for what tells people apart without giving it away: of cards and
// IBANs the last four, of e-mail addresses the first letter and the domain, of other values of five characters and more
// the first and the last one, of secrets nothing. Separators stay. As many characters as before.
std::string masked(Family family, std::string_view entity, std::string_view value);

// Signs that may stay where they are in a replacement: separators of numbers, names and addresses, none of which JSON
// escapes or that begins a token.
bool is_separator(char32_t c);

}  // namespace gatehouse::guard
