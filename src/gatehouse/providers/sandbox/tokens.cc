#include "gatehouse/providers/sandbox/tokens.h"

namespace gatehouse::providers::sandbox {
namespace {

constexpr std::size_t kPieceCharacters = 8;

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
bool is_ascii_word(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::size_t character_size(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  return size < text.size() ? size : text.size();
}

// U+2E80 is written E2 BA 80.
bool stands_alone(std::string_view text) { return text.substr(0, 3) >= std::string_view("\xE2\xBA\x80"); }

}  // namespace

std::size_t token_size(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && is_space(text[at])) ++at;
  if (at == text.size()) return at;
  const auto is_word = [&](std::size_t i) {
    return is_ascii_word(text[i]) || (static_cast<signed char>(text[i]) < 0 && !stands_alone(text.substr(i)));
  };
  if (!is_word(at)) return at + character_size(text.substr(at));
  for (std::size_t characters = 0; characters < kPieceCharacters && at < text.size() && is_word(at); ++characters) {
    at += character_size(text.substr(at));
  }
  return at;
}

std::size_t count_tokens(std::string_view text) {
  std::size_t count = 0;
  for (; !text.empty(); ++count) text.remove_prefix(token_size(text));
  return count;
}

std::size_t tokens_size(std::string_view text, std::size_t tokens) {
  std::size_t at = 0;
  for (; tokens > 0 && at < text.size(); --tokens) at += token_size(text.substr(at));
  return at;
}

}  // namespace gatehouse::providers::sandbox
