#include "gatehouse/admin/api/litellm.h"

#include <string>

#include <gtest/gtest.h>

#include "gatehouse/admin/api/api_testing.h"

namespace gatehouse::admin {
namespace {

using testing::ApiWorld;

TEST(LiteLlm, Durations) {
  EXPECT_EQ(litellm::duration("30d")->count(), 30 * 86'400);
  EXPECT_EQ(litellm::duration("90m")->count(), 5400);
  EXPECT_EQ(litellm::duration("1mo")->count(), 30 * 86'400);
  for (const char* wrong : {"", "d", "0d", "-1d", "1.5h", "30", "30 d", "99999999999d", "1y"}) {
    EXPECT_FALSE(litellm::duration(wrong).has_value()) << wrong;
  }
}

TEST(LiteLlm, AKeysLife) {
  ApiWorld world;
  ASSERT_EQ(world.post("/team/new", R"({"team_id":"core","team_alias":"Core"})").status, 200);
  const auto made = world.post(
      "/key/generate",
      R"({"team_id":"core","key_alias":"ci","models":["gpt*"],"duration":"30d","max_budget":10.5,"budget_duration":"30d",
          "soft_budget":8.4,"rpm_limit":60,"tpm_limit":1000,"max_parallel_requests":3,"metadata":{"a":"b"},
          "model_rpm_limit":{"gpt-5":5},"aliases":{"x":"y"},"tags":[],"permissions":{}})");
  ASSERT_EQ(made.status, 200) << made.body;
  const std::string key = ApiWorld::at(made, "key");
  const auto found = world.who(key);
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_EQ((*found)->team, "core");
  EXPECT_TRUE((*found)->may_use_model("gpt-5"));
  EXPECT_FALSE((*found)->may_use_model("o3"));
  EXPECT_EQ((*found)->expires_at, world.clock.wall() + std::chrono::days(30));
  const auto& limits = world.sink.at[(*found)->node];
  ASSERT_EQ(limits.size(), 5U);
  for (const auto& limit : limits) {
    if (limit.resource == govern::Resource::usd) {
      EXPECT_EQ(limit.amount, 10'500'000'000);
      EXPECT_DOUBLE_EQ(limit.soft, 0.8);
      EXPECT_TRUE(limit.window.rolling);
      EXPECT_EQ(limit.window.period, govern::Period::month);
    }
  }
  EXPECT_NE(ApiWorld::at(made, "warnings").find("aliases: not carried"), std::string::npos) << made.body;
  EXPECT_EQ(ApiWorld::at(made, "warnings").find("permissions"), std::string::npos) << "it said nothing";
  const auto info = world.get("/key/info?key=" + key);
  EXPECT_EQ(ApiWorld::at(info, "info.max_budget"), "10.5");
  EXPECT_EQ(ApiWorld::at(info, "info.budget_duration"), "30d");
  EXPECT_EQ(ApiWorld::at(info, "info.rpm_limit"), "60");
  EXPECT_EQ(ApiWorld::at(info, "info.team_id"), "core");
  EXPECT_EQ(ApiWorld::at(info, "info.spend"), "1.25");
  EXPECT_EQ(info.body.find(key), std::string::npos);
  // An update changes what it names, and no limit becomes none by being left out or null.
  ASSERT_EQ(world.post("/key/update", R"({"key":")" + key + R"(","max_budget":20,"rpm_limit":null})").status, 200);
  EXPECT_EQ(world.sink.at[(*found)->node].size(), 5U);
  EXPECT_EQ(ApiWorld::at(world.get("/key/info?key=" + key), "info.max_budget"), "20");
  EXPECT_EQ(ApiWorld::at(world.get("/key/info?key=" + key), "info.rpm_limit"), "60");
  EXPECT_EQ(world.post("/key/block", R"({"key":")" + key + "\"}").status, 200);
  EXPECT_FALSE(world.who(key));
  EXPECT_EQ(world.post("/key/unblock", R"({"key":")" + key + "\"}").status, 200);
  const auto next = world.post("/key/regenerate", R"({"key":")" + key + R"(","grace_period":"1h"})");
  ASSERT_EQ(next.status, 200) << next.body;
  EXPECT_TRUE(world.who(key));
  EXPECT_TRUE(world.who(ApiWorld::at(next, "key")));
  const auto list = world.get("/key/list?team_id=core&return_full_object=true");
  EXPECT_EQ(ApiWorld::at(list, "total_count"), "1");
  EXPECT_NE(list.body.find("\"key_alias\":\"ci\""), std::string::npos);
  EXPECT_EQ(world.post("/key/delete", R"({"key_aliases":["ci"]})").status, 200);
  EXPECT_FALSE(world.who(key));
}

TEST(LiteLlm, WhatWouldLoosenIsRefused) {
  ApiWorld world;
  const auto before = world.directory->key_count();
  for (const char* body : {R"({"guardrails":["pii"]})",
                           R"({"permissions":{"a":false}})",
                           R"({"allowed_routes":["/chat"]})",
                           R"({"budget_id":"b"})",
                           R"({"spend":5})",
                           R"({"enforced_params":["user"]})",
                           R"({"key_type":"management"})",
                           R"({"max_budget":5,"budget_duration":"14d"})",
                           R"({"budget_duration":"30d"})",
                           R"({"max_budget":-1})",
                           R"({"max_budget":"5"})",
                           R"({"rpm_limit":1.5})",
                           R"({"rpm_limit":-1})",
                           R"({"model_rpm_limit":{"a":"5"}})",
                           R"({"model_rpm_limit":{"a*b":5}})",
                           R"({"model_max_budget":{"gpt":{"budget_limit":1}}})",
                           R"({"duration":"soon"})",
                           R"({"allowed_ips":[]})",
                           R"({"models":["a*b"]})",
                           R"({"team_id":"nobody"})",
                           R"({"user_id":"nobody"})",
                           R"({"something_new":true})",
                           R"({"key":"short"})",
                           R"({"team_id":"nobody","user_id":"default"})"}) {
    const auto refused = world.post("/key/generate", body);
    EXPECT_EQ(refused.status, 400) << body << refused.body;
  }
  EXPECT_EQ(world.directory->key_count(), before);
}

TEST(LiteLlm, TeamsAndUsers) {
  ApiWorld world;
  const auto team = world.post("/team/new", R"({"team_alias":"Search","max_budget":100,"models":["gpt*"],
                                               "members_with_roles":[{"role":"admin","user_id":"x"}]})");
  ASSERT_EQ(team.status, 200) << team.body;
  EXPECT_NE(ApiWorld::at(team, "warnings").find("members_with_roles"), std::string::npos);
  const std::string id = ApiWorld::at(team, "team_id");
  const auto user = world.post("/user/new", R"({"user_id":"alice","teams":[")" + id + R"("],"max_budget":5})");
  ASSERT_EQ(user.status, 200) << user.body;
  const auto found = world.who(ApiWorld::at(user, "key"));
  ASSERT_TRUE(found);
  EXPECT_EQ((*found)->user, "alice");
  EXPECT_EQ((*found)->team, id);
  EXPECT_FALSE((*found)->may_use_model("o3")) << "as the team may";
  EXPECT_NE(world.get("/user/info?user_id=alice").body.find(id), std::string::npos);
  EXPECT_NE(world.get("/team/info?team_id=" + id).body.find("\"user_id\":\"alice\""), std::string::npos);
  EXPECT_EQ(world.post("/team/update", R"({"team_id":")" + id + R"(","blocked":true})").status, 200);
  EXPECT_FALSE(world.who(ApiWorld::at(user, "key")));
  EXPECT_EQ(world.post("/team/update", R"({"team_id":")" + id + R"(","blocked":false,"models":[]})").status, 200);
  EXPECT_TRUE((*world.who(ApiWorld::at(user, "key")))->may_use_model("o3"));
  EXPECT_EQ(world.post("/team/delete", R"({"team_ids":[")" + id + "\"]}").status, 200);
  EXPECT_FALSE(world.who(ApiWorld::at(user, "key")));
  EXPECT_EQ(world.get("/team/list").body, "[]");
  EXPECT_EQ(world.post("/team/new", R"({"guardrails":["x"]})").status, 400);
  EXPECT_EQ(world.post("/team/new", R"({"team_member_budget":5})").status, 400);
  const auto spend = world.get("/spend/logs?user_id=alice&start_date=2026-01-01&end_date=2026-01-02");
  EXPECT_EQ(spend.status, 200);
  EXPECT_EQ(world.usage.asked.filters, std::vector<std::string>{"user=alice"});
  EXPECT_EQ(ApiWorld::at(world.get("/global/spend"), "spend"), "1.25");
}

}  // namespace
}  // namespace gatehouse::admin
