#include "gatehouse/json/value.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::json {
namespace {

using ::testing::ElementsAre;

TEST(ReadString, decodes_escapes) {
  EXPECT_EQ(read_string(R"("a\"\\\/\b\f\n\r\tz")"), "a\"\\/\b\f\n\r\tz");
  EXPECT_EQ(read_string(R"("\u0041\u00e9\u20ac\ud83d\ude00")"), "A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
  EXPECT_EQ(read_string(R"("\u0000")"), std::string(1, '\0'));
  EXPECT_EQ(read_string("\"\""), "");
}

TEST(ReadString, is_nothing_for_anything_else) {
  for (const char* raw : {"", "\"", "1", "null", "\"a", "a\"", R"("a"b")", R"("\u12")", R"("\ud800")", R"("a" )"}) {
    EXPECT_EQ(read_string(raw), std::nullopt) << raw;
  }
  std::string out = "kept";
  EXPECT_FALSE(append_string("1", out));
  EXPECT_EQ(out, "kept");
}

TEST(ReadNumbers, keep_to_their_ranges) {
  EXPECT_EQ(read_integer("-9223372036854775808"), INT64_MIN);
  EXPECT_EQ(read_integer("9223372036854775808"), std::nullopt);
  EXPECT_EQ(read_integer("1.0"), std::nullopt);
  EXPECT_EQ(read_integer("\"1\""), std::nullopt);
  EXPECT_EQ(read_count("18446744073709551615"), UINT64_MAX);
  EXPECT_EQ(read_count("18446744073709551616"), std::nullopt);
  EXPECT_EQ(read_count("-1"), std::nullopt);
  EXPECT_EQ(read_count("12.0"), 12u);
  EXPECT_EQ(read_count("12.5"), std::nullopt);
  EXPECT_EQ(read_count("12.0e1"), std::nullopt);
  EXPECT_EQ(read_number("1.5e3"), 1500.0);
  EXPECT_EQ(read_number("inf"), std::nullopt);
  EXPECT_EQ(read_bool("true"), true);
  EXPECT_EQ(read_bool("1"), std::nullopt);
}

TEST(Find, walks_a_path) {
  constexpr std::string_view kRaw = R"({"usage":{"prompt_tokens":7,"details":{"x":[1]}},"a":1,"a":2})";
  EXPECT_EQ(find(kRaw, "usage.prompt_tokens"), "7");
  EXPECT_EQ(find(kRaw, "usage.details.x"), "[1]");
  EXPECT_EQ(find(kRaw, "a"), "2");
  EXPECT_EQ(find(kRaw, "usage.prompt_tokens.x"), "");
  EXPECT_EQ(find(kRaw, "none"), "");
  EXPECT_EQ(find("[1]", "a"), "");
  EXPECT_EQ(find("", "a"), "");
}

TEST(Value, walks) {
  const Value value(R"( {"list":[1,"two",null],"o":{"k":true},"l":1} )");
  EXPECT_TRUE(value.is(Kind::object));
  EXPECT_EQ(value.size(), 3u);
  std::vector<std::string> seen;
  value["list"].elements([&](Value element) { seen.emplace_back(element.raw()); });
  EXPECT_THAT(seen, ElementsAre("1", "\"two\"", "null"));
  seen.clear();
  value.members([&](std::string_view key, Value) { seen.emplace_back(key); });
  EXPECT_THAT(seen, ElementsAre("list", "o", "l"));
  EXPECT_EQ(value["o"]["k"].boolean(), true);
  EXPECT_EQ(value["l"].integer(), 1);
  EXPECT_EQ(value["list"].size(), 3u);
}

TEST(Value, answers_questions_about_what_is_not_there) {
  const Value none = Value(R"({"a":1})")["b"]["c"];
  EXPECT_FALSE(none.exists());
  EXPECT_FALSE(none.is_null());
  EXPECT_EQ(none.size(), 0u);
  EXPECT_EQ(none.string(), std::nullopt);
  EXPECT_EQ(none.string_or("x"), "x");
  EXPECT_TRUE(Value("null").is_null());
  EXPECT_FALSE(Value("@").exists());
}

}  // namespace
}  // namespace gatehouse::json
