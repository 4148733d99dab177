#include "gatehouse/guard/answer_text.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/guard/names/names_detector.h"
#include "gatehouse/guard/testing/fake_oracle.h"

// An answer's text that models are asked about while it grows.
namespace gatehouse::guard {
namespace {

using testing::FakeOracle;
using Mode = FakeOracle::Mode;
using config::GuardFailure;
using config::ModelUse;

constexpr std::string_view kSentence = "It was quux who told me about it on the phone this morning. ";

struct World {
  explicit World(ModelUse use = ModelUse::automatic, GuardFailure mode = GuardFailure::closed) {
    auto& pii = policy.guards.pii.emplace();
    pii.model = use;
    pii.on_failure = mode;
    rules = std::make_unique<Rules>(std::vector<Rules::Held>{{.policy = &policy, .own = {}, .schema = {}}}, *detectors);
  }
  AnswerGuarding guarding(FakeOracle* oracle) {
    return {.rules = *rules, .inspector = inspector, .redaction = redaction, .decisions = decisions, .meaning = oracle};
  }
  std::shared_ptr<const DetectorSet> detectors = *DetectorSet::make({std::make_shared<NamesDetector>()});
  config::Policy policy;
  std::unique_ptr<Rules> rules;
  Inspector inspector{detectors};
  Redaction redaction{nullptr, nullptr, {.tenant = "t", .conversation = {}, .owner = {}}, base::WallTime{}};
  Decisions decisions;
};

FakeOracle people(Mode mode) { return {ml::Want::entities, testing::naming({{"quux", "PERSON"}}), mode}; }

TEST(AnswerText, HoldsWhatWaitsForAModel) {
  World world;
  FakeOracle oracle = people(Mode::later);
  const auto guarding = world.guarding(&oracle);
  AnswerText text(llm::SegmentKind::text, 0);
  text.append("It was quux");
  ASSERT_TRUE(text.look(guarding, false));
  EXPECT_FALSE(text.waiting()) << "a piece in progress is no question";
  EXPECT_EQ(text.frontier(), 0U);
  text.append(kSentence.substr(11));
  text.append("And");
  ASSERT_TRUE(text.look(guarding, false));
  EXPECT_TRUE(text.waiting());
  EXPECT_EQ(text.frontier(), 0U);
  oracle.answer_all();
  ASSERT_TRUE(text.look(guarding, false)) << "though nothing was added";
  EXPECT_FALSE(text.waiting());
  EXPECT_EQ(text.frontier(), kSentence.size());
  ASSERT_EQ(text.edits().size(), 1U);
  EXPECT_EQ(text.edits()[0].text, "[PERSON]");
}

TEST(AnswerText, ACompleteTextWaitsToo) {
  World world;
  FakeOracle oracle = people(Mode::later);
  const auto guarding = world.guarding(&oracle);
  AnswerText text(llm::SegmentKind::text, 0);
  text.append(kSentence);
  text.append("The end");
  ASSERT_TRUE(text.look(guarding, true));
  EXPECT_TRUE(text.waiting());
  EXPECT_EQ(text.frontier(), 0U);
  EXPECT_EQ(oracle.asked.size(), 2U) << "all of it at once";
  oracle.answer_all();
  ASSERT_TRUE(text.look(guarding, true));
  EXPECT_FALSE(text.waiting());
  EXPECT_EQ(text.frontier(), text.size());
  EXPECT_EQ(text.edits().size(), 1U);
  EXPECT_EQ(world.decisions.list().size(), 1U) << "told once";
}

TEST(AnswerText, WhatWaitsIsNotTooMuchHeldBack) {
  World world;
  FakeOracle oracle = people(Mode::later);
  auto guarding = world.guarding(&oracle);
  guarding.most_held = 100;
  AnswerText text(llm::SegmentKind::text, 0);
  for (int i = 0; i < 10; ++i) text.append(kSentence);
  ASSERT_TRUE(text.look(guarding, false));
  EXPECT_TRUE(text.waiting());
  oracle.answer_all();
  ASSERT_TRUE(text.look(guarding, false));
  EXPECT_EQ(text.frontier(), text.size());
}

TEST(AnswerText, LongTextsAreReadInPiecesAsTheyPass) {
  World world;
  FakeOracle oracle = people(Mode::at_once);
  const auto guarding = world.guarding(&oracle);
  AnswerText text(llm::SegmentKind::text, 0);
  std::size_t edits = 0;
  for (int i = 0; i < 100; ++i) {
    for (const char c : kSentence) {
      text.append(std::string_view(&c, 1));
      ASSERT_TRUE(text.look(guarding, false));
      if (text.frontier() == text.size()) {
        edits += text.edits().size();
        text.release(text.frontier());
      }
    }
  }
  EXPECT_EQ(edits, 100U);
  EXPECT_EQ(oracle.asked.size(), 1U) << "the same sentence";
  EXPECT_TRUE(world.decisions.failure().empty());
}

TEST(AnswerText, RequiredDecidesByTheFailureMode) {
  for (const GuardFailure mode : {GuardFailure::closed, GuardFailure::open}) {
    for (const bool given_up : {true, false}) {
      World world(ModelUse::required, mode);
      FakeOracle oracle = people(given_up ? Mode::never : Mode::fails);
      const auto guarding = world.guarding(&oracle);
      AnswerText text(llm::SegmentKind::text, 0);
      text.append(kSentence);
      if (given_up) {
        EXPECT_TRUE(text.look(guarding, false));
        oracle.give_up();
      }
      EXPECT_EQ(text.look(guarding, false), mode == GuardFailure::open);
      EXPECT_EQ(world.decisions.failed_closed(), mode == GuardFailure::closed);
      EXPECT_EQ(world.decisions.failure(), guarding.unread);
    }
    World world(ModelUse::required, mode);
    AnswerText text(llm::SegmentKind::text, 0);
    text.append(kSentence);
    EXPECT_EQ(text.look(world.guarding(nullptr), false), mode == GuardFailure::open);
  }
}

TEST(AnswerText, AutomaticGoesOnWithTheDictionary) {
  World world;
  FakeOracle oracle = people(Mode::fails);
  AnswerText text(llm::SegmentKind::text, 0);
  text.append("It was quux and Anna Schmidt who told me about it on the phone. ");
  ASSERT_TRUE(text.look(world.guarding(&oracle), true));
  EXPECT_EQ(text.edits().size(), 1U);
  EXPECT_TRUE(world.decisions.failure().empty());
}

}  // namespace
}  // namespace gatehouse::guard
