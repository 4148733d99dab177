#pragma once

#include <string_view>

#include "gatehouse/guard/terms/terms_options.h"

namespace gatehouse::guard {

// Whether the digits (for mod97 also the letters, for mod11 a last X) of what was matched agree with their check digit.
// At least two are needed.
bool passes(TermCheck check, std::string_view matched);

}  // namespace gatehouse::guard
