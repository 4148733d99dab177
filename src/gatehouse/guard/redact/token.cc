#include "gatehouse/guard/redact/token.h"

#include <algorithm>

#include "gatehouse/base/strings.h"

namespace gatehouse::guard {
namespace {

// Crockford's, as in request ids: no i, l, o, u.
constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";

constexpr std::array<std::int8_t, 256> values() {
  std::array<std::int8_t, 256> table{};
  table.fill(-1);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    const auto c = static_cast<unsigned char>(kAlphabet[i]);
    table[c] = static_cast<std::int8_t>(i);
    if (c >= 'a') table[c - 32U] = static_cast<std::int8_t>(i);
  }
  return table;
}
constexpr auto kValues = values();

int value_of(char c) { return kValues[static_cast<unsigned char>(c)]; }

bool is_alnum(char c) { return base::is_digit(c) || (base::lower(c) >= 'a' && base::lower(c) <= 'z'); }

constexpr int kMostBackslashes = 2;  // Markdown's, and that inside a JSON string

// A cursor over what may be a token. Each step is false when that is decided, or the text ran out.
struct Cursor {
  std::string_view text;
  std::size_t at;
  bool ran_out = false;

  bool has() {
    if (at < text.size()) return true;
    ran_out = true;
    return false;
  }
  bool letter(char wanted) {
    if (!has() || base::lower(text[at]) != wanted) return false;
    ++at;
    return true;
  }
  bool word(std::string_view wanted) {
    return std::ranges::all_of(wanted, [this](char c) { return letter(c); });
  }
  // The number of backslashes.
  int backslashes() {
    int count = 0;
    while (count < kMostBackslashes && at < text.size() && text[at] == '\\') {
      ++at;
      ++count;
    }
    return count;
  }
  bool sign(char wanted) {
    backslashes();
    return letter(wanted);
  }
  // An entity and the colon behind it.
  bool entity() {
    for (std::size_t count = 0;; ++count) {
      const bool escaped = backslashes() > 0;
      if (!has()) return false;
      const char c = text[at++];
      if (c == ':') return count > 0;
      if (count == kMostLabel || (c != '_' && (escaped || !is_alnum(c)))) return false;
    }
  }
  bool id(TokenId& out) {
    for (char& digit : out) {
      if (!has() || value_of(text[at]) < 0) return false;
      digit = base::lower(text[at++]);
    }
    return true;
  }
};

}  // namespace

TokenId token_id_of(std::uint64_t bits) {
  TokenId id;
  for (std::size_t i = id.size(); i > 0; --i, bits >>= 5U) id[i - 1] = kAlphabet[bits & 31U];
  return id;
}

std::uint64_t bits_of(const TokenId& id) {
  std::uint64_t bits = 0;
  for (const char c : id) bits = bits << 5U | static_cast<std::uint64_t>(std::max(value_of(c), 0));
  return bits;
}

bool read_token_id(std::string_view text, TokenId& id) {
  if (text.starts_with('[')) {
    const TokenMatch match = match_token(text, 0);
    id = match.id;
    return match.state == TokenMatch::State::whole && match.end == text.size();
  }
  Cursor cursor{.text = text, .at = 0};
  if (text.size() == 4 + kTokenIdSize && !cursor.word("tok_")) return false;
  return cursor.id(id) && cursor.at == text.size();
}

std::string label_of(std::string_view entity) {
  std::string label(entity.substr(0, kMostLabel));
  for (char& c : label) {
    if (c >= 'a' && c <= 'z') {
      c = static_cast<char>(c - 32);
    } else if (!is_alnum(c)) {
      c = '_';
    }
  }
  return label.empty() ? "VALUE" : label;
}

std::string token_text(Family family, std::string_view entity, const TokenId& id) {
  std::string text = family == Family::secrets ? "[SECRET:" : "[PII:";
  text.append(label_of(entity)).append(":tok_").append(view(id)).push_back(']');
  return text;
}

TokenMatch match_token(std::string_view text, std::size_t at) {
  const bool open_ended = text.size() - at < kLongestToken;  // more of it may come
  Cursor cursor{.text = text.substr(0, std::min(text.size(), at + kLongestToken)), .at = at + 1};
  TokenMatch match;
  const bool secret = cursor.at < cursor.text.size() && base::lower(cursor.text[cursor.at]) == 's';
  if (cursor.word(secret ? "secret" : "pii") && cursor.sign(':') && cursor.entity() && cursor.word("tok") &&
      cursor.sign('_') && cursor.id(match.id) && cursor.sign(']')) {
    match.state = TokenMatch::State::whole;
    match.end = cursor.at;
    match.escaped = text[cursor.at - 2] == '\\';
  } else if (cursor.ran_out && open_ended) {
    match.state = TokenMatch::State::partial;
  }
  return match;
}

}  // namespace gatehouse::guard
