#include "gatehouse/ml/onnx/session.h"

#include <filesystem>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/ml/testing/tiny_model.h"

namespace gatehouse::ml {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::OnnxFile;
using testing::runtime;
using testing::TinyModel;

std::string reason(std::string_view model) {
  const auto session = Session::open(*runtime(), model);
  return session ? "it was taken" : session.error().detail;
}

TEST(Session, TellsInputsAndOutputsAndRuns) {
  GATEHOUSE_NEEDS_ONNX_RUNTIME();
  const auto session = Session::open(
      *runtime(), TinyModel().score("score", {{'a', {2}}, {'b', {-5}}}).tokens("logits", 2, {{'b', {7, 8}}}).bytes());
  ASSERT_TRUE(session) << session.error().detail;
  ASSERT_EQ((*session)->inputs().size(), 2U);
  EXPECT_EQ((*session)->inputs()[0].name, "input_ids");
  EXPECT_EQ((*session)->inputs()[0].type, ElementType::int64);
  EXPECT_THAT((*session)->inputs()[0].shape, ElementsAre(-1, -1));
  EXPECT_EQ((*session)->output("logits"), 1U);
  EXPECT_FALSE((*session)->output("nothing"));
  EXPECT_THAT((*session)->outputs()[1].shape, ElementsAre(-1, -1, 2));

  const std::vector<std::int64_t> ids = {3, 4, 3, 3, 3, 0};
  const std::vector<std::int64_t> mask = {1, 1, 1, 1, 0, 0};
  const std::vector<std::span<const std::int64_t>> inputs = {ids, mask};
  const std::vector<std::size_t> wanted = {1, 0};
  const auto outputs = (*session)->run(inputs, 2, 3, wanted);
  ASSERT_TRUE(outputs) << outputs.error().detail;
  EXPECT_THAT((*outputs)[0].shape, ElementsAre(2, 3, 2));
  EXPECT_EQ((*outputs)[0].values[2], 7);
  EXPECT_THAT((*outputs)[1].shape, ElementsAre(2));
  EXPECT_THAT((*outputs)[1].values, ElementsAre(2 - 5 + 2, 2));
}

TEST(Session, RunsOnSeveralThreads) {
  GATEHOUSE_NEEDS_ONNX_RUNTIME();
  const auto session = Session::open(*runtime(), TinyModel().score("score", {{'a', {2}}}).bytes());
  ASSERT_TRUE(session);
  std::vector<std::jthread> threads;
  std::vector<float> sums(4);
  for (std::size_t t = 0; t < sums.size(); ++t) {
    threads.emplace_back([&, t] {
      for (std::size_t round = 0; round < 50; ++round) {
        const std::vector<std::int64_t> ids(t + 1, 3);
        const std::vector<std::int64_t> mask(t + 1, 1);
        const std::vector<std::span<const std::int64_t>> inputs = {ids, mask};
        const std::vector<std::size_t> wanted = {0};
        const auto outputs = (*session)->run(inputs, 1, t + 1, wanted);
        if (outputs) sums[t] += (*outputs)[0].values[0];
      }
    });
  }
  threads.clear();
  EXPECT_THAT(sums, ElementsAre(100, 200, 300, 400));
}

TEST(Session, OutlivesTheRuntimeItCameFrom) {
  GATEHOUSE_NEEDS_ONNX_RUNTIME();
  auto own = Runtime::load({.library = std::string(runtime()->library())});
  ASSERT_TRUE(own);
  const auto session = Session::open(*own, TinyModel().score("score", {{'a', {2}}}).bytes());
  ASSERT_TRUE(session);
  own = fail(Code::closed);
  const std::vector<std::int64_t> one = {1};
  const std::vector<std::span<const std::int64_t>> inputs = {one, one};
  EXPECT_TRUE((*session)->run(inputs, 1, 1, std::vector<std::size_t>{0}));
}

TEST(Session, RefusesWhatIsNoModel) {
  GATEHOUSE_NEEDS_ONNX_RUNTIME();
  EXPECT_THAT(reason("this is a text"), HasSubstr("not an ONNX model"));
  EXPECT_THAT(reason(""), Not(HasSubstr("taken")));
  const std::string whole = TinyModel().score("score", {}).bytes();
  EXPECT_THAT(reason(std::string_view(whole).substr(0, whole.size() / 2)), HasSubstr("not an ONNX model"));
}

TEST(Session, RefusesOpsetsAndOperatorsThatItDoesNotKnow) {
  GATEHOUSE_NEEDS_ONNX_RUNTIME();
  TinyModel late;
  late.score("score", {}).file.opset(99);
  EXPECT_THAT(reason(late.bytes()), AllOf(HasSubstr("does not take it"), HasSubstr("99")));
  TinyModel strange;
  strange.file.node("Frobnicate", {"mask"}, {"out"}).output("out", OnnxFile::kFloat, {-1, -1});
  EXPECT_THAT(reason(strange.bytes()), HasSubstr("Frobnicate"));
}

// They would be bytes that nobody hashed, wherever the process happens to stand.
TEST(Session, RefusesWeightsInOtherFiles) {
  GATEHOUSE_NEEDS_ONNX_RUNTIME();
  const auto before = std::filesystem::current_path();
  const auto folder = std::filesystem::path(::testing::TempDir()) / "gatehouse_onnx_weights";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "weights.bin", std::ios::binary) << std::string(120, '\0');
  std::filesystem::current_path(folder);
  TinyModel model;
  model.file.elsewhere("table", {30, 1}, "weights.bin");
  model.file.node("Gather", {"table", "input_ids"}, {"out"}).output("out", OnnxFile::kFloat, {-1, -1, 1});
  const std::string why = reason(model.bytes());
  std::filesystem::current_path(before);
  std::filesystem::remove_all(folder);
  EXPECT_THAT(why, HasSubstr("does not take it"));
}

TEST(Session, RefusesInputsOfAnotherSizeAndOutputsThatAreNotThere) {
  GATEHOUSE_NEEDS_ONNX_RUNTIME();
  const auto session = Session::open(*runtime(), TinyModel().score("score", {}).bytes());
  ASSERT_TRUE(session);
  const std::vector<std::int64_t> two = {1, 1};
  const std::vector<std::span<const std::int64_t>> both = {two, two};
  const std::vector<std::span<const std::int64_t>> one = {two};
  EXPECT_FALSE((*session)->run(both, 1, 3, std::vector<std::size_t>{0}));
  EXPECT_FALSE((*session)->run(one, 1, 2, std::vector<std::size_t>{0}));
  EXPECT_FALSE((*session)->run(both, 1, 2, std::vector<std::size_t>{1}));
  EXPECT_TRUE((*session)->run(both, 1, 2, std::vector<std::size_t>{0}));
  const std::vector<std::int64_t> beyond = {999, 1};
  const auto failed =
      (*session)->run(std::vector<std::span<const std::int64_t>>{beyond, two}, 1, 2, std::vector<std::size_t>{0});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Code::internal);
}

}  // namespace
}  // namespace gatehouse::ml
