#include "gatehouse/http/head_writer.h"

#include <limits>

#include <gtest/gtest.h>

namespace gatehouse::http {
namespace {

TEST(HeadWriter, LinesAndNumbers) {
  std::string out;
  append_status_line(out, 404);
  append_field(out, "a", "b c");
  append_field(out, "content-length", std::uint64_t{0});
  append_field(out, "n", std::numeric_limits<std::uint64_t>::max());
  append_number(out, 0xbeef, 16);
  EXPECT_EQ(out, "HTTP/1.1 404 Not Found\r\na: b c\r\ncontent-length: 0\r\nn: 18446744073709551615\r\nbeef");
}

TEST(HeadWriter, AStatusWithoutAPhraseKeepsItsSpace) {
  // RFC 9112, 4: the space before an absent phrase stays.
  std::string out;
  append_status_line(out, 599);
  EXPECT_EQ(out, "HTTP/1.1 599 \r\n");
}

TEST(DateCache, IsTheExampleOfTheRfcAndChangesOnceASecond) {
  DateCache cache;
  const auto example = base::WallTime(std::chrono::seconds(784111777));  // RFC 9110, 5.6.7
  EXPECT_EQ(cache.at(example), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(cache.at(example + std::chrono::milliseconds(999)), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(cache.at(example + std::chrono::seconds(1)), "Sun, 06 Nov 1994 08:49:38 GMT");
  // The clock may be set back.
  EXPECT_EQ(cache.at(example), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(cache.at(base::WallTime(std::chrono::sys_days{std::chrono::year{2024} / 2 / 29})),
            "Thu, 29 Feb 2024 00:00:00 GMT");
}

TEST(ReplaceField, TheFirstOfThatName) {
  std::string fields = "content-type-x: a\r\nContent-Type: a\r\nb: c\r\n";
  replace_field(fields, "content-type", "text/plain");
  EXPECT_EQ(fields, "content-type-x: a\r\nContent-Type: text/plain\r\nb: c\r\n");
  replace_field(fields, "d", "e");
  EXPECT_EQ(fields, "content-type-x: a\r\nContent-Type: text/plain\r\nb: c\r\nd: e\r\n");
}

}  // namespace
}  // namespace gatehouse::http
