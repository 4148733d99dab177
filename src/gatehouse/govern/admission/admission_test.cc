#include "gatehouse/govern/admission/admission.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/govern/admission/testing.h"

namespace gatehouse::govern {
namespace {

using testing::Call;
using testing::Fixture;
using testing::limit;
using testing::utc;
using namespace std::chrono_literals;

class AdmissionTest : public ::testing::Test, protected Fixture {
 protected:
  const Node& org_ = node(NodeKind::org, "acme");
  const Node& team_ = node(NodeKind::team, "support", &org_);
  const Node& key_ = node(NodeKind::key, "k1", &team_);
  Outcome reserve(const Call& call) { return admission.reserve(call.demand, now()); }
};

TEST_F(AdmissionTest, NothingLimitedIsFree) {
  Outcome out = reserve(Call(key_, 500, 10));
  EXPECT_EQ(out.verdict, Verdict::held);
  EXPECT_FALSE(out.reservation.active());
  EXPECT_EQ(out.reservation.completion_tokens(), 500);
  EXPECT_TRUE(out.reservation.extend(10, now()));
  EXPECT_EQ(out.reservation.completion_tokens(), 510);
  out.reservation.settle({}, now());
  EXPECT_EQ(org_.account.load(), nullptr);
  EXPECT_TRUE(admission.snapshot(org_, now()).empty());
}

TEST_F(AdmissionTest, EachResourceIsHeldAndSettled) {
  struct Case {
    Resource resource;
    std::int64_t held;
    std::int64_t used_at_once;
    std::int64_t used;
  };
  for (const Case& of : {Case{Resource::requests, 0, 1, 1}, Case{Resource::prompt_tokens, 100, 0, 90},
                         Case{Resource::completion_tokens, 50, 0, 20}, Case{Resource::total_tokens, 150, 0, 110},
                         Case{Resource::usd, 1100, 0, 700}, Case{Resource::concurrency, 1, 0, 0}}) {
    limits(org_, {limit("a", of.resource, 10'000)});
    Call call(key_, 50, 100);
    call.demand.base = base::Money::nanos(1000);
    call.demand.picodollars_per_completion_token = 2000;
    Outcome out = reserve(call);
    ASSERT_EQ(out.verdict, Verdict::held);
    EXPECT_EQ(state(org_).held, of.held) << name(of.resource);
    EXPECT_EQ(state(org_).used, of.used_at_once) << name(of.resource);
    const Settled settled = out.reservation.settle({90, 20, base::Money::nanos(700)}, now());
    EXPECT_FALSE(settled.over_hold);
    EXPECT_FALSE(out.reservation.active());
    EXPECT_EQ(state(org_).held, 0) << name(of.resource);
    EXPECT_EQ(state(org_).used, of.used) << name(of.resource);
    limits(org_, {});
  }
}

TEST_F(AdmissionTest, AllAncestorsOrNone) {
  limits(org_, {limit("o", Resource::total_tokens, 100)});
  limits(team_, {limit("t", Resource::total_tokens, 50)});
  limits(key_, {limit("k", Resource::total_tokens, 80)});
  Outcome out = reserve(Call(key_, 60));
  EXPECT_EQ(out.verdict, Verdict::never);
  EXPECT_EQ(out.obstacle.node, &team_);
  EXPECT_EQ(out.obstacle.limit->id, "t");
  EXPECT_EQ(state(org_).held, 0);
  EXPECT_EQ(state(key_).held, 0);
  Outcome held = reserve(Call(key_, 50));
  ASSERT_EQ(held.verdict, Verdict::held);
  for (const Node* node : {&org_, &team_, &key_}) EXPECT_EQ(state(*node).held, 50);
  EXPECT_EQ(reserve(Call(key_, 1)).verdict, Verdict::busy);
  held.reservation.cancel(now());
  for (const Node* node : {&org_, &team_, &key_}) EXPECT_EQ(state(*node).held, 0);
}

TEST_F(AdmissionTest, ANodeMetTwiceIsChargedOnce) {
  limits(org_, {limit("o", Resource::requests, 10)});
  limits(team_, {limit("t", Resource::requests, 10)});
  const Node& end_user = node(NodeKind::end_user, "eve", &team_);
  Call call(key_);
  call.leaf(end_user).leaf(key_).leaf(team_);
  Outcome out = reserve(call);
  EXPECT_EQ(state(org_).used, 1);
  EXPECT_EQ(state(team_).used, 1);
}

TEST_F(AdmissionTest, SeveralTops) {
  const Node& provider = node(NodeKind::provider, "openai");
  const Node& tag = node(NodeKind::tag, "env=prod");
  limits(org_, {limit("o", Resource::concurrency, 5)});
  limits(provider, {limit("p", Resource::concurrency, 1)});
  limits(tag, {limit("g", Resource::concurrency, 5)});
  Call call(key_);
  call.leaf(provider).leaf(tag);
  {
    Outcome out = reserve(call);
    ASSERT_EQ(out.verdict, Verdict::held);
    Outcome second = reserve(call);
    EXPECT_EQ(second.verdict, Verdict::busy);
    EXPECT_EQ(second.obstacle.node, &provider);
    EXPECT_EQ(state(org_).held, 1);
    EXPECT_EQ(state(tag).held, 1);
  }
  for (const Node* node : {&org_, &provider, &tag}) EXPECT_EQ(state(*node).held, 0);
}

TEST_F(AdmissionTest, SomeModelsOnly) {
  Limit gpt = limit("gpt", Resource::requests, 1);
  gpt.models = *NameRules::parse({"gpt-*"});
  limits(org_, {gpt});
  Call call(key_);
  call.demand.model = "gpt-5";
  Outcome first = reserve(call);
  EXPECT_EQ(first.verdict, Verdict::held);
  EXPECT_EQ(reserve(call).verdict, Verdict::spent);
  call.demand.model = "claude";
  EXPECT_EQ(reserve(call).verdict, Verdict::held);
}

TEST_F(AdmissionTest, RequestsGoBackOnlyWhenNeverForwarded) {
  limits(org_, {limit("o", Resource::requests, 5, Period::minute)});
  {
    Outcome out = reserve(Call(key_));
  }  // dropped before it went out
  EXPECT_EQ(state(org_).used, 0);
  {
    Outcome out = reserve(Call(key_));
    out.reservation.forwarded();
  }
  EXPECT_EQ(state(org_).used, 1);
  Outcome out = reserve(Call(key_));
  out.reservation.cancel(now());
  EXPECT_EQ(state(org_).used, 1);
  out.reservation.cancel(now());
  out.reservation.settle({1, 1, {}}, now());
  EXPECT_EQ(state(org_).used, 1);
}

TEST_F(AdmissionTest, MovesAndSettlesOnce) {
  limits(org_, {limit("o", Resource::total_tokens, 100)});
  Outcome out = reserve(Call(key_, 10));
  Reservation moved = std::move(out.reservation);
  EXPECT_FALSE(out.reservation.active());
  moved.settle({0, 8, {}}, now());
  moved.settle({0, 8, {}}, now());
  EXPECT_EQ(state(org_).used, 8);
  moved = reserve(Call(key_, 20)).reservation;
  EXPECT_EQ(state(org_).held, 20);
  moved = reserve(Call(key_, 30)).reservation;
  EXPECT_EQ(state(org_).held, 30);
}

TEST_F(AdmissionTest, ManyLimitsSpill) {
  std::vector<Limit> many;
  for (int i = 0; i < 20; ++i) many.push_back(limit(std::to_string(i), Resource::total_tokens, 100));
  limits(org_, many);
  limits(team_, many);
  Outcome out = reserve(Call(key_, 10));
  ASSERT_EQ(out.verdict, Verdict::held);
  Reservation moved = std::move(out.reservation);
  EXPECT_TRUE(moved.extend(5, now()));
  EXPECT_EQ(state(team_, 19).held, 15);
  moved.settle({0, 12, {}}, now());
  EXPECT_EQ(state(org_, 0).used, 12);
  EXPECT_EQ(state(team_, 19).held, 0);
}

TEST_F(AdmissionTest, TooManyLimitsOrLeavesAreRefusedNotLeftUncounted) {
  std::vector<Limit> many;
  for (int i = 0; i < 32; ++i) many.push_back(limit(std::to_string(i), Resource::total_tokens, 100));
  const Node& tag = node(NodeKind::tag, "a=b");
  const Node& provider = node(NodeKind::provider, "p");
  for (const Node* node : {&org_, &team_, &key_, &provider}) limits(*node, many);
  Call call(key_, 1);
  call.leaf(provider);
  EXPECT_EQ(reserve(call).verdict, Verdict::held);
  limits(tag, {many[0]});
  call.leaf(tag);
  EXPECT_EQ(reserve(call).verdict, Verdict::never);
  EXPECT_EQ(state(org_).held, 0);
  Call leaves(key_);
  for (std::size_t i = 0; i < kMaxDemandLeaves; ++i) leaves.leaf(key_);
  EXPECT_EQ(reserve(leaves).verdict, Verdict::never);
}

TEST_F(AdmissionTest, ClampsRatherThanRefuses) {
  limits(org_, {limit("o", Resource::total_tokens, 100)});
  Call call(key_, 4096, 20);
  call.least(1);
  Outcome out = reserve(call);
  ASSERT_EQ(out.verdict, Verdict::held);
  EXPECT_TRUE(out.clamped);
  EXPECT_EQ(out.reservation.completion_tokens(), 80);
  out.reservation.settle({20, 79, {}}, now());
  EXPECT_EQ(reserve(call).verdict, Verdict::spent);
}

TEST_F(AdmissionTest, ClampsMoneyToTheLastToken) {
  limits(org_, {limit("o", Resource::usd, 1000)});
  Call call(key_, 4096);
  call.least(1);
  call.demand.base = base::Money::nanos(100);
  call.demand.picodollars_per_completion_token = 70'001;  // 12 tokens cost 840,012 picodollars, 13 cost 910,013
  Outcome out = reserve(call);
  EXPECT_EQ(out.reservation.completion_tokens(), 12);
  EXPECT_EQ(state(org_).held, 100 + 841);
}

TEST_F(AdmissionTest, WaitsForOthersRatherThanClamp) {
  limits(org_, {limit("o", Resource::total_tokens, 100)});
  Outcome other = reserve(Call(key_, 60));
  Call call(key_, 80);
  call.least(1);
  EXPECT_EQ(reserve(call).verdict, Verdict::busy);
  call.demand.clamp_at_once = true;
  Outcome clamped = reserve(call);
  EXPECT_EQ(clamped.reservation.completion_tokens(), 40);
  EXPECT_TRUE(clamped.clamped);
}

TEST_F(AdmissionTest, SpentTellsTheExactWait) {
  limits(org_, {limit("day", Resource::requests, 1, Period::day), limit("m", Resource::requests, 1, Period::minute)});
  clock.advance(10s);
  Outcome out = reserve(Call(key_));
  Outcome spent = reserve(Call(key_));
  EXPECT_EQ(spent.verdict, Verdict::spent);
  EXPECT_EQ(spent.obstacle.limit->id, "day");  // the longer of the two
  EXPECT_EQ(spent.retry_after, 24h - 10s);
  clock.advance(24h - 10s - 1ns);
  EXPECT_EQ(reserve(Call(key_)).verdict, Verdict::spent);
  clock.advance(1ns);
  EXPECT_EQ(reserve(Call(key_)).verdict, Verdict::held);
  limits(org_, {limit("l", Resource::requests, 0)});
  EXPECT_EQ(reserve(Call(key_)).verdict, Verdict::never);
  limits(org_, {limit("l", Resource::total_tokens, 10)});
  reserve(Call(key_, 10)).reservation.settle({0, 10, {}}, now());
  const Outcome lifetime = reserve(Call(key_, 1));
  EXPECT_EQ(lifetime.verdict, Verdict::spent);
  EXPECT_EQ(lifetime.retry_after, std::nullopt);
}

TEST_F(AdmissionTest, SettlesInTheWindowWhereItSettles) {
  limits(org_, {limit("o", Resource::total_tokens, 100, Period::minute)});
  Outcome out = reserve(Call(key_, 70));
  clock.advance(61s);
  EXPECT_EQ(state(org_).held, 70);
  EXPECT_EQ(reserve(Call(key_, 40)).verdict, Verdict::busy);
  out.reservation.settle({0, 50, {}}, now());
  EXPECT_EQ(state(org_).used, 50);
  EXPECT_EQ(reserve(Call(key_, 50)).verdict, Verdict::held);
}

TEST_F(AdmissionTest, MoreThanHeldIsChargedAndNoted) {
  limits(org_, {limit("o", Resource::total_tokens, 100)});
  Outcome out = reserve(Call(key_, 90));
  const Settled settled = out.reservation.settle({20, 90, {}}, now());
  EXPECT_TRUE(settled.over_hold);
  EXPECT_TRUE(settled.over_limit);
  EXPECT_EQ(state(org_).used, 110);
  EXPECT_EQ(admission.stats().over_holds, 1);
  EXPECT_EQ(reserve(Call(key_, 1)).verdict, Verdict::spent);
  EXPECT_EQ(reserve(Call(key_, 0)).verdict, Verdict::held);  // needs none of it
}

TEST_F(AdmissionTest, ExtendsAllOrNone) {
  limits(org_, {limit("o", Resource::completion_tokens, 100), limit("c", Resource::requests, 1)});
  limits(team_, {limit("t", Resource::usd, 50)});
  Call call(key_, 30);
  call.demand.picodollars_per_completion_token = 1000;
  Outcome out = reserve(call);
  EXPECT_FALSE(out.reservation.extend(21, now()));
  EXPECT_EQ(state(org_).held, 30);
  EXPECT_EQ(state(team_).held, 30);
  EXPECT_TRUE(out.reservation.extend(20, now()));
  EXPECT_EQ(out.reservation.completion_tokens(), 50);
  EXPECT_EQ(state(team_).held, 50);
  EXPECT_EQ(state(org_, 1).used, 1);
  out.reservation.settle({0, 50, base::Money::nanos(50)}, now());
  EXPECT_EQ(state(team_).used, 50);
  EXPECT_EQ(state(team_).held, 0);
}

TEST_F(AdmissionTest, LimitsChangeAndCountsGoOn) {
  limits(org_, {limit("a", Resource::requests, 5, Period::day), limit("b", Resource::total_tokens, 100)});
  Outcome out = reserve(Call(key_, 10));
  limits(org_, {limit("b", Resource::total_tokens, 50), limit("a", Resource::requests, 1, Period::day)});
  EXPECT_EQ(state(org_, 0).held, 10);
  EXPECT_EQ(state(org_, 0).limit->amount, 50);
  EXPECT_EQ(state(org_, 1).used, 1);
  EXPECT_EQ(reserve(Call(key_, 1)).verdict, Verdict::spent);
  // Another window is another count; what was held on the old one settles into nothing.
  limits(org_, {limit("b", Resource::total_tokens, 50, Period::day)});
  EXPECT_EQ(state(org_, 0).held, 0);
  EXPECT_TRUE(out.reservation.extend(1000, now()));
  out.reservation.settle({0, 1010, {}}, now());
  EXPECT_EQ(state(org_, 0).used, 0);
}

TEST_F(AdmissionTest, RefusesLimitsThatAreWrongAndKeepsTheOld) {
  limits(org_, {limit("a", Resource::requests, 5)});
  const auto refused = [&](std::vector<Limit> list) {
    return !admission.set_limits(org_, std::move(list), now()).has_value();
  };
  EXPECT_TRUE(refused({limit("x", Resource::usd, -1)}));
  EXPECT_TRUE(refused({limit("x", Resource::usd, 1), limit("x", Resource::requests, 1)}));
  Limit zone = limit("x", Resource::usd, 1);
  zone.window.time_zone = "Nowhere/At_All";
  EXPECT_TRUE(refused({zone}));
  Limit soft = limit("x", Resource::usd, 1);
  soft.soft = 1.5;
  EXPECT_TRUE(refused({soft}));
  EXPECT_TRUE(refused(std::vector<Limit>(33)));
  EXPECT_EQ(state(org_).limit->id, "a");
}

TEST_F(AdmissionTest, Restores) {
  limits(org_, {limit("m", Resource::usd, 100, Period::month), limit("l", Resource::usd, 1000)});
  const std::vector<DatedUse> used = {{utc(2025, 12, 31), 40}, {utc(2026, 1, 1), 30}};
  ASSERT_TRUE(admission.restore(org_, "m", used, now()).has_value());
  ASSERT_TRUE(admission.restore(org_, "l", used, now()).has_value());
  EXPECT_EQ(state(org_, 0).used, 30);
  EXPECT_EQ(state(org_, 1).used, 70);
  EXPECT_FALSE(admission.restore(org_, "x", used, now()).has_value());
  EXPECT_FALSE(admission.restore(team_, "m", used, now()).has_value());
}

TEST_F(AdmissionTest, SoftLimitsTellOnceAWindow) {
  Limit soft = limit("s", Resource::usd, 100, Period::day);
  soft.soft = 0.8;
  soft.notify = true;
  soft.downgrade_to = "cheap";
  limits(org_, {soft});
  Call call(key_);
  call.demand.base = base::Money::nanos(1);
  const auto use = [&](std::int64_t amount) {
    Outcome out = reserve(call);
    out.reservation.settle({0, 0, base::Money::nanos(amount)}, now());
    return out;
  };
  EXPECT_EQ(use(79).soft.count, 0);
  EXPECT_EQ(use(1).soft.count, 0);
  Outcome passed = use(1);
  ASSERT_EQ(passed.soft.count, 1);
  EXPECT_EQ(passed.soft.limits[0].limit->downgrade_to, "cheap");
  EXPECT_TRUE(passed.soft.limits[0].notify);
  EXPECT_TRUE(state(org_).soft_passed);
  Outcome again = use(19);
  ASSERT_EQ(again.soft.count, 1);
  EXPECT_FALSE(again.soft.limits[0].notify);
  Outcome refused = reserve(call);
  EXPECT_EQ(refused.verdict, Verdict::spent);
  EXPECT_TRUE(refused.obstacle.notify);
  EXPECT_FALSE(reserve(call).obstacle.notify);
  clock.advance(24h);
  EXPECT_EQ(use(90).soft.count, 0);
  EXPECT_TRUE(use(1).soft.limits[0].notify);
}

TEST_F(AdmissionTest, RatesOfTheTightest) {
  limits(org_, {limit("d", Resource::requests, 100, Period::day),
                limit("t", Resource::total_tokens, 1000, Period::minute), limit("l", Resource::requests, 1)});
  limits(team_, {limit("m", Resource::requests, 10, Period::minute), limit("c", Resource::concurrency, 1),
                 limit("r", Resource::prompt_tokens, 5000, Period::hour, true)});
  clock.advance(15s);
  limits(org_,
         {limit("d", Resource::requests, 100, Period::day), limit("t", Resource::total_tokens, 1000, Period::minute)});
  Outcome out = reserve(Call(key_, 200, 100));
  EXPECT_TRUE(out.requests.known);
  EXPECT_EQ(out.requests.limit, 10);
  EXPECT_EQ(out.requests.remaining, 9);
  EXPECT_EQ(out.requests.reset_after, 45s);
  EXPECT_EQ(out.tokens.limit, 1000);
  EXPECT_EQ(out.tokens.remaining, 700);
  Outcome refused = reserve(Call(key_, 2000, 100));
  EXPECT_EQ(refused.verdict, Verdict::never);
  EXPECT_EQ(refused.tokens.remaining, 700);
}

class TemplateTest : public AdmissionTest {};

TEST_F(TemplateTest, FirstRequestsAreLimitedToo) {
  ASSERT_TRUE(admission.set_template(NodeKind::end_user, {limit("e", Resource::requests, 2)}, now()).has_value());
  Call eve(key_);
  eve.member(NodeKind::end_user, "eve", &team_);
  Outcome first = reserve(eve);
  Outcome second = reserve(eve);
  EXPECT_EQ(second.verdict, Verdict::held);
  const Outcome third = reserve(eve);
  EXPECT_EQ(third.verdict, Verdict::spent);
  EXPECT_EQ(third.obstacle.kind, NodeKind::end_user);
  EXPECT_EQ(third.obstacle.node, nullptr);
  Call bob(key_);
  bob.member(NodeKind::end_user, "bob", &team_);
  EXPECT_EQ(reserve(bob).verdict, Verdict::held);
  // The same name elsewhere is somebody else.
  const Node& other = node(NodeKind::team, "research", &org_);
  Call namesake(key_);
  namesake.member(NodeKind::end_user, "eve", &other);
  EXPECT_EQ(reserve(namesake).verdict, Verdict::held);
  EXPECT_EQ(admission.snapshot(Member{NodeKind::end_user, "eve", &team_}, now()).at(0).used, 2);
}

TEST_F(TemplateTest, NodesOfAKindUnlessTheyHaveTheirOwn) {
  const Node& vip = node(NodeKind::key, "vip", &team_);
  limits(vip, {limit("v", Resource::requests, 5)});
  ASSERT_TRUE(admission.set_template(NodeKind::key, {limit("k", Resource::requests, 1)}, now()).has_value());
  Outcome held = reserve(Call(key_));
  EXPECT_EQ(reserve(Call(key_)).verdict, Verdict::spent);
  Outcome a = reserve(Call(vip));
  Outcome b = reserve(Call(vip));
  EXPECT_EQ(b.verdict, Verdict::held);
  // From now on it has its own, with another id: from zero. Without: the template's again.
  limits(key_, {limit("own", Resource::requests, 1)});
  Outcome own = reserve(Call(key_));
  EXPECT_EQ(own.verdict, Verdict::held);
  limits(key_, {});
  EXPECT_EQ(reserve(Call(key_)).verdict, Verdict::held);
  EXPECT_EQ(state(key_).limit->id, "k");
  ASSERT_TRUE(admission.set_template(NodeKind::key, {}, now()).has_value());
  EXPECT_EQ(key_.account.load(), nullptr);
  EXPECT_EQ(admission.stats().members, 0);
  EXPECT_EQ(reserve(Call(key_)).verdict, Verdict::held);
}

TEST_F(TemplateTest, ChangesReachThoseWhoAreThere) {
  ASSERT_TRUE(admission.set_template(NodeKind::end_user, {limit("e", Resource::requests, 1)}, now()).has_value());
  Call eve(key_);
  eve.member(NodeKind::end_user, "eve", &team_);
  Outcome first = reserve(eve);
  EXPECT_EQ(reserve(eve).verdict, Verdict::spent);
  ASSERT_TRUE(admission.set_template(NodeKind::end_user, {limit("e", Resource::requests, 2)}, now()).has_value());
  Outcome second = reserve(eve);
  EXPECT_EQ(second.verdict, Verdict::held);
  EXPECT_EQ(reserve(eve).verdict, Verdict::spent);
}

class SmallTemplateTest : public ::testing::Test, protected Fixture {
 protected:
  SmallTemplateTest() : Fixture({.max_members = 3}) {}
  const Node& org_ = node(NodeKind::org, "acme");
  const Node& key_ = node(NodeKind::key, "k1", &org_);
  Outcome ask(const std::string& user, std::int64_t tokens = 1) {
    Call call(key_, tokens);
    call.member(NodeKind::end_user, user, &org_);
    return admission.reserve(call.demand, now());
  }
};

TEST_F(SmallTemplateTest, ForgetsNobodyWhoHasSpentInHisWindow) {
  ASSERT_TRUE(admission.set_template(NodeKind::end_user, {limit("e", Resource::total_tokens, 10, Period::hour)}, now())
                  .has_value());
  for (const char* user : {"a", "b", "c"}) ask(user, 6).reservation.settle({0, 6, {}}, now());
  EXPECT_EQ(admission.stats().members, 3);
  // Full: newcomers share one account.
  ask("d", 6).reservation.settle({0, 6, {}}, now());
  EXPECT_EQ(ask("e", 6).verdict, Verdict::spent);
  EXPECT_EQ(ask("e", 4).verdict, Verdict::held);
  EXPECT_EQ(admission.stats().members, 3);
  EXPECT_EQ(admission.stats().overflowed, 3);
  for (const char* user : {"a", "b", "c"}) EXPECT_EQ(ask(user, 6).verdict, Verdict::spent);
  // Once their windows have turned there is room.
  clock.advance(1h);
  Outcome held = ask("a", 6);
  EXPECT_EQ(ask("f", 10).verdict, Verdict::held);
  EXPECT_EQ(ask("g", 10).verdict, Verdict::held);
  EXPECT_EQ(admission.stats().members, 3);
  EXPECT_EQ(admission.stats().overflowed, 3);
  EXPECT_EQ(ask("a", 6).verdict, Verdict::busy);  // who holds is not forgotten either
}

TEST_F(SmallTemplateTest, TheLeastRecentlyUsedGoes) {
  ASSERT_TRUE(admission.set_template(NodeKind::end_user, {limit("e", Resource::concurrency, 1)}, now()).has_value());
  for (const char* user : {"a", "b", "c", "a", "d"}) ask(user);
  const auto known = [&](const char* user) {
    return !admission.snapshot(Member{NodeKind::end_user, user, &org_}, now()).empty();
  };
  EXPECT_TRUE(known("a"));
  EXPECT_FALSE(known("b"));
  EXPECT_TRUE(known("c"));
  EXPECT_TRUE(known("d"));
}

TEST_F(SmallTemplateTest, OneDemandDoesNotEvictItsOwn) {
  ASSERT_TRUE(admission.set_template(NodeKind::tag, {limit("t", Resource::concurrency, 1)}, now()).has_value());
  Call call(key_);
  for (const char* tag : {"a=1", "b=1", "c=1", "d=1", "e=1"}) call.member(NodeKind::tag, tag, &org_);
  Outcome out = admission.reserve(call.demand, now());
  EXPECT_EQ(out.verdict, Verdict::held);
  EXPECT_EQ(admission.reserve(call.demand, now()).verdict, Verdict::busy);
  out.reservation.cancel(now());
  EXPECT_EQ(admission.reserve(call.demand, now()).verdict, Verdict::held);
}

}  // namespace
}  // namespace gatehouse::govern
