#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/govern/admission/weight_rules.h"

namespace gatehouse::app {

// Days and hours as the configuration writes them ("mon-fri", "08:00", "18:00"; empty: always) into a rule. Errors:
// configuration, with the field's name in front.
Result<> read_hours(std::string_view days, std::string_view from, std::string_view to, govern::WeightRule& rule);

// Whether a moment is in them; an empty function where it always is.
Result<std::function<bool(base::WallTime)>> hours_of(std::string_view days, std::string_view from, std::string_view to,
                                                     const std::string& time_zone);

}  // namespace gatehouse::app
