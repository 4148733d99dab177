#include "gatehouse/guard/names/capital_scan.h"

#include <bit>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace gatehouse::guard {
namespace {

bool is_candidate(unsigned char c) { return (c >= 'A' && c <= 'Z') || (c >= 0xC3 && c <= 0xD1); }
bool is_inside(unsigned char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '@';
}

// A letter outside ASCII in front is a letter as well; a quote or a dash is none.
bool is_free(std::string_view text, std::size_t at) {
  if (at == 0) return true;
  const auto before = static_cast<unsigned char>(text[at - 1]);
  if (before < 0x80) return !is_inside(before);
  if (at >= 2) {
    const auto lead = static_cast<unsigned char>(text[at - 2]);
    if (lead >= 0xC3 && lead <= 0xDF) return false;
  }
  return true;
}

}  // namespace

std::size_t next_capital(std::string_view text, std::size_t from) {
  std::size_t at = from;
#if defined(__SSE2__)
  while (at + 16 <= text.size()) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
    // Signed compares: 'A'-1 < c < 'Z'+1, and 0xC2 < c < 0xD2 as negative numbers.
    const __m128i ascii =
        _mm_and_si128(_mm_cmpgt_epi8(bytes, _mm_set1_epi8('A' - 1)), _mm_cmplt_epi8(bytes, _mm_set1_epi8('Z' + 1)));
    const __m128i other = _mm_and_si128(_mm_cmpgt_epi8(bytes, _mm_set1_epi8(static_cast<char>(0xC2))),
                                        _mm_cmplt_epi8(bytes, _mm_set1_epi8(static_cast<char>(0xD2))));
    auto mask = static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(ascii, other)));
    for (; mask != 0; mask &= mask - 1) {
      const std::size_t found = at + static_cast<std::size_t>(std::countr_zero(mask));
      if (is_free(text, found)) return found;
    }
    at += 16;
  }
#endif
  for (; at < text.size(); ++at) {
    if (is_candidate(static_cast<unsigned char>(text[at])) && is_free(text, at)) return at;
  }
  return text.size();
}

}  // namespace gatehouse::guard
