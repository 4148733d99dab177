#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "gatehouse/dialects/api_error.h"
#include "gatehouse/json/cursor.h"
#include "gatehouse/llm/chat/request.h"

namespace gatehouse::dialects::openai_chat {

// Reads the messages of a chat request. One request's. `error` tells why a call returned false.
class MessageReader {
 public:
  // At the list's bracket.
  bool read(json::Cursor& body, std::vector<llm::Message>& out);
  const std::optional<ApiError>& error() const { return error_; }

 private:
  struct Raw;
  bool fail(Code code, std::string detail, std::string_view member = {});
  bool count_part();
  bool message(const Raw& raw, llm::Message& out);
  bool content(std::string_view raw, std::vector<llm::Block>& out);
  bool part(std::string_view raw, std::vector<llm::Block>& out);
  bool tool_calls(std::string_view raw, std::vector<llm::Block>& out);
  bool assistant(const Raw& raw, llm::Message& out);

  std::optional<ApiError> error_;
  std::size_t message_ = 0;  // where we are, for the error
  std::size_t part_ = 0;
  bool in_part_ = false;
  std::size_t parts_ = 0;  // of all messages
};

}  // namespace gatehouse::dialects::openai_chat
