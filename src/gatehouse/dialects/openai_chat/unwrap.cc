#include "gatehouse/dialects/openai_chat/unwrap.h"

#include <cstddef>

namespace gatehouse::dialects::openai_chat {
namespace {

constexpr std::size_t kMostFront = 256;

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

enum class Front : std::uint8_t { none, part, whole };

// How much of `{"value":` with any space stands in front; `size` is its length where it is whole.
Front match(std::string_view text, std::size_t& size) {
  std::size_t at = 0;
  for (const std::string_view token : {"{", "\"value\"", ":"}) {
    while (at < text.size() && is_space(text[at])) ++at;
    for (const char c : token) {
      if (at == text.size()) return Front::part;
      if (text[at++] != c) return Front::none;
    }
  }
  while (at < text.size() && is_space(text[at])) ++at;
  if (at == text.size()) return Front::part;
  size = at;
  return Front::whole;
}

}  // namespace

void Unwrap::feed(std::string_view text, std::string& out) {
  if (at_ == At::plain) {
    out += text;
    return;
  }
  held_ += text;
  if (at_ == At::front) {
    std::size_t size = 0;
    switch (match(held_, size)) {
      case Front::part:
        if (held_.size() <= kMostFront) return;
        [[fallthrough]];
      case Front::none:
        at_ = At::plain;
        out += held_;
        held_.clear();
        return;
      case Front::whole:
        at_ = At::value;
        held_.erase(0, size);
    }
  }
  std::size_t keep = held_.size();
  while (keep > 0 && is_space(held_[keep - 1])) --keep;
  if (keep > 0 && held_[keep - 1] == '}') --keep;
  while (keep > 0 && is_space(held_[keep - 1])) --keep;
  out.append(held_, 0, keep);
  held_.erase(0, keep);
}

void Unwrap::end(std::string& out) {
  if (at_ == At::front) out += held_;
  if (at_ == At::value && held_.find('}') == std::string::npos) out += held_;
  held_.clear();
}

}  // namespace gatehouse::dialects::openai_chat
