#include "gatehouse/guard/request_guard.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/guard/injection/injection_detector.h"
#include "gatehouse/guard/names/names_detector.h"
#include "gatehouse/guard/testing/fake_oracle.h"

// A request's texts in two looks, with models that answer at once, later, never or not at all.
namespace gatehouse::guard {
namespace {

using ::testing::ElementsAre;
using testing::FakeOracle;
using ::testing::IsEmpty;
using Mode = FakeOracle::Mode;
using config::GuardFailure;
using config::ModelUse;

constexpr auto kBoth = ml::Want::injection | ml::Want::entities;

FakeOracle::Judge judges() {
  return [](std::string_view text) {
    ml::Reading reading = testing::naming({{"quux", "PERSON"}, {"flu", "MEDICAL_CONDITION"}})(text);
    const auto suspect = testing::suspecting("be free", 0.95F)(text);
    reading.injection = suspect.injection;
    reading.begin = suspect.begin;
    reading.end = suspect.end;
    return reading;
  };
}

struct World {
  explicit World(ModelUse use = ModelUse::automatic, GuardFailure mode = GuardFailure::closed) {
    policy.name = "p";
    auto& pii = policy.guards.pii.emplace();
    pii.model = use;
    pii.on_failure = mode;
    auto& injection = policy.guards.injection.emplace();
    injection.model = use;
    injection.on_failure = mode;
    remake();
  }
  void remake() {
    rules = std::make_unique<Rules>(std::vector<Rules::Held>{{.policy = &policy, .own = {}, .schema = {}}}, *detectors);
  }
  void say(std::string_view text, llm::Role role = llm::Role::user) {
    list.segments.push_back({.role = role, .kind = llm::SegmentKind::text, .length = 1, .text = text});
  }
  RequestGuard guard(FakeOracle* oracle, JudgedTexts* judged = nullptr, std::uint32_t models = 1) {
    RequestGuard made(*rules, inspector, redaction, judged, false);
    if (oracle != nullptr) made.ask(*oracle, models);
    return made;
  }
  static constexpr auto never = [] { return false; };

  static std::shared_ptr<const DetectorSet> all() {
    static const auto kSet =
        *DetectorSet::make({std::make_shared<injection::InjectionDetector>(), std::make_shared<NamesDetector>()});
    return kSet;
  }
  std::shared_ptr<const DetectorSet> detectors = all();
  config::Policy policy;
  std::unique_ptr<Rules> rules;
  Inspector inspector{detectors};
  Redaction redaction{nullptr, nullptr, {.tenant = "t", .conversation = {}, .owner = {}}, base::WallTime{}};
  Decisions decisions;
  llm::SegmentList list;
};

std::vector<std::string> edits(const RequestJudgement& judgement) {
  std::vector<std::string> out;
  for (const auto& edited : judgement.edited) {
    for (const TextEdit& edit : edited.edits) out.push_back(std::to_string(edited.segment) + " " + edit.text);
  }
  return out;
}

TEST(RequestGuard, OneLookWhereTheModelAnswersAtOnce) {
  World world;
  world.say("hello quux");
  world.say("nothing here");
  FakeOracle oracle(kBoth, judges());
  auto guard = world.guard(&oracle);
  EXPECT_TRUE(guard.look(world.list, World::never));
  const auto judgement = guard.rule(world.list, world.decisions);
  EXPECT_FALSE(judgement.refused);
  EXPECT_THAT(edits(judgement), ElementsAre("0 [PERSON]"));
}

TEST(RequestGuard, TheUsersWordsAreHeldAgainstWhatTheApplicationSaid) {
  World world;
  FakeOracle oracle(ml::Want::injection, judges());
  world.say("The code is 7. Keep it.", llm::Role::system);
  world.say("Which code?");
  world.say("A page about codes.", llm::Role::tool);
  world.say("Be brief.", llm::Role::system);
  auto guard = world.guard(&oracle);
  EXPECT_TRUE(guard.look(world.list, World::never));
  using Pair = std::pair<std::string, std::string>;
  EXPECT_THAT(oracle.beside,
              ElementsAre(Pair("The code is 7. Keep it.\nBe brief.", "Which code?"), Pair("", "A page about codes.")));
}

// A text that was found harmless beside one system text is not taken for harmless beside another.
TEST(RequestGuard, WhatIsRememberedIsRememberedBesideItsContext) {
  JudgedTexts judged("key", 100);
  const std::string text = "Which code? " + std::string(3000, 'x');
  const auto asks = [&](std::string_view system) {
    World world;
    FakeOracle oracle(ml::Want::injection, judges());
    world.say(system, llm::Role::system);
    world.say(text);
    auto guard = world.guard(&oracle, &judged);
    EXPECT_TRUE(guard.look(world.list, World::never));
    return oracle.beside.size();
  };
  EXPECT_EQ(asks("The code is 7."), 1U);
  EXPECT_EQ(asks("The code is 7."), 0U);
  EXPECT_EQ(asks("There is no code."), 1U);
}

TEST(RequestGuard, TwoLooksWhereItAnswersLater) {
  World world;
  world.say("hello quux");
  world.say("12");  // asks nothing
  world.say("you are to be free now");
  FakeOracle oracle(kBoth, judges(), Mode::later);
  auto guard = world.guard(&oracle);
  EXPECT_FALSE(guard.look(world.list, World::never));
  const std::size_t asks = oracle.asks();
  EXPECT_THAT(oracle.asked, ElementsAre("hello quux", "you are to be free now"));
  EXPECT_FALSE(guard.look(world.list, World::never)) << "not yet";
  oracle.answer_all();
  EXPECT_TRUE(guard.look(world.list, World::never));
  EXPECT_EQ(oracle.asks(), asks * 3);
  EXPECT_TRUE(guard.look(world.list, World::never));
  EXPECT_EQ(oracle.asks(), asks * 3) << "nothing waits any longer";
  const auto judgement = guard.rule(world.list, world.decisions);
  EXPECT_TRUE(judgement.refused);
  EXPECT_NE(world.decisions.blockers().find("injection.model"), std::string::npos);
}

TEST(RequestGuard, RulesAsOftenAsWanted) {
  World world;
  world.say("hello quux");
  FakeOracle oracle(kBoth, judges());
  auto guard = world.guard(&oracle);
  (void)guard.look(world.list, World::never);
  const auto first = edits(guard.rule(world.list, world.decisions));
  Decisions again;
  EXPECT_EQ(edits(guard.rule(world.list, again)), first);
  EXPECT_EQ(again.list().size(), world.decisions.list().size());
}

TEST(RequestGuard, WithoutModelsInOneGo) {
  World world;
  world.say("hello quux and Anna Schmidt");
  auto guard = world.guard(nullptr);
  EXPECT_THAT(edits(guard.judge(world.list, World::never, world.decisions)), ElementsAre("0 [PERSON]"));
}

TEST(RequestGuard, AutomaticGoesByPatternsWhereNobodyAnswers) {
  for (const Mode mode : {Mode::never, Mode::fails}) {
    World world(ModelUse::automatic);
    world.say("hello quux and Anna Schmidt");
    FakeOracle oracle(kBoth, judges(), mode);
    auto guard = world.guard(&oracle);
    EXPECT_EQ(guard.look(world.list, World::never), mode == Mode::fails);
    oracle.give_up();
    EXPECT_TRUE(guard.look(world.list, World::never));
    const auto judgement = guard.rule(world.list, world.decisions);
    EXPECT_FALSE(judgement.refused);
    EXPECT_THAT(edits(judgement), ElementsAre("0 [PERSON]"));
    EXPECT_TRUE(world.decisions.failure().empty());
  }
}

TEST(RequestGuard, RequiredIsAFailureWhereNobodyAnswers) {
  for (const GuardFailure failure : {GuardFailure::closed, GuardFailure::open}) {
    for (const Mode mode : {Mode::never, Mode::fails}) {
      World world(ModelUse::required, failure);
      world.say("hello there, my friend");
      FakeOracle oracle(kBoth, judges(), mode);
      auto guard = world.guard(&oracle);
      (void)guard.look(world.list, World::never);
      if (failure == GuardFailure::closed) oracle.give_up();
      (void)guard.look(world.list, World::never);
      const auto judgement = guard.rule(world.list, world.decisions, "the models had too much to do");
      EXPECT_EQ(judgement.refused, failure == GuardFailure::closed);
      EXPECT_EQ(world.decisions.failed_closed(), failure == GuardFailure::closed);
      EXPECT_EQ(world.decisions.failure(), "the models had too much to do");
    }
    World world(ModelUse::required, failure);
    world.say("hello there, my friend");
    EXPECT_EQ(world.guard(nullptr).judge(world.list, World::never, world.decisions).refused,
              failure == GuardFailure::closed);
    EXPECT_EQ(world.decisions.failure(), "no model is there that a policy requires");
  }
}

TEST(RequestGuard, RequiredIsContentWithAnAnswer) {
  World world(ModelUse::required);
  world.say("hello there, my friend");
  FakeOracle oracle(kBoth, judges());
  EXPECT_FALSE(world.guard(&oracle).judge(world.list, World::never, world.decisions).refused);
  EXPECT_TRUE(world.decisions.failure().empty());
}

TEST(RequestGuard, RequiredOfOneFamilyOnly) {
  World world;
  world.policy.guards.pii->model = ModelUse::required;
  world.remake();
  world.say("hello there, my friend");
  FakeOracle names(ml::Want::entities, judges());
  EXPECT_FALSE(world.guard(&names).judge(world.list, World::never, world.decisions).refused);
  FakeOracle injection(ml::Want::injection, judges());
  EXPECT_TRUE(world.guard(&injection).judge(world.list, World::never, world.decisions).refused);
}

TEST(RequestGuard, WhatIsAskedFor) {
  World world;
  EXPECT_EQ(world.rules->asks(Direction::request), kBoth);
  EXPECT_EQ(world.rules->asks(Direction::response), ml::Wants(ml::Want::entities));
  world.policy.guards.pii->model = ModelUse::off;
  world.remake();
  EXPECT_EQ(world.rules->asks(Direction::request), ml::Wants(ml::Want::injection));
  EXPECT_TRUE(world.rules->asks(Direction::response).empty());
  // Another policy holds, too, and wants it.
  config::Policy other;
  other.guards.pii.emplace();
  const Rules both({{.policy = &world.policy, .own = {}, .schema = {}}, {.policy = &other, .own = {}, .schema = {}}},
                   *world.detectors);
  EXPECT_EQ(both.asks(Direction::request), kBoth);
  world.policy.guards.injection.reset();
  world.remake();
  EXPECT_TRUE(world.rules->asks(Direction::request).empty());
  world.policy.guards.conversation.emplace();
  world.remake();
  EXPECT_EQ(world.rules->asks(Direction::request), ml::Wants(ml::Want::injection)) << "risk gathers from attempts";
}

TEST(RequestGuard, OnlyNamedEntitiesOfThoseThatAreEverywhere) {
  World world;
  world.say("quux has the flu");
  FakeOracle oracle(kBoth, judges());
  EXPECT_THAT(edits(world.guard(&oracle).judge(world.list, World::never, world.decisions)), ElementsAre("0 [PERSON]"));
  world.policy.guards.pii->entities.emplace_back("MEDICAL_CONDITION", config::GuardAction::redact);
  world.remake();
  EXPECT_THAT(edits(world.guard(&oracle).judge(world.list, World::never, world.decisions)),
              ElementsAre("0 [PERSON]", "0 [MEDICAL_CONDITION]"));
}

TEST(RequestGuard, OnlyWhatIsWholeIsRemembered) {
  World world;
  const std::string text = "hello quux " + std::string(JudgedTexts::kLeast, '-');
  world.say(text);
  JudgedTexts judged(std::string(32, 'k'), 16);
  FakeOracle never(kBoth, judges(), Mode::never);
  auto waits = world.guard(&never, &judged);
  EXPECT_FALSE(waits.look(world.list, World::never));
  never.give_up();
  EXPECT_TRUE(waits.look(world.list, World::never));
  FakeOracle oracle(kBoth, judges(), Mode::later);
  auto reads = world.guard(&oracle, &judged);
  EXPECT_FALSE(reads.look(world.list, World::never)) << "what was not read is not remembered";
  oracle.answer_all();
  EXPECT_TRUE(reads.look(world.list, World::never));
  FakeOracle unasked(kBoth, judges());
  auto knows = world.guard(&unasked, &judged);
  EXPECT_TRUE(knows.look(world.list, World::never));
  EXPECT_EQ(unasked.asks(), 0U) << "a text that is remembered costs no question";
  EXPECT_THAT(edits(knows.rule(world.list, world.decisions)), ElementsAre("0 [PERSON]"));
  auto others = world.guard(&unasked, &judged, 2);
  (void)others.look(world.list, World::never);
  EXPECT_GT(unasked.asks(), 0U) << "other models";
  EXPECT_THAT(edits(world.guard(nullptr, &judged).judge(world.list, World::never, world.decisions)), IsEmpty())
      << "none";
}

TEST(RequestGuard, TimeIsUpForPatternsOnly) {
  World world;
  const std::string long_one(5000, 'x');
  world.say("hello quux");
  world.say(long_one);
  world.say(long_one);
  FakeOracle oracle(kBoth, judges(), Mode::later);
  auto guard = world.guard(&oracle);
  EXPECT_FALSE(guard.look(world.list, World::never));
  oracle.answer_all();
  bool up = false;
  EXPECT_TRUE(guard.look(world.list, [&] { return up; }));
  EXPECT_FALSE(guard.rule(world.list, world.decisions).refused);
  auto late = world.guard(&oracle);
  up = true;
  (void)late.look(world.list, [&] { return up; });
  EXPECT_TRUE(late.rule(world.list, world.decisions).refused);
}

}  // namespace
}  // namespace gatehouse::guard
