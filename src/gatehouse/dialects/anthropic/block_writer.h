#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/dialects/anthropic/tool_names.h"
#include "gatehouse/dialects/codec.h"
#include "gatehouse/json/writer.h"
#include "gatehouse/llm/chat/request.h"

namespace gatehouse::dialects::anthropic {

// The places up to which the prompt is to be cached: the API takes four. Of more the first stays, the end of what never
// changes, and the last three.
class CacheMarks {
 public:
  static constexpr std::size_t kMost = 4;
  // `wished`: how many there will be, in the order of the prompt.
  explicit CacheMarks(std::size_t wished) : wished_(wished) {}
  bool next() {
    const std::size_t at = seen_++;
    return wished_ <= kMost || at == 0 || at + kMost > wished_;
  }

 private:
  std::size_t wished_;
  std::size_t seen_ = 0;
};

void write_cache_control(json::Writer& out, const llm::CacheHint& hint);

// Writes the blocks of a request. One request's.
class BlockWriter {
 public:
  BlockWriter(json::Writer& out, const llm::ChatRequest& request, const Target& target, ToolNames& names,
              CacheMarks& marks, Losses& losses)
      : out_(out), request_(request), target_(target), names_(names), marks_(marks), losses_(losses) {}

  // `last_words`: it ends an answer that the model is to continue, which may not end with white space. False: `error`.
  bool write(const llm::Block& block, bool assistant, bool last_words = false);
  void cache(const std::optional<llm::CacheHint>& hint);
  const ApiError& error() const { return error_; }

 private:
  bool text(const llm::Block& block, const llm::Text& text, bool last_words);
  void plain_text(std::string_view text, const std::optional<llm::CacheHint>& hint);
  bool reasoning(const llm::Reasoning& reasoning);
  bool media(const llm::Block& block, const llm::Media& media, bool assistant);
  bool source(const llm::Media& media);
  bool tool_call(const llm::Block& block, const llm::ToolCall& call);
  bool tool_result(const llm::Block& block, const llm::ToolResult& result);
  bool foreign(const llm::Block& block, const llm::Foreign& foreign);
  void extras(const llm::Extras& extras);
  bool fail(std::string_view what);

  json::Writer& out_;
  const llm::ChatRequest& request_;
  const Target& target_;
  ToolNames& names_;
  CacheMarks& marks_;
  Losses& losses_;
  ApiError error_;
};

}  // namespace gatehouse::dialects::anthropic
