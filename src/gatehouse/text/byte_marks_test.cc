#include "gatehouse/text/byte_marks.h"

#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace gatehouse::text {
namespace {

// As it is written in the header, a byte at a time.
std::vector<std::uint64_t> expected(std::string_view text, std::span<const ByteSpan> spans) {
  std::vector<std::uint64_t> marks((text.size() + 63) / 64);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    for (const ByteSpan& span : spans) {
      if (byte >= static_cast<unsigned char>(span.low) && byte <= static_cast<unsigned char>(span.high)) {
        marks[i / 64] |= std::uint64_t{1} << (i % 64);
      }
    }
  }
  return marks;
}

TEST(ByteMarks, EveryByteIsMarkedAtEveryPlace) {
  std::string all;
  for (int i = 0; i < 256 * 3; ++i) all += static_cast<char>(i * 7);
  const std::vector<std::vector<ByteSpan>> sets = {
      {},
      {{'0', '9'}},
      {{'-', ':'}, {'@', '@'}},
      {{'A', 'Z'}, {'\xC3', '\xD1'}},
      {{'\0', '\0'}, {'\xFF', '\xFF'}, {'\x7F', '\x80'}},
      {{'\0', '\xFF'}},
      {{'a', 'z'}, {'A', 'Z'}, {'_', '_'}, {'"', ')'}},
  };
  for (const auto& spans : sets) {
    for (std::size_t size = 0; size <= 200; ++size) {
      for (const std::size_t from : {std::size_t{0}, std::size_t{1}, std::size_t{37}}) {
        const std::string_view text = std::string_view(all).substr(from, size);
        std::vector<std::uint64_t> marks((size + 63) / 64, 0x5555555555555555U);
        mark_bytes(text, spans, marks);
        ASSERT_EQ(marks, expected(text, spans)) << size << " from " << from;
      }
    }
  }
}

}  // namespace
}  // namespace gatehouse::text
