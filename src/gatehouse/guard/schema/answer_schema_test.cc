#include "gatehouse/guard/schema/answer_schema.h"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/guard/schema/formats.h"

namespace gatehouse::guard {
namespace {

// "ok", or the error's detail.
std::string check(std::string_view schema, std::string_view answer) {
  const auto compiled = AnswerSchema::compile(schema);
  if (!compiled) return "compile: " + compiled.error().detail;
  const auto checked = (*compiled)->check(answer);
  return checked ? "ok" : checked.error().detail;
}
bool holds(std::string_view schema, std::string_view answer) {
  const std::string said = check(schema, answer);
  EXPECT_FALSE(said.starts_with("compile:")) << said;
  return said == "ok";
}
std::string compile_error(std::string_view schema, const SchemaLimits& limits = {}) {
  const auto compiled = AnswerSchema::compile(schema, limits);
  return compiled ? "" : compiled.error().detail;
}

struct Case {
  std::string_view schema;
  std::vector<std::string_view> yes;
  std::vector<std::string_view> no;
};

TEST(AnswerSchemaTest, Words) {
  const Case kCases[] = {
      {"true", {"1", "{}"}, {}},
      {"false", {}, {"1", "null"}},
      {R"({"type":"integer"})", {"1", "-3", "2.0", "1e3"}, {"1.5", "\"1\"", "null"}},
      {R"({"type":["string","null"]})", {"\"\"", "null"}, {"0", "[]"}},
      {R"({"enum":[1,"a",{"x":[1,2]},null]})",
       {"1.0", "\"a\"", R"({"x":[1,2]})", "null"},
       {"2", R"({"x":[2,1]})", "false"}},
      {R"({"const":{"a":1,"b":2}})", {R"({"b":2,"a":1})"}, {R"({"a":1})", R"({"a":1,"b":2,"c":3})"}},
      {R"({"minimum":2,"maximum":4})", {"2", "4", "3.5", "\"x\""}, {"1.9", "5"}},
      {R"({"exclusiveMinimum":2,"exclusiveMaximum":4})", {"2.1"}, {"2", "4"}},
      {R"({"minimum":2,"exclusiveMinimum":true})", {"2.1"}, {"2"}},
      {R"({"multipleOf":0.1})", {"0.3", "1", "1.1"}, {"0.25"}},
      {R"({"multipleOf":7})", {"14", "0", "-7"}, {"15"}},
      {R"({"minLength":2,"maxLength":3})", {"\"äöü\"", "\"ab\""}, {"\"a\"", "\"abcd\""}},
      {R"({"pattern":"^a\\u00e9?[0-9]+$"})", {"\"a1\"", "\"aé22\""}, {"\"b1\"", "\"a\""}},
      {R"({"format":"date"})", {"\"2024-02-29\"", "7"}, {"\"2023-02-29\"", "\"24-1-1\""}},
      {R"({"format":"something-else"})", {"\"x\""}, {}},
      {R"({"items":{"type":"number"},"minItems":1,"maxItems":2})", {"[1]", "[1,2]"}, {"[]", "[1,2,3]", "[\"a\"]"}},
      {R"({"items":[{"type":"number"},{"type":"string"}],"additionalItems":false})",
       {"[1,\"a\"]", "[1]"},
       {"[1,\"a\",2]", "[\"a\"]"}},
      {R"({"prefixItems":[{"type":"number"}],"items":{"type":"string"}})", {"[1,\"a\",\"b\"]"}, {"[1,2]"}},
      {R"({"contains":{"minimum":5},"minContains":2,"maxContains":3})", {"[5,6]", "[1,5,6,7]"}, {"[5]", "[5,6,7,8]"}},
      {R"({"uniqueItems":true})",
       {"[1,2,\"1\",true]", "[{\"a\":1},{\"a\":2}]"},
       {"[1,1.0]", "[{\"a\":1,\"b\":2},{\"b\":2,\"a\":1}]"}},
      {R"({"properties":{"a":{"type":"number"}},"required":["a"]})",
       {R"({"a":1})", R"({"a":1,"b":2})"},
       {"{}", R"({"a":"1"})"}},
      {R"({"properties":{"a":true},"additionalProperties":false})", {"{}", R"({"a":1})"}, {R"({"b":1})"}},
      {R"({"patternProperties":{"^x":{"type":"number"}},"additionalProperties":{"type":"string"}})",
       {R"({"x1":1,"y":"a"})"},
       {R"({"x":"a"})", R"({"y":1})"}},
      {R"({"propertyNames":{"maxLength":2}})", {R"({"ab":1})"}, {R"({"abc":1})", R"({"a\"bc":1})"}},
      {R"({"minProperties":1,"maxProperties":2})", {R"({"a":1})"}, {"{}", R"({"a":1,"b":1,"c":1})"}},
      {R"({"dependentRequired":{"a":["b"]}})", {"{}", R"({"a":1,"b":1})"}, {R"({"a":1})"}},
      {R"({"dependencies":{"a":["b"],"c":{"required":["d"]}}})", {R"({"c":1,"d":1})"}, {R"({"a":1})", R"({"c":1})"}},
      {R"({"dependentSchemas":{"a":{"maxProperties":1}}})", {R"({"a":1})", R"({"b":1,"c":1})"}, {R"({"a":1,"b":1})"}},
      {R"({"allOf":[{"minimum":1},{"maximum":3}]})", {"2"}, {"0", "4"}},
      {R"({"anyOf":[{"type":"string"},{"minimum":3}]})", {"\"a\"", "3"}, {"2"}},
      {R"({"oneOf":[{"multipleOf":2},{"multipleOf":3}]})", {"2", "3"}, {"6", "5"}},
      {R"({"not":{"type":"string"}})", {"1"}, {"\"a\""}},
      {R"({"if":{"minimum":10},"then":{"multipleOf":10},"else":{"maximum":5}})", {"20", "3"}, {"15", "7"}},
      {R"({"$defs":{"p":{"type":"object","properties":{"next":{"$ref":"#/$defs/p"}},"additionalProperties":false}},"$ref":"#/$defs/p"})",
       {"{}", R"({"next":{"next":{}}})"},
       {R"({"next":{"nexd":{}}})"}},
      {R"({"properties":{"kids":{"items":{"$ref":"#"}},"n":{"type":"number"}}})",
       {R"({"kids":[{"n":1,"kids":[]}]})"},
       {R"({"kids":[{"kids":[{"n":"x"}]}]})"}},
      {R"({"definitions":{"a/b~c d":{"type":"number"}},"items":{"$ref":"#/definitions/a~1b~0c%20d"}})",
       {"[1]"},
       {"[\"a\"]"}},
      // What stands beside a reference counts, but in drafts where it did not.
      {R"({"$defs":{"a":{"type":"number"}},"$ref":"#/$defs/a","minimum":3})", {"3"}, {"2"}},
      {R"({"$schema":"http://json-schema.org/draft-07/schema#","definitions":{"a":{"type":"number"}},"$ref":"#/definitions/a","minimum":3})",
       {"2"},
       {"\"a\""}},
  };
  for (const Case& c : kCases) {
    for (const std::string_view yes : c.yes) EXPECT_EQ(check(c.schema, yes), "ok") << c.schema << " " << yes;
    for (const std::string_view no : c.no) EXPECT_FALSE(holds(c.schema, no)) << c.schema << " " << no;
  }
}

TEST(AnswerSchemaTest, SaysWhereAndWhatButNoValue) {
  constexpr std::string_view kSchema =
      R"({"type":"object","required":["people"],"properties":{"people":{"type":"array","items":{
      "type":"object","properties":{"a/ge":{"type":"integer","maximum":150},"name":{"type":"string","maxLength":5}},
      "additionalProperties":{"type":"boolean"},"required":["name"]}}}})";
  EXPECT_EQ(check(kSchema, R"({"people":[{"name":"Ann"},{"name":"Bob","a/ge":"secret"}]})"),
            "/people/1/a~1ge: must be an integer");
  EXPECT_EQ(check(kSchema, R"({"people":[{"name":"Secretive"}]})"), "/people/0/name: must have at most 5 characters");
  EXPECT_EQ(check(kSchema, R"({"people":[{}]})"), "/people/0: lacks the member \"name\"");
  EXPECT_EQ(check(kSchema, R"({"people":[{"name":"A","hidden":"x"}]})"), "/people/0/*: must be a boolean");
  EXPECT_EQ(check(kSchema, "Sure! {}"), "(root): must be JSON, and nothing besides");
  EXPECT_EQ(check(kSchema, "[]"), "(root): must be an object");
  EXPECT_EQ(check(R"({"anyOf":[{"type":"string"},{"type":"object","required":["x"]}]})", "{}"),
            "(root): lacks the member \"x\"");
}

TEST(AnswerSchemaTest, RefusesWhatItCannotHoldTo) {
  EXPECT_NE(compile_error(R"({"$ref":"http://example.com/x.json"})").find("none is fetched"), std::string::npos);
  EXPECT_NE(compile_error(R"({"items":{"$ref":"other.json#/a"}})").find("schema/items/$ref"), std::string::npos);
  EXPECT_NE(compile_error(R"({"$ref":"#/nowhere"})").find("refers to nothing"), std::string::npos);
  EXPECT_NE(compile_error(R"({"unevaluatedProperties":false})").find("not supported"), std::string::npos);
  EXPECT_EQ(compile_error(R"({"unevaluatedProperties":true})"), "");
  EXPECT_NE(compile_error(R"({"properties":{"a":{"pattern":"(?=x)y"}}})").find("schema/properties/a/pattern"),
            std::string::npos);
  EXPECT_NE(compile_error(R"({"pattern":"(a)\\1"})"), "");
  EXPECT_NE(compile_error(R"({"type":"text"})"), "");
  EXPECT_NE(compile_error(R"({"required":true})"), "");
  EXPECT_NE(compile_error(R"({"multipleOf":0})"), "");
  EXPECT_NE(compile_error(R"({"allOf":[]})"), "");
  EXPECT_NE(compile_error("[1]"), "");
  EXPECT_NE(compile_error("{"), "");
}

TEST(AnswerSchemaTest, NothingRunsForEver) {
  EXPECT_NE(compile_error(R"({"$ref":"#"})").find("back to itself"), std::string::npos);
  EXPECT_NE(
      compile_error(R"({"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"anyOf":[{"$ref":"#/$defs/a"}]}},"$ref":"#/$defs/a"})"),
      "");
  EXPECT_NE(compile_error(R"({"allOf":[{"not":{"$ref":"#"}}]})"), "");
  // Alternatives inside each other multiply; the steps are counted.
  std::string schema =
      R"({"$defs":{"n":{"type":"array","items":{"anyOf":[{"$ref":"#/$defs/n"},{"$ref":"#/$defs/n"}]}}},"$ref":"#/$defs/n"})";
  std::string deep = "1";
  for (int i = 0; i < 60; ++i) deep = "[" + deep + "]";
  const auto compiled = AnswerSchema::compile(schema);
  ASSERT_TRUE(compiled.has_value());
  const auto checked = (*compiled)->check(deep);
  ASSERT_FALSE(checked.has_value());
  EXPECT_EQ(checked.error().code, Code::too_large);

  std::string many = "[";
  for (int i = 0; i < 200'000; ++i) many += "1,";
  many += "1]";
  EXPECT_EQ(check(R"({"items":{"type":"integer"}})", many), "ok");
  EXPECT_FALSE(holds(R"({"uniqueItems":true})", many));
  EXPECT_NE(compile_error(R"({"anyOf":[{},{},{}]})", {.schema_nodes = 3}), "");
  std::string deeper = "{}";
  for (int i = 0; i < 70; ++i) deeper = R"({"not":)" + deeper + "}";
  EXPECT_NE(compile_error(deeper).find("too deep"), std::string::npos);
  // A pattern that backtracks for ever elsewhere.
  EXPECT_FALSE(holds(R"({"pattern":"^(a+)+$"})", "\"" + std::string(50'000, 'a') + "!\""));
}

TEST(AnswerSchemaTest, WhatRequestsAskFor) {
  EXPECT_EQ(requested_schema(R"({"type":"json_schema","json_schema":{"name":"x","schema":{"type":"object"}}})"),
            R"({"type":"object"})");
  EXPECT_EQ(requested_schema(R"({"type":"json_schema","name":"x","schema":{"type":"array"}})"), R"({"type":"array"})");
  EXPECT_FALSE(requested_schema(R"({"type":"json_object"})").empty());
  EXPECT_TRUE(requested_schema(R"({"type":"text"})").empty());
  EXPECT_TRUE(requested_schema("").empty());
}

TEST(AnswerSchemaTest, RepairTellsTheErrorOnly) {
  const std::string text = repair_message(Error(Code::content_blocked, "/a/0: must be a string"));
  EXPECT_NE(text.find("/a/0: must be a string"), std::string::npos);
  EXPECT_NE(text.find("JSON"), std::string::npos);
}

TEST(AnswerSchemaTest, RepairShowsASchemaThatWasNotTold) {
  const auto schema = AnswerSchema::compile(R"({"type":"array"})");
  ASSERT_TRUE(schema);
  EXPECT_EQ((*schema)->source(), R"({"type":"array"})");
  const Error error(Code::content_blocked, "/a");
  EXPECT_TRUE(repair_message(error, (*schema)->source()).ends_with("\n{\"type\":\"array\"}"));
  EXPECT_EQ(repair_message(error, std::string(kMostShownSchema + 1, ' ')), repair_message(error));
}

TEST(FormatsTest, Formats) {
  using schema::Format;
  struct Row {
    Format format;
    std::vector<std::string_view> yes;
    std::vector<std::string_view> no;
  };
  const Row kRows[] = {
      {Format::date_time,
       {"2024-05-01T10:00:00Z", "2024-05-01t10:00:60.123+02:00"},
       {"2024-05-01", "2024-05-01T25:00:00Z", "2024-05-01T10:00:00"}},
      {Format::time, {"10:00:00Z"}, {"10:00", "10:00:00"}},
      {Format::duration, {"P1Y2M3DT4H5M6S", "PT1S", "P2W"}, {"P", "PT", "P1S", "1D", "P1D2Y", "P1"}},
      {Format::email, {"a.b+c@example.org"}, {"a@", "@b", "a b@c.d", ".a@b.c", "a..b@c.d"}},
      {Format::hostname, {"a-b.example"}, {"-a.b", "a_b", "a..b", ""}},
      {Format::ipv4, {"1.2.3.4"}, {"1.2.3", "256.1.1.1", "01.2.3.4"}},
      {Format::ipv6, {"::1", "2001:db8::8:800:200c:417a"}, {"1::2::3", "g::"}},
      {Format::uuid, {"123e4567-e89b-12d3-a456-426614174000"}, {"123e4567e89b12d3a456426614174000"}},
      {Format::uri, {"https://a.example/x?y=%20", "urn:x:y"}, {"//a", "a b:c", "http://a/%zz"}},
  };
  for (const Row& row : kRows) {
    for (const std::string_view yes : row.yes) EXPECT_TRUE(schema::is_format(row.format, yes)) << yes;
    for (const std::string_view no : row.no) EXPECT_FALSE(schema::is_format(row.format, no)) << no;
    EXPECT_FALSE(schema::describe(row.format).empty());
  }
  EXPECT_EQ(schema::format_of("date-time"), Format::date_time);
  EXPECT_EQ(schema::format_of("nonsense"), Format::any);
}

}  // namespace
}  // namespace gatehouse::guard
