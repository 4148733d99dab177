#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "gatehouse/dialects/edit_list.h"
#include "gatehouse/llm/segment.h"

// Under event_edit.h: a chunk of chat or completions cut in two.
namespace gatehouse::dialects::openai_chat {

// Appends the second of two chunks: what is left of the texts behind their cuts, and what must come once and last. What
// the first one has said for good (roles, ids, names) is not said again, since clients put strings one behind the
// other. False: the data has not the shape of a chunk.
bool write_rest(std::string_view data, std::span<const llm::Delta> deltas, std::span<const std::size_t> cuts,
                std::string& out);

// Takes out of the first what belongs to its end. False: likewise.
bool without_ends(std::string_view data, EditList& edits);

}  // namespace gatehouse::dialects::openai_chat
