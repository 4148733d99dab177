#include "gatehouse/observe/json_text.h"

#include <chrono>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "gatehouse/text/utf8.h"

namespace gatehouse::observe {
namespace {

using std::string_view_literals::operator""sv;

std::string quoted(std::string_view text, std::size_t max = 1000) {
  std::string out = "x";
  append_json_string(out, text, max);
  return out.substr(1);
}

TEST(JsonString, EscapesWhatItMustAndWhatMisleads) {
  EXPECT_EQ(quoted(""), R"("")");
  EXPECT_EQ(quoted("plain /v1/chat"), R"("plain /v1/chat")");
  EXPECT_EQ(quoted("a\"b\\c\nd\te\rf\bg"), R"("a\"b\\c\nd\te\rf\u0008g")");
  EXPECT_EQ(quoted("\0\x1f\x7f"sv), R"("\u0000\u001f\u007f")");
  EXPECT_EQ(quoted("\u00e9\u20ac\U0001f600"), "\"\u00e9\u20ac\U0001f600\"");
  EXPECT_EQ(quoted("\u0085\u2028\u202e"), R"("\u0085\u2028\u202e")");
}

TEST(JsonString, RepairsUtf8) {
  EXPECT_EQ(quoted("a\xff"
                   "b"),
            "\"a\ufffdb\"");
  EXPECT_EQ(quoted("\xed\xa0\x80"), "\"\ufffd\ufffd\ufffd\"");
  EXPECT_EQ(quoted("\xf0\x9f\x98"), "\"\ufffd\"");
  EXPECT_EQ(quoted("\xc3\""), "\"\ufffd\\\"\"");
}

TEST(JsonString, CutsBetweenCharacters) {
  const std::string text = "ab\u20ac\"";
  EXPECT_EQ(quoted(text, 0), R"("")");
  EXPECT_EQ(quoted(text, 2), R"("ab")");
  EXPECT_EQ(quoted(text, 4), R"("ab")");
  EXPECT_EQ(quoted(text, 5), "\"ab\u20ac\"");
  EXPECT_EQ(quoted(text, 6), "\"ab\u20ac\\\"\"");
}

TEST(JsonString, EveryByteGivesGoodUtf8OnOneLine) {
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      const char bytes[] = {static_cast<char>(a), static_cast<char>(b)};
      const std::string out = quoted({bytes, 2});
      ASSERT_TRUE(text::valid_utf8(out));
      for (const char c : out) ASSERT_GE(static_cast<unsigned char>(c), 0x20U);
    }
  }
}

TEST(Time, IsRfc3339) {
  using namespace std::chrono;
  const auto text = [](base::WallTime time) {
    std::string out;
    append_time(out, time);
    return out;
  };
  EXPECT_EQ(text(sys_days{year{2026} / 3 / 1} + hours(9) + minutes(30) + seconds(7) + microseconds(125)),
            "2026-03-01T09:30:07.000125Z");
  EXPECT_EQ(text(sys_days{year{2024} / 2 / 29} + hours(23) + minutes(59) + seconds(59) + nanoseconds(999999999)),
            "2024-02-29T23:59:59.999999Z");
  EXPECT_EQ(text({}), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(text(base::WallTime(-nanoseconds(1))), "1969-12-31T23:59:59.999999Z");
}

TEST(Number, GoesToItsLimits) {
  std::string out;
  append_number(out, std::numeric_limits<std::int64_t>::min());
  out += ' ';
  append_number(out, std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(out, "-9223372036854775808 18446744073709551615");
}

TEST(JsonText, WhatIsPlainIsWrittenAsItIs) {
  // Every byte at every place of texts that are shorter than a word, one, or longer.
  for (const std::size_t size : {1U, 3U, 4U, 5U, 7U, 8U, 9U, 16U, 20U}) {
    for (int c = 0; c < 256; ++c) {
      for (std::size_t at = 0; at < size; ++at) {
        std::string text(size, 'x');
        text[at] = static_cast<char>(c);
        std::string out;
        append_json_string(out, text);
        std::string copy(size, '\0');
        ASSERT_EQ(copy_plain(text, copy.data()), out == '"' + text + '"' && c < 0x80) << c << " at " << at;
        ASSERT_EQ(copy, text);
      }
    }
  }
  EXPECT_TRUE(copy_plain("", nullptr));
}

}  // namespace
}  // namespace gatehouse::observe
