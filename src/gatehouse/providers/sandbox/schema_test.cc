#include "gatehouse/providers/sandbox/schema.h"

#include <gtest/gtest.h>

#include "gatehouse/json/scan.h"

namespace gatehouse::providers::sandbox {
namespace {

std::string made(std::string_view schema, std::string_view hint = "") {
  const auto value = make_up(json::Value(schema), hint);
  if (!value) return "nothing";
  EXPECT_TRUE(json::validate(*value)) << *value;
  return *value;
}

TEST(MakeUp, scalars_keep_their_bounds) {
  EXPECT_EQ(made(R"({"type":"integer"})"), "1");
  EXPECT_EQ(made(R"({"type":"integer","minimum":10})"), "10");
  EXPECT_EQ(made(R"({"type":"integer","exclusiveMinimum":10})"), "11");
  EXPECT_EQ(made(R"({"type":"integer","maximum":-3})"), "-3");
  EXPECT_EQ(made(R"({"type":"integer","exclusiveMaximum":0})"), "-1");
  EXPECT_EQ(made(R"({"type":"integer","minimum":10,"multipleOf":4})"), "12");
  EXPECT_EQ(made(R"({"type":"number","minimum":0.25,"maximum":0.75})"), "0.5");
  EXPECT_EQ(made(R"({"type":"boolean"})"), "true");
  EXPECT_EQ(made(R"({"type":"null"})"), "null");
  EXPECT_EQ(made(R"({"type":["null","integer"]})"), "1");
  EXPECT_EQ(made(R"({"type":"string","minLength":10,"maxLength":10})"), R"("sandbox...")");
  EXPECT_EQ(made(R"({"type":"string","maxLength":3})"), R"("san")");
  EXPECT_EQ(made(R"({"type":"string","format":"date"})"), R"("2026-01-15")");
}

TEST(MakeUp, constants_choices_and_defaults) {
  EXPECT_EQ(made(R"({"const":{"a":[1]}})"), R"({"a":[1]})");
  EXPECT_EQ(made(R"({"type":"string","enum":["b","a"]})"), R"("b")");
  EXPECT_EQ(made(R"({"type":"string","default":"x"})"), R"("x")");
  EXPECT_EQ(made(R"({"type":"array","minItems":3,"items":{"enum":[1,2]}})"), "[1,2,1]");
}

TEST(MakeUp, objects_have_their_properties_once) {
  EXPECT_EQ(
      made(R"({"type":"object","properties":{"b":{"type":"integer"},"a":{"type":"boolean"}},"required":["a","z"]})"),
      R"({"b":1,"a":true,"z":"sample z"})");
  EXPECT_EQ(made(R"({"type":"object"})"), "{}");
  EXPECT_EQ(made(R"({"allOf":[{"properties":{"a":{"const":1}}},{"properties":{"a":{"const":2},"b":{"const":3}}}]})"),
            R"({"a":1,"b":3})");
}

TEST(MakeUp, arrays_keep_their_counts) {
  EXPECT_EQ(made(R"({"type":"array","items":{"type":"integer"}})"), "[1]");
  EXPECT_EQ(made(R"({"type":"array","items":{"type":"integer"},"minItems":3,"uniqueItems":true})"), "[1,2,3]");
  EXPECT_EQ(made(R"({"type":"array","items":{"type":"integer"},"maxItems":0})"), "[]");
  EXPECT_EQ(made(R"({"type":"array","prefixItems":[{"const":"a"},{"const":2}],"items":false})"), R"(["a",2])");
}

TEST(MakeUp, references_within_the_document) {
  EXPECT_EQ(
      made(
          R"({"$ref":"#/$defs/a","$defs":{"a":{"type":"object","properties":{"x":{"$ref":"#/$defs/b~1c"}}},"b/c":{"const":7}}})"),
      R"({"x":7})");
  EXPECT_EQ(made(R"({"anyOf":[{"$ref":"#/anyOf/1"},{"const":5}]})"), "5");
  EXPECT_EQ(made(R"({"$ref":"#/$defs/none"})"), "nothing");
  EXPECT_EQ(made(R"({"$ref":"https://example.com/x"})"), "nothing");
}

TEST(MakeUp, recursion_ends_where_it_may) {
  const std::string tree = made(
      R"({"type":"object","properties":{"v":{"type":"integer"},"next":{"anyOf":[{"$ref":"#"},{"type":"null"}]}},"required":["v","next"]})");
  EXPECT_TRUE(tree.starts_with(R"({"v":1,"next":{"v":1,)")) << tree;
  EXPECT_NE(tree.find(R"("next":null)"), std::string::npos);
  const std::string list = made(
      R"({"type":"object","properties":{"children":{"type":"array","items":{"$ref":"#"}}},"required":["children"]})");
  EXPECT_NE(list.find(R"("children":[])"), std::string::npos);
}

TEST(MakeUp, what_cannot_be_is_nothing_and_soon) {
  EXPECT_EQ(made(R"({"$ref":"#"})"), "nothing");
  EXPECT_EQ(made(R"({"type":"object","properties":{"a":{"$ref":"#"}},"required":["a"]})"), "nothing");
  EXPECT_EQ(made(R"({"type":"array","items":{"type":"integer"},"minItems":1000000000})"), "nothing");
  EXPECT_EQ(made(R"({"type":"string","minLength":1000000000})"), "nothing");
  EXPECT_EQ(made(R"({"allOf":[{"$ref":"#"},{"$ref":"#"},{"$ref":"#"}]})"), "nothing");
  std::string wide = R"({"type":"array","minItems":4000,"items":{"type":"object","properties":{)";
  for (int i = 0; i < 3000; ++i) wide += "\"property" + std::to_string(i) + "\":{},";
  EXPECT_EQ(made(wide + R"("z":{}}}})"), "nothing");
}

TEST(MakeUp, takes_words_of_the_question) {
  EXPECT_EQ(
      made(R"({"type":"object","properties":{"city":{"type":"string"}}})", "What is the weather in New York today?"),
      R"({"city":"New York"})");
  EXPECT_EQ(made(R"({"type":"object","properties":{"query":{"type":"string"}}})", "search \"red shoes\" please"),
            R"({"query":"red shoes"})");
  EXPECT_EQ(made(R"({"type":"object","properties":{"email":{"type":"string"}}})"), R"({"email":"ada@example.com"})");
}

}  // namespace
}  // namespace gatehouse::providers::sandbox
