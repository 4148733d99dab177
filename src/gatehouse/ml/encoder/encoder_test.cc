#include "gatehouse/ml/encoder/encoder.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/ml/testing/tiny_model.h"

namespace gatehouse::ml {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using testing::FakeTokenizer;
using ::testing::FloatNear;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::OnnxFile;
using testing::runtime;
using testing::TinyModel;

float sigmoid(float odds) { return 1 / (1 + std::exp(-odds)); }

Manifest ours() {
  Manifest manifest;
  manifest.name = "tiny";
  manifest.window = 24;
  manifest.overlap = 5;
  manifest.injection = Manifest::Score{"injection", 1, 0};
  manifest.entities = Manifest::Entities{"entities", {"O", "B-PERSON", "I-PERSON", "B-LOCATION"}};
  manifest.embedding = Manifest::Embedding{"embedding", 2};
  return manifest;
}
TinyModel tiny() {
  TinyModel model;
  model.score("injection", {{'x', {4}}, {'a', {-1}}});
  model.tokens(
      "entities", 4,
      {{'p', {0, 9, 0, 0}}, {'q', {0, 0, 9, 0}}, {'l', {0, 0, 0, 9}}, {'a', {9, 0, 0, 0}}, {'x', {9, 0, 0, 0}}});
  model.sums("embedding", 2, {{'x', {1, 0}}, {'a', {0, 1}}});
  return model;
}
Manifest exported(std::vector<std::string> labels) {
  Manifest manifest;
  manifest.exported = true;
  manifest.labels = std::move(labels);
  return manifest;
}

Result<std::shared_ptr<const Model>> make(const TinyModel& model, Manifest manifest, ModelOptions options = {},
                                          std::size_t vocabulary = FakeTokenizer::kIds) {
  auto session = Session::open(*runtime(), model.bytes());
  if (!session) return std::unexpected(session.error());
  EncoderParts parts;
  parts.session = *std::move(session);
  parts.tokenizer = std::make_shared<const FakeTokenizer>(vocabulary);
  parts.manifest = std::move(manifest);
  parts.options = std::move(options);
  parts.hash = "hash";
  return make_encoder(std::move(parts));
}
std::string reason(const Result<std::shared_ptr<const Model>>& model) {
  return model ? "it was taken" : model.error().detail;
}

constexpr Wants kAll = Want::injection | Want::entities | Want::embedding | Want::harmful;

Reading read(const Model& model, std::string_view text, Wants wants = kAll) {
  const auto windows = model.windows(text, 64);
  std::vector<const Window*> batch;
  for (const Window& window : windows) batch.push_back(&window);
  const auto readings = model.read(batch, wants);
  EXPECT_TRUE(readings) << readings.error().detail;
  return readings ? join_windows(windows, *readings) : Reading();
}

std::vector<std::string> spans(const Reading& reading, std::string_view text) {
  std::vector<std::string> result;
  for (const auto& span : reading.entities) {
    result.push_back(std::string(span.entity) + " " + std::string(text.substr(span.begin, span.end - span.begin)));
  }
  return result;
}

TEST(Encoder, GivesAllVerdictsInOnePass) {
  GATEHOUSE_NEEDS_ONNX_RUNTIME();
  const auto model = make(tiny(), ours());
  ASSERT_TRUE(model) << reason(model);
  EXPECT_EQ((*model)->name(), "tiny");
  EXPECT_EQ((*model)->hash(), "hash");
  EXPECT_EQ((*model)->answers(), Want::injection | Want::entities | Want::embedding);
  EXPECT_EQ((*model)->embedding_size(), 2U);
  const std::string_view text = "a Pa q, x l";
  const Reading reading = read(**model, text);
  EXPECT_NEAR(reading.injection, sigmoid(4 - 1), 1e-5);
  EXPECT_THAT(spans(reading, text), ElementsAre("PERSON Pa q", "LOCATION l"));
  EXPECT_THAT(reading.embedding, ElementsAre(FloatNear(std::sqrt(0.5F), 1e-5F), FloatNear(std::sqrt(0.5F), 1e-5F)));
  EXPECT_EQ(reading.begin, 0U);
  EXPECT_EQ(reading.end, text.size());
  const Reading one = read(**model, text, Want::injection);
  EXPECT_EQ(one.answers, Wants(Want::injection));
  EXPECT_THAT(one.embedding, IsEmpty());
  EXPECT_THAT(one.entities, IsEmpty());
}

TEST(Encoder, ScalesAndShifts) {
  GATEHOUSE_NEEDS_ONNX_RUNTIME();
  Manifest manifest = ours();
  manifest.injection->scale = 2;
  manifest.injection->shift = -1;
  ModelOptions options;
  options.scale = 0.5;
  options.shift = 0.25;
  const auto model = make(tiny(), manifest, options);
  ASSERT_TRUE(model) << reason(model);
  EXPECT_NEAR(read(**model, "x").injection, sigmoid(0.5F * (2 * 4 - 1) + 0.25F), 1e-5);
  EXPECT_NE((*model)->identity(), (*make(tiny(), ours()))->identity());
  EXPECT_EQ((*make(tiny(), ours()))->identity(), (*make(tiny(), ours()))->identity());
}

// What stands beside a window in a pass, and how much padding it gets, changes nothing.
TEST(Encoder, ReadsABatchAsItReadsEachAlone) {
  GATEHOUSE_NEEDS_ONNX_RUNTIME();
  const auto model = make(tiny(), ours());
  ASSERT_TRUE(model) << reason(model);
  const std::vector<std::string> texts = {"x", "a a a p q l x x", "", "p"};
  std::vector<std::vector<Window>> windows;
  std::vector<const Window*> batch;
  for (const auto& text : texts) windows.push_back((*model)->windows(text, 1));
  for (const auto& list : windows) batch.push_back(&list.front());
  const auto together = (*model)->read(batch, kAll);
  ASSERT_TRUE(together) << together.error().detail;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto alone = (*model)->read(std::span(&batch[i], 1), kAll);
    ASSERT_TRUE(alone);
    EXPECT_FLOAT_EQ((*together)[i].injection, alone->front().injection);
    EXPECT_EQ(spans((*together)[i], texts[i]), spans(alone->front(), texts[i]));
    EXPECT_EQ((*together)[i].embedding, alone->front().embedding);
  }
  EXPECT_TRUE((*model)->read({}, kAll)->empty());
}

// More windows than one pass takes go through in several; each reading stays its window's.
TEST(Encoder, ReadsABatchOfAnySize) {
  GATEHOUSE_NEEDS_ONNX_RUNTIME();
  const auto model = make(tiny(), ours());
  ASSERT_TRUE(model) << reason(model);
  const std::vector<std::string> texts = {"x", "a a a p q l x x", "p"};
  std::vector<std::vector<Window>> windows;
  std::vector<float> alone;
  for (const auto& text : texts) {
    windows.push_back((*model)->windows(text, 1));
    alone.push_back(read(**model, text).injection);
  }
  ASSERT_NE(alone[0], alone[1]);
  std::vector<const Window*> batch;
  for (std::size_t i = 0; i < 1000; ++i) batch.push_back(&windows[i % 3].front());
  const auto together = (*model)->read(batch, Want::injection);
  ASSERT_TRUE(together) << together.error().detail;
  ASSERT_EQ(together->size(), batch.size());
  for (std::size_t i = 0; i < batch.size(); ++i) ASSERT_FLOAT_EQ((*together)[i].injection, alone[i % 3]) << i;
}

// A model that cannot be told what is padding is given none, whatever comes together.
TEST(Encoder, WithoutAMaskOnlyWindowsOfOneLengthShareAPass) {
  GATEHOUSE_NEEDS_ONNX_RUNTIME();
  TinyModel model(false);
  model.score("total", {{'x', {4}}, {'a', {-1}}});
  model.file.node("ReduceSum", {"mask", "one"}, {"count"}, {{"keepdims", 0}});
  model.file.node("Div", {"total", "count"}, {"injection"}).output("injection", OnnxFile::kFloat, {-1});
  Manifest manifest;
  manifest.injection = Manifest::Score{"injection", 1, 0};
  manifest.window = 24;
  const auto encoder = make(model, manifest);
  ASSERT_TRUE(encoder) << reason(encoder);
  const std::vector<std::string> texts = {"x a a a", "x", "", "a", "a a x a", "x x a", "a"};
  const std::vector<float> sums = {1, 4, 0, -1, 1, 7, -1};
  const std::vector<float> tokens = {6, 3, 2, 3, 6, 5, 3};
  std::vector<std::vector<Window>> windows;
  for (const auto& text : texts) windows.push_back((*encoder)->windows(text, 1));
  std::vector<const Window*> batch;
  constexpr std::size_t kMany = 500;
  for (std::size_t i = 0; i < kMany; ++i) batch.push_back(&windows[i % texts.size()].front());
  const auto readings = (*encoder)->read(batch, Want::injection);
  ASSERT_TRUE(readings) << readings.error().detail;
  ASSERT_EQ(readings->size(), batch.size());
  for (std::size_t i = 0; i < kMany; ++i) {
    const std::size_t at = i % texts.size();
    ASSERT_NEAR((*readings)[i].injection, sigmoid(sums[at] / tokens[at]), 1e-5) << i;
  }
}

// Weights of 8 bits with activations scaled as a pass goes: one scale for all rows of it, the loudest one's.
TEST(Encoder, ATextBesideAnotherDoesNotMoveItsVerdict) {
  GATEHOUSE_NEEDS_ONNX_RUNTIME();
  TinyModel model;
  std::vector<std::pair<char, std::vector<float>>> rows;
  for (char c = 'a'; c <= 'z'; ++c) rows.push_back({c, {0.37F * static_cast<float>(c - 'a')}});
  rows.back().second = {1000};
  model.score("exact", rows);
  model.file.node("DynamicQuantizeLinear", {"exact"}, {"small", "scale", "zero"});
  model.file.node("DequantizeLinear", {"small", "scale", "zero"}, {"injection"});
  model.file.output("injection", OnnxFile::kFloat, {-1});
  Manifest manifest;
  manifest.injection = Manifest::Score{"injection", 1, 0};
  const auto encoder = make(model, manifest);
  ASSERT_TRUE(encoder) << reason(encoder);
  const auto quiet = (*encoder)->windows("c", 1);
  const auto loud = (*encoder)->windows("z", 1);
  const std::vector<const Window*> batch = {quiet.data(), loud.data()};
  const auto beside = (*encoder)->read(batch, Want::injection);
  const auto alone = (*encoder)->read(std::span(batch).first(1), Want::injection);
  ASSERT_TRUE(beside && alone);
  EXPECT_FLOAT_EQ(beside->front().injection, alone->front().injection);
  EXPECT_NEAR(alone->front().injection, sigmoid(0.74F), 0.01F);
}

TEST(Encoder, ReadsALongTextInWindows) {
  GATEHOUSE_NEEDS_ONNX_RUNTIME();
  const auto model = make(tiny(), ours());
  ASSERT_TRUE(model) << reason(model);
  std::string text;
  for (std::size_t i = 0; i < 100; ++i) text += "a ";
  text += "pqpq q x ";
  for (std::size_t i = 0; i < 100; ++i) text += "a ";
  const Reading reading = read(**model, text);
  EXPECT_THAT(spans(reading, text), ElementsAre("PERSON pqpq q"));
  EXPECT_LE(reading.begin, 200U);
  EXPECT_GE(reading.end, 208U);
  EXPECT_LT(reading.end - reading.begin, 60U);
}

TEST(Encoder, FillsShapesWhereTheModelAsksForThem) {
  GATEHOUSE_NEEDS_ONNX_RUNTIME();
  TinyModel shaped;
  shaped.also("shapes").score("injection", {}, "shapes");
  Manifest manifest;
  manifest.injection = Manifest::Score{"injection", 1, 0};
  manifest.shapes = true;
  const auto model = make(shaped, manifest);
  ASSERT_TRUE(model) << reason(model);
  EXPECT_NEAR(read(**model, "Aa BB 7").injection, sigmoid(1 + 2 + 4), 1e-5);
  EXPECT_NEAR(read(**model, "aa bb c").injection, sigmoid(0), 1e-5);

  TinyModel plain;
  plain.score("injection", {});
  EXPECT_THAT(reason(make(plain, manifest)), HasSubstr("no input shapes"));
}

TEST(Encoder, TakesAClassifier) {
  GATEHOUSE_NEEDS_ONNX_RUNTIME();
  TinyModel model;
  model.sums("logits", 3, {{'x', {0, 3, 1}}});
  const auto guard = make(model, exported({"SAFE", "INJECTION", "JAILBREAK"}));
  ASSERT_TRUE(guard) << reason(guard);
  EXPECT_EQ((*guard)->answers(), Wants(Want::injection));
  const float all = 1 + std::exp(3.0F) + std::exp(1.0F);
  EXPECT_NEAR(read(**guard, "x").injection, (all - 1) / all, 1e-5);
  EXPECT_NEAR(read(**guard, "a").injection, 2.0F / 3, 1e-5);

  ModelOptions options;
  options.labels = {{"SAFE", "attack"}, {"INJECTION", "harmful"}, {"JAILBREAK", "none"}};
  const auto turned = make(model, exported({"SAFE", "INJECTION", "JAILBREAK"}), options);
  ASSERT_TRUE(turned) << reason(turned);
  EXPECT_EQ((*turned)->answers(), Want::injection | Want::harmful);
  EXPECT_NEAR(read(**turned, "x").injection, 1 / all, 1e-5);
  EXPECT_NEAR(read(**turned, "x").harmful, std::exp(3.0F) / all, 1e-5);

  EXPECT_THAT(reason(make(model, exported({"ONE", "TWO", "THREE"}))), AllOf(HasSubstr("'TWO'"), HasSubstr("labels")));
  EXPECT_THAT(reason(make(model, exported({"SAFE", "INJECTION"}))), HasSubstr("3 labels"));
}

TEST(Encoder, TakesAMultiLabelClassifier) {
  GATEHOUSE_NEEDS_ONNX_RUNTIME();
  TinyModel model;
  model.sums("logits", 3, {{'x', {5, 3, -4}}});
  Manifest manifest = exported({"SAFE", "INJECTION", "JAILBREAK"});
  manifest.multi_label = true;
  const auto guard = make(model, manifest);
  ASSERT_TRUE(guard) << reason(guard);
  EXPECT_NEAR(read(**guard, "x").injection, sigmoid(3), 1e-5);
}

TEST(Encoder, TakesATokenClassifier) {
  GATEHOUSE_NEEDS_ONNX_RUNTIME();
  TinyModel model;
  model.tokens("logits", 3, {{'a', {9, 0, 0}}, {'p', {0, 9, 0}}, {'s', {0, 0, 9}}});
  const auto names = make(model, exported({"O", "I-GIVENNAME", "I-SURNAME"}));
  ASSERT_TRUE(names) << reason(names);
  EXPECT_EQ((*names)->answers(), Wants(Want::entities));
  const std::string_view text = "a Pat Smith, a";
  const Reading reading = read(**names, text);
  EXPECT_THAT(spans(reading, text), ElementsAre("PERSON Pat Smith"));
  // The names outlive the model.
  Reading kept;
  {
    const auto gone = make(model, exported({"O", "I-GIVENNAME", "I-SURNAME"}));
    kept = read(**gone, text);
  }
  EXPECT_THAT(spans(kept, text), ElementsAre("PERSON Pat Smith"));
}

TEST(Encoder, TakesTheMeanOfAModelThatGivesTokensOnly) {
  GATEHOUSE_NEEDS_ONNX_RUNTIME();
  TinyModel model;
  model.tokens("last_hidden_state", 2, {{'x', {3, 0}}, {'y', {0, 4}}});
  const auto encoder = make(model, exported({}));
  ASSERT_TRUE(encoder) << reason(encoder);
  EXPECT_EQ((*encoder)->embedding_size(), 2U);
  const auto windows = (*encoder)->windows("x y", 1);
  const auto longer = (*encoder)->windows("x y a a a a a", 1);
  const std::vector<const Window*> batch = {windows.data(), longer.data()};
  const auto readings = (*encoder)->read(batch, kAll);
  ASSERT_TRUE(readings);
  EXPECT_THAT(readings->front().embedding, ElementsAre(FloatNear(0.6F, 1e-5F), FloatNear(0.8F, 1e-5F)));
}

TEST(Encoder, RefusesInputsThatItCannotFill) {
  GATEHOUSE_NEEDS_ONNX_RUNTIME();
  TinyModel strange;
  strange.also("words_mask").score("injection", {});
  EXPECT_THAT(reason(make(strange, ours())), HasSubstr("'words_mask'"));
  TinyModel fixed;
  fixed.file.input("token_type_ids", OnnxFile::kInt64, {1, 128});
  fixed.score("injection", {});
  EXPECT_THAT(reason(make(fixed, ours())), AllOf(HasSubstr("token_type_ids"), HasSubstr("[1 x 128]")));
  TinyModel narrow;
  narrow.file.input("token_type_ids", OnnxFile::kInt32, {-1, -1});
  narrow.score("injection", {});
  EXPECT_THAT(reason(make(narrow, ours())), AllOf(HasSubstr("token_type_ids"), HasSubstr("int32")));
}

TEST(Encoder, RefusesOutputsThatAreNotAsTheManifestSays) {
  GATEHOUSE_NEEDS_ONNX_RUNTIME();
  Manifest manifest = ours();
  manifest.injection->output = "nowhere";
  EXPECT_THAT(reason(make(tiny(), manifest)), HasSubstr("no output 'nowhere'"));
  manifest = ours();
  manifest.entities->labels.pop_back();
  EXPECT_THAT(reason(make(tiny(), manifest)), AllOf(HasSubstr("entities"), HasSubstr("x 4]"), HasSubstr("3 labels")));
  manifest = ours();
  manifest.embedding->size = 384;
  EXPECT_THAT(reason(make(tiny(), manifest)), AllOf(HasSubstr("embedding"), HasSubstr("384")));
  manifest = ours();
  manifest.injection->output = "entities";
  EXPECT_THAT(reason(make(tiny(), manifest)), HasSubstr("[batch]"));
  manifest = ours();
  manifest.entities->labels = {"O", "MISC", "O", "O"};
  EXPECT_THAT(reason(make(tiny(), manifest)), HasSubstr("none of its labels"));
  TinyModel whole;
  whole.file.output("injection", OnnxFile::kInt64, {-1, -1}).node("Identity", {"input_ids"}, {"injection"});
  EXPECT_THAT(reason(make(whole, ours())), AllOf(HasSubstr("injection"), HasSubstr("int64")));
  TinyModel other;
  other.score("something", {});
  EXPECT_THAT(reason(make(other, exported({}))), HasSubstr("none of the outputs"));
}

TEST(Encoder, RefusesAVocabularyThatIsLargerThanTheModels) {
  GATEHOUSE_NEEDS_ONNX_RUNTIME();
  EXPECT_TRUE(make(tiny(), ours()));
  EXPECT_THAT(reason(make(tiny(), ours(), {}, FakeTokenizer::kIds + 1)), AllOf(HasSubstr("last id"), HasSubstr("30")));
}

TEST(Encoder, RefusesAWindowOutOfRange) {
  GATEHOUSE_NEEDS_ONNX_RUNTIME();
  ModelOptions options;
  options.window = 4;
  EXPECT_THAT(reason(make(tiny(), ours(), options)), HasSubstr("window"));
  options.window = kMostWindow + 1;
  EXPECT_THAT(reason(make(tiny(), ours(), options)), HasSubstr("window"));
  // One that the model's own positions do not reach.
  TinyModel short_model;
  short_model.also("position_ids");
  short_model.file.floats("positions", {32, 1}, std::vector<float>(32, 0));
  short_model.file.node("Gather", {"positions", "position_ids"}, {"rows"});
  short_model.file.node("Mul", {"rows", "mask3"}, {"kept"})
      .node("ReduceSum", {"kept", "one"}, {"sum"}, {{"keepdims", 0}});
  short_model.file.node("Squeeze", {"sum", "one"}, {"injection"}).output("injection", OnnxFile::kFloat, {-1});
  Manifest manifest;
  manifest.injection = Manifest::Score{"injection", 1, 0};
  manifest.window = 32;
  EXPECT_TRUE(make(short_model, manifest)) << reason(make(short_model, manifest));
  manifest.window = 33;
  EXPECT_THAT(reason(make(short_model, manifest)), HasSubstr("window of 33 tokens"));
}

// A model whose numbers overflow must not pass for one that finds nothing.
TEST(Encoder, WhatIsNoNumberIsAnError) {
  GATEHOUSE_NEEDS_ONNX_RUNTIME();
  TinyModel model;
  model.score("injection", {{'x', {INFINITY}}});
  Manifest manifest;
  manifest.injection = Manifest::Score{"injection", 1, 0};
  const auto encoder = make(model, manifest);
  ASSERT_TRUE(encoder) << reason(encoder);
  const auto windows = (*encoder)->windows("x", 1);
  const std::vector<const Window*> batch = {windows.data()};
  const auto readings = (*encoder)->read(batch, kAll);
  ASSERT_FALSE(readings);
  EXPECT_EQ(readings.error().code, Code::internal);
}

TEST(Encoder, RefusesWindowsThatAreNotItsOwn) {
  GATEHOUSE_NEEDS_ONNX_RUNTIME();
  const auto model = make(tiny(), ours());
  ASSERT_TRUE(model);
  Window foreign;
  foreign.ids.assign(1000, 1);
  foreign.places.resize(1000);
  const std::vector<const Window*> batch = {&foreign};
  EXPECT_FALSE((*model)->read(batch, kAll));
}

}  // namespace
}  // namespace gatehouse::ml
