#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include "gatehouse/config/fields.h"
#include "gatehouse/config/load.h"

namespace gatehouse::config {
namespace {

using testing::HasSubstr;

std::string documentation_path() { return std::string(GATEHOUSE_SOURCE_DIR) + "/docs/configuration.md"; }

std::string read_text(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

constexpr std::string_view kBegin = "<!-- reference: generated, do not edit -->\n";
constexpr std::string_view kEnd = "<!-- end of reference -->\n";

TEST(Documentation, HoldsTheGeneratedReference) {
  const std::string text = read_text(documentation_path());
  const auto begin = text.find(kBegin);
  const auto end = text.find(kEnd);
  ASSERT_NE(begin, text.npos) << "docs/configuration.md lacks the line " << kBegin;
  ASSERT_NE(end, text.npos) << "docs/configuration.md lacks the line " << kEnd;
  const auto from = begin + kBegin.size();
  const std::string wanted = reference_markdown();
  if (std::getenv("GATEHOUSE_UPDATE_DOCS") != nullptr) {
    std::ofstream(documentation_path(), std::ios::binary) << text.substr(0, from) << wanted << text.substr(end);
    return;
  }
  EXPECT_TRUE(text.substr(from, end - from) == wanted)
      << "docs/configuration.md is not what the field tables say; regenerate it:\n"
         "  GATEHOUSE_UPDATE_DOCS=1 config_test --gtest_filter=Documentation.HoldsTheGeneratedReference";
}

// What the page shows works.
TEST(Documentation, ExamplesLoad) {
  std::string text = read_text(documentation_path());
  const std::string secret = testing::TempDir() + "gatehouse-example-" + std::to_string(::getpid());
  std::ofstream(secret) << "a-key-from-a-file";
  constexpr std::string_view kMentioned = "/run/secrets/web-key";
  for (auto at = text.find(kMentioned); at != text.npos; at = text.find(kMentioned)) {
    text.replace(at, kMentioned.size(), secret);
  }
  const auto env = [](std::string_view) { return std::optional<std::string>("a-value-of-some-length"); };
  std::size_t examples = 0;
  constexpr std::string_view kFence = "```yaml\n";
  for (auto at = text.find(kFence); at != text.npos; at = text.find(kFence, at + 1)) {
    const auto from = at + kFence.size();
    const auto loaded = load_text(std::string_view(text).substr(from, text.find("```\n", from) - from), "example", env);
    for (const Problem& problem : loaded.problems) ADD_FAILURE() << problem.to_string();
    ++examples;
  }
  EXPECT_GE(examples, 2u);
  std::remove(secret.c_str());
}

void every_field(const Section& section, const std::function<void(const Section&, const Field&)>& visit) {
  for (const Field& field : section.fields) {
    visit(section, field);
    if (field.section != nullptr) every_field(*field.section, visit);
  }
}

TEST(Tables, AreWhole) {
  std::size_t fields = 0;
  every_field(root_section(), [&](const Section& section, const Field& field) {
    SCOPED_TRACE(std::string(section.name) + "." + std::string(field.name));
    ++fields;
    EXPECT_NE(field.read, nullptr);
    EXPECT_FALSE(field.description.empty());
    EXPECT_EQ(field.kind == Kind::section || field.kind == Kind::sections, field.section != nullptr);
    // A map may give one of them to each of its names.
    if (field.kind != Kind::map) {
      EXPECT_EQ(field.kind == Kind::choice || field.kind == Kind::choices, !field.choices.empty());
    }
    EXPECT_LE(field.min, field.max);
    for (const std::string_view name : section.not_available) EXPECT_NE(name, field.name);
  });
  EXPECT_GT(fields, 80u);
}

// A default that is shown is a value that the loader takes.
TEST(Tables, DefaultsAreInTheirRanges) {
  every_field(root_section(), [](const Section& section, const Field& field) {
    if (field.show_default == nullptr || field.show_default().empty()) return;
    if (section.name.find('[') != section.name.npos || section.name.find('.') != section.name.npos) return;
    const std::string value = field.show_default();
    const bool quote = field.kind == Kind::listen;
    const std::string yaml = std::string(section.name) + ": { " + std::string(field.name) + ": " +
                             (quote ? "'" + value + "'" : value) + " }";
    const auto loaded = load_text(yaml, "default", {});
    for (const Problem& problem : loaded.problems) ADD_FAILURE() << yaml << ": " << problem.to_string();
  });
}

// JSON is YAML, so the parser at hand reads the schema too.
TEST(Schema, DescribesEveryField) {
  const YAML::Node schema = YAML::Load(json_schema());
  EXPECT_EQ(schema["$schema"].as<std::string>(), "https://json-schema.org/draft/2020-12/schema");
  const auto definition = [&](const Section& section) {
    std::string name;
    for (const char c : section.name) {
      if (c != '[' && c != ']') name += c;
    }
    return name.empty() ? schema : schema["$defs"][name];
  };
  std::set<std::string> references;
  every_field(root_section(), [&](const Section& section, const Field& field) {
    SCOPED_TRACE(std::string(section.name) + "." + std::string(field.name));
    const YAML::Node body = definition(section);
    ASSERT_TRUE(body.IsMap());
    EXPECT_EQ(body["type"].as<std::string>(), "object");
    EXPECT_FALSE(body["additionalProperties"].as<bool>());
    EXPECT_EQ(body["properties"].size(), section.fields.size());
    const YAML::Node property = body["properties"][std::string(field.name)];
    ASSERT_TRUE(property.IsMap());
    EXPECT_EQ(property["description"].as<std::string>(), field.description);
    bool required = false;
    for (const auto& name : body["required"]) required = required || name.as<std::string>() == field.name;
    EXPECT_EQ(required, field.is_required);
  });
}

TEST(Schema, EveryReferenceLeadsSomewhere) {
  const std::string text = json_schema();
  const YAML::Node schema = YAML::Load(text);
  constexpr std::string_view kRef = "\"$ref\": \"#/$defs/";
  std::size_t count = 0;
  for (auto at = text.find(kRef); at != text.npos; at = text.find(kRef, at + 1)) {
    const auto from = at + kRef.size();
    const auto name = text.substr(from, text.find('"', from) - from);
    EXPECT_TRUE(schema["$defs"][name].IsMap()) << name;
    ++count;
  }
  EXPECT_GT(count, 50u);
}

struct Example {
  bool good;
  std::string_view json;
};

// Configurations in JSON, for which loader and schema must say the same.
constexpr Example kExamples[] = {
    {true, R"({})"},
    {true, R"({"listen": {"api": "127.0.0.1:0", "admin": ["[::1]:1"], "trusted_proxies": ["10.0.0.0/8"]}})"},
    {true, R"({"limits": {"body_bytes": 4096, "head_bytes": "64KiB"}, "timeouts": {"head": "250ms"}})"},
    {true, R"({"workers": {"threads": "${N:-2}"}, "auth": {"required": false}, "log": {"level": "${L:-warn}"}})"},
    {true, R"({"providers": [{"name": "p", "kind": "openai", "api_key": "${K:-k}", "headers": {"x-a": "1"}}],
               "models": [{"name": "m/*", "strategy": "weighted", "targets":
                           [{"provider": "p", "model": "*", "weight": 3}]}],
               "keys": [{"name": "k", "key": "abcdefghijkl", "models": ["m/*"], "operations": ["embeddings"],
                         "expires": "2027-01-31", "metadata": {"a": "b"}}]})"},
    {true, R"({"passthrough": {"provider": "p"}, "providers": [{"name": "p", "kind": "openai"}]})"},
    {false, R"([])"},
    {false, R"({"lisen": {}})"},
    {true, R"({"store": "sqlite:x", "teams": [{"name": "support", "parent": "unit:emea", "limits": {"concurrency": 5}}],
               "budgets": [{"scope": "team:support", "window": "month", "usd": 500.25, "soft": 0.8}],
               "prices": [{"model": "m*", "input": 0.5, "output": 1}], "queue": {"max_wait": "5s"},
               "policies": [{"name": "p", "applies_to": {"teams": ["support"]}, "limits": {"tokens_per_minute": 9}}]})"},
    {true, R"({"policies": [{"name": "p", "guards": {"pii": {"request": "redact", "entities": {"EMAIL": "allow"}},
               "injection": {"action": "block", "threshold": 0.9, "mode": "enforce"}, "secrets": {"request": "block"}}}],
               "entities": [{"name": "STAFF", "pattern": "E[0-9]{6}"}]})"},
    {true,
     R"({"semantic": {"bundled": "m", "budget": "100ms", "embedding": "none", "models": [{"name": "g", "path": "x",
               "labels": {"LABEL_1": "attack"}, "shift": -1.5}]},
               "policies": [{"name": "p", "guards": {"injection": {"model": "off"}, "pii": {"model": "automatic"}}}]})"},
    {false, R"({"semantic": {"models": [{"name": "g"}]}})"},
    {false, R"({"semantic": {"models": [{"name": "g", "path": "x", "shift": -101}]}})"},
    {false, R"({"semantic": {"models": [{"name": "g", "path": "x", "scale": -1}]}})"},
    {false, R"({"semantic": {"batch": 0}})"},
    {false, R"({"policies": [{"name": "p", "guards": {"terms": {"model": "off"}}}]})"},
    {false, R"({"policies": [{"name": "p", "guards": {"pii": {"entities": {"EMAIL": "eat"}}}}]})"},
    {false, R"({"policies": [{"name": "p", "guards": {"pii": {"requests": "redact"}}}]})"},
    {false, R"({"cache": {}})"},
    {false, R"({"budgets": [{"scope": "support", "usd": 1}]})"},
    {false, R"({"budgets": [{"scope": "team:support", "usd": -1}]})"},
    {false, R"({"budgets": [{"scope": "team:support", "usd": 1, "soft": 1.5}]})"},
    {false, R"({"listen": {"api": "127.0.0.1"}})"},
    {false, R"({"listen": {"api": []}})"},
    {false, R"({"listen": {"tls": {"cert": "c"}}})"},
    {false, R"({"limits": {"body_bytes": "64KB"}})"},
    {false, R"({"limits": {"body_bytes": 1}})"},
    {false, R"({"timeouts": {"head": 10}})"},
    {false, R"({"timeouts": {"head": "10"}})"},
    {false, R"({"workers": {"threads": "3"}})"},
    {false, R"({"workers": {"threads": 257}})"},
    {false, R"({"workers": {"threads": 1.5}})"},
    {false, R"({"auth": {"required": "yes"}})"},
    {false, R"({"log": {"level": "loud"}})"},
    {false, R"({"providers": {"name": "p"}})"},
    {false, R"({"providers": [{"name": "p"}]})"},
    {false, R"({"providers": [{"name": "p q", "kind": "openai"}]})"},
    {false, R"({"providers": [{"name": 1, "kind": "openai"}]})"},
    {false, R"({"providers": [{"name": "p", "kind": "openai", "base_url": "https://u:p@h"}]})"},
    {false, R"({"passthrough": {}})"},
    {false, R"({"models": [{"name": "m", "targets": []}]})"},
    {false, R"({"models": [{"name": "a*b", "targets": [{"provider": "p", "model": "m"}]}]})"},
    {false, R"({"keys": [{"name": "k", "key": "short"}]})"},
    {false, R"({"keys": [{"name": "k", "key": "abcdefghijkl", "models": []}]})"},
    {false, R"({"keys": [{"name": "k", "key": "abcdefghijkl", "operations": ["embedding"]}]})"},
    {false, R"({"keys": [{"name": "k", "key": "abcdefghijkl", "expires": "tomorrow"}]})"},
};

TEST(Schema, ExamplesAsTheLoaderSeesThem) {
  for (const Example& example : kExamples) {
    const auto loaded = load_text(example.json, "example", {});
    EXPECT_EQ(loaded.snapshot != nullptr, example.good) << example.json;
  }
}

TEST(Schema, ExamplesAsAValidatorSeesThem) {
  if (std::system("python3 -c 'import jsonschema' 2>/dev/null") != 0) GTEST_SKIP() << "python3-jsonschema is missing";
  const std::string base = testing::TempDir() + "gatehouse-schema-" + std::to_string(::getpid());
  std::ofstream(base + ".schema.json") << json_schema();
  std::ofstream examples(base + ".examples.json");
  examples << "[";
  for (const Example& example : kExamples) examples << (&example == kExamples ? "" : ",") << example.json;
  examples << "]";
  examples.close();
  std::ofstream(base + ".py") << R"(import json, sys, jsonschema
schema = json.load(open(sys.argv[1]))
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
for example in json.load(open(sys.argv[2])):
    print("good" if validator.is_valid(example) else "bad")
)";
  const std::string command =
      "python3 " + base + ".py " + base + ".schema.json " + base + ".examples.json > " + base + ".out";
  ASSERT_EQ(std::system(command.c_str()), 0);
  std::ifstream verdicts(base + ".out");
  for (const Example& example : kExamples) {
    std::string verdict;
    ASSERT_TRUE(std::getline(verdicts, verdict));
    EXPECT_EQ(verdict, example.good ? "good" : "bad") << example.json;
  }
  for (const auto* suffix : {".schema.json", ".examples.json", ".py", ".out"}) std::remove((base + suffix).c_str());
}

}  // namespace
}  // namespace gatehouse::config
