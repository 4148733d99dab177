#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "gatehouse/app/eval/row.h"

namespace gatehouse::app {

enum class SpanRule : std::uint8_t {
  overlap,  // the same type, at least one byte in common
  exact,    // the same type, the same first and last byte
};

// Holds what was found against what is there. Calls `count(type, expected, found)`: for each wanted span whether it was
// found (each finding answers for one), and (false, true) for each finding that is none. By overlap, a finding answers
// also for every wanted span of its type that lies within it (an address whose parts are told apart in the data), and a
// second finding within a wanted span of its type is none of either: a value that was found in pieces was found. One
// that lies on a span of another type is a false one of its own type, and the span is missed unless it was found
// besides.
void match_spans(std::span<const EvalRow::Span> wanted, std::span<const EvalRow::Span> found, SpanRule rule,
                 const std::function<void(const std::string& type, bool expected, bool found)>& count);

}  // namespace gatehouse::app
