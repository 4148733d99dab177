#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "gatehouse/dialects/edit_list.h"
#include "gatehouse/llm/operation.h"
#include "gatehouse/llm/segment.h"

// Under event_edit.h: a chunk that lists choices (of chat and completions) or candidates (Gemini's) cut in two. For
// this room only.
namespace gatehouse::dialects {

// Appends the second of two chunks: what is left of the texts behind their cuts, and what must come once and last. What
// the first one has said for good (roles, ids, names) is not said again, since clients put strings one behind the
// other. False: the data has not the shape of a chunk.
bool write_rest(llm::Operation operation, std::string_view data, std::span<const llm::Delta> deltas,
                std::span<const std::size_t> cuts, std::string& out);

// Takes out of the first what belongs to its end. False: likewise.
bool without_ends(llm::Operation operation, std::string_view data, std::span<const llm::Delta> deltas,
                  std::span<const std::size_t> cuts, EditList& edits);

}  // namespace gatehouse::dialects
