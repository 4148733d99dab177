#pragma once

#include <string_view>

#include "gatehouse/llm/dialect.h"
#include "gatehouse/llm/operation.h"
#include "gatehouse/llm/segment.h"

namespace gatehouse::dialects {

// Finds every text of a request, with its place. `body` is JSON that was checked as a
// whole (call.h) and outlives `out`, which is cleared first. One pass; nothing is allocated for strings without escapes
// but the list itself. Any thread.
//
// The rule: every string of the body is a segment, also in members that are not known here and in members that stand
// twice (servers differ in which one they read), but for
// - `model`, and members that hold a word out of the API's own list (type, role, detail ...), an id, or what the
//   provider has encrypted - as long as they look like one: a word or id with a space or without a letter is a segment;
// - names of members that the API defines. Other names are segments that cannot be edited (length 0) where the caller
//   invents them: properties of a schema, metadata, headers, arguments; in objects not known here where they are more
//   than an identifier.
// Operations that are not known here (passthrough) give all their strings as `other`. Texts given as numbers of tokens
// are counted in `unread`, what the provider has stored in `references`.
void read_segments(llm::Dialect dialect, llm::Operation operation, std::string_view body, llm::SegmentList& out);
// In the dialect that the operation is of (wire.h).
void read_segments(llm::Operation operation, std::string_view body, llm::SegmentList& out);

}  // namespace gatehouse::dialects
