#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "gatehouse/dialects/codec.h"
#include "gatehouse/dialects/gemini/model_traits.h"
#include "gatehouse/dialects/gemini/tool_names.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::dialects::gemini {

// Writes a conversation as `systemInstruction` and `contents`. What is said between two turns of the model is one turn:
// first all results, in one content, as the API wants them right behind the calls; then the rest. System texts in front
// are the instruction, later ones a user's text where they stand. One request's.
class ContentsWriter {
 public:
  ContentsWriter(const llm::ChatRequest& request, const Target& target, const ModelTraits& traits, Losses& losses,
                 ToolNames& names, json::Writer& writer)
      : request_(request), target_(target), traits_(traits), losses_(losses), names_(names), writer_(writer) {}

  // Both members. Errors: as of BackCodec::write_request.
  ApiResult<> write();

 private:
  using Messages = std::span<const llm::Message>;
  // Opens a content at the first part that is written, and closes it if there was one.
  class Content;

  Messages system(Messages messages);
  ApiResult<> model_turn(Messages messages);
  ApiResult<> users_turn(Messages messages);
  ApiResult<> block(const llm::Block& block, bool model, Content& content);
  ApiResult<> result(const llm::ToolResult& result, const llm::Block& block, Content& content);
  ApiResult<> media(const llm::Media& media, const llm::Block* block, Content& content);
  void call(const llm::ToolCall& call, const llm::Block& block, Content& content);
  void text(std::string_view text, std::string_view signature, const llm::Block* block, Content& content);
  void thought(const llm::Reasoning& reasoning, Content& content);
  void extras(const llm::Block& block);
  std::string_view readable(const llm::Opaque& state) const;

  const llm::ChatRequest& request_;
  const Target& target_;
  const ModelTraits& traits_;
  Losses& losses_;
  ToolNames& names_;
  json::Writer& writer_;
  std::unordered_map<std::string_view, std::string_view> called_;  // names by id
};

}  // namespace gatehouse::dialects::gemini
