#include "gatehouse/dialects/schema/rewrite.h"

#include <algorithm>
#include <array>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::dialects {
namespace {

using json::Kind;
using json::Value;
using ::testing::HasSubstr;

constexpr std::array kSubsets = {SchemaSubset::full, SchemaSubset::anthropic_output, SchemaSubset::openai_strict,
                                 SchemaSubset::gemini_openapi, SchemaSubset::cohere};

RewrittenSchema rewritten(std::string_view schema, SchemaSubset subset, bool object = true) {
  auto out = rewrite_schema(schema, subset, object);
  EXPECT_TRUE(out.has_value()) << schema << (out ? "" : out.error().detail);
  if (!out) return {};
  EXPECT_TRUE(json::validate(out->json).has_value()) << out->json;
  return *out;
}

std::string anthropic(std::string_view schema) { return rewritten(schema, SchemaSubset::anthropic_output, false).json; }
std::string openai(std::string_view schema) { return rewritten(schema, SchemaSubset::openai_strict, false).json; }
std::string gemini(std::string_view schema) { return rewritten(schema, SchemaSubset::gemini_openapi, false).json; }
std::string cohere(std::string_view schema) { return rewritten(schema, SchemaSubset::cohere, false).json; }

// What a provider would refuse, by what its documentation says, told apart from the code under test.
std::string objection(Value schema, SchemaSubset subset) {
  static const std::set<std::string, std::less<>> kCommon = {"type", "title",      "description", "anyOf",
                                                             "enum", "properties", "items",       "required"};
  static const std::set<std::string, std::less<>> kAnthropic = {"format", "default", "minItems",
                                                                "additionalProperties"};
  static const std::set<std::string, std::less<>> kOpenAi = {
      "format",     "pattern",  "minimum",  "maximum", "exclusiveMinimum",     "exclusiveMaximum",
      "multipleOf", "minItems", "maxItems", "$ref",    "additionalProperties", "$defs"};
  static const std::set<std::string, std::less<>> kGemini = {
      "format",   "pattern",  "minimum",       "maximum",       "minLength", "maxLength",       "minItems",
      "maxItems", "nullable", "minProperties", "maxProperties", "default",   "propertyOrdering"};
  static const std::set<std::string, std::less<>> kCohere = {"format", "pattern", "additionalProperties"};
  const auto& own = subset == SchemaSubset::anthropic_output ? kAnthropic
                    : subset == SchemaSubset::openai_strict  ? kOpenAi
                    : subset == SchemaSubset::gemini_openapi ? kGemini
                                                             : kCohere;
  if (!schema.is(Kind::object)) return "a schema is no object: " + std::string(schema.raw());
  std::string found;
  schema.members([&](std::string_view key, Value) {
    if (!kCommon.contains(key) && !own.contains(key)) found = fmt::format("keyword {}", key);
  });
  if (!found.empty()) return found;
  const bool any_of = schema["anyOf"].exists();
  const bool reference = schema["$ref"].exists();
  if (reference && schema.size() != 1) return "a reference with neighbours";
  if (any_of + schema["type"].exists() + reference != 1)
    return "not one of type, anyOf and $ref: " + std::string(schema.raw());
  if (subset == SchemaSubset::gemini_openapi && any_of && schema.size() != 1) return "anyOf with neighbours";
  const Value type = schema["type"];
  const auto types = [&](std::string_view name) {
    bool has = type.string() == name;
    type.elements([&](Value one) { has = has || one.string() == name; });
    return has;
  };
  if (type.is(Kind::array) && (subset != SchemaSubset::openai_strict || type.size() != 2 || !types("null"))) {
    return "a list of types";
  }
  if (subset == SchemaSubset::gemini_openapi) {
    if (types("null")) return "the type null";
    std::string bad;
    schema["enum"].elements([&](Value value) {
      if (!value.is(Kind::string) || value.string() == "") bad = "an enum of other than texts";
    });
    if (!bad.empty()) return bad;
    if (schema["properties"].exists() && schema["properties"].size() == 0) return "empty properties";
  }
  if (types("object")) {
    const Value closed = schema["additionalProperties"];
    const bool must = subset == SchemaSubset::anthropic_output || subset == SchemaSubset::openai_strict;
    if (must && closed.raw() != "false") return "an open object";
    if (!must && closed.exists() && closed.raw() != "false") return "additionalProperties with a schema";
    std::set<std::string> names;
    schema["properties"].members([&](std::string_view key, Value) { names.emplace(key); });
    std::set<std::string> required;
    schema["required"].elements([&](Value name) { required.insert(name.string_or("")); });
    if (!std::ranges::includes(names, required)) return "something required that is no property";
    if (subset == SchemaSubset::openai_strict && required != names) return "an optional property";
    if (subset == SchemaSubset::cohere && !names.empty() && required.empty()) return "nothing required";
  } else if (schema["properties"].exists() || schema["required"].exists()) {
    return "properties of no object";
  }
  if (types("array") && !schema["items"].exists()) return "a list of what?";
  schema["properties"].members([&](std::string_view, Value one) {
    if (found.empty()) found = objection(one, subset);
  });
  schema["$defs"].members([&](std::string_view, Value one) {
    if (found.empty()) found = objection(one, subset);
  });
  schema["anyOf"].elements([&](Value one) {
    if (found.empty()) found = objection(one, subset);
  });
  if (found.empty() && schema["items"].exists()) found = objection(schema["items"], subset);
  return found;
}

void check(std::string_view schema, bool object) {
  for (const SchemaSubset subset : kSubsets) {
    SCOPED_TRACE(fmt::format("{} {}", static_cast<int>(subset), schema));
    const auto once = rewrite_schema(schema, subset, object);
    if (!once) {
      EXPECT_TRUE(once.error().code == Code::invalid_request || once.error().code == Code::too_large);
      continue;
    }
    ASSERT_TRUE(json::validate(once->json).has_value()) << once->json;
    const Value root(once->json);
    if (object) {
      EXPECT_EQ(root["type"].string(), "object") << once->json;
    }
    if (subset != SchemaSubset::full) {
      EXPECT_EQ(objection(root, subset), "") << once->json;
    }
    const auto twice = rewrite_schema(once->json, subset, object);
    ASSERT_TRUE(twice.has_value()) << once->json << twice.error().detail;
    EXPECT_EQ(twice->json, once->json);
    EXPECT_FALSE(twice->changed) << once->json;
    EXPECT_FALSE(twice->wrapped) << once->json;
  }
}

TEST(RewriteSchema, WhatASubsetHasNoWordsForGoesIntoDescriptions) {
  constexpr std::string_view kSchema =
      R"({"type":"object","properties":{"a":{"type":"string","description":"An a.","minLength":2,"pattern":"^x","format":"email"},"n":{"type":"integer","minimum":1,"exclusiveMaximum":9},"l":{"type":"array","items":{"type":"number"},"minItems":2,"uniqueItems":true}},"required":["a","n","l"]})";
  EXPECT_EQ(
      anthropic(kSchema),
      R"j({"type":"object","properties":{"a":{"type":"string","description":"An a. (pattern ^x; minLength 2)","format":"email"},)j"
      R"j("n":{"type":"integer","description":"(minimum 1; exclusiveMaximum 9)"},"l":{"type":"array",)j"
      R"j("description":"(minItems 2; uniqueItems)","items":{"type":"number"}}},"required":["a","n","l"],"additionalProperties":false})j");
  EXPECT_EQ(
      openai(kSchema),
      R"j({"type":"object","properties":{"a":{"type":"string","description":"An a. (minLength 2)","format":"email","pattern":"^x"},)j"
      R"j("n":{"type":"integer","minimum":1,"exclusiveMaximum":9},"l":{"type":"array","description":"(uniqueItems)","minItems":2,)j"
      R"j("items":{"type":"number"}}},"required":["a","n","l"],"additionalProperties":false})j");
  EXPECT_EQ(
      gemini(kSchema),
      R"j({"type":"object","properties":{"a":{"type":"string","description":"An a. (format email)","pattern":"^x","minLength":2},)j"
      R"j("n":{"type":"integer","description":"(exclusiveMaximum 9)","minimum":1},"l":{"type":"array",)j"
      R"j("description":"(uniqueItems)","minItems":2,"items":{"type":"number"}}},"required":["a","n","l"],)j"
      R"j("propertyOrdering":["a","n","l"]})j");
  EXPECT_EQ(
      cohere(kSchema),
      R"j({"type":"object","properties":{"a":{"type":"string","description":"An a. (format email; pattern ^x; minLength 2)"},)j"
      R"j("n":{"type":"integer","description":"(minimum 1; exclusiveMaximum 9)"},"l":{"type":"array",)j"
      R"j("description":"(minItems 2; uniqueItems)","items":{"type":"number"}}},"required":["a","n","l"]})j");
  EXPECT_TRUE(rewritten(kSchema, SchemaSubset::cohere).changed);
  EXPECT_EQ(rewritten(kSchema, SchemaSubset::full).json, kSchema);
}

TEST(RewriteSchema, OptionalPropertiesAreNullableWhereAllAreRequired) {
  EXPECT_EQ(
      openai(
          R"({"type":"object","properties":{"a":{"type":"string"},"b":{"enum":["x","y"]},"c":{"type":["integer","null"]},"d":{"anyOf":[{"type":"string"},{"type":"number"}]}},"required":["a"]})"),
      R"({"type":"object","properties":{"a":{"type":"string"},"b":{"type":["string","null"],"enum":["x","y",null]},)"
      R"("c":{"type":["integer","null"]},"d":{"anyOf":[{"type":"string"},{"type":"number"},{"type":"null"}]}},)"
      R"("required":["a","b","c","d"],"additionalProperties":false})");
}

TEST(RewriteSchema, TypesInListsConstAndNull) {
  constexpr std::string_view kSchema =
      R"({"type":"object","properties":{"u":{"type":["string","integer"],"maxLength":3,"maximum":5,"description":"U"},"k":{"const":"x"},"n":{"type":["string","null"]},"z":{"type":"null"},"i":{"enum":[1,2]}},"required":["u","k","n","z","i"]})";
  EXPECT_EQ(
      anthropic(kSchema),
      R"j({"type":"object","properties":{"u":{"description":"U","anyOf":[{"type":"string","description":"(maxLength 3)"},)j"
      R"j({"type":"integer","description":"(maximum 5)"}]},"k":{"type":"string","enum":["x"]},)j"
      R"j("n":{"anyOf":[{"type":"string"},{"type":"null"}]},"z":{"type":"null"},"i":{"type":"integer","enum":[1,2]}},)j"
      R"j("required":["u","k","n","z","i"],"additionalProperties":false})j");
  EXPECT_EQ(
      gemini(kSchema),
      R"j({"type":"object","properties":{"u":{"anyOf":[{"type":"string","description":"U","maxLength":3},)j"
      R"j({"type":"integer","description":"U","maximum":5}]},"k":{"type":"string","enum":["x"]},)j"
      R"j("n":{"type":"string","nullable":true},"z":{"type":"string","nullable":true,"description":"(always null)"},)j"
      R"j("i":{"type":"integer","description":"(one of 1, 2)"}},"required":["u","k","n","z","i"],)j"
      R"j("propertyOrdering":["u","k","n","z","i"]})j");
}

// With the one before, case 8 of what gateways get wrong: $ref, unions of types, const, recursion.
TEST(RewriteSchema, ReferencesAndRecursion) {
  constexpr std::string_view kList =
      R"({"$ref":"#/definitions/Node","definitions":{"Node":{"type":"object","properties":{"v":{"type":"string"},"next":{"$ref":"#/definitions/Node"}},"required":["v"]}}})";
  // Cut at the third level, and it says so.
  EXPECT_EQ(
      cohere(kList),
      R"j({"type":"object","properties":{"v":{"type":"string"},"next":{"type":"object","properties":{"v":{"type":"string"},)j"
      R"j("next":{"type":"object","description":"(left out here: next)","properties":{"v":{"type":"string"}},)j"
      R"j("required":["v"]}},"required":["v"]}},"required":["v"]})j");
  EXPECT_TRUE(rewritten(kList, SchemaSubset::cohere).changed);
  // OpenAI takes recursion.
  EXPECT_EQ(
      openai(kList),
      R"j({"type":"object","properties":{"v":{"type":"string"},"next":{"anyOf":[{"$ref":"#/$defs/Node"},{"type":"null"}]}},)j"
      R"j("required":["v","next"],"additionalProperties":false,"$defs":{"Node":{"type":"object","properties":{"v":{"type":"string"},)j"
      R"j("next":{"anyOf":[{"$ref":"#/$defs/Node"},{"type":"null"}]}},"required":["v","next"],"additionalProperties":false}}})j");
  EXPECT_FALSE(rewritten(kList, SchemaSubset::openai_strict).changed);
  // Who takes all of JSON Schema still reads the type at the root.
  EXPECT_THAT(rewritten(kList, SchemaSubset::full).json, HasSubstr(R"({"type":"object","definitions":)"));
  EXPECT_THAT(rewritten(kList, SchemaSubset::full).json, HasSubstr(R"("required":["v"])"));
  // What is required and recursive has to stand, and is empty.
  EXPECT_THAT(anthropic(R"({"type":"object","properties":{"me":{"$ref":"#"}},"required":["me"]})"),
              HasSubstr("nested deeper than can be described"));
  EXPECT_THAT(anthropic(R"({"type":"object","properties":{"all":{"type":"array","items":{"$ref":"#"}}}})"),
              HasSubstr(R"("properties":{},"additionalProperties":false)"));
}

TEST(RewriteSchema, ReferencesOfEveryKind) {
  const auto a = [](std::string_view reference, std::string_view rest) {
    return cohere(
        fmt::format(R"({{"type":"object","properties":{{"a":{{"$ref":"{}"}}}},"required":["a"]{}}})", reference, rest));
  };
  constexpr std::string_view kWant = R"({"type":"object","properties":{"a":{"type":"boolean"}},"required":["a"]})";
  EXPECT_EQ(a("#/$defs/b", R"(,"$defs":{"b":{"type":"boolean"}})"), kWant);
  EXPECT_EQ(a("#/definitions/b", R"(,"definitions":{"b":{"type":"boolean"}})"), kWant);
  EXPECT_EQ(a("#/components/schemas/b", R"(,"components":{"schemas":{"b":{"type":"boolean"}}})"), kWant);
  EXPECT_EQ(a("#/$defs/x~1y%20~0", R"(,"$defs":{"x/y ~":{"type":"boolean"}})"), kWant);
  EXPECT_EQ(a("#/$defs/l/1", R"(,"$defs":{"l":[{},{"type":"boolean"}]})"), kWant);
  EXPECT_EQ(a("#named", R"(,"$defs":{"b":{"$anchor":"named","type":"boolean"}})"), kWant);
  EXPECT_EQ(a("https://example.com/b", R"(,"$defs":{"b":{"$id":"https://example.com/b","type":"boolean"}})"), kWant);
  EXPECT_EQ(a("#/$defs/b", R"(,"$defs":{"b":{"$ref":"#/$defs/c"},"c":{"type":"boolean"}})"), kWant);
  for (const char* nowhere : {"#/$defs/x", "#x", "https://example.com/x", "#/", "#/type"}) {
    for (const SchemaSubset subset : kSubsets) {
      const auto out = rewrite_schema(
          fmt::format(R"({{"type":"object","properties":{{"a":{{"$ref":"{}"}}}}}})", nowhere), subset, true);
      ASSERT_FALSE(out.has_value()) << nowhere;
      EXPECT_EQ(out.error().code, Code::invalid_request);
    }
  }
  EXPECT_FALSE(rewrite_schema(R"({"$ref":"#"})", SchemaSubset::cohere, true).has_value());
}

TEST(RewriteSchema, WhatStandsBesideAReferenceStays) {
  constexpr std::string_view kSchema =
      R"({"type":"object","properties":{"a":{"$ref":"#/$defs/b","description":"mine"},"c":{"allOf":[{"$ref":"#/$defs/b"}],"title":"C"}},"required":["a","c"],"$defs":{"b":{"type":"string","description":"theirs"}}})";
  EXPECT_EQ(openai(kSchema),
            R"({"type":"object","properties":{"a":{"description":"mine","anyOf":[{"$ref":"#/$defs/b"}]},)"
            R"("c":{"title":"C","anyOf":[{"$ref":"#/$defs/b"}]}},"required":["a","c"],"additionalProperties":false,)"
            R"("$defs":{"b":{"type":"string","description":"theirs"}}})");
  EXPECT_EQ(cohere(kSchema), R"({"type":"object","properties":{"a":{"type":"string","description":"mine"},)"
                             R"("c":{"type":"string","title":"C","description":"theirs"}},"required":["a","c"]})");
}

TEST(RewriteSchema, AllOfIsOneAndOneOfIsAny) {
  EXPECT_EQ(
      anthropic(
          R"({"allOf":[{"type":"object","properties":{"a":{"type":"number","minimum":1}},"required":["a"]},{"properties":{"a":{"type":"integer","minimum":3},"b":{"type":"string"}}}]})"),
      R"j({"type":"object","properties":{"a":{"type":"integer","description":"(minimum 3)"},"b":{"type":"string"}},)j"
      R"j("required":["a"],"additionalProperties":false})j");
  EXPECT_EQ(
      anthropic(
          R"({"type":"object","properties":{"k":{"type":"string"}},"oneOf":[{"properties":{"x":{"type":"string"}}},{"properties":{"y":{"type":"string"}}}],"description":"d"})"),
      R"j({"description":"d","anyOf":[{"type":"object","properties":{"k":{"type":"string"},"x":{"type":"string"}},)j"
      R"j("additionalProperties":false},{"type":"object","properties":{"k":{"type":"string"},"y":{"type":"string"}},)j"
      R"j("additionalProperties":false}]})j");
  EXPECT_FALSE(rewrite_schema(R"({"allOf":[{"type":"string"},{"type":"object"}]})", SchemaSubset::cohere, false));
}

TEST(RewriteSchema, BooleansMapsAndAnything) {
  const std::string out = anthropic(
      R"({"type":"object","properties":{"any":true,"never":false,"map":{"type":"object","additionalProperties":{"type":"integer"}}}})");
  EXPECT_THAT(out, HasSubstr(R"j("any":{"description":"(any JSON value)j"));
  EXPECT_THAT(out, HasSubstr("(left out here: never)"));
  EXPECT_THAT(
      out,
      HasSubstr(
          R"j("map":{"type":"object","description":"(additionalProperties {\"type\":\"integer\"})","properties":{},"additionalProperties":false})j"));
  EXPECT_EQ(gemini(R"({"type":"object","properties":{"map":{"type":"object","additionalProperties":true}}})"),
            R"({"type":"object","properties":{"map":{"type":"object"}}})");
  check("{}", true);
}

TEST(RewriteSchema, ARootThatIsNoObjectIsWrapped) {
  for (const SchemaSubset subset : kSubsets) {
    const auto out = rewritten(R"({"type":"array","items":{"type":"string"}})", subset);
    EXPECT_TRUE(out.wrapped);
    EXPECT_EQ(json::find(out.json, "properties.value"), R"({"type":"array","items":{"type":"string"}})");
    EXPECT_FALSE(rewritten(R"({"type":"object"})", subset).wrapped);
    EXPECT_FALSE(rewritten(R"({"type":["object","null"],"properties":{"a":{"type":"string"}}})", subset).wrapped);
    EXPECT_FALSE(rewritten(R"({"type":"array","items":{"type":"string"}})", subset, false).wrapped);
  }
  // References go on leading where they led.
  const auto out = rewritten(
      R"({"type":"array","items":{"anyOf":[{"$ref":"#"},{"$ref":"#/$defs/s"},{"$ref":"#/items/anyOf/1"}]},"$defs":{"s":{"type":"string"}}})",
      SchemaSubset::full);
  EXPECT_EQ(out.json,
            R"({"type":"object","properties":{"value":{"type":"array","items":{"anyOf":[{"$ref":"#/properties/value"},)"
            R"({"$ref":"#/$defs/s"},{"$ref":"#/properties/value/items/anyOf/1"}]}}},"required":["value"],)"
            R"("additionalProperties":false,"$defs":{"s":{"type":"string"}}})");
}

TEST(RewriteSchema, GeminisOwnWordsAreUnderstood) {
  EXPECT_EQ(
      anthropic(
          R"({"type":"OBJECT","properties":{"b":{"type":"STRING","nullable":true},"a":{"type":"INTEGER"}},"propertyOrdering":["a","b"],"required":["a"]})"),
      R"({"type":"object","properties":{"a":{"type":"integer"},"b":{"anyOf":[{"type":"string"},{"type":"null"}]}},)"
      R"("required":["a"],"additionalProperties":false})");
}

TEST(RewriteSchema, PropertiesKeepTheirOrder) {
  for (const SchemaSubset subset : kSubsets) {
    const auto out = rewritten(
        R"({"type":"object","properties":{"z":{"type":"string"},"a":{"type":"string"},"m":{"type":"string"}},"required":["m"]})",
        subset);
    std::vector<std::string> names;
    Value(json::find(out.json, "properties")).members([&](std::string_view key, Value) { names.emplace_back(key); });
    EXPECT_THAT(names, ::testing::ElementsAre("z", "a", "m"));
  }
}

TEST(RewriteSchema, WhatIsNoSchemaIsRefused) {
  for (const char* bad : {"", "[]", "\"x\"", "true", "{", R"({"type":"strin"})", R"({"properties":{"a":1}})",
                          R"({"type":"object","properties":{"a":{"type":"stringy"}}})"}) {
    const auto out = rewrite_schema(bad, SchemaSubset::cohere, true);
    ASSERT_FALSE(out.has_value()) << bad;
    EXPECT_EQ(out.error().code, Code::invalid_request) << bad;
  }
}

TEST(RewriteSchema, HasBounds) {
  // Each definition names the next one twice: 2^30 places.
  std::string doubling = R"({"$ref":"#/$defs/d0","$defs":{)";
  for (int i = 0; i < 30; ++i) {
    doubling += fmt::format(
        R"("d{}":{{"type":"object","properties":{{"a":{{"$ref":"#/$defs/d{}"}},"b":{{"$ref":"#/$defs/d{}"}}}}}},)", i,
        i + 1, i + 1);
  }
  doubling += R"("d30":{"type":"string"}}})";
  const auto out = rewrite_schema(doubling, SchemaSubset::cohere, true);
  ASSERT_FALSE(out.has_value());
  EXPECT_EQ(out.error().code, Code::too_large);
  EXPECT_TRUE(rewrite_schema(doubling, SchemaSubset::openai_strict, true).has_value());
  std::string deep;
  for (int i = 0; i < 60; ++i) deep += R"({"type":"array","items":)";
  deep += "{}" + std::string(60, '}');
  EXPECT_TRUE(rewrite_schema(deep, SchemaSubset::cohere, false).has_value());
  std::string deeper;
  for (int i = 0; i < 100; ++i) deeper += R"({"type":"array","items":)";
  deeper += "{}" + std::string(100, '}');
  const auto too_deep = rewrite_schema(deeper, SchemaSubset::cohere, false);
  ASSERT_FALSE(too_deep.has_value());
  EXPECT_EQ(too_deep.error().code, Code::too_large);
  // A grammar whose definitions all name each other: with fewer levels it fits.
  std::string grammar = R"({"$ref":"#/$defs/e","$defs":{"e":{"anyOf":[)";
  for (int i = 0; i < 20; ++i) {
    grammar +=
        fmt::format(R"({}{{"type":"object","properties":{{"k{}":{{"$ref":"#/$defs/e"}}}}}})", i == 0 ? "" : ",", i);
  }
  grammar += "]}}}";
  EXPECT_TRUE(rewrite_schema(grammar, SchemaSubset::cohere, true).has_value());
}

// Schemas made by chance, of every keyword: what comes out is in the subset, stays what it is, and keeps its order.
class Schemas {
 public:
  explicit Schemas(std::uint32_t seed) : random_(seed) {}
  std::string next() {
    std::string out;
    json::Writer json(out);
    schema(json, 0, true);
    return out;
  }

 private:
  bool chance(unsigned one_in) { return random_() % one_in == 0; }
  template <std::size_t N>
  std::string_view one_of(const std::array<std::string_view, N>& of) {
    return of[random_() % N];
  }
  void schema(json::Writer& json, unsigned depth, bool root = false) {
    if (!root && chance(20)) {
      json.boolean(chance(2));
      return;
    }
    json.begin_object();
    static constexpr std::array<std::string_view, 7> kTypes = {"string", "integer", "number", "boolean",
                                                               "null",   "object",  "array"};
    const std::string_view type = depth > 3 ? kTypes[random_() % 5] : one_of(kTypes);
    if (chance(5)) json.key("description").string("d \"q\"");
    if (chance(8)) json.key("title").string("T");
    if (!root && chance(6)) {
      json.key("$ref").string(one_of(std::array<std::string_view, 4>{"#/$defs/a", "#/$defs/b", "#", "#/$defs/c"}));
    } else if (chance(12) && depth < 3) {
      json.key(one_of(std::array<std::string_view, 3>{"anyOf", "oneOf", "allOf"})).begin_array();
      for (unsigned i = 0; i < 1 + random_() % 3; ++i) schema(json, depth + 1);
      json.end_array();
      if (chance(3)) json.key("type").string(type);
    } else if (chance(6)) {
      json.key("type").begin_array().string(type).string(one_of(kTypes));
      if (chance(2)) json.string("null");
      json.end_array();
    } else if (chance(8)) {
      json.key("enum").begin_array();
      for (unsigned i = 0; i < 1 + random_() % 3; ++i) {
        json.raw(one_of(std::array<std::string_view, 7>{"\"x\"", "\"\"", "1", "1.5", "true", "null", "{\"a\":[1]}"}));
      }
      json.end_array();
    } else if (!chance(10)) {
      json.key("type").string(type);
    }
    if (type == "object" || chance(12)) members(json, depth);
    if ((type == "array" && !chance(4)) || chance(20)) {
      json.key("items");
      schema(json, depth + 1);
    }
    for (const std::string_view limit : {"minimum", "maximum", "exclusiveMinimum", "multipleOf", "minLength",
                                         "maxLength", "minItems", "maxItems", "minProperties"}) {
      if (chance(12)) json.key(limit).raw(chance(4) ? "true" : chance(2) ? "1" : "2.5");
    }
    if (chance(12))
      json.key("pattern").string(one_of(std::array<std::string_view, 5>{"^a$", "a|b", "(?=x)", "^[^a]\\d$", "\\1"}));
    if (chance(12)) json.key("format").string(one_of(std::array<std::string_view, 4>{"date", "int32", "odd", "uuid"}));
    if (chance(12)) json.key("const").raw(one_of(std::array<std::string_view, 3>{"\"x\"", "2", "null"}));
    if (chance(15)) json.key("not").begin_object().key("type").string("string").end_object();
    if (chance(15)) json.key("default").raw("1");
    if (chance(15)) json.key("nullable").boolean(true);
    if (root) {
      json.key("$defs").begin_object();
      for (const char* name : {"a", "b", "c"}) {
        json.key(name);
        schema(json, 1);
      }
      json.end_object();
    }
    json.end_object();
  }
  void members(json::Writer& json, unsigned depth) {
    json.key("properties").begin_object();
    const unsigned count = random_() % 4;
    for (unsigned i = 0; i < count; ++i) {
      json.key(fmt::format("p{}", (i * 7 + 3) % 10));
      schema(json, depth + 1);
    }
    json.end_object();
    if (chance(2)) json.key("required").begin_array().string("p3").string(chance(4) ? "zz" : "p0").end_array();
    if (chance(4)) json.key("additionalProperties").boolean(chance(2));
    if (chance(10)) {
      json.key("additionalProperties");
      schema(json, depth + 1);
    }
  }
  std::mt19937 random_;
};

TEST(RewriteSchema, OfAnySchemaWhatComesOutIsInTheSubset) {
  Schemas schemas(20261120);
  for (int i = 0; i < 1500 && !HasFailure(); ++i) {
    const std::string schema = schemas.next();
    check(schema, i % 2 == 0);
  }
}

}  // namespace
}  // namespace gatehouse::dialects
