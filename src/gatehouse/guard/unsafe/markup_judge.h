#pragma once

#include <cstddef>
#include <string_view>

#include "gatehouse/guard/unsafe/ahead.h"

namespace gatehouse::guard::unsafe {

// Whether markup runs script, or loads what may (WHATWG HTML: event handlers, URLs, embedded content). Values are read
// as a browser would: character references, escapes of script and style, white space inside schemes. Pure.

inline constexpr std::size_t kMarkupReach = 1024;
inline constexpr std::size_t kMarkupBehind = 160;

// A tag; `at` is its `<`.
Verdict judge_tag(Ahead& ahead, std::size_t at);
// An event handler outside of a tag, as what breaks out of an attribute: x" onerror=... ; `at` is the `o` of `on`.
Verdict judge_handler(Ahead& ahead, std::size_t at, std::string_view behind);
// `javascript:` and the like outside of a tag; `at` is the scheme's first letter.
Verdict judge_script_url(Ahead& ahead, std::size_t at, std::string_view behind);

}  // namespace gatehouse::guard::unsafe
