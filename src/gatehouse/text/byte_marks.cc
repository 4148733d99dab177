#include "gatehouse/text/byte_marks.h"

#include <algorithm>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace gatehouse::text {
namespace {

#if defined(__x86_64__)

// A byte is in a span where, with the span's beginning taken off, it is at most as large as the span.
[[gnu::target("avx512bw,avx512f")]] std::uint64_t block_avx512(const char* from, std::span<const ByteSpan> spans) {
  const __m512i v = _mm512_loadu_si512(from);
  std::uint64_t bits = 0;
  for (const ByteSpan& span : spans) {
    bits |= _mm512_cmple_epu8_mask(_mm512_sub_epi8(v, _mm512_set1_epi8(span.low)),
                                   _mm512_set1_epi8(static_cast<char>(span.high - span.low)));
  }
  return bits;
}

[[gnu::target("avx2")]] std::uint64_t block_avx2(const char* from, std::span<const ByteSpan> spans) {
  std::uint64_t bits = 0;
  for (unsigned i = 0; i < 64; i += 32) {
    const __m256i v = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + i));
    __m256i found = _mm256_setzero_si256();
    for (const ByteSpan& span : spans) {
      const __m256i above = _mm256_sub_epi8(v, _mm256_set1_epi8(span.low));
      const __m256i least = _mm256_min_epu8(above, _mm256_set1_epi8(static_cast<char>(span.high - span.low)));
      found = _mm256_or_si256(found, _mm256_cmpeq_epi8(least, above));
    }
    bits |= static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm256_movemask_epi8(found))) << i;
  }
  return bits;
}

std::uint64_t block_plain(const char* from, std::span<const ByteSpan> spans) {
  std::uint64_t bits = 0;
  for (unsigned i = 0; i < 64; i += 16) {
    const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i));
    __m128i found = _mm_setzero_si128();
    for (const ByteSpan& span : spans) {
      const __m128i above = _mm_sub_epi8(v, _mm_set1_epi8(span.low));
      const __m128i least = _mm_min_epu8(above, _mm_set1_epi8(static_cast<char>(span.high - span.low)));
      found = _mm_or_si128(found, _mm_cmpeq_epi8(least, above));
    }
    bits |= static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm_movemask_epi8(found))) << i;
  }
  return bits;
}

#else

std::uint64_t block_plain(const char* from, std::span<const ByteSpan> spans) {
  std::uint64_t bits = 0;
  for (const ByteSpan& span : spans) {
    const auto most = static_cast<unsigned char>(span.high - span.low);
    for (unsigned i = 0; i < 64; ++i) {
      const bool in = static_cast<unsigned char>(from[i] - span.low) <= most;
      bits |= static_cast<std::uint64_t>(in) << i;
    }
  }
  return bits;
}

#endif

// All of a text by one of the above, which is inlined with a count of spans that is known.
template <auto kBlock, std::size_t kSpans>
[[gnu::always_inline]] inline void mark(std::string_view text, std::span<const ByteSpan> spans,
                                        std::span<std::uint64_t> out) {
  std::array<ByteSpan, kSpans> own;
  std::copy_n(spans.begin(), kSpans, own.begin());
  std::size_t at = 0;
  for (; at + 64 <= text.size(); at += 64) out[at / 64] = kBlock(text.data() + at, own);
  if (at == text.size()) return;
  std::array<char, 64> rest{};
  text.copy(rest.data(), rest.size(), at);
  out[at / 64] = kBlock(rest.data(), own) & ((std::uint64_t{1} << (text.size() - at)) - 1);
}

template <auto kBlock>
[[gnu::always_inline]] inline void mark_any(std::string_view text, std::span<const ByteSpan> spans,
                                            std::span<std::uint64_t> out) {
  switch (spans.size()) {
    case 0:
      std::fill_n(out.begin(), (text.size() + 63) / 64, std::uint64_t{0});
      return;
    case 1:
      return mark<kBlock, 1>(text, spans, out);
    case 2:
      return mark<kBlock, 2>(text, spans, out);
    case 3:
      return mark<kBlock, 3>(text, spans, out);
    default:
      return mark<kBlock, 4>(text, spans, out);
  }
}

#if defined(__x86_64__)
[[gnu::target("avx512bw,avx512f")]] void mark_avx512(std::string_view text, std::span<const ByteSpan> spans,
                                                     std::span<std::uint64_t> out) {
  mark_any<block_avx512>(text, spans, out);
}
[[gnu::target("avx2")]] void mark_avx2(std::string_view text, std::span<const ByteSpan> spans,
                                       std::span<std::uint64_t> out) {
  mark_any<block_avx2>(text, spans, out);
}
#endif

}  // namespace

void mark_bytes(std::string_view text, std::span<const ByteSpan> spans, std::span<std::uint64_t> out) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512bw") != 0) return mark_avx512(text, spans, out);
  if (__builtin_cpu_supports("avx2") != 0) return mark_avx2(text, spans, out);
#endif
  mark_any<block_plain>(text, spans, out);
}

}  // namespace gatehouse::text
