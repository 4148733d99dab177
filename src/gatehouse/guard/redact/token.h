#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "gatehouse/guard/finding.h"

namespace gatehouse::guard {

// A token's own part: 60 bits as Crockford base32 in lower case.
inline constexpr std::size_t kTokenIdSize = 12;
using TokenId = std::array<char, kTokenIdSize>;
inline std::string_view view(const TokenId& id) { return {id.data(), id.size()}; }
// The 60 bits (the first bytes of a MAC) as text and back. The text may be in upper case; zero bits for none of ours
// is no sign: ask is_token_id.
TokenId token_id_of(std::uint64_t bits);
std::uint64_t bits_of(const TokenId& id);
// From `tok_k3v9...`, `k3v9...` or a whole `[PII:EMAIL:tok_k3v9...]`: what people paste. False if it is none of these.
bool read_token_id(std::string_view text, TokenId& id);

// An entity as it stands in replacements: A-Z, 0-9 and `_`, 1 to kMostLabel characters, so that nothing that is written
// for a finding needs an escape in JSON, however many times that is inside other JSON.
inline constexpr std::size_t kMostLabel = 48;
std::string label_of(std::string_view entity);

// `[PII:EMAIL:tok_k3v9...]`, with `SECRET` for that family. Never longer than kLongestToken.
std::string token_text(Family family, std::string_view entity, const TokenId& id);

// The longest that a token is taken for one: models put backslashes before brackets and underscores.
inline constexpr std::size_t kLongestToken = 160;

// What stands at `text[at]`, which is a `[`: `whole` (then `end` is behind it and `id` is set), `partial` where the
// text ends before that is decided, or `none`. Letters of either case; up to two backslashes before each sign.
struct TokenMatch {
  enum class State : std::uint8_t { none, partial, whole } state = State::none;
  std::size_t end = 0;
  TokenId id{};
};
TokenMatch match_token(std::string_view text, std::size_t at);

}  // namespace gatehouse::guard
