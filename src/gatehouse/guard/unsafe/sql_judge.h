#pragma once

#include <cstddef>

#include "gatehouse/guard/unsafe/ahead.h"

namespace gatehouse::guard::unsafe {

// Whether SQL is injected: by the classes of the tokens, not by their spelling (the idea of libinjection, with rules of
// our own). Pure.

// How far these look ahead and back, in bytes.
inline constexpr std::size_t kSqlReach = 320;
inline constexpr std::size_t kSqlBehind = 48;

// A text, or a decoded piece of one, that is SQL from its beginning on, or goes on where a quoted value of a statement
// was to end. `text` is read from `from` on.
Verdict judge_sql_start(Ahead& ahead, std::size_t from);

// A place in a text where a keyword stands that injections hang on (union, or, and, select, ;, --, a probing function).
// `behind` is what stands in front of it, at most kSqlBehind bytes.
Verdict judge_sql_at(Ahead& ahead, std::size_t at, std::string_view behind);

}  // namespace gatehouse::guard::unsafe
