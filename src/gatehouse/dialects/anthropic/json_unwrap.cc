#include "gatehouse/dialects/anthropic/json_unwrap.h"

namespace gatehouse::dialects::anthropic {
namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

}  // namespace

void JsonUnwrap::feed(std::string_view in, std::string& out) {
  for (std::size_t i = 0; i < in.size(); ++i) {
    const char c = in[i];
    switch (state_) {
      case State::plain:
        out.append(in.substr(i));
        return;
      case State::done:
        return;
      case State::start:
        if (is_space(c)) break;
        if (c != '{') {
          state_ = State::plain;
          --i;
          break;
        }
        state_ = State::before_key;
        break;
      case State::before_key:
        if (is_space(c)) break;
        state_ = c == '"' ? State::in_key : State::done;
        break;
      case State::in_key:
        if (escaped_) {
          escaped_ = false;
        } else if (c == '\\') {
          escaped_ = true;
        } else if (c == '"') {
          state_ = State::before_colon;
        }
        break;
      case State::before_colon:
        if (c == ':') state_ = State::before_value;
        break;
      case State::before_value:
        if (is_space(c)) break;
        if (c == '}') {
          state_ = State::done;
          break;
        }
        out.push_back(c);
        if (c == '"') {
          state_ = State::text;
        } else if (c == '{' || c == '[') {
          state_ = State::nested;
          depth_ = 1;
        } else {
          state_ = State::scalar;
        }
        break;
      case State::scalar:
        if (is_space(c) || c == ',' || c == '}') {
          state_ = State::done;
        } else {
          out.push_back(c);
        }
        break;
      case State::text:
        out.push_back(c);
        if (escaped_) {
          escaped_ = false;
        } else if (c == '\\') {
          escaped_ = true;
        } else if (c == '"') {
          state_ = State::done;
        }
        break;
      case State::nested:
        out.push_back(c);
        if (in_string_) {
          if (escaped_) {
            escaped_ = false;
          } else if (c == '\\') {
            escaped_ = true;
          } else if (c == '"') {
            in_string_ = false;
          }
        } else if (c == '"') {
          in_string_ = true;
        } else if (c == '{' || c == '[') {
          ++depth_;
        } else if ((c == '}' || c == ']') && --depth_ == 0) {
          state_ = State::done;
        }
        break;
    }
  }
}

}  // namespace gatehouse::dialects::anthropic
