#include "gatehouse/stages/route/route.h"

#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "gatehouse/json/value.h"
#include "gatehouse/stages/test_support.h"

// Where a key may be sent: the limits of keys to providers and regions, seen from what the providers were asked.
namespace gatehouse::stages {
namespace {

using pipeline::testing::ask;
using pipeline::testing::json_reply;

constexpr std::string_view kFirst = "authorization: Bearer key-for-the-first\r\n";
constexpr std::string_view kEurope = "authorization: Bearer key-for-europe\r\n";

config::Snapshot in_regions() {
  auto snapshot = testing::two_providers();
  snapshot.providers[0].region = "us-east-1";
  snapshot.providers[1].region = "eu-west-1";
  return snapshot;
}

std::shared_ptr<const govern::DirectoryView> limited_keys() {
  static const govern::Node node(govern::NodeKind::key, "of-the-tests", nullptr);
  govern::Traits first;
  first.providers = *govern::NameRules::parse({"first"});
  govern::Traits europe;
  europe.regions = *govern::NameRules::parse({"eu-*"});
  return pipeline::testing::view_of({{.key = "key-for-the-first", .name = "first", .node = &node, .traits = first},
                                     {.key = "key-for-europe", .name = "europe", .node = &node, .traits = europe}});
}

struct House {
  explicit House(async::Loop& loop)
      : bench(std::make_unique<pipeline::testing::Bench>(loop, std::make_shared<const config::Snapshot>(in_regions()),
                                                         testing::all_stages(), limited_keys())) {
    for (auto& upstream : bench->upstreams) {
      for (int i = 0; i < 32; ++i) upstream->replies.emplace_back(json_reply(R"({"id":"x","choices":[]})"));
    }
  }
  std::size_t asked(std::size_t provider) const { return bench->upstreams[provider]->calls.size(); }

  const std::unique_ptr<pipeline::testing::Bench> bench;
};

// One target or several makes no difference to what a key may reach.
TEST(Route, AModelWithOneTargetIsHeldToTheKeysProvidersAndRegions) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    House house(loop);
    // "wild-*" is at the second provider alone, "same" at the first, in the United States.
    for (const auto& [model, key] : {std::pair{"wild-x", kFirst}, {"same", kEurope}}) {
      const auto refused = co_await ask(loop, *house.bench, testing::chat(model, key));
      EXPECT_EQ(refused.status, 403) << model << ' ' << refused.body;
      EXPECT_NE(json::Value(refused.body)["error"]["message"].string_or("").find("may not use"), std::string::npos);
    }
    EXPECT_EQ(house.asked(0) + house.asked(1), 0U);
    EXPECT_EQ((co_await ask(loop, *house.bench, testing::chat("same", kFirst))).status, 200);
    EXPECT_EQ((co_await ask(loop, *house.bench, testing::chat("wild-x", kEurope))).status, 200);
    EXPECT_EQ(house.asked(0), 1U);
    EXPECT_EQ(house.asked(1), 1U);
  });
}

TEST(Route, OfSeveralTargetsOnlyThoseAreDrawnThatTheKeyMayReach) {
  net::testing::run([](async::Loop& loop) -> Task<void> {
    House house(loop);
    for (int i = 0; i < 16; ++i) {
      EXPECT_EQ((co_await ask(loop, *house.bench, testing::chat("both", kEurope))).status, 200);
    }
    EXPECT_EQ(house.asked(0), 0U);
    EXPECT_EQ(house.asked(1), 16U);
  });
}

}  // namespace
}  // namespace gatehouse::stages
