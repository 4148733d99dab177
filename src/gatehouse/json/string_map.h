#pragma once

#include <cstddef>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/json/splice.h"

namespace gatehouse::json {

// From offsets in the decoded text of a JSON string back to where they are written. All offsets are bytes.

// A cursor over one string: asked with offsets that never go down, it reads the string once in all. `raw` is the string
// with its quotes, as a scan accepted it, and outlives the cursor. One thread's.
class StringMap {
 public:
  explicit StringMap(std::string_view raw);

  // The offset in `raw` at which the decoded byte `decoded` is written: for a byte of a character that is written as an
  // escape, the escape's beginning. At and past the end of the text: the closing quote.
  std::size_t begin_of(std::size_t decoded);
  // The end in `raw` of what the decoded bytes before `decoded` are written as: for an offset within a character that
  // is written as an escape, the escape's end.
  std::size_t end_of(std::size_t decoded);

 private:
  // To the last character (or byte, where nothing is escaped) that begins at or before `decoded`.
  void advance(std::size_t decoded);

  const char* begin_;
  const char* at_;
  const char* end_;       // the closing quote
  std::size_t text_ = 0;  // decoded offset of `at_`
};

// A stretch of the decoded text and what it is to read instead; a text, not escaped.
struct TextEdit {
  std::size_t begin;
  std::size_t end;
  std::string_view replacement;
};

// Appends to `out` the edits of `body` that make the edits of the text of one of its strings, which stands at `offset`
// with its quotes, `length` bytes long, and was accepted by a scan. `edits` go up in `begin`. A range that is written
// partly as one escape takes all of it; where ranges overlap the later one begins behind the earlier; what lies past
// the text's end counts as its end. Replacements that must be escaped are kept in `owned`, the others are referred to:
// both outlive the edits' use.
void append_edits(std::string_view body, std::size_t offset, std::size_t length, std::span<const TextEdit> edits,
                  std::vector<Edit>& out, std::deque<std::string>& owned);

}  // namespace gatehouse::json
