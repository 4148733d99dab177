#include "gatehouse/app/migrate/litellm.h"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/app/migrate/yaml.h"
#include "gatehouse/config/load.h"

namespace gatehouse::app::migrate {
namespace {

using ::testing::HasSubstr;

std::string path_of(const std::string& file) { return GATEHOUSE_APP_DIR "/migrate/testdata/" + file; }

std::string read(const std::string& file) {
  std::ifstream in(path_of(file), std::ios::binary);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

std::string notes_of(const Imported& made) {
  std::string out;
  for (const auto& note : made.notes) {
    out += std::to_string(note.line) + " " + std::string(name(note.fate)) + " " + note.path + ": " + note.text + "\n";
  }
  return out;
}

// Every variable is set, to something that fits where it is used.
std::optional<std::string> any_variable(std::string_view name) {
  return name.ends_with("_BASE") ? "https://behind.example/v1" : "secret-of-" + std::string(name);
}

config::Loaded loaded(const Imported& made) { return config::load_text(made.yaml, "gatehouse.yaml", any_variable); }

void expect_loads(const Imported& made) {
  const auto result = loaded(made);
  for (const auto& problem : result.problems) ADD_FAILURE() << problem.to_string() << "\n" << made.yaml;
  if (result.snapshot) {
    EXPECT_EQ(result.snapshot->providers.size(), made.providers);
    EXPECT_EQ(result.snapshot->models.size(), made.models);
  }
}

// With GATEHOUSE_UPDATE_GOLDEN set the files are written anew; look at what changed.
void expect_golden(const std::string& text, const std::string& file) {
  if (std::getenv("GATEHOUSE_UPDATE_GOLDEN") != nullptr) std::ofstream(path_of(file), std::ios::binary) << text;
  EXPECT_EQ(text, read(file)) << file;
}

class Golden : public ::testing::TestWithParam<const char*> {};

TEST_P(Golden, IsAsItWas) {
  const std::string stem = GetParam();
  const auto made = from_litellm(read(stem + ".in.yaml"));
  ASSERT_TRUE(made) << made.error().detail;
  expect_golden(made->yaml, stem + ".out.yaml");
  expect_golden(notes_of(*made), stem + ".notes.txt");
  expect_loads(*made);
}
INSTANTIATE_TEST_SUITE_P(Litellm, Golden, ::testing::Values("weights", "providers", "empty"));

Imported made_of(const std::string& yaml) {
  auto made = from_litellm(yaml);
  EXPECT_TRUE(made) << made.error().detail;
  if (!made) return {};
  expect_loads(*made);
  return *std::move(made);
}

TEST(Litellm, NoNoteHoldsASecret) {
  for (const auto* file : {"weights.in.yaml", "providers.in.yaml"}) {
    const auto notes = notes_of(made_of(read(file)));
    for (const auto* secret : {"sk-in-clear", "very-secret", "sk-1234", "user:secret"}) {
      EXPECT_EQ(notes.find(secret), std::string::npos) << secret;
    }
  }
}

TEST(Litellm, WithoutTroubleNothingIsImportant) {
  const auto made = made_of(
      "model_list:\n"
      "  - { model_name: a, litellm_params: { model: openai/gpt-5.6, api_key: os.environ/OPENAI_API_KEY } }\n"
      "general_settings: { master_key: os.environ/MASTER }\n");
  EXPECT_FALSE(made.important()) << notes_of(made);
  const auto snapshot = loaded(made).snapshot;
  ASSERT_NE(snapshot, nullptr);
  EXPECT_EQ(snapshot->providers[0].kind, config::ProviderKind::openai);
  EXPECT_EQ(snapshot->providers[0].api_key.reveal(), "secret-of-OPENAI_API_KEY");
  EXPECT_EQ(snapshot->models[0].targets[0].model, "gpt-5.6");
  EXPECT_EQ(snapshot->keys[0].key.reveal(), "secret-of-MASTER");
}

TEST(Litellm, ACustomAddressIsNotGivenOpenAisKey) {
  const auto made =
      made_of("model_list: [ { model_name: a, litellm_params: { model: openai/x, api_base: 'https://b.example' } } ]");
  EXPECT_TRUE(made.important());
  EXPECT_EQ(made.yaml.find("OPENAI_API_KEY"), std::string::npos) << made.yaml;
}

TEST(Litellm, KeysAreCarriedAsTheyAre) {
  const auto made = made_of(
      "model_list: [ { model_name: a, litellm_params: { model: openai/x, api_key: 'a${HOME}$\"b: #c' } },"
      " { model_name: b, litellm_params: { model: openai/x, api_key: 'p${HOME}$\"q' } } ]");
  const auto snapshot = loaded(made).snapshot;
  ASSERT_NE(snapshot, nullptr);
  ASSERT_EQ(snapshot->providers.size(), 1U);  // the first holds a space
  EXPECT_EQ(snapshot->providers[0].api_key.reveal(), "p${HOME}$\"q");
}

TEST(Litellm, NamesThatLookLikeYamlStayNames) {
  const auto made = made_of(
      "model_list:\n"
      "  - { model_name: 'true', litellm_params: { model: openai/gpt-5.6 } }\n"
      "  - { model_name: '1.5', litellm_params: { model: 'openai/{x}:y#z' } }\n"
      "  - { model_name: '${HOME}', litellm_params: { model: 'openai/x' } }\n");
  const auto snapshot = loaded(made).snapshot;
  ASSERT_NE(snapshot, nullptr);
  ASSERT_EQ(snapshot->models.size(), 3U);
  EXPECT_EQ(snapshot->models[0].name, "true");
  EXPECT_EQ(snapshot->models[1].targets[0].model, "{x}:y#z");
  EXPECT_EQ(snapshot->models[2].name, "${HOME}");
}

TEST(Litellm, RefusesWhatIsNoConfiguration) {
  for (const std::string& text :
       {std::string("[]"), std::string("a"), std::string(), std::string("a: [\n"), std::string("a: *nothing"),
        std::string("a\x04: 1"), "a: " + std::string(2000, '['), std::string(9UL * 1024 * 1024, ' ')}) {
    EXPECT_FALSE(from_litellm(text)) << text.substr(0, 40);
  }
  // Aliases that grow without end.
  std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last;
    for (int j = 0; j < 9; ++j) laughs += ", " + last;
    laughs += "]\n";
  }
  EXPECT_FALSE(from_litellm(laughs));
}

TEST(Litellm, TakesOddShapesWithoutHarm) {
  for (const auto* text :
       {"model_list: 7", "model_list: [ 7, null, [], {} ]", "model_list: { a: b }", "router_settings: []",
        "general_settings: x", "litellm_settings: [ { a: b } ]",
        "model_list: [ { model_name: [], litellm_params: 7 } ]",
        "model_list: [ { model_name: a, litellm_params: { model: [ x ] } } ]",
        "model_list: [ { model_name: a, litellm_params: { model: openai/x, weight: -1 } } ]",
        "model_list: [ { model_name: a, litellm_params: { model: openai/x, weight: 1e300, timeout: x, extra_headers: 7 "
        "} } ]",
        "model_list: [ { model_name: a, litellm_params: { model: openai/, api_key: [] } } ]", "? [a]\n: b",
        "credential_list: [ 7, { credential_name: a } ]", "router_settings: { model_group_alias: [ a ] }"}) {
    SCOPED_TRACE(text);
    made_of(text);
  }
}

TEST(MigrateYaml, MergesAndWrites) {
  const auto root = read_yaml("a: &a { x: 1, y: 2 }\nb: { <<: *a, y: 3 }\nc: { <<: [ *a, { z: 4 } ], x: 5, x: 6 }\n");
  ASSERT_TRUE(root);
  EXPECT_EQ(root->find("b")->find("x")->text, "1");
  EXPECT_EQ(root->find("b")->find("y")->text, "3");
  EXPECT_EQ(root->find("c")->find("x")->text, "6");
  EXPECT_EQ(root->find("c")->find("z")->text, "4");
  EXPECT_EQ(root->find("b")->place.line, 2);
  EXPECT_EQ(yaml_string("gpt-5.6/mini_x"), "gpt-5.6/mini_x");
  EXPECT_EQ(yaml_string("No"), "\"No\"");
  EXPECT_EQ(yaml_string("1e3"), "\"1e3\"");
  EXPECT_EQ(yaml_string(""), "\"\"");
  EXPECT_EQ(literal("a$b"), "\"a$$b\"");
}

}  // namespace
}  // namespace gatehouse::app::migrate
