#include "gatehouse/guard/redact/mask.h"

#include <vector>

#include "gatehouse/guard/redact/normalise.h"
#include "gatehouse/text/utf8.h"

namespace gatehouse::guard {
namespace {

constexpr std::size_t kCardShown = 4;
constexpr std::size_t kLeastShown = 5;  // shorter values show nothing

struct Character {
  std::string_view bytes;
  char32_t code_point = 0;
  bool shown = false;
};

std::vector<Character> characters_of(std::string_view value) {
  std::vector<Character> out;
  while (!value.empty()) {
    const text::Sequence next = text::next_sequence(value);
    out.push_back({value.substr(0, next.size), next.valid ? next.code_point : U'\0'});
    value.remove_prefix(next.size);
  }
  return out;
}

bool is_ascii_alnum(char32_t c) {
  return (c >= U'0' && c <= U'9') || (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z');
}

// What may be shown of a value: not control characters and signs.
bool may_show(char32_t c) { return is_ascii_alnum(c) || (c >= 0xA0 && !text::unsafe_to_show(c)); }

}  // namespace

bool is_separator(char32_t c) { return c < 0x80 && std::u32string_view(U" -./()+:,_@#&='").contains(c); }

std::string masked(Family family, std::string_view entity, std::string_view value) {
  std::vector<Character> characters = characters_of(value);
  std::vector<std::size_t> places;  // of what is no separator
  for (std::size_t i = 0; i < characters.size(); ++i) {
    characters[i].shown = is_separator(characters[i].code_point);
    if (!characters[i].shown) places.push_back(i);
  }
  const ValueKind kind = value_kind(entity);
  const std::size_t sign = value.rfind('@');
  const auto show = [&](std::size_t place) { characters[place].shown = may_show(characters[place].code_point); };
  if (family == Family::secrets) {
    // Separators are part of what a secret is made of.
    for (Character& character : characters) character.shown = false;
  } else if (kind == ValueKind::email && sign != std::string_view::npos) {
    if (!places.empty()) show(places.front());
    std::size_t at = 0;
    for (std::size_t i = 0; i < characters.size(); ++i) {
      if (at > sign && !characters[i].shown) show(i);
      at += characters[i].bytes.size();
    }
    // An address of one letter would be shown whole.
    if (sign <= 1) characters.front().shown = false;
  } else if (places.size() >= kLeastShown) {
    if (kind == ValueKind::card || kind == ValueKind::iban) {
      if (places.size() > 2 * kCardShown) {
        for (std::size_t i = places.size() - kCardShown; i < places.size(); ++i) show(places[i]);
      }
    } else {
      show(places.front());
      show(places.back());
    }
  }
  std::string out;
  out.reserve(value.size());
  for (const Character& character : characters) {
    if (character.shown) {
      out.append(character.bytes);
    } else {
      out.push_back('*');
    }
  }
  return out;
}

}  // namespace gatehouse::guard
