#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::dialects::openai_chat {

// Takes the text of {"value": TEXT} out of its wrapping, as it streams: the wrapping was put around a schema whose root
// is no object (Rewrites::json_wrapped). A text that is not wrapped passes as it is. Holds back what may be the
// wrapping's end: white space and one brace.
class Unwrap {
 public:
  // Appends what of the text is known to belong to the value.
  void feed(std::string_view text, std::string& out);
  // Appends what was held back and is no wrapping.
  void end(std::string& out);

 private:
  enum class At : std::uint8_t { front, value, plain };
  At at_ = At::front;
  std::string held_;
};

}  // namespace gatehouse::dialects::openai_chat
