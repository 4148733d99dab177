#include <algorithm>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/config/load.h"
#include "gatehouse/config/load_testing.h"

// The section `semantic`, and what guards say of models.
namespace gatehouse::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

const std::string kHash(64, 'a');

TEST(Semantic, IsReadWhole) {
  const auto loaded = load_text(R"(
semantic:
  runtime: lib/libonnxruntime.so.1
  bundled: /opt/models/encoder
  threads: 2
  batch: 16
  windows: 32
  remember: 1000
  budget: 100ms
  models:
    - name: guard-2
      path: models/guard-2
      file: onnx/model_quantized.onnx
      sha256: )" + std::string(64, 'A') +
                                    R"(
      labels: { LABEL_0: benign, LABEL_1: attack }
      window: 512
      scale: 1.5
      shift: -0.25
    - { name: names, path: /opt/names }
  injection: guard-2
  entities: names
  embedding: none
  shadow_injection: bundled
policies:
  - name: p
    guards:
      injection: { action: block, model: required }
      pii: { request: redact, model: "off" }
)",
                                "/etc/gatehouse/a.yaml", environment({}));
  ASSERT_THAT(lines(loaded.problems), IsEmpty());
  const Semantic& semantic = loaded.snapshot->semantic;
  EXPECT_TRUE(semantic.enabled);
  EXPECT_EQ(semantic.runtime, "/etc/gatehouse/lib/libonnxruntime.so.1");
  EXPECT_EQ(semantic.bundled, "/opt/models/encoder");
  EXPECT_EQ(semantic.threads, 2U);
  EXPECT_EQ(semantic.batch, 16U);
  EXPECT_EQ(semantic.windows, 32U);
  EXPECT_EQ(semantic.remember, 1000U);
  EXPECT_EQ(semantic.budget, std::chrono::milliseconds(100));
  ASSERT_EQ(semantic.models.size(), 2U);
  const SemanticModel& first = semantic.models[0];
  EXPECT_EQ(first.path, "/etc/gatehouse/models/guard-2");
  EXPECT_EQ(first.file, "onnx/model_quantized.onnx");
  EXPECT_EQ(first.sha256, kHash) << "digits are compared as they are printed: in lower case";
  EXPECT_THAT(first.labels, ElementsAre(Pair("LABEL_0", "benign"), Pair("LABEL_1", "attack")));
  EXPECT_EQ(first.window, 512U);
  EXPECT_DOUBLE_EQ(first.scale.as_usd(), 1.5);
  EXPECT_DOUBLE_EQ(first.shift.as_usd(), -0.25);
  EXPECT_EQ(semantic.models[1].scale, base::Money::usd(1));
  EXPECT_EQ(semantic.injection, "guard-2");
  EXPECT_EQ(semantic.embedding, "none");
  EXPECT_EQ(semantic.shadow_injection, "bundled");
  const Guards& guards = loaded.snapshot->policies[0].guards;
  EXPECT_EQ(guards.injection->model, ModelUse::required);
  EXPECT_EQ(guards.pii->model, ModelUse::off);
}

TEST(Semantic, NeedsNothing) {
  const auto loaded = load_one("policies: [ { name: p, guards: { injection: {}, pii: {} } } ]\n");
  ASSERT_THAT(lines(loaded.problems), IsEmpty());
  EXPECT_TRUE(loaded.snapshot->semantic.enabled);
  EXPECT_TRUE(loaded.snapshot->semantic.bundled.empty());
  EXPECT_EQ(loaded.snapshot->policies[0].guards.injection->model, ModelUse::automatic);
}

struct Case {
  std::string_view what;
  std::string yaml;
  std::vector<std::string> problems;
};

TEST(Semantic, WhatIsWrongIsSaidWithItsPlace) {
  for (const Case& each : std::vector<Case>{
           {"a name twice",
            "semantic:\n  models:\n    - { name: a, path: x }\n    - { name: a, path: y }\n",
            {"a.yaml:4:15: semantic.models[1].name: `a` is there twice"}},
           {"a name that is ours",
            "semantic:\n  models:\n    - { name: bundled, path: x }\n",
            {"a.yaml:3:15: semantic.models[0].name: must not be `none` or `bundled`"}},
           {"no path",
            "semantic:\n  models:\n    - { name: a }\n",
            {"a.yaml:3:7: semantic.models[0]: `path` is missing"}},
           {"an empty path",
            "semantic:\n  models:\n    - { name: a, path: '' }\n",
            {"a.yaml:3:24: semantic.models[0].path: must be a path"}},
           {"a short hash",
            "semantic:\n  models:\n    - { name: a, path: x, sha256: abc }\n",
            {"a.yaml:3:35: semantic.models[0].sha256: must be 64 hexadecimal digits"}},
           {"a hash of other digits",
            "semantic:\n  models:\n    - { name: a, path: x, sha256: " + std::string(64, 'g') + " }\n",
            {"a.yaml:3:35: semantic.models[0].sha256: must be 64 hexadecimal digits"}},
           {"a file elsewhere",
            "semantic:\n  models:\n    - { name: a, path: x, file: ../b }\n",
            {"a.yaml:3:33: semantic.models[0].file: must be a file in the folder or below"}},
           {"an empty label",
            "semantic:\n  models:\n    - { name: a, path: x, labels: { LABEL_1: '' } }\n",
            {"a.yaml:3:46: semantic.models[0].labels.LABEL_1: must not be empty"}},
           {"a model that is not there",
            "semantic:\n  models: [ { name: guard, path: x } ]\n  injection: guad\n",
            {"a.yaml:3:14: semantic.injection: no model is called `guad`; did you mean `guard`?"}},
           {"a shift that is no number",
            "semantic:\n  models: [ { name: a, path: x, shift: --1 } ]\n",
            {"a.yaml:2:40: semantic.models[0].shift: must be a decimal number, -100 to 100, with at most nine places, "
             "not `--1`"}},
           {"a scale below zero",
            "semantic:\n  models: [ { name: a, path: x, scale: -1 } ]\n",
            {"a.yaml:2:40: semantic.models[0].scale: must be a decimal number, 0 to 100, with at most nine places, not "
             "`-1`"}},
           {"required of nobody",
            "semantic: { injection: none }\npolicies:\n  - { name: p, guards: { injection: { model: required } } }\n",
            {"a.yaml:3:5: policies[0].guards.injection.model: is `required`, but `semantic.injection` is `none`"}},
           {"required and switched off",
            "semantic: { enabled: false }\npolicies:\n  - { name: p, guards: { pii: { model: required } } }\n",
            {"a.yaml:3:5: policies[0].guards.pii.model: is `required`, but `semantic.enabled` is false"}},
           {"a model where none is asked",
            "policies:\n  - { name: p, guards: { secrets: { model: required } } }\n",
            {"a.yaml:2:37: policies[0].guards.secrets: unknown key `model`; did you mean `mode`?"}},
       }) {
    EXPECT_THAT(problems_of(each.yaml), testing::ElementsAreArray(each.problems)) << each.what;
  }
}

// What a variable holds is told to nobody, here neither.
TEST(Semantic, AReferencedNameIsNotShown) {
  const auto problems = problems_of(
      "semantic: { models: [ { name: '${N}', path: a }, { name: '${N}', path: a } ],\n"
      "  injection: '${I}' }\n",
      environment({{"N", "Zq7a"}, {"I", "Zq7b"}}));
  EXPECT_EQ(problems.size(), 2U);
  for (const auto& problem : problems) EXPECT_THAT(problem, testing::Not(HasSubstr("Zq7")));
}

}  // namespace
}  // namespace gatehouse::config
