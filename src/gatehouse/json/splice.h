#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::json {

// A stretch of a text and what stands there instead; `length` 0 inserts.
struct Edit {
  std::size_t offset;
  std::size_t length;
  std::string_view replacement;
};

// The edits of one text go up in offset, do not overlap and lie within it: they come from one scan of that text.
// Anything else is a fault in our own code, and aborts rather than send bytes that nobody meant.

// The edited text; every byte outside the edits is as it was.
std::string splice(std::string_view original, std::span<const Edit> edits);

// The same as pieces for a gathered write: views into `original` and the replacements, which must outlive their use.
// Appended to `pieces`; empty ones are left out. Returns how many bytes they hold.
std::size_t splice_pieces(std::string_view original, std::span<const Edit> edits,
                          std::vector<std::string_view>& pieces);

}  // namespace gatehouse::json
