#include "gatehouse/json/scan.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::json {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> keys_of(std::string_view document) {
  std::vector<std::string> keys;
  const auto scanned = scan_object(document, [&](const Member& member) { keys.emplace_back(member.key); });
  if (!scanned) keys.push_back("error: " + scanned.error().detail);
  return keys;
}

TEST(ScanObject, tells_every_member_by_position) {
  const std::string document = R"( { "model" : "m\n1", "stream":true,"n":-1.5e3 , "a":[1,{"x":[]}],"o":{},"z":null } )";
  std::vector<std::string> seen;
  const auto scanned = scan_object(document, [&](const Member& member) {
    EXPECT_EQ(document.substr(member.offset, member.value.size()), member.value);
    seen.push_back(std::string(member.key) + "=" + std::string(member.value) + ":" +
                   std::string(describe(member.kind)));
  });
  ASSERT_TRUE(scanned) << scanned.error().detail;
  EXPECT_THAT(seen, ElementsAre(R"(model="m\n1":a string)", "stream=true:a boolean", "n=-1.5e3:a number",
                                R"(a=[1,{"x":[]}]:an array)", "o={}:an object", "z=null:null"));
}

TEST(ScanObject, sees_duplicate_and_escaped_keys) {
  EXPECT_THAT(keys_of(R"({"model":"a","mod\u0065l":"b","\ud83d\ude00\/\"":1,"":2})"),
              ElementsAre("model", "model", "\xF0\x9F\x98\x80/\"", ""));
}

TEST(ScanObject, refuses_what_is_no_object) {
  for (const char* document : {"", " ", "[]", "1", "\"x\"", "null", "\xEF\xBB\xBF{}"}) {
    EXPECT_FALSE(scan_object(document, [](const Member&) {})) << document;
  }
}

TEST(ScanObject, notes_keys_at_any_depth_and_escapes) {
  struct Case {
    std::string document;
    bool key, escape;
  };
  const Case cases[] = {
      {R"({"kind":1})", true, false},
      {R"({"a":[{"b":{"kind":[]}}]})", true, false},
      {R"({"a":["kind",{"kinds":1,"b":"\"kind\":1"}],"":0})", false, false},
      {R"({"a":[{"\u006bind":1}]})", false, true},
      {R"({"a":{"b":"\u0041"}})", false, true},
      {R"({"a":"\\u0041"})", false, false},
      {R"({"a":[{"x":"\ud83d\ude00"},{"kind":0},{"kind":0}]})", true, true},
  };
  for (const Case& one : cases) {
    Notes notes{.wanted = [](std::string_view key) { return key == "kind"; }};
    ASSERT_TRUE(scan_object(one.document, notes, [](const Member&) {})) << one.document;
    EXPECT_EQ(notes.key, one.key) << one.document;
    EXPECT_EQ(notes.unicode_escape, one.escape) << one.document;
  }
}

TEST(ScanArray, tells_every_element) {
  std::vector<std::string> seen;
  ASSERT_TRUE(scan_array(R"([1 , "a", [2,3],{} ])", [&](const Element& element) { seen.emplace_back(element.value); }));
  EXPECT_THAT(seen, ElementsAre("1", R"("a")", "[2,3]", "{}"));
  EXPECT_FALSE(scan_array("{}", [](const Element&) {}));
}

TEST(Walk, visits_what_a_scan_visits_and_stops_at_a_fault) {
  std::vector<std::string> seen;
  const auto note_member = [&](const Member& member) { seen.emplace_back(member.key); };
  const auto note_element = [&](const Element& element) { seen.emplace_back(element.value); };
  EXPECT_TRUE(walk_object(R"({"a":1,"\u0062":[2]})", note_member));
  EXPECT_TRUE(walk_array("[1,[2]]", note_element));
  EXPECT_THAT(seen, ElementsAre("a", "b", "1", "[2]"));
  seen.clear();
  EXPECT_FALSE(walk_object(R"({"a":1,"b":2x,"c":3})", note_member));
  EXPECT_FALSE(walk_array("[1,2", note_element));
  EXPECT_FALSE(walk_array("", note_element));
  EXPECT_THAT(seen, ElementsAre("a", "b", "1", "2"));
  seen.clear();
  EXPECT_TRUE(walk_members(R"("b" : {"c":1} ,"d":2} )", note_member));
  EXPECT_THAT(seen, ElementsAre("b", "d"));
  for (const char* cut : {"", "}", R"("b":1)", R"("b":1,})", R"("b":1}})", R"("b":1],"c":2})", R"(b":1})"}) {
    EXPECT_FALSE(walk_members(cut, note_member)) << cut;
  }
}

TEST(Validate, takes_what_the_grammar_allows) {
  for (const char* document :
       {"null", " true ", "false", "0", "-0", "-0.0e-0", "1E+5", "12345678901234567890123456789", "1e999", "\"\"",
        R"("\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00")", "[]", "[[],{}]", "{\"a\":{}}", "\r\n\t {\"a\" : [ 1 , 2 ] } \n",
        "\"\x7f\xc3\xa9\"", "\"0123456789abcdef0123456789abcdef\""}) {
    EXPECT_TRUE(validate(document)) << document;
  }
}

TEST(Validate, refuses_what_it_does_not) {
  using namespace std::string_literals;
  for (const std::string& document : {""s,
                                      " "s,
                                      "nul"s,
                                      "nullx"s,
                                      "truE"s,
                                      "01"s,
                                      "-"s,
                                      "+1"s,
                                      "1."s,
                                      ".5"s,
                                      "1e"s,
                                      "1e+"s,
                                      "0x10"s,
                                      "NaN"s,
                                      "\""s,
                                      "\"a"s,
                                      "\"\\\""s,
                                      "\"\\x\""s,
                                      "\"\\u12\""s,
                                      "\"\\u12g4\""s,
                                      "\"\\ud800\""s,
                                      "\"\\ud800\\n\""s,
                                      "\"\\ud800\\u0041\""s,
                                      "\"\\udc00\""s,
                                      "\"\x01\""s,
                                      "\"0123456789abcde\n\""s,
                                      "\"a\0b\""s,
                                      "\"\xff\""s,
                                      "\"\xc0\x80\""s,
                                      "\"\xed\xa0\x80\""s,
                                      "["s,
                                      "[1"s,
                                      "[1,"s,
                                      "[1,]"s,
                                      "[,1]"s,
                                      "[1 2]"s,
                                      "]"s,
                                      "{"s,
                                      "{\"a\""s,
                                      "{\"a\":"s,
                                      "{\"a\":1"s,
                                      "{\"a\":1,}"s,
                                      "{a:1}"s,
                                      "{'a':1}"s,
                                      "{\"a\" 1}"s,
                                      "{1:1}"s,
                                      "[1}"s,
                                      "{\"a\":1]"s,
                                      "{}{}"s,
                                      "1 1"s,
                                      "[] x"s,
                                      "{}\0"s,
                                      "\0"s,
                                      "// x\n1"s,
                                      "[1]/**/"s,
                                      "\xEF\xBB\xBF{}"s,
                                      "\v1"s}) {
    EXPECT_FALSE(validate(document)) << document;
  }
}

TEST(Validate, stops_at_the_depth_limit_and_not_before) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(validate(nested(kMaxDepth)));
  EXPECT_FALSE(validate(nested(kMaxDepth + 1)));
  EXPECT_FALSE(validate(std::string(1'000'000, '[')));
  const auto within = [&](std::size_t depth) { return "{\"a\":" + nested(depth) + "}"; };
  EXPECT_TRUE(scan_object(within(kMaxDepth - 1), [](const Member&) {}));
  const auto deep = scan_object(within(kMaxDepth), [](const Member&) {});
  ASSERT_FALSE(deep);
  EXPECT_THAT(deep.error().detail, HasSubstr("nested too deep"));
}

// Objects and arrays alternate, so that a bit of the stack read for the wrong level closes with the wrong bracket.
TEST(Validate, keeps_objects_and_arrays_apart_at_every_depth) {
  std::string open;
  std::string close;
  for (std::size_t depth = 0; depth < kMaxDepth; ++depth) {
    const bool object = depth % 3 == 0;
    open += object ? "{\"k\":1,\"a\":" : "[0,";
    close.insert(0, object ? "}" : "]");
    EXPECT_TRUE(validate(open + "1" + close)) << depth;
    std::string wrong = close;
    wrong.front() = object ? ']' : '}';
    EXPECT_FALSE(validate(open + "1" + wrong)) << depth;
  }
}

TEST(Validate, refuses_a_document_cut_anywhere) {
  const std::string document =
      R"({"model":"gpt","messages":[{"role":"user","content":"h\u00e9llo \ud83d\ude00 \\ \"x\""}],"n":1.5e-3,"s":true})";
  ASSERT_TRUE(validate(document));
  for (std::size_t size = 0; size < document.size(); ++size) {
    EXPECT_FALSE(validate(document.substr(0, size))) << size;
  }
}

TEST(Errors, say_what_and_where_but_not_the_text) {
  const auto scanned = scan_object(R"({"secret":"x" "y":1})", [](const Member&) {});
  ASSERT_FALSE(scanned);
  EXPECT_EQ(scanned.error().code, Code::invalid_request);
  EXPECT_EQ(scanned.error().detail, "invalid JSON at byte 14: a comma or a closing bracket was expected");
}

}  // namespace
}  // namespace gatehouse::json
