#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::dialects {

// Takes an answer out of the object that `rewrite_schema` had to wrap it in ({"value": ANSWER}), as it streams: of the
// pieces that are fed in, wherever they are cut, what belongs to the answer is appended. A text that does not begin as
// such an object passes as it is. One answer's, one thread's; it holds back at most the object's first bytes, and white
// space.
class Unwrapper {
 public:
  void feed(std::string_view piece, std::string& out);
  // No more comes: what was held back and was no wrapping after all.
  void end(std::string& out);

 private:
  enum class State : std::uint8_t { before, inside, behind, plain };
  void prefix(char c, std::string& out);
  State state_ = State::before;
  std::string held_;
  unsigned step_ = 0;  // of the prefix
  std::size_t depth_ = 0;
  bool quoted_ = false;
  bool escaped_ = false;
};

// The same of a whole text.
std::string unwrap_value(std::string_view text);

}  // namespace gatehouse::dialects
