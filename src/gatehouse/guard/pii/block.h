#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace gatehouse::guard::pii {

// 64 bytes of a text, to be asked which of them are what: bit 0 is the first. Behind the text's end are zeros.
class Block {
 public:
  Block(std::string_view text, std::size_t at) {
    if (text.size() - at >= 64) {
      load(text.data() + at);
    } else {
      std::array<char, 64> padded{};
      text.copy(padded.data(), text.size() - at, at);
      load(padded.data());
    }
  }

  std::uint64_t is(char c) const { return within(c, c); }

#if defined(__SSE2__)
  // Bytes from `low` to `high`, as unsigned.
  std::uint64_t within(char low, char high) const {
    const auto first = static_cast<unsigned char>(low);
    const auto count = static_cast<unsigned char>(high) - first + 1;
    // Shifted so that the range begins at the least signed value: one compare then tells.
    const __m128i shift = _mm_set1_epi8(static_cast<char>(0x80 - first));
    const __m128i limit = _mm_set1_epi8(static_cast<char>(-128 + count));
    std::uint64_t bits = 0;
    for (unsigned i = 0; i < 4; ++i) {
      const int part = _mm_movemask_epi8(_mm_cmplt_epi8(_mm_add_epi8(bytes_[i], shift), limit));
      bits |= static_cast<std::uint64_t>(static_cast<unsigned>(part)) << (i * 16);
    }
    return bits;
  }
  std::uint64_t not_ascii() const {
    std::uint64_t bits = 0;
    for (unsigned i = 0; i < 4; ++i) {
      bits |= static_cast<std::uint64_t>(static_cast<unsigned>(_mm_movemask_epi8(bytes_[i]))) << (i * 16);
    }
    return bits;
  }

 private:
  void load(const char* p) {
    for (unsigned i = 0; i < 4; ++i) bytes_[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + i * 16));
  }
  std::array<__m128i, 4> bytes_;
#elif defined(__aarch64__)
  std::uint64_t within(char low, char high) const {
    const auto first = static_cast<std::uint8_t>(low);
    const uint8x16_t span = vdupq_n_u8(static_cast<std::uint8_t>(static_cast<std::uint8_t>(high) - first));
    std::array<uint8x16_t, 4> found;
    for (unsigned i = 0; i < 4; ++i) found[i] = vcleq_u8(vsubq_u8(bytes_[i], vdupq_n_u8(first)), span);
    return gather(found);
  }
  std::uint64_t not_ascii() const { return within(static_cast<char>(0x80), static_cast<char>(0xFF)); }

 private:
  static std::uint64_t gather(const std::array<uint8x16_t, 4>& found) {
    const uint8x16_t weights = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    const uint8x16_t front = vpaddq_u8(vandq_u8(found[0], weights), vandq_u8(found[1], weights));
    const uint8x16_t back = vpaddq_u8(vandq_u8(found[2], weights), vandq_u8(found[3], weights));
    const uint8x16_t all = vpaddq_u8(front, back);
    return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(all, all)), 0);
  }
  void load(const char* p) {
    for (unsigned i = 0; i < 4; ++i) bytes_[i] = vld1q_u8(reinterpret_cast<const std::uint8_t*>(p) + i * 16);
  }
  std::array<uint8x16_t, 4> bytes_;
#else
  std::uint64_t within(char low, char high) const {
    const auto first = static_cast<unsigned char>(low);
    const auto span = static_cast<unsigned char>(static_cast<unsigned char>(high) - first);
    std::uint64_t bits = 0;
    for (unsigned i = 0; i < 64; ++i) {
      const bool in = static_cast<unsigned char>(static_cast<unsigned char>(bytes_[i]) - first) <= span;
      bits |= static_cast<std::uint64_t>(in) << i;
    }
    return bits;
  }
  std::uint64_t not_ascii() const { return within(static_cast<char>(0x80), static_cast<char>(0xFF)); }

 private:
  void load(const char* p) {
    for (unsigned i = 0; i < 64; ++i) bytes_[i] = p[i];
  }
  std::array<char, 64> bytes_;
#endif
};

}  // namespace gatehouse::guard::pii
