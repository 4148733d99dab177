#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "gatehouse/base/error.h"
#include "gatehouse/govern/usage_row.h"

namespace gatehouse::govern {

// Every row fits: texts are cut to the bounds below when they are written.
inline constexpr std::size_t kMaxEncodedRow = 2304;
inline constexpr std::size_t kMaxNodeId = 128;   // org, unit, team, project, user, key, key's name, end user
inline constexpr std::size_t kMaxRowTags = 384;  // cut at a comma

// A row as bytes, for the journal. Allocates nothing; some 100 ns. `out` must have kMaxEncodedRow bytes (less is a
// mistake of the caller and aborts). What is returned is a view into it. Numbers that no honest row has are brought
// into range: tokens to 10^15, each part of the cost to 10^16 nanodollars ($10 million).
std::string_view encode(const UsageRow& row, std::span<char> out);

// The row's texts are views into `bytes`. Errors: internal, for what `encode` cannot have written.
Result<UsageRow> decode(std::string_view bytes);
// The same; `dimensions` are the bytes of the texts from `org` to `provider`, those that the row's combination in the
// ledger is made of: equal where these are.
// Where they are those of `known`, which decode() gave before, the row is left without these texts.
Result<UsageRow> decode(std::string_view bytes, std::string_view& dimensions, std::string_view known = {});

}  // namespace gatehouse::govern
