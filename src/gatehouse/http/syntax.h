#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

// Byte classes and small scans that the parsers of this room share. Not for other rooms.
namespace gatehouse::http::syntax {

enum Class : std::uint8_t {
  kToken = 1,     // RFC 9110, 5.6.2: what methods and field names are made of
  kPath = 2,      // in a path
  kQuery = 4,     // in a query
  kHost = 8,      // in a registered name or an IPv4 address
  kVisible = 16,  // 0x21 to 0x7e
};

// Paths and queries may have what the WHATWG URL serialiser leaves unescaped, which is RFC 3986 and a little more
// ("[", "]" and "|" in both, "{", "}", "^", "`" and "\" in queries). '#' is in neither.
inline constexpr std::array<std::uint8_t, 256> kClasses = [] {
  std::array<std::uint8_t, 256> table{};
  const auto mark = [&table](std::string_view bytes, std::uint8_t classes) {
    for (const char c : bytes) table[static_cast<unsigned char>(c)] |= classes;
  };
  constexpr std::string_view kAlphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  mark(kAlphanumeric, kToken | kPath | kQuery | kHost);
  mark("!#$%&'*+-.^_`|~", kToken);
  mark("-._~!$&'()*+,;=:@/%[]|", kPath | kQuery);
  mark("?{}^`\\'", kQuery);
  // RFC 3986 has "," and "%" too; both are left out, as some recipients would read a list or decode another name.
  mark("-._~!$&'()*+;=", kHost);
  for (int c = 0x21; c <= 0x7e; ++c) table[static_cast<std::size_t>(c)] |= kVisible;
  return table;
}();

inline bool is(char c, std::uint8_t classes) { return (kClasses[static_cast<unsigned char>(c)] & classes) != 0; }

inline constexpr bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && byte != '\t') || byte == 0x7f;
}

// Where the letters, digits and hyphens at `at` end, as far as that is seen sixteen bytes at a time: what follows may
// still be a token's byte.
inline const char* skip_plain_token(const char* at, const char* end) {
#if defined(__SSE2__)
  const auto between = [](__m128i bytes, char low, char high) {
    return _mm_and_si128(_mm_cmpgt_epi8(bytes, _mm_set1_epi8(static_cast<char>(low - 1))),
                         _mm_cmplt_epi8(bytes, _mm_set1_epi8(static_cast<char>(high + 1))));
  };
  while (end - at >= 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i letters = between(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), 'a', 'z');
    const __m128i others = _mm_or_si128(between(bytes, '0', '9'), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('-')));
    const auto plain = static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(letters, others)));
    if (plain != 0xffff) return at + std::countr_one(plain);
    at += 16;
  }
#else
  static_cast<void>(end);
#endif
  return at;
}

// The first control byte other than tab in [at, end), or `end`. Sixteen or eight bytes at a time.
inline const char* find_control(const char* at, const char* end) {
#if defined(__SSE2__)
  const __m128i last_control = _mm_set1_epi8(0x1f);
  while (end - at >= 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, last_control), bytes);
    const __m128i tabs = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t'));
    const __m128i hits = _mm_or_si128(_mm_andnot_si128(tabs, low), _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f)));
    const auto found = static_cast<unsigned>(_mm_movemask_epi8(hits));
    if (found != 0) return at + std::countr_zero(found);
    at += 16;
  }
#endif
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHigh = 0x80 * kOnes;
  while (end - at >= 8) {
    std::uint64_t word;
    std::memcpy(&word, at, 8);
    const std::uint64_t delete_as_zero = word ^ (0x7f * kOnes);
    // The lowest mark is exact; a borrow can put false ones above it only.
    const std::uint64_t marks =
        (((word - 0x20 * kOnes) & ~word) | ((delete_as_zero - kOnes) & ~delete_as_zero)) & kHigh;
    if (marks == 0) {
      at += 8;
      continue;
    }
    if constexpr (std::endian::native == std::endian::little) at += std::countr_zero(marks) / 8;
    if (is_control(*at)) return at;
    ++at;  // a tab; or, on a big-endian machine, some byte before the mark
  }
  while (at != end && !is_control(*at)) ++at;
  return at;
}

inline bool is_space(char c) { return c == ' ' || c == '\t'; }

// Calls f(element) for each element of a comma-separated list (RFC 9110, 5.6.1), trimmed, empty ones left out, until
// f returns false. Returns whether f never did. For lists of tokens: quoted strings are not understood.
template <class F>
bool for_each_in_list(std::string_view list, F&& f) {
  std::size_t at = 0;
  while (at < list.size()) {
    std::size_t end = list.find(',', at);
    if (end == std::string_view::npos) end = list.size();
    std::size_t from = at;
    std::size_t to = end;
    while (from < to && is_space(list[from])) ++from;
    while (to > from && is_space(list[to - 1])) --to;
    if (from < to && !f(list.substr(from, to - from))) return false;
    at = end + 1;
  }
  return true;
}

}  // namespace gatehouse::http::syntax
