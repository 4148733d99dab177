#include <functional>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/guard/answer_text.h"
#include "gatehouse/guard/request_guard.h"

// What becomes of texts when a detector fails: told by itself, or with an exception.
namespace gatehouse::guard {
namespace {

// Finds "bad"; what else it does with the text is the test's.
class FakeDetector final : public Detector {
 public:
  using Then = std::function<void(const Look& look, Findings& out)>;
  FakeDetector(Family family, Then then) : family_(family), then_(std::move(then)) {}

  std::string_view name() const override { return "fake"; }
  Family family() const override { return family_; }
  std::span<const EntityInfo> entities() const override { return {}; }
  text::ViewKinds views(Direction) const override { return {}; }
  bool concerns(Direction, llm::Role, llm::SegmentKind) const override { return true; }
  std::size_t look(const Look& look, std::span<const Hit>, Findings& out) const override {
    for (std::size_t at = look.text.find("bad"); at != look.text.npos; at = look.text.find("bad", at + 1)) {
      out.add({.family = family_, .entity = "BAD", .detector = "fake.bad", .begin = at, .end = at + 3});
    }
    if (then_) then_(look, out);
    return look.text.size();
  }

 private:
  Family family_;
  Then then_;
};

struct Failure {
  const char* name;
  FakeDetector::Then then;
};
const std::vector<Failure>& failures() {
  static const std::vector<Failure> kAll = {
      {"told", [](const Look&, Findings& out) { out.fail("a bound was reached"); }},
      {"thrown", [](const Look&, Findings&) { throw std::runtime_error("the text was: hello"); }},
      {"out of memory", [](const Look&, Findings&) { throw std::bad_alloc(); }},
      {"thrown, no exception class", [](const Look&, Findings&) { throw 7; }}};
  return kAll;
}

// One policy on secrets over two detectors: one that fails, and beside it one that works.
struct World {
  World(FakeDetector::Then then, config::GuardFailure mode, config::GuardAction action = config::GuardAction::block) {
    policy.name = "p";
    auto& rule = policy.guards.secrets.emplace();
    rule.action = action;
    rule.on_failure = mode;
    auto set = DetectorSet::make({std::make_shared<FakeDetector>(Family::secrets, std::move(then)),
                                  std::make_shared<FakeDetector>(Family::secrets, nullptr)});
    EXPECT_TRUE(set.has_value());
    detectors = *set;
    rules = std::make_unique<Rules>(std::vector<Rules::Held>{{.policy = &policy, .own = {}, .schema = {}}}, *detectors);
    inspector = std::make_unique<Inspector>(detectors);
  }

  RequestJudgement judge(std::string_view text, JudgedTexts* judged = nullptr) {
    llm::SegmentList list;
    list.segments.push_back({.role = llm::Role::user, .kind = llm::SegmentKind::text, .length = 1, .text = text});
    RequestGuard guard(*rules, *inspector, redaction, judged, false);
    return guard.judge(list, [] { return false; }, decisions);
  }
  AnswerGuarding answering() {
    return {.rules = *rules, .inspector = *inspector, .redaction = redaction, .decisions = decisions};
  }

  config::Policy policy;
  std::shared_ptr<const DetectorSet> detectors;
  std::unique_ptr<Rules> rules;
  std::unique_ptr<Inspector> inspector;
  Redaction redaction{nullptr, nullptr, {.tenant = "t", .conversation = {}, .owner = {}}, base::WallTime{}};
  Decisions decisions;
};

TEST(FailingDetector, ClosedRefusesARequest) {
  for (const auto& failure : failures()) {
    World world(failure.then, config::GuardFailure::closed);
    EXPECT_TRUE(world.judge("hello").refused) << failure.name;
    EXPECT_TRUE(world.decisions.failed_closed()) << failure.name;
    EXPECT_FALSE(world.decisions.failure().empty()) << failure.name;
    EXPECT_EQ(world.decisions.failure().find("hello"), std::string::npos) << "what is thrown is not told";
  }
}

TEST(FailingDetector, OpenPassesARequestAndSaysSo) {
  for (const auto& failure : failures()) {
    World world(failure.then, config::GuardFailure::open);
    EXPECT_FALSE(world.judge("hello").refused) << failure.name;
    EXPECT_FALSE(world.decisions.failed_closed()) << failure.name;
    EXPECT_FALSE(world.decisions.failure().empty()) << failure.name;
  }
}

TEST(FailingDetector, WhatOnlyFlagsDoesNotRefuse) {
  for (const auto& failure : failures()) {
    World world(failure.then, config::GuardFailure::closed, config::GuardAction::flag);
    EXPECT_FALSE(world.judge("hello").refused) << failure.name;
    EXPECT_FALSE(world.decisions.failure().empty()) << failure.name;
  }
}

TEST(FailingDetector, OthersAreStillHeard) {
  for (const auto& failure : failures()) {
    World world(failure.then, config::GuardFailure::open);
    EXPECT_TRUE(world.judge("so bad").refused) << failure.name;
    EXPECT_EQ(world.decisions.strictest(), Action::block) << failure.name;
  }
}

TEST(FailingDetector, NothingOfItIsRemembered) {
  for (const auto& failure : failures()) {
    bool fails = true;
    World world(
        [&](const Look& look, Findings& out) {
          if (fails) failure.then(look, out);
        },
        config::GuardFailure::closed);
    JudgedTexts judged(std::string(32, 'k'), 16);
    const std::string text(JudgedTexts::kLeast + 100, 'x');
    EXPECT_TRUE(world.judge(text, &judged).refused) << failure.name;
    fails = false;
    EXPECT_FALSE(world.judge(text, &judged).refused) << failure.name;
    fails = true;
    EXPECT_FALSE(world.judge(text, &judged).refused) << "now it is known: " << failure.name;
  }
}

TEST(FailingDetector, ClosedStopsAnAnswer) {
  for (const auto& failure : failures()) {
    int looks = 0;
    World world(
        [&](const Look& look, Findings& out) {
          if (++looks == 2) failure.then(look, out);
        },
        config::GuardFailure::closed);
    AnswerText text(llm::SegmentKind::text, 0);
    text.append("one two ");
    ASSERT_TRUE(text.look(world.answering(), false)) << failure.name;
    const std::size_t released = text.frontier();
    text.release(released);
    text.append("three ");
    EXPECT_FALSE(text.look(world.answering(), false)) << failure.name;
    EXPECT_EQ(text.stopped_at(), released) << "nothing that nobody judged: " << failure.name;
    EXPECT_TRUE(world.decisions.failed_closed()) << failure.name;
  }
}

TEST(FailingDetector, OpenLetsAnAnswerGoOn) {
  for (const auto& failure : failures()) {
    World world(failure.then, config::GuardFailure::open, config::GuardAction::redact);
    AnswerText text(llm::SegmentKind::text, 0);
    text.append("one bad ");
    ASSERT_TRUE(text.look(world.answering(), false)) << failure.name;
    text.append("two");
    ASSERT_TRUE(text.look(world.answering(), true)) << failure.name;
    EXPECT_EQ(text.frontier(), text.size()) << failure.name;
    ASSERT_EQ(text.edits().size(), 1U) << "the other one's: " << failure.name;
    EXPECT_EQ(text.edits()[0].text, "[BAD]") << failure.name;
    EXPECT_FALSE(world.decisions.failed_closed()) << failure.name;
    EXPECT_FALSE(world.decisions.failure().empty()) << failure.name;
  }
}

}  // namespace
}  // namespace gatehouse::guard
