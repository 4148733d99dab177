#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/dialects/codec.h"
#include "gatehouse/dialects/openai_chat/tool_ids.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::dialects::openai_chat {

// Writes the messages of a request for a server like OpenAI's; the model's own are in codec_assistant_write.cc. One
// request's; all that is given outlives it.
class MessageWriter {
 public:
  MessageWriter(const llm::ChatRequest& request, const Target& target, Losses& losses, ToolNames& names);

  // The list. `instruction`: said to the model besides what the caller's system texts say; empty: nothing. False:
  // something cannot be expressed, see `error`.
  bool write(json::Writer& writer, std::string_view instruction);
  const std::optional<ApiError>& error() const { return error_; }

 private:
  // A message as it goes out: blocks of one or several of the caller's.
  struct Turn {
    std::string_view role;
    std::vector<const llm::Block*> blocks{};
    const llm::Message* message = nullptr;  // null: made here
    const llm::ToolResult* result = nullptr;
    std::size_t position = 0;  // of the caller's message
  };

  void plan(std::string_view instruction);
  void plan_system(const llm::Message& message, std::size_t position);
  void plan_result(const llm::ToolResult& result, std::size_t position);
  void flush_media();
  void add(Turn turn);
  const llm::Block* make(std::string text);

  bool turn(const Turn& turn);
  bool content(const Turn& turn);
  bool assistant(const Turn& turn);
  void reasoning(const Turn& turn);
  void tool_calls(const Turn& turn);
  bool tool(const Turn& turn);
  bool part(const llm::Block& block);
  bool media(const llm::Media& media, const llm::Block& block);
  bool document(const llm::Media& media, const llm::Block& block);
  void cache(const llm::Block& block);
  void text_part(std::string_view text, const llm::Block* block);
  void url_part(std::string_view name, const llm::Media& media, bool with_detail);
  bool keeps_cache(const llm::Block& block) const;
  bool readable(const llm::Opaque& state) const;
  bool refuse_media(std::string_view what);
  bool fail(std::string detail);

  const llm::ChatRequest& request_;
  const Target& target_;
  const llm::Quirks& quirks_;
  Losses& losses_;
  ToolNames& names_;
  ToolIds ids_;
  json::Writer* writer_ = nullptr;
  bool same_;  // the caller's dialect is this one: what is not known goes along
  std::size_t last_user_ = 0;
  std::size_t position_ = 0;
  std::vector<Turn> turns_;
  std::vector<const llm::Block*> media_;  // of tool results: told in a message of its own behind them
  std::deque<llm::Block> made_;
  std::optional<ApiError> error_;
};

}  // namespace gatehouse::dialects::openai_chat
