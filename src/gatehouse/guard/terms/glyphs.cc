#include "gatehouse/guard/terms/glyphs.h"

#include <algorithm>
#include <array>

#include "gatehouse/text/utf8.h"

namespace gatehouse::guard {
namespace {

using Kind = Glyph::Kind;

constexpr std::array<Kind, 128> kAscii = [] {
  std::array<Kind, 128> kinds{};
  for (std::size_t c = 0; c < kinds.size(); ++c) {
    const bool word = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    const bool space = c == ' ' || (c >= '\t' && c <= '\r');
    kinds[c] = word ? Kind::word : space ? Kind::space : Kind::mark;
  }
  return kinds;
}();

Kind kind_of(char32_t c) {
  if (c < 0xC0) return c == 0xA0 ? Kind::space : c == 0xAA || c == 0xB5 || c == 0xBA ? Kind::word : Kind::mark;
  if (c < 0x0E00) return c == 0xD7 || c == 0xF7 ? Kind::mark : Kind::word;
  if (c < 0x1100) return c < 0x0F00 || c >= 0x1000 ? (c < 0x10A0 ? Kind::ideograph : Kind::word) : Kind::word;
  if (c < 0x1200) return Kind::ideograph;  // Hangul letters
  if (c >= 0x1780 && c < 0x1800) return Kind::ideograph;
  if (c < 0x2000) return Kind::word;
  if (c < 0x2070)
    return c <= 0x200A || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ? Kind::space : Kind::mark;
  if (c < 0x20A0) return Kind::word;
  if (c < 0x2C00) return Kind::mark;
  if (c < 0x2E00) return Kind::word;
  if (c < 0x3040) return c == 0x3000 ? Kind::space : c >= 0x2E80 && c < 0x2FE0 ? Kind::ideograph : Kind::mark;
  if (c < 0xA000) return Kind::ideograph;
  if (c < 0xAC00) return Kind::word;
  if (c < 0xD7B0) return Kind::ideograph;
  if (c >= 0xF900 && c < 0xFB00) return Kind::ideograph;
  if (c >= 0xFE10 && c < 0xFE70) return Kind::mark;
  if (c >= 0xFF00 && c < 0xFFF0) {
    const bool word = (c >= 0xFF10 && c < 0xFF1A) || (c >= 0xFF21 && c < 0xFF3B) || (c >= 0xFF41 && c < 0xFF5B);
    return word ? Kind::word : c >= 0xFF66 && c < 0xFFDD ? Kind::ideograph : Kind::mark;
  }
  if (c < 0x1F000)
    return c >= 0xFFF0 && c < 0x10000 ? Kind::mark : c >= 0x1B000 && c < 0x1B300 ? Kind::ideograph : Kind::word;
  return c >= 0x20000 && c < 0x40000 ? Kind::ideograph : Kind::mark;
}

}  // namespace

Glyph glyph_at(std::string_view text, std::size_t at) {
  const auto first = static_cast<unsigned char>(text[at]);
  if (first < 0x80) return {kAscii[first], 1, false};
  const text::Sequence sequence = text::next_sequence(text.substr(at));
  if (!sequence.valid) return {Kind::mark, sequence.incomplete ? sequence.size : std::uint8_t{1}, sequence.incomplete};
  return {kind_of(sequence.code_point), sequence.size, false};
}

bool begins_token(std::string_view text, std::size_t at) {
  if (at == 0 || at >= text.size()) return at == 0;
  if ((static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) return false;
  const auto before = static_cast<unsigned char>(text[at - 1]);
  if (before < 0x80 && kAscii[before] != Kind::word) return true;
  if (glyph_at(text, at).kind != Kind::word) return true;
  if (before < 0x80) return false;
  std::size_t lead = at - 1;
  while (lead > 0 && at - lead < 4 && (static_cast<unsigned char>(text[lead]) & 0xC0) == 0x80) --lead;
  const Glyph glyph = glyph_at(text, lead);
  return glyph.kind != Kind::word || lead + glyph.size != at;
}

Token token_at(std::string_view text, std::size_t at) {
  Token token{at, at, false};
  const Glyph first = glyph_at(text, at);
  token.end = at + first.size;
  if (first.unfinished) {
    token.open = true;
    return token;
  }
  if (first.kind != Kind::word) return token;
  while (token.end < text.size()) {
    const auto c = static_cast<unsigned char>(text[token.end]);
    if (c < 0x80) {
      if (kAscii[c] != Kind::word) return token;
      ++token.end;
      continue;
    }
    const Glyph next = glyph_at(text, token.end);
    if (next.unfinished) {
      token.open = true;
      return token;
    }
    if (next.kind != Kind::word) return token;
    token.end += next.size;
  }
  token.open = true;
  return token;
}

std::size_t word_in_progress(std::string_view text, std::size_t longest) {
  const std::size_t tail = text::incomplete_tail(text);
  std::size_t at = text.size() - tail;
  const std::size_t least = text.size() - std::min(text.size(), longest);
  while (at > least) {
    std::size_t lead = at - 1;
    while (lead > least && at - lead < 4 && (static_cast<unsigned char>(text[lead]) & 0xC0) == 0x80) --lead;
    const Glyph glyph = glyph_at(text, lead);
    if (glyph.kind != Kind::word || lead + glyph.size != at) break;
    at = lead;
  }
  return at;
}

}  // namespace gatehouse::guard
