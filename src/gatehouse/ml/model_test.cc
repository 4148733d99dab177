#include "gatehouse/ml/model.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::ml {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatNear;
using ::testing::IsEmpty;

Window window(std::uint32_t begin, std::uint32_t end, std::uint32_t own) {
  Window result;
  result.begin = begin;
  result.end = end;
  result.own_begin = 1;
  result.own_end = 1 + own;
  return result;
}

WindowReading reading(float injection, std::vector<EntitySpan> entities = {}, std::vector<float> embedding = {}) {
  WindowReading result;
  result.answers = Want::injection | Want::entities;
  result.injection = injection;
  result.entities = std::move(entities);
  result.embedding = std::move(embedding);
  return result;
}

std::vector<std::string> spans(const Reading& reading) {
  std::vector<std::string> result;
  for (const auto& span : reading.entities) {
    result.push_back(std::string(span.entity) + " " + std::to_string(span.begin) + "-" + std::to_string(span.end));
  }
  return result;
}

TEST(JoinWindows, TakesTheHighestScoreAndSaysWhere) {
  const std::vector<Window> windows = {window(0, 100, 20), window(80, 200, 20), window(180, 300, 20)};
  const std::vector<WindowReading> readings = {reading(0.1F), reading(0.9F), reading(0.2F)};
  const Reading joined = join_windows(windows, readings);
  EXPECT_FLOAT_EQ(joined.injection, 0.9F);
  EXPECT_EQ(joined.begin, 80U);
  EXPECT_EQ(joined.end, 200U);
  EXPECT_EQ(joined.answers, Want::injection | Want::entities);
  EXPECT_FALSE(joined.partial);
}

TEST(JoinWindows, JoinsEntitiesWhereWindowsMeet) {
  const std::vector<Window> windows = {window(0, 100, 20), window(80, 200, 20)};
  const std::vector<WindowReading> readings = {
      reading(0, {{10, 13, "PERSON", 0.9F}, {84, 90, "PERSON", 0.6F}, {92, 99, "LOCATION", 0.5F}}),
      reading(0, {{84, 96, "PERSON", 0.8F}, {120, 130, "LOCATION", 0.7F}})};
  const Reading joined = join_windows(windows, readings);
  EXPECT_THAT(spans(joined), ElementsAre("PERSON 10-13", "PERSON 84-96", "LOCATION 120-130"));
  EXPECT_FLOAT_EQ(joined.entities[1].score, 0.8F);
}

TEST(JoinWindows, OfTwoThatContradictTheSurerStays) {
  const std::vector<Window> windows = {window(0, 100, 20), window(80, 200, 20)};
  const std::vector<WindowReading> readings = {reading(0, {{84, 92, "PERSON", 0.6F}}),
                                               reading(0, {{88, 95, "LOCATION", 0.9F}})};
  EXPECT_THAT(spans(join_windows(windows, readings)), ElementsAre("LOCATION 88-95"));
}

TEST(JoinWindows, WeighsEmbeddingsByTheirOwnTokens) {
  const std::vector<Window> windows = {window(0, 100, 30), window(80, 200, 10)};
  const std::vector<WindowReading> readings = {reading(0, {}, {1, 0}), reading(0, {}, {0, 1})};
  const Reading joined = join_windows(windows, readings);
  const float length = std::sqrt(30.0F * 30 + 10.0F * 10);
  EXPECT_THAT(joined.embedding, ElementsAre(FloatNear(30 / length, 1e-5F), FloatNear(10 / length, 1e-5F)));
}

TEST(JoinWindows, WhereOneLacksAnAnswerTheWholeIsPartial) {
  const std::vector<Window> windows = {window(0, 100, 20), window(80, 200, 20)};
  std::vector<WindowReading> readings = {reading(0.1F), reading(0.2F)};
  readings[1].answers = Want::injection;
  EXPECT_TRUE(join_windows(windows, readings).partial);
  readings[0].settled = readings[1].settled = true;
  EXPECT_TRUE(join_windows(windows, readings).settled);
  readings[0].settled = false;
  EXPECT_FALSE(join_windows(windows, readings).settled);
}

TEST(JoinWindows, KeepsTheNamesAlive) {
  auto names = std::make_shared<const std::string>("PERSON");
  auto others = std::make_shared<const std::string>("LOCATION");
  const std::weak_ptr<const std::string> one = names;
  const std::weak_ptr<const std::string> two = others;
  const std::vector<Window> windows = {window(0, 100, 20), window(80, 200, 20)};
  std::vector<WindowReading> readings = {reading(0), reading(0)};
  readings[0].owner = std::move(names);
  readings[1].owner = std::move(others);
  const Reading joined = join_windows(windows, readings);
  readings.clear();
  EXPECT_FALSE(one.expired());
  EXPECT_FALSE(two.expired());
}

TEST(JoinWindows, OfNothingIsNothing) {
  const Reading joined = join_windows({}, {});
  EXPECT_TRUE(joined.answers.empty());
  EXPECT_FALSE(joined.settled);
  EXPECT_THAT(joined.embedding, IsEmpty());
}

}  // namespace
}  // namespace gatehouse::ml
