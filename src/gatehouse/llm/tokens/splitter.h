#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "gatehouse/llm/tokens/char_class.h"

// Cuts text into the pieces within which bytes are merged: the split patterns of cl100k_base and o200k_base (tiktoken's
// registry) written by hand. What is written as a pattern beside a function is that part of them. All take well-formed
// UTF-8. For this folder only.
namespace gatehouse::llm::detail {

enum class Pattern : std::uint8_t { cl100k, o200k };

// Counts the characters looked at, for the tests that time is linear; the one for use counts nothing.
struct NoProbe {
  static void look() {}
};

template <Pattern kPattern, class Probe = NoProbe>
class Splitter {
 public:
  explicit Splitter(const char* end, Probe probe = {}) : end_(end), probe_(probe) {}

  // The end of the piece that begins at `at`, which is before the end.
  const char* next(const char* at) {
#if defined(__SSE2__)
    // Most pieces of most texts: a word of ASCII, perhaps behind a space, that ends within 16 bytes.
    if (end_ - at > 17) {
      if (const char* word_end = short_word(at)) return word_end;
    }
#endif
    return any_piece(at);
  }

 private:
  static bool is_letter(CharClass c) { return c >= CharClass::upper && c <= CharClass::letter; }
  static bool is_white(CharClass c) { return c >= CharClass::space; }
  static bool is_sign(CharClass c) { return c == CharClass::other || c == CharClass::mark; }  // [^\s\p{L}\p{N}]

  Char look(const char* at) {
    probe_.look();
    return char_at(at);
  }

#if defined(__SSE2__)
  // Nullptr: not that simple. At least 18 bytes must stand at `at`.
  const char* short_word(const char* at) {
    const char* word = at + (*at == ' ' ? 1 : 0);
    const __m128i bytes = _mm_loadu_si128(static_cast<const __m128i*>(static_cast<const void*>(word)));
    const __m128i lower_case = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
    // Letters are at most 25 above 'a' (signed: what is below 'a' or above 0x7f goes under or over).
    const __m128i above = _mm_sub_epi8(lower_case, _mm_set1_epi8('a'));
    const __m128i letters = _mm_cmpeq_epi8(_mm_min_epu8(above, _mm_set1_epi8(25)), above);
    const auto mask = static_cast<std::uint32_t>(_mm_movemask_epi8(letters));
    const auto size = static_cast<std::uint32_t>(std::countr_one(mask));
    if (size == 0 || size >= 16) return nullptr;
    const char after = word[size];
    if (static_cast<std::uint8_t>(after) >= 0x80) return nullptr;
    if constexpr (kPattern == Pattern::cl100k) return word + size;
    // Capitals, then small letters; it ends before the next capital.
    const auto small = static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_slli_epi16(bytes, 2))) & ((1U << size) - 1);
    const auto capitals = static_cast<std::uint32_t>(std::countr_zero(small | 1U << size));
    const auto length = static_cast<std::uint32_t>(std::countr_one(small >> capitals)) + capitals;
    if (length < size) return word + length;
    return after == '\'' ? contraction(word + size) : word + size;
  }
#endif

  // (?i:'s|'t|'re|'ve|'m|'ll|'d)? with the case folding of Unicode, in which U+017F is an s.
  const char* contraction(const char* at) {
    if (end_ - at < 2 || *at != '\'') return at;
    const char first = static_cast<char>(at[1] | 0x20);
    if (first == 's' || first == 't' || first == 'm' || first == 'd') return at + 2;
    if (end_ - at < 3) return at;
    const char second = static_cast<char>(at[2] | 0x20);
    if ((first == 'r' && second == 'e') || (first == 'v' && second == 'e') || (first == 'l' && second == 'l')) {
      return at + 3;
    }
    return at[1] == '\xc5' && at[2] == '\xbf' ? at + 3 : at;
  }

  // The two ways in which o200k takes a word at `at`, nullptr where one takes none:
  //   first  [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+
  //   second [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*, where the first takes nothing
  struct Word {
    const char* first = nullptr;
    const char* second = nullptr;
  };
  Word word(const char* at) {
    const char* p = at;
    const char* after_common = nullptr;  // behind the last character that is of both sets
    CharClass cls = CharClass::other;
    std::uint8_t size = 0;
    for (; p < end_; p += size) {
      const Char c = look(p);
      cls = c.cls;
      size = c.size;
      if (cls == CharClass::letter || cls == CharClass::mark) {
        after_common = p + size;
      } else if (cls != CharClass::upper) {
        break;
      }
    }
    if (p < end_ && cls == CharClass::lower) {
      for (p += size; p < end_; p += size) {
        const Char c = look(p);
        size = c.size;
        if (c.cls != CharClass::lower && c.cls != CharClass::letter && c.cls != CharClass::mark) break;
      }
      return {p, nullptr};
    }
    // The first run gives back what it must for the second to have something: up to its last common character.
    if (after_common != nullptr) return {after_common, nullptr};
    return {nullptr, p > at ? p : nullptr};
  }

  // [^\r\n\p{L}\p{N}]? and a word; nullptr where there is none. `c` stands at `at`.
  const char* o200k_word(const char* at, Char c) {
    const bool prefix = !is_letter(c.cls) && c.cls != CharClass::number && c.cls != CharClass::newline;
    const bool starts = is_letter(c.cls) || c.cls == CharClass::mark;
    const Word behind = prefix ? word(at + c.size) : Word{};
    if (behind.first != nullptr) return contraction(behind.first);
    const Word here = starts ? word(at) : Word{};
    if (here.first != nullptr) return contraction(here.first);
    if (behind.second != nullptr) return contraction(behind.second);
    if (here.second != nullptr) return contraction(here.second);
    return nullptr;
  }

  // [^\r\n\p{L}\p{N}]?\p{L}+
  const char* cl100k_word(const char* at, Char c) {
    if (c.cls == CharClass::number || c.cls == CharClass::newline) return nullptr;
    const char* const start = at + (is_letter(c.cls) ? 0 : c.size);
    const char* p = start;
    while (p < end_) {
      const Char next = look(p);
      if (!is_letter(next.cls)) break;
      p += next.size;
    }
    return p > start ? p : nullptr;
  }

  // \s*[\r\n]+|\s+(?!\S)|\s+
  const char* white(const char* at) {
    const char* after_newline = nullptr;
    const char* last = at;
    const char* p = at;
    while (p < end_) {
      const Char c = look(p);
      if (!is_white(c.cls)) break;
      last = p;
      p += c.size;
      if (c.cls == CharClass::newline) after_newline = p;
    }
    if (after_newline != nullptr) return after_newline;
    return p == end_ || last == at ? p : last;
  }

  // ` ?[^\s\p{L}\p{N}]+[\r\n]*`, for o200k `[\r\n/]*`; nullptr where there is none.
  const char* signs(const char* at) {
    const char* const start = at + (*at == ' ' ? 1 : 0);
    const char* p = start;
    while (p < end_) {
      const Char c = look(p);
      if (!is_sign(c.cls)) break;
      p += c.size;
    }
    if (p == start) return nullptr;
    while (p < end_ && (*p == '\r' || *p == '\n' || (kPattern == Pattern::o200k && *p == '/'))) ++p;
    return p;
  }

  const char* any_piece(const char* at) {
    const Char c = look(at);
    if constexpr (kPattern == Pattern::cl100k) {
      if (*at == '\'') {
        const char* p = contraction(at);
        if (p > at) return p;
      }
      if (const char* p = cl100k_word(at, c)) return p;
    } else {
      if (const char* p = o200k_word(at, c)) return p;
    }
    if (c.cls == CharClass::number) {  // \p{N}{1,3}
      const char* p = at + c.size;
      for (int i = 1; i < 3 && p < end_; ++i) {
        const Char next = look(p);
        if (next.cls != CharClass::number) break;
        p += next.size;
      }
      return p;
    }
    if (!is_white(c.cls) || *at == ' ') {
      if (const char* p = signs(at)) return p;
    }
    return white(at);
  }

  const char* end_;
  [[no_unique_address]] Probe probe_;
};

// Whether text may be cut between two neighbouring bytes without a change of its pieces, whatever stands around: a
// letter or digit of ASCII, then an ASCII byte that is neither, nor the apostrophe of a contraction.
inline bool may_cut(char before, char after) {
  const auto alnum = [](char c) {
    const auto byte = static_cast<std::uint8_t>(c);
    const CharClass cls = byte < 0x80 ? kAsciiClasses.of[byte] : CharClass::other;
    return (cls >= CharClass::upper && cls <= CharClass::lower) || cls == CharClass::number;
  };
  return alnum(before) && static_cast<std::uint8_t>(after) < 0x80 && !alnum(after) && after != '\'';
}

}  // namespace gatehouse::llm::detail
