#pragma once

#include <string>
#include <string_view>

#include "gatehouse/base/error.h"
#include "gatehouse/base/function_ref.h"
#include "gatehouse/govern/ledger/usage_query.h"

// Answers as text, for people, programs and spreadsheets. Pure; allocate in `out` only.
namespace gatehouse::govern {

// A comma separated cell (RFC 4180): quoted where it must be. A text that a spreadsheet would take for a formula (it
// begins with = + - @ or a control character) gets an apostrophe before it (OWASP, "CSV Injection"): keys, tags and end
// users are what callers chose. Not for numbers.
void append_csv_text(std::string& out, std::string_view text);

// One line for each group: the keys, then requests, errors, tokens and costs in US dollars. With a heading line; lines
// end with CR LF.
std::string to_csv(const UsageAnswer& answer);
// One JSON object a line; costs are numbers of dollars, in nanodollars too so that sums stay exact.
std::string to_json_lines(const UsageAnswer& answer);
// One JSON object: groups, total, cursor.
std::string to_json(const UsageAnswer& answer);
// Columns in line, for a terminal; control characters are shown as `?`.
std::string to_table(const UsageAnswer& answer);

std::string to_csv(const Showback& report);
std::string to_json(const Showback& report);
std::string to_table(const Showback& report);

}  // namespace gatehouse::govern
