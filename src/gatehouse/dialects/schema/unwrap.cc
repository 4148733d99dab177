#include "gatehouse/dialects/schema/unwrap.h"

namespace gatehouse::dialects {
namespace {

constexpr std::string_view kPrefix = "{\"value\":";  // with white space between its tokens
constexpr std::size_t kMostHeld = 4096;

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

}  // namespace

void Unwrapper::prefix(char c, std::string& out) {
  held_.push_back(c);
  // Inside the key no space may stand.
  const bool between = step_ <= 1 || step_ >= kPrefix.size() - 1;
  if (c == kPrefix[step_]) {
    if (++step_ == kPrefix.size()) {
      state_ = State::inside;
      held_.clear();
    }
  } else if (!between || !is_space(c) || held_.size() > kMostHeld) {
    state_ = State::plain;
    out.append(held_);
    held_.clear();
  }
}

void Unwrapper::feed(std::string_view piece, std::string& out) {
  for (std::size_t i = 0; i < piece.size(); ++i) {
    const char c = piece[i];
    switch (state_) {
      case State::plain:
        out.append(piece.substr(i));
        return;
      case State::before:
        prefix(c, out);
        break;
      case State::behind:
        break;
      case State::inside:
        if (quoted_) {
          if (escaped_) {
            escaped_ = false;
          } else if (c == '\\') {
            escaped_ = true;
          } else if (c == '"') {
            quoted_ = false;
          }
          out.push_back(c);
        } else if (is_space(c)) {
          // Around the value it goes, within it stays: held until it is known which.
          if (held_.size() < kMostHeld) held_.push_back(c);
        } else if (depth_ == 0 && (c == '}' || c == ',')) {
          state_ = State::behind;
          held_.clear();
        } else {
          if (depth_ > 0) out.append(held_);
          held_.clear();
          if (c == '"') quoted_ = true;
          if (c == '{' || c == '[') ++depth_;
          if (c == '}' || c == ']') --depth_;
          out.push_back(c);
        }
    }
  }
}

void Unwrapper::end(std::string& out) {
  if (state_ == State::before) out.append(held_);
  held_.clear();
}

std::string unwrap_value(std::string_view text) {
  std::string out;
  Unwrapper unwrapper;
  unwrapper.feed(text, out);
  unwrapper.end(out);
  return out;
}

}  // namespace gatehouse::dialects
