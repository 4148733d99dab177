#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/dialects/codec.h"
#include "gatehouse/json/writer.h"
#include "gatehouse/llm/chat/request.h"

// A conversation as the items of a request. For the codec alone.
namespace gatehouse::dialects::openai_responses {

// What OpenAI takes as a tool's name (a-z, A-Z, 0-9, _ and -; 64 bytes, as are ids of calls): any other becomes one
// that fits and ends in a hash of what it was, so that two never become one. The same text gives the same name, always.
std::string fitting(std::string_view text);
inline constexpr std::size_t kMostNameBytes = 64;

class ItemWriter {
 public:
  // All outlive it.
  ItemWriter(const llm::ChatRequest& request, const Target& target, Losses& losses, Rewrites& rewrites)
      : request_(request), target_(target), losses_(losses), rewrites_(rewrites) {}

  // The array of items; instructions of this dialect are left out, as they have a place of their own.
  ApiResult<void> write(json::Writer& out);

  // A tool's name as it is sent, remembered for the way back.
  std::string name_of(std::string_view name);

 private:
  enum class Side : std::uint8_t { input, output };
  void message(const llm::Message& message);
  void block(const llm::Message& message, const llm::Block& block);
  void begin_message(const llm::Message& message, Side side);
  void end_message();
  void text_part(std::string_view type, const llm::Text& text, const llm::Block& block);
  void media_part(const llm::Media& media, const llm::Block& block);
  void reasoning(const llm::Reasoning& thought, const llm::Block& block);
  void call(const llm::ToolCall& call, const llm::Block& block);
  void result(const llm::ToolResult& result, const llm::Block& block);
  void parts_of(const std::vector<llm::Block>& content);
  void foreign(const llm::Message& message, const llm::Foreign& foreign);
  void extras(const llm::Extras& extras);
  void cache(const llm::Block& block);
  std::string call_id(std::string_view id) const;
  std::string place() const;
  void fail(std::string message);
  bool own() const { return request_.dialect == llm::Dialect::openai_responses; }

  const llm::ChatRequest& request_;
  const Target& target_;
  Losses& losses_;
  Rewrites& rewrites_;
  json::Writer* out_ = nullptr;
  ApiResult<void> result_;
  std::size_t message_ = 0;
  std::size_t block_ = 0;
  bool open_ = false;  // a message item is
  Side side_ = Side::input;
  bool system_seen_ = false;
};

}  // namespace gatehouse::dialects::openai_responses
