#include "gatehouse/guard/policy/rules.h"

#include <gtest/gtest.h>

namespace gatehouse::guard {
namespace {

class FakeDetector final : public Detector {
 public:
  explicit FakeDetector(Family family) : family_(family) {}
  std::string_view name() const override { return "fake"; }
  Family family() const override { return family_; }
  std::span<const EntityInfo> entities() const override { return {}; }
  text::ViewKinds views(Direction) const override { return {}; }
  bool concerns(Direction, llm::Role, llm::SegmentKind) const override { return true; }
  std::size_t look(const Look& look, std::span<const Hit>, Findings&) const override { return look.text.size(); }

 private:
  Family family_;
};

std::shared_ptr<const DetectorSet> detectors() {
  std::vector<std::shared_ptr<const Detector>> list;
  for (const auto family : {Family::pii, Family::secrets, Family::injection, Family::unsafe_output}) {
    list.push_back(std::make_shared<FakeDetector>(family));
  }
  auto set = DetectorSet::make(std::move(list));
  EXPECT_TRUE(set.has_value());
  return *set;
}

Finding found(Family family, std::string_view entity, float score = 1) {
  return {.family = family, .entity = entity, .detector = "d", .begin = 0, .end = 1, .score = score};
}

config::Policy policy(std::string name) {
  config::Policy made;
  made.name = std::move(name);
  return made;
}

PolicySet set_of(const std::vector<config::Policy>& policies) {
  std::vector<PolicySet::Entry> entries;
  for (const auto& each : policies) entries.push_back({.policy = &each, .own = {}, .schema = {}, .hours = {}});
  return {std::move(entries), detectors()};
}

TEST(Rules, ASectionWithoutActionsMeansWhatIsUsual) {
  std::vector<config::Policy> policies = {policy("p")};
  policies[0].guards.pii.emplace();
  policies[0].guards.secrets.emplace();
  policies[0].guards.injection.emplace();
  policies[0].guards.unsafe_output.emplace();
  auto set = set_of(policies);
  const auto rules = set.find({});
  EXPECT_EQ(rules->judge(found(Family::pii, "EMAIL"), Direction::request).action, Action::redact);
  EXPECT_EQ(rules->judge(found(Family::pii, "EMAIL"), Direction::response).action, Action::redact);
  EXPECT_EQ(rules->judge(found(Family::secrets, "KEY"), Direction::request).action, Action::block);
  EXPECT_EQ(rules->judge(found(Family::secrets, "KEY"), Direction::response).action, Action::redact);
  EXPECT_EQ(rules->judge(found(Family::injection, "X"), Direction::request).action, Action::block);
  EXPECT_EQ(rules->judge(found(Family::unsafe_output, "XSS"), Direction::request).action, Action::allow);
  EXPECT_EQ(rules->judge(found(Family::unsafe_output, "XSS"), Direction::response).action, Action::flag);
  EXPECT_EQ(rules->judge(found(Family::leakage, "X"), Direction::response).action, Action::allow);
}

TEST(Rules, TheStrictestPolicyWinsForEachFinding) {
  std::vector<config::Policy> policies = {policy("org"), policy("team")};
  auto& org = policies[0].guards.pii.emplace();
  org.request = Action::redact;
  org.entities = {{"CREDIT_CARD", Action::flag}};
  auto& team = policies[1].guards.pii.emplace();
  team.request = Action::log;
  team.entities = {{"EMAIL", Action::allow}, {"CREDIT_CARD", Action::block}};
  auto set = set_of(policies);
  const auto rules = set.find({});
  EXPECT_EQ(rules->judge(found(Family::pii, "EMAIL"), Direction::request).action, Action::redact);
  const auto card = rules->judge(found(Family::pii, "CREDIT_CARD"), Direction::request);
  EXPECT_EQ(card.action, Action::block);
  EXPECT_EQ(card.by->policy->name, "team");
}

TEST(Rules, FindingsBelowTheThresholdAreNone) {
  std::vector<config::Policy> policies = {policy("p")};
  policies[0].guards.pii.emplace();
  policies[0].guards.injection.emplace();
  auto set = set_of(policies);
  const auto rules = set.find({});
  EXPECT_EQ(rules->judge(found(Family::pii, "X", 0.49F), Direction::request).action, Action::allow);
  EXPECT_EQ(rules->judge(found(Family::pii, "X", 0.5F), Direction::request).action, Action::redact);
  EXPECT_EQ(rules->judge(found(Family::injection, "X", 0.49F), Direction::request).action, Action::allow);
  EXPECT_EQ(rules->judge(found(Family::injection, "X", 0.5F), Direction::request).action, Action::block);
}

TEST(Rules, MonitorsAndShadowsDoNothingAndSayWhatTheyWould) {
  std::vector<config::Policy> policies = {policy("live"), policy("watch"), policy("candidate")};
  policies[0].guards.pii.emplace().request = Action::flag;
  auto& watch = policies[1].guards.pii.emplace();
  watch.request = Action::redact;
  watch.mode = config::GuardMode::monitor;
  auto& candidate = policies[2].guards.pii.emplace();
  candidate.request = Action::block;
  candidate.mode = config::GuardMode::shadow;
  auto set = set_of(policies);
  const auto rules = set.find({});
  const auto ruling = rules->judge(found(Family::pii, "X"), Direction::request);
  EXPECT_EQ(ruling.action, Action::flag);
  EXPECT_EQ(ruling.monitored, Action::redact);
  EXPECT_EQ(ruling.shadow, Action::block);
}

TEST(Rules, OfEqualActionsTheStyleThatGivesAwayLeastWins) {
  std::vector<config::Policy> policies = {policy("a"), policy("b"), policy("c")};
  policies[0].guards.pii.emplace().style = config::RedactStyle::mask;
  policies[1].guards.pii.emplace().style = config::RedactStyle::hash;
  policies[2].guards.pii.emplace().style = config::RedactStyle::token;
  auto set = set_of(policies);
  EXPECT_EQ(set.find({})->judge(found(Family::pii, "X"), Direction::request).style, RedactStyle::hash);
}

TEST(Rules, ClosedUnlessAllAreOpenOrOnlyTakeNote) {
  std::vector<config::Policy> policies = {policy("p")};
  auto& pii = policies[0].guards.pii.emplace();
  {
    auto set = set_of(policies);
    EXPECT_TRUE(set.find({})->fails_closed(Direction::request));
  }
  pii.on_failure = config::GuardFailure::open;
  {
    auto set = set_of(policies);
    EXPECT_FALSE(set.find({})->fails_closed(Direction::request));
  }
  pii.on_failure = config::GuardFailure::closed;
  pii.action = Action::flag;
  {
    auto set = set_of(policies);
    EXPECT_FALSE(set.find({})->fails_closed(Direction::request));
  }
  pii.mode = config::GuardMode::monitor;
  pii.action = Action::block;
  {
    auto set = set_of(policies);
    EXPECT_FALSE(set.find({})->fails_closed(Direction::request));
  }
}

TEST(Rules, OnlyDetectorsThatAnybodyAsksForAreWanted) {
  std::vector<config::Policy> policies = {policy("p")};
  policies[0].guards.pii.emplace().response = Action::allow;
  auto all = detectors();
  PolicySet set({{.policy = policies.data(), .own = {}, .schema = {}, .hours = {}}}, all);
  const auto rules = set.find({});
  EXPECT_EQ(rules->wanted(Direction::request), all->of_family(Family::pii));
  EXPECT_TRUE(rules->wanted(Direction::response).empty());
}

TEST(PolicySet, ChoosesByEverythingThatIsNamed) {
  std::vector<config::Policy> policies;
  const auto add = [&](auto&& narrow) {
    auto made = policy(std::to_string(policies.size()));
    made.guards.pii.emplace();
    narrow(made.applies_to);
    policies.push_back(std::move(made));
  };
  add([](auto& to) { to.teams = {"support"}; });
  add([](auto& to) { to.models = {{"gpt-*"}}; });
  add([](auto& to) { to.operations = {"embeddings"}; });
  add([](auto& to) { to.tags = {"feature=chat", "x=y"}; });
  add([](auto& to) {
    to.keys = {"ci"};
    to.users = {"ada"};
  });
  auto set = set_of(policies);
  const auto names = [&](const Asked& asked) {
    std::string out;
    for (const auto* each : set.find(asked)->policies()) out += each->name;
    return out;
  };
  Asked asked;
  EXPECT_EQ(names(asked), "");
  asked.team = "support";
  asked.model = "gpt-5";
  EXPECT_EQ(names(asked), "01");
  asked.operation = "embeddings";
  asked.tags = "a=b,x=y";
  EXPECT_EQ(names(asked), "0123");
  asked.key = "ci";
  EXPECT_EQ(names(asked), "0123");
  asked.user = "ada";
  EXPECT_EQ(names(asked), "01234");
  // The same combination is the same object.
  EXPECT_EQ(set.find(asked), set.find(asked));
}

TEST(PolicySet, ChoosesByTheHour) {
  std::vector<config::Policy> policies = {policy("p")};
  policies[0].guards.pii.emplace();
  bool open = false;
  PolicySet set({{.policy = policies.data(), .own = {}, .schema = {}, .hours = [&](base::WallTime) { return open; }}},
                detectors());
  EXPECT_TRUE(set.find({})->empty());
  open = true;
  EXPECT_FALSE(set.find({})->empty());
}

}  // namespace
}  // namespace gatehouse::guard
