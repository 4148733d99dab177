#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

namespace gatehouse::text {

// Which bytes of a text are some characters, as bits: what looks for a few signs in long texts goes from one to the
// next by them. Pure; as wide as the processor can (64 bytes, 32, 16 or one at a time), with the same result.

// Bytes from `low` to `high`, as unsigned.
struct ByteSpan {
  char low = 0;
  char high = 0;
};

// Marks every byte of `text` that is in one of `spans` (at most four): bit i of out[k] is byte 64 * k + i. `out` has
// room for all of the text; behind its end the bits are 0.
void mark_bytes(std::string_view text, std::span<const ByteSpan> spans, std::span<std::uint64_t> out);

// So many bytes are marked at a time by those who go through a text.
inline constexpr std::size_t kMarkedAtOnce = 4096;
using MarkedBytes = std::array<std::uint64_t, kMarkedAtOnce / 64>;

}  // namespace gatehouse::text
