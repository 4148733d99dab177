#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::dialects::anthropic {

// Takes the value out of {"value": ...} as it streams in, cut anywhere: what was wrapped because a schema's root had to
// be an object. A text that is no such object passes as it is. Keeps no more than a few flags.
class JsonUnwrap {
 public:
  void feed(std::string_view in, std::string& out);

 private:
  enum class State : std::uint8_t {
    start,
    before_key,
    in_key,
    before_colon,
    before_value,
    scalar,
    text,
    nested,
    done,
    plain
  };

  State state_ = State::start;
  std::uint32_t depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
};

}  // namespace gatehouse::dialects::anthropic
