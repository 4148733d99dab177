#include "gatehouse/json/string_map.h"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/json/value.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::json {
namespace {

// Every character of the text by itself: what it is written as and what it reads as.
struct Character {
  std::string written;
  std::string text;
};
std::vector<Character> characters() {
  return {{"a", "a"},
          {R"(\n)", "\n"},
          {R"(\")", "\""},
          {R"(\\)", "\\"},
          {"u", "u"},
          {R"(\/)", "/"},
          {R"(\u0041)", "A"},
          {R"(\u00e9)", "\xc3\xa9"},
          {R"(\u20AC)", "\xe2\x82\xac"},
          {R"(\ud83d\ude00)", "\xf0\x9f\x98\x80"},
          {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
          {"b", "b"},
          {"a long stretch that has no escapes at all, longer than a vector",
           "a long stretch that has no escapes at all, longer than a vector"},
          {R"(\u0000)", std::string(1, '\0')},
          {R"(\ud83d\ude00)", "\xf0\x9f\x98\x80"}};
}

// Where each decoded byte is written, worked out character by character.
struct Expected {
  std::string raw = "\"";
  std::string text;
  std::vector<std::size_t> begin;  // of each decoded byte, and of the end
  std::vector<std::size_t> end;    // of what is before each decoded offset
};
Expected expected() {
  Expected all;
  all.end.push_back(1);
  for (const Character& character : characters()) {
    const bool escaped = character.written != character.text;
    for (std::size_t i = 0; i < character.text.size(); ++i) {
      all.begin.push_back(all.raw.size() + (escaped ? 0 : i));
      all.end.push_back(escaped ? all.raw.size() + character.written.size() : all.raw.size() + i + 1);
    }
    all.raw += character.written;
    all.text += character.text;
  }
  all.begin.push_back(all.raw.size());
  all.raw += '"';
  return all;
}

TEST(StringMap, EveryRangeFromAnyStart) {
  const Expected all = expected();
  ASSERT_EQ(read_string(all.raw), all.text);
  for (std::size_t from = 0; from <= all.text.size(); ++from) {
    for (std::size_t to = from; to <= all.text.size(); ++to) {
      StringMap map(all.raw);
      EXPECT_EQ(map.begin_of(from), all.begin[from]);
      EXPECT_EQ(map.end_of(to), all.end[to]) << from;
    }
  }
}

TEST(StringMap, OneCursorThroughTheWholeString) {
  const Expected all = expected();
  StringMap map(all.raw);
  for (std::size_t i = 0; i <= all.text.size(); ++i) {
    EXPECT_EQ(map.end_of(i), all.end[i]);
    EXPECT_EQ(map.begin_of(i), all.begin[i]);
    EXPECT_EQ(map.begin_of(i), all.begin[i]);
  }
  EXPECT_EQ(map.begin_of(all.text.size() + 7), all.raw.size() - 1);
  EXPECT_EQ(map.end_of(all.text.size() + 9), all.raw.size() - 1);
}

TEST(StringMap, EmptyAndImpossibleStringsEndTheWalk) {
  for (const std::string_view raw : {"", "\"", "\"\"", "\"\\\"", "\"\\u12\"", "\"a\"b\"", "\"\\ud83d\""}) {
    StringMap map(raw);
    EXPECT_LE(map.begin_of(0), raw.size());
    EXPECT_LE(map.begin_of(3), raw.size());
    EXPECT_LE(map.end_of(100), raw.size());
  }
}

std::string edited(std::string_view body, std::size_t offset, std::size_t length, const std::vector<TextEdit>& edits) {
  std::vector<Edit> out;
  std::deque<std::string> owned;
  append_edits(body, offset, length, edits, out, owned);
  return splice(body, out);
}

TEST(AppendEdits, WholeCharactersReadAsEditedInTheDecodedText) {
  const std::string body = R"({"a":1,"text":"mail \u006aoe@\ud83d\ude00.example\nand \"bob\"","z":"\u0041"})";
  const std::size_t offset = body.find("\"mail");
  const std::size_t length = body.find(",\"z\"") - offset;
  const std::string text = read_string(body.substr(offset, length)).value();
  const std::size_t mail = text.find("joe");
  const std::size_t bob = text.find("\"bob\"");
  const std::string out = edited(body, offset, length,
                                 {{0, 0, "To: "},
                                  {mail, text.find('\n'), "[E\"1\"]"},
                                  {bob, text.size(), "x\ny"},
                                  {text.size(), text.size(), "\xff"}});
  EXPECT_EQ(out, R"({"a":1,"text":"To: mail [E\"1\"]\nand x\ny)"
                 "\xef\xbf\xbd"
                 R"(","z":"\u0041"})");
  EXPECT_EQ(read_string(find(out, "text")), "To: mail [E\"1\"]\nand x\ny\xef\xbf\xbd");
}

TEST(AppendEdits, RangesInsideACharacterTakeAllOfIt) {
  const std::string body = R"("<\ud83d\ude00>")";
  EXPECT_EQ(edited(body, 0, body.size(), {{2, 3, "x"}}), R"("<x>")");
  // The second lies in the same escape, which is gone already.
  EXPECT_EQ(edited(body, 0, body.size(), {{2, 3, "x"}, {4, 5, "y"}}), R"("<xy>")");
  EXPECT_EQ(edited(body, 0, body.size(), {{2, 3, "x"}, {4, 6, "y"}}), R"("<xy")");
}

TEST(AppendEdits, OverlapsAndRangesPastTheEndStayInTheString) {
  const std::string body = R"(["abcdef"])";
  EXPECT_EQ(edited(body, 1, 8, {{1, 4, "X"}, {2, 5, "Y"}, {3, 4, "Z"}}), R"(["aXYZf"])");
  EXPECT_EQ(edited(body, 1, 8, {{4, 99, "X"}, {200, 300, "Y"}}), R"(["abcdXY"])");
}

TEST(AppendEdits, EveryCutOfEveryCharacterGivesAValidString) {
  const Expected all = expected();
  for (std::size_t from = 0; from <= all.text.size(); ++from) {
    for (std::size_t to = from; to <= all.text.size(); to += 3) {
      const std::string out = edited(all.raw, 0, all.raw.size(), {{from, to, "[\"]"}});
      EXPECT_TRUE(read_string(out).has_value()) << from << ' ' << to;
    }
  }
}

TEST(AppendEscaped, IsTheInsideOfAQuotedString) {
  for (const std::string_view text : {"", "plain", "a\"b\\c\n\x01", "\xff\xc3", "d\xc3\xa9j\xc3\xa0"}) {
    std::string quoted;
    append_quoted(quoted, text);
    std::string escaped = "kept ";
    append_escaped(escaped, text);
    EXPECT_EQ("\"" + escaped.substr(5) + "\"", quoted);
  }
}

}  // namespace
}  // namespace gatehouse::json
