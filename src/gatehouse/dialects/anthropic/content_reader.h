#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/dialects/anthropic/fields.h"
#include "gatehouse/json/cursor.h"
#include "gatehouse/llm/chat/block.h"

namespace gatehouse::dialects::anthropic {

// Reads content: a string, or an array of blocks, of requests and of answers alike. Blocks of kinds that are not known
// become Foreign and are kept as they came. One document's, one thread's.
class ContentReader {
 public:
  // Of a document, in all places together; more is an error.
  static constexpr std::size_t kMostBlocks = 65'536;

  // What is wrong and where, below the content: "3.source.type".
  struct Problem {
    std::string where;
    std::string what;
    bool too_large = false;
  };

  // Appends the blocks. State of other providers that came wrapped goes to the call or text that it belongs to.
  bool read(json::Cursor& cursor, std::vector<llm::Block>& out) { return content(cursor, out, 0); }
  // One block, given as an object.
  bool read_block(std::string_view raw, std::vector<llm::Block>& out);
  const Problem& problem() const { return problem_; }

 private:
  bool content(json::Cursor& cursor, std::vector<llm::Block>& out, int depth);
  bool block(json::Cursor& cursor, std::vector<llm::Block>& out, int depth);
  bool dispatch(Fields& fields, std::string_view raw, std::vector<llm::Block>& out, int depth);
  bool media(Fields& fields, llm::Media& media, int depth);
  bool source(std::string_view raw, llm::Media& media, int depth);
  bool tool_result(Fields& fields, llm::ToolResult& result, int depth);
  bool thinking(Fields& fields, std::vector<llm::Block>& out, bool redacted, bool& kept);
  bool fail(std::string_view where, std::string_view what);
  bool nested(std::string_view where);  // puts the outer block's place in front of what an inner one failed with

  std::size_t blocks_ = 0;
  std::size_t position_ = 0;  // in the content being read
  Problem problem_;
};

// {"type": "ephemeral", "ttl": "1h"}; nothing where it is no such object.
std::optional<llm::CacheHint> read_cache_control(std::string_view raw);
llm::Citation read_citation(std::string_view raw);
// What of a block that only this dialect knows is text to read.
std::string readable_text(std::string_view raw);

}  // namespace gatehouse::dialects::anthropic
