#include "gatehouse/text/views/screen.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "gatehouse/text/views/chars.h"
#include "gatehouse/text/views/word_starts.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace gatehouse::text::views {
namespace {

// One bit a byte of 64.
struct Block {
  std::uint64_t letters;
  std::uint64_t small;  // bit 5 of the byte: of a letter, whether it is a small one
  std::uint64_t digits;
  std::uint64_t spaces;
  std::uint64_t high;  // not ASCII
  std::uint64_t rare;  // one of ! $ % & * < @ \ ` | ~
};

#if defined(__x86_64__)

// The same for 16 bytes at a time (every x86-64) and 32. A letter: with bit 5 set, less than 26 above 'a', compared as
// signed numbers shifted by 128.
void classify_sse2(const char* from, Block& out) {
  out = {};
  for (unsigned i = 0; i < 64; i += 16) {
    const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i));
    const __m128i folded = _mm_or_si128(v, _mm_set1_epi8(0x20));
    const __m128i letter =
        _mm_cmplt_epi8(_mm_add_epi8(folded, _mm_set1_epi8(static_cast<char>(0x80 - 'a'))), _mm_set1_epi8(-128 + 26));
    const __m128i digit =
        _mm_cmplt_epi8(_mm_add_epi8(v, _mm_set1_epi8(static_cast<char>(0x80 - '0'))), _mm_set1_epi8(-128 + 10));
    __m128i rare = _mm_cmpeq_epi8(folded, _mm_set1_epi8('`'));                                         // @ `
    rare = _mm_or_si128(rare, _mm_cmpeq_epi8(folded, _mm_set1_epi8('|')));                             // \ |
    rare = _mm_or_si128(rare, _mm_cmpeq_epi8(_mm_or_si128(v, _mm_set1_epi8(1)), _mm_set1_epi8('%')));  // $ %
    rare = _mm_or_si128(rare, _mm_cmpeq_epi8(v, _mm_set1_epi8('&')));
    rare = _mm_or_si128(rare, _mm_cmpeq_epi8(v, _mm_set1_epi8('!')));
    rare = _mm_or_si128(rare, _mm_cmpeq_epi8(v, _mm_set1_epi8('*')));
    rare = _mm_or_si128(rare, _mm_cmpeq_epi8(v, _mm_set1_epi8('<')));
    rare = _mm_or_si128(rare, _mm_cmpeq_epi8(v, _mm_set1_epi8('~')));
    const auto mask = [i](__m128i bytes) {
      return static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm_movemask_epi8(bytes))) << i;
    };
    out.letters |= mask(letter);
    out.small |= mask(_mm_slli_epi16(v, 2));
    out.digits |= mask(digit);
    out.spaces |= mask(_mm_cmpeq_epi8(v, _mm_set1_epi8(' ')));
    out.high |= mask(v);
    out.rare |= mask(rare);
  }
}

#define GATEHOUSE_AVX2 __attribute__((target("avx2,bmi,bmi2,popcnt,lzcnt")))

// The rare signs by their two halves: a bit for each upper half that has some, set at the lower halves they have.
constexpr std::array<char, 16> kRareLow = [] {
  std::array<char, 16> low{};
  for (const char c : std::string_view("!$%&*<@\\`|~")) {
    low[c & 0x0F] = static_cast<char>(low[c & 0x0F] | 1 << (c >> 4));
  }
  return low;
}();
constexpr std::array<char, 16> kRareHigh = {1, 2, 4, 8, 16, 32, 64, static_cast<char>(128)};

GATEHOUSE_AVX2 inline void classify_avx2(const char* from, Block& out) {
  const __m256i rare_low = _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(&kRareLow)));
  const __m256i rare_high = _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(&kRareHigh)));
  std::array<std::array<std::uint32_t, 6>, 2> masks;
  for (unsigned i = 0; i < 2; ++i) {
    const __m256i v = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + std::size_t{i} * 32));
    const __m256i folded = _mm256_or_si256(v, _mm256_set1_epi8(0x20));
    const __m256i letter = _mm256_cmpgt_epi8(_mm256_set1_epi8(-128 + 26),
                                             _mm256_add_epi8(folded, _mm256_set1_epi8(static_cast<char>(0x80 - 'a'))));
    const __m256i digit = _mm256_cmpgt_epi8(_mm256_set1_epi8(-128 + 10),
                                            _mm256_add_epi8(v, _mm256_set1_epi8(static_cast<char>(0x80 - '0'))));
    const __m256i upper_half = _mm256_and_si256(_mm256_srli_epi16(v, 4), _mm256_set1_epi8(0x0F));
    const __m256i rare = _mm256_and_si256(_mm256_shuffle_epi8(rare_low, v), _mm256_shuffle_epi8(rare_high, upper_half));
    masks[i] = {static_cast<std::uint32_t>(_mm256_movemask_epi8(letter)),
                static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_slli_epi16(v, 2))),
                static_cast<std::uint32_t>(_mm256_movemask_epi8(digit)),
                static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(v, _mm256_set1_epi8(' ')))),
                static_cast<std::uint32_t>(_mm256_movemask_epi8(v)),
                ~static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(rare, _mm256_setzero_si256())))};
  }
  const auto both = [&masks](unsigned which) __attribute__((always_inline)) {
    return masks[0][which] | static_cast<std::uint64_t>(masks[1][which]) << 32U;
  };
  out = {both(0), both(1), both(2), both(3), both(4), both(5)};
}

#define GATEHOUSE_AVX512 __attribute__((target("avx512f,avx512bw,avx512vbmi,avx512vbmi2,avx2,bmi,bmi2,popcnt,lzcnt")))

// The 128 bytes of ASCII, which of them are rare.
alignas(64) constexpr std::array<char, 128> kRare = [] {
  std::array<char, 128> rare{};
  for (const char c : std::string_view("!$%&*<@\\`|~")) rare[static_cast<std::size_t>(c)] = 1;
  return rare;
}();

// The bytes of a block by number.
alignas(64) constexpr std::array<std::uint8_t, 64> kPlaces = [] {
  std::array<std::uint8_t, 64> places{};
  for (std::size_t i = 0; i < places.size(); ++i) places[i] = static_cast<std::uint8_t>(i);
  return places;
}();

GATEHOUSE_AVX512 inline void classify_avx512(const char* from, Block& out) {
  const __m512i v = _mm512_loadu_si512(from);
  const auto within = [](__m512i bytes, char low, int count)
                          __attribute__((always_inline, target("avx512f,avx512bw"))) {
                            return _mm512_cmplt_epu8_mask(_mm512_sub_epi8(bytes, _mm512_set1_epi8(low)),
                                                          _mm512_set1_epi8(static_cast<char>(count)));
                          };
  const __m512i rare =
      _mm512_permutex2var_epi8(_mm512_load_si512(kRare.data()), v, _mm512_load_si512(kRare.data() + 64));
  out.letters = within(_mm512_or_si512(v, _mm512_set1_epi8(0x20)), 'a', 26);
  out.small = _mm512_test_epi8_mask(v, _mm512_set1_epi8(0x20));
  out.digits = within(v, '0', 10);
  out.spaces = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(' '));
  out.high = _mm512_movepi8_mask(v);
  out.rare = _mm512_test_epi8_mask(rare, rare) & ~out.high;
}

#else

constexpr bool is_rare(char c) {
  return c != '\0' && std::string_view("!$%&*<@\\`|~").find(c) != std::string_view::npos;
}

void classify_plain(const char* from, Block& out) {
  out = {};
  for (unsigned i = 0; i < 64; ++i) {
    const char c = from[i];
    const std::uint64_t bit = std::uint64_t{1} << i;
    if (is_letter(c)) out.letters |= bit;
    if ((c & 0x20) != 0) out.small |= bit;
    if (is_digit(c)) out.digits |= bit;
    if (c == ' ') out.spaces |= bit;
    if (static_cast<unsigned char>(c) >= 0x80) out.high |= bit;
    if (is_rare(c)) out.rare |= bit;
  }
}

#endif

constexpr bool is_token(char c) { return is_alnum(c) || c == '+' || c == '/' || c == '-' || c == '_'; }

// `now` shifted towards later bytes, with what comes over from the 64 before.
[[gnu::always_inline]] constexpr std::uint64_t later(std::uint64_t now, std::uint64_t before, unsigned by) {
  return now << by | before >> (64 - by);
}

// A token is looked back for no further: one that was ordinary for longer begins there.
constexpr std::size_t kLookBack = 512;

// Bytes that are read of a word.
constexpr std::size_t kRoom = 4;

class Screening {
 public:
  Screening(std::string_view text, const Wanted& wanted, Screened& out) : text_(text), wanted_(wanted), out_(out) {}

  // The same code for several processors, so all of it is inlined into each.
#if defined(__x86_64__)
  void run() {
    if (__builtin_cpu_supports("avx512vbmi") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
        __builtin_cpu_supports("avx512vbmi2") != 0 && __builtin_cpu_supports("bmi2") != 0) {
      run_avx512();
    } else if (__builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("bmi2") != 0) {
      run_avx2();
    } else {
      run_with<classify_sse2>();
    }
  }

 private:
  GATEHOUSE_AVX2 void run_avx2() { run_with<classify_avx2>(); }
  GATEHOUSE_AVX512 void run_avx512() { run_with<classify_avx512, true>(); }
#else
  void run() { run_with<classify_plain>(); }

 private:
#endif

  // Wide: words are sifted before they are queued.
  template <void (*kClassify)(const char*, Block&), bool kWide = false>
  [[gnu::always_inline]] void run_with() {
    Block block;
    std::size_t at = 0;
    for (; at + 64 <= text_.size(); at += 64) {
      kClassify(text_.data() + at, block);
      look<kWide>(at, block);
    }
    std::array<char, 64> rest;
    rest.fill('\n');
    std::copy(text_.begin() + static_cast<std::ptrdiff_t>(at), text_.end(), rest.begin());
    kClassify(rest.data(), block);
    look<kWide>(at, block);
    look_up_words();
  }

  // The words are put in a row first, so that looking them up is one even loop.
  [[gnu::always_inline]] void queue(std::size_t at, std::uint64_t starts) {
    constexpr unsigned kUsual = 10;
    const auto count = static_cast<unsigned>(std::popcount(starts));
    std::uint32_t* to = queue_.data() + queued_;
    const auto base = static_cast<std::uint32_t>(at);
    for (unsigned i = 0; i < kUsual; ++i) {
      to[i] = base + first(starts);
      starts &= starts - 1;
    }
    for (unsigned i = kUsual; i < count; ++i) {
      to[i] = base + first(starts);
      starts &= starts - 1;
    }
    queued_ += count;
    if (queued_ + 64 > queue_.size()) look_up_words();
  }

#if defined(__x86_64__)
  // The same without a guess how many there are, up to 32: they are three bytes apart. Returns how many.
  GATEHOUSE_AVX512 static unsigned put(std::size_t at, std::uint64_t starts, std::uint32_t* to) {
    const auto count = static_cast<unsigned>(std::popcount(starts));
    const __m512i places = _mm512_maskz_compress_epi8(starts, _mm512_load_si512(kPlaces.data()));
    const __m512i base = _mm512_set1_epi32(static_cast<int>(static_cast<std::uint32_t>(at)));
    _mm512_storeu_si512(to, _mm512_add_epi32(base, _mm512_cvtepu8_epi32(_mm512_castsi512_si128(places))));
    if (count > 16) {
      _mm512_storeu_si512(to + 16, _mm512_add_epi32(base, _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(places, 1))));
    }
    return count;
  }
#endif

  [[gnu::always_inline]] void look_up_words() {
    const auto look_up = [this](std::size_t i)
                             __attribute__((always_inline)) { return may_start_word(text_.data() + queue_[i]); };
    std::size_t i = 0;
    while (queued_ > 0 && queue_[queued_ - 1] + kRoom > text_.size()) --queued_;
    for (; i + 4 <= queued_; i += 4) {
      if ((look_up(i) | look_up(i + 1) | look_up(i + 2) | look_up(i + 3)) == 0U) continue;
      for (std::size_t k = i; k < i + 4; ++k) {
        if (look_up(k) != 0) out_.words.push_back(queue_[k]);
      }
    }
    for (; i < queued_; ++i) {
      if (look_up(i) != 0) out_.words.push_back(queue_[i]);
    }
    queued_ = 0;
  }

#if defined(__x86_64__)
  // Of 64 places, and three bytes behind them, where one of the words that are looked for may begin (word_starts.h).
  GATEHOUSE_AVX512 static std::uint64_t sieve(const char* from) {
    const auto groups = [from](unsigned place) __attribute__((always_inline, target("avx512f,avx512bw,avx512vbmi"))) {
      const __m512i letters = _mm512_or_si512(_mm512_loadu_si512(from + place), _mm512_set1_epi8(0x20));
      return _mm512_permutexvar_epi8(letters, _mm512_loadu_si512(kStartSieve[place].data()));
    };
    return _mm512_test_epi8_mask(_mm512_and_si512(groups(0), groups(1)), _mm512_and_si512(groups(2), groups(3)));
  }
#endif

  template <bool kWide>
  [[gnu::always_inline]] void look(std::size_t at, const Block& now) {
    const std::uint64_t words = now.letters | now.digits | now.high;
    const std::uint64_t small = now.letters & now.small;
    const std::uint64_t capitals = now.letters & ~now.small;
    if (now.high != 0 && out_.non_ascii == Screened::kNone) out_.non_ascii = at + first(now.high);
    if (now.rare != 0) look_rare(at, now);

    if (wanted_.tokens && (now.digits != 0 || digits_ != 0 || (later(small, small_, 1) & capitals) != 0)) {
      const std::uint64_t twice = now.digits & later(now.digits, digits_, 1);
      const std::uint64_t four = twice & later(twice, twice_, 2);
      const std::uint64_t eight = four & later(four, four_, 4);
      const std::uint64_t mixed = (later(small, small_, 1) & capitals) |
                                  (later(now.letters, letters_, 1) & now.digits) |
                                  (later(now.digits, digits_, 1) & now.letters) | eight;
      twice_ = twice;
      four_ = four;
      if (mixed != 0) add_tokens(at, mixed);
    } else {
      twice_ = four_ = 0;
    }
    if (wanted_.pairs && now.digits != 0) {
      const std::uint64_t pair = now.spaces & later(now.digits, digits_, 1) & later(now.digits, digits_, 2);
      add(at, pair & later(pair, pair_, 3), out_.pairs);
      pair_ = pair;
    } else {
      pair_ = 0;
    }
    if (wanted_.singles) {
      // One byte behind a letter with nothing like it on either side.
      const std::uint64_t single = later(now.letters, letters_, 1) & ~later(words, words_, 2) & ~words;
      if (single != 0) {
        add(at,
            (single & later(single, single_, 2) & later(single, single_, 4)) |
                (single & later(single, single_, 3) & later(single, single_, 6)),
            out_.singles);
      }
      single_ = single;
    }
    if (wanted_.words) {
      // Of three letters or more, as far as this block tells.
      constexpr std::uint64_t kLast = 3ULL << 62U;
      std::uint64_t starts = now.letters & ~later(words, words_, 1) & ((now.letters >> 1U & now.letters >> 2U) | kLast);
#if defined(__x86_64__)
      if constexpr (kWide) {
        if (at + 64 + kRoom <= text_.size()) starts &= sieve(text_.data() + at);
      }
#endif
#if defined(__x86_64__)
      if constexpr (kWide) {
        queued_ += put(at, starts, queue_.data() + queued_);
        if (queued_ + 64 > queue_.size()) look_up_words();
      } else {
        queue(at, starts);
      }
#else
      queue(at, starts);
#endif
    }
    letters_ = now.letters;
    small_ = small;
    digits_ = now.digits;
    words_ = words;
  }

  [[gnu::noinline]] void look_rare(std::size_t at, const Block& now) {
    for (std::uint64_t left = now.rare; left != 0; left &= left - 1) {
      const std::size_t i = at + first(left);
      if (i >= text_.size()) return;
      switch (text_[i]) {
        case '\\':
          set(out_.backslash, i);
          break;
        case '%':
          set(out_.percent, i);
          break;
        case '&':
          set(out_.ampersand, i);
          break;
        case '*':
        case '`':
        case '~':
        case '<':
          if (i > 0 && out_.mark == Screened::kNone && !is_space(text_[i - 1])) out_.mark = i;
          break;
        default:
          if (wanted_.signs && i > 0 && i + 1 < text_.size() && is_letter(text_[i - 1]) && is_letter(text_[i + 1])) {
            out_.signs.push_back(static_cast<std::uint32_t>(i));
          }
      }
    }
  }

  [[gnu::noinline]] void add_tokens(std::size_t at, std::uint64_t mixed) {
    for (; mixed != 0; mixed &= mixed - 1) {
      const std::size_t i = at + first(mixed);
      if (i < token_end_) continue;
      Span token{i, i};
      const std::size_t bound = std::max(token_end_, i > kLookBack ? i - kLookBack : 0);
      while (token.begin > bound && is_token(text_[token.begin - 1])) --token.begin;
      while (token.end < text_.size() && is_token(text_[token.end])) ++token.end;
      token_end_ = token.end;
      out_.mixed.push_back(token);
    }
  }

  [[gnu::noinline]] static void add(std::size_t at, std::uint64_t found, std::vector<std::uint32_t>& out) {
    for (; found != 0; found &= found - 1) out.push_back(static_cast<std::uint32_t>(at + first(found)));
  }
  static void set(std::size_t& place, std::size_t at) { place = std::min(place, at); }
  [[gnu::always_inline]] static unsigned first(std::uint64_t mask) {
    return static_cast<unsigned>(std::countr_zero(mask));
  }

  std::string_view text_;
  const Wanted& wanted_;
  Screened& out_;
  std::size_t token_end_ = 0;
  std::array<std::uint32_t, 512> queue_;  // beginnings of words
  std::size_t queued_ = 0;
  // Of the block before.
  std::uint64_t letters_ = 0;
  std::uint64_t small_ = 0;
  std::uint64_t digits_ = 0;
  std::uint64_t twice_ = 0;
  std::uint64_t four_ = 0;
  std::uint64_t pair_ = 0;
  std::uint64_t single_ = 0;
  std::uint64_t words_ = 0;
};

}  // namespace

void Screened::clear() {
  non_ascii = backslash = percent = ampersand = mark = kNone;
  mixed.clear();
  signs.clear();
  pairs.clear();
  singles.clear();
  words.clear();
}

void screen(std::string_view text, const Wanted& wanted, Screened& out) {
  out.clear();
  if (!text.empty()) Screening(text, wanted, out).run();
}

}  // namespace gatehouse::text::views
