#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace gatehouse::guard::pii {

// The places of a text where an identifier may be, one after another: the first digit of each run of digits, and each
// of @ : . - (and /, which lies between them in ASCII). 64 bytes at a time, so that text without any costs nearly
// nothing. One thread's, for one look.
class Marks {
 public:
  static constexpr std::size_t kEnd = ~std::size_t{0};

  Marks(std::string_view text, std::size_t from) : text_(text), block_(from) { load(); }

  // Ascending; kEnd behind the last.
  std::size_t next() {
    while (mask_ == 0) {
      block_ += 64;
      if (block_ >= text_.size()) return kEnd;
      load();
    }
    const auto bit = static_cast<std::size_t>(std::countr_zero(mask_));
    mask_ &= mask_ - 1;
    return block_ + bit;
  }

 private:
  struct Bits {
    std::uint64_t marks;
    std::uint64_t digits;
  };

  void load() {
    mask_ = 0;
    if (block_ >= text_.size()) return;
    Bits bits;
    if (text_.size() - block_ >= 64) {
      bits = classify(text_.data() + block_);
    } else {
      char padded[64] = {};
      text_.copy(padded, text_.size() - block_, block_);
      bits = classify(padded);
    }
    // Only where a run of digits begins.
    const std::uint64_t starts = bits.digits & ~((bits.digits << 1) | (in_digits_ ? 1U : 0U));
    in_digits_ = (bits.digits >> 63) != 0;
    mask_ = (bits.marks & ~bits.digits) | starts;
  }

  // '-' to ':' are one stretch of ASCII: - . / 0-9 :
#if defined(__SSE2__)
  static Bits classify(const char* p) {
    Bits bits{};
    for (unsigned i = 0; i < 4; ++i) {
      const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + i * 16));
      // Shifted so that the stretch begins at the least signed value: one compare then tells.
      const __m128i low = _mm_add_epi8(v, _mm_set1_epi8(static_cast<char>(0x80 - '-')));
      const __m128i stretch = _mm_cmplt_epi8(low, _mm_set1_epi8(static_cast<char>(-128 + (':' - '-') + 1)));
      const __m128i zero = _mm_add_epi8(v, _mm_set1_epi8(static_cast<char>(0x80 - '0')));
      const __m128i digit = _mm_cmplt_epi8(zero, _mm_set1_epi8(static_cast<char>(-128 + 10)));
      const __m128i mark = _mm_or_si128(stretch, _mm_cmpeq_epi8(v, _mm_set1_epi8('@')));
      bits.marks |= static_cast<std::uint64_t>(static_cast<unsigned>(_mm_movemask_epi8(mark))) << (i * 16);
      bits.digits |= static_cast<std::uint64_t>(static_cast<unsigned>(_mm_movemask_epi8(digit))) << (i * 16);
    }
    return bits;
  }
#elif defined(__aarch64__)
  static std::uint64_t gather(uint8x16_t a, uint8x16_t b, uint8x16_t c, uint8x16_t d) {
    const uint8x16_t weights = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    const uint8x16_t ab = vpaddq_u8(vandq_u8(a, weights), vandq_u8(b, weights));
    const uint8x16_t cd = vpaddq_u8(vandq_u8(c, weights), vandq_u8(d, weights));
    const uint8x16_t all = vpaddq_u8(ab, cd);
    return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(all, all)), 0);
  }
  static Bits classify(const char* p) {
    uint8x16_t mark[4];
    uint8x16_t digit[4];
    for (unsigned i = 0; i < 4; ++i) {
      const uint8x16_t v = vld1q_u8(reinterpret_cast<const std::uint8_t*>(p) + i * 16);
      const uint8x16_t stretch = vcleq_u8(vsubq_u8(v, vdupq_n_u8('-')), vdupq_n_u8(':' - '-'));
      mark[i] = vorrq_u8(stretch, vceqq_u8(v, vdupq_n_u8('@')));
      digit[i] = vcleq_u8(vsubq_u8(v, vdupq_n_u8('0')), vdupq_n_u8(9));
    }
    return {gather(mark[0], mark[1], mark[2], mark[3]), gather(digit[0], digit[1], digit[2], digit[3])};
  }
#else
  static Bits classify(const char* p) {
    Bits bits{};
    for (unsigned i = 0; i < 64; ++i) {
      const char c = p[i];
      const std::uint64_t bit = std::uint64_t{1} << i;
      if ((c >= '-' && c <= ':') || c == '@') bits.marks |= bit;
      if (c >= '0' && c <= '9') bits.digits |= bit;
    }
    return bits;
  }
#endif

  std::string_view text_;
  std::size_t block_;
  std::uint64_t mask_ = 0;
  bool in_digits_ = false;
};

}  // namespace gatehouse::guard::pii
