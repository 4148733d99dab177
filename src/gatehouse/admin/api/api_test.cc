#include "gatehouse/admin/api/api.h"

#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/admin/api/api_testing.h"
#include "gatehouse/crypto/virtual_key.h"

namespace gatehouse::admin {
namespace {

using http::Method;
using testing::ApiWorld;

void two_teams(ApiWorld& world) {
  ASSERT_EQ(world.post("/admin/v1/teams", R"({"id":"a"})").status, 201);
  ASSERT_EQ(world.post("/admin/v1/teams", R"({"id":"b"})").status, 201);
}

TEST(Api, AKeysLife) {
  ApiWorld world;
  two_teams(world);
  const auto made = world.post("/admin/v1/keys", R"({"name":"ci","parent":"team:a","models":["gpt*"]})");
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string key = ApiWorld::at(made, "key");
  const std::string id = ApiWorld::at(made, "object.id");
  EXPECT_TRUE(world.who(key));
  const std::string path = "/admin/v1/keys/" + id;
  const auto read = world.get(path);
  EXPECT_EQ(ApiWorld::at(read, "parent"), "team:a");
  EXPECT_EQ(read.body.find(key.substr(8)), std::string::npos) << "shown once";
  EXPECT_EQ(world.get("/admin/v1/keys?parent=team:a").body.find(key.substr(8)), std::string::npos);
  // Entity tags: who changes what somebody else changed meanwhile is told.
  const std::string tag = "\"" + ApiWorld::at(read, "version") + "\"";
  EXPECT_EQ(world.patch(path, R"({"name":"ci2"})", {}, tag).status, 200);
  EXPECT_EQ(world.patch(path, R"({"name":"ci3"})", {}, tag).status, 412);
  EXPECT_EQ(world.patch(path, R"({"name":"ci3"})", {}, "W/x").status, 400);
  EXPECT_EQ(ApiWorld::at(world.get(path), "name"), "ci2");
  EXPECT_EQ(ApiWorld::at(world.get(path), "models"), R"(["gpt*"])") << "what a patch does not name stays";
  const auto rotated = world.post(path + "/rotate", R"({"overlap_seconds":60})");
  EXPECT_EQ(rotated.status, 200);
  EXPECT_TRUE(world.who(key));
  EXPECT_EQ(world.post(path + "/block", "").status, 200);
  EXPECT_FALSE(world.who(key));
  EXPECT_EQ(world.post(path + "/unblock", "").status, 200);
  EXPECT_TRUE(world.who(ApiWorld::at(rotated, "key")));
  EXPECT_EQ(world.del(path).status, 204);
  EXPECT_FALSE(world.who(ApiWorld::at(rotated, "key")));
  EXPECT_EQ(ApiWorld::at(world.get(path), "state"), "revoked");
  EXPECT_EQ(world.post(path + "/unblock", "").status, 409);
  const auto log = world.get("/admin/v1/audit?object=key:" + id);
  EXPECT_NE(log.body.find("key.revoke"), std::string::npos);
  EXPECT_EQ(log.body.find(key.substr(8)), std::string::npos);
}

TEST(Api, NobodyWithoutAnAdminKey) {
  ApiWorld world;
  const std::string virtual_key = ApiWorld::at(world.post("/admin/v1/keys", "{}"), "key");
  std::string off = world.owner;
  off[9] = off[9] == 'a' ? 'b' : 'a';
  const auto before = world.changes().size();
  int i = 0;
  for (const auto& key :
       {std::string("' OR '1'='1"), std::string(1 << 20, 'k'), off, crypto::make_admin_key(), virtual_key}) {
    for (const char* path : {"/admin/v1/keys", "/key/info", "/admin/v1/openapi.json", "/admin/nothing"}) {
      // Each from an address of its own, so that none waits.
      const auto refused = world.ask(Method::get, path, {}, {.key = key, .from = "10.1.1." + std::to_string(++i)});
      EXPECT_EQ(refused.status, 401) << path;
      EXPECT_EQ(refused.type, "application/problem+json");
    }
    EXPECT_EQ(
        world.ask(Method::post, "/admin/v1/keys", "{}", {.key = key, .from = "10.1.2." + std::to_string(i)}).status,
        401);
  }
  EXPECT_EQ(world.changes().size(), before);
}

TEST(Api, FailuresMakeAnAddressWait) {
  ApiWorld world;
  const ApiWorld::Ask bad{.key = crypto::make_admin_key(), .from = "203.0.113.9"};
  const ApiWorld::Ask good{.from = "203.0.113.9"};
  for (int i = 0; i < 6; ++i) EXPECT_EQ(world.ask(Method::get, "/admin/v1/keys", {}, bad).status, 401);
  const auto waiting = world.ask(Method::get, "/admin/v1/keys", {}, good);
  EXPECT_EQ(waiting.status, 429);
  ASSERT_EQ(waiting.fields.size(), 1U);
  EXPECT_EQ(waiting.fields[0].second, "1");
  EXPECT_EQ(world.get("/admin/v1/keys").status, 200) << "others do not wait";
  world.clock.advance(std::chrono::seconds(1));
  EXPECT_EQ(world.ask(Method::get, "/admin/v1/keys", {}, good).status, 200);
}

TEST(Api, HostsAndOrigins) {
  ApiWorld world;
  const auto with = [&](const ApiWorld::Ask& how) { return world.ask(Method::get, "/admin/v1/keys", {}, how).status; };
  for (const char* host : {"127.0.0.1", "127.0.0.1:8081", "[::1]:8081", "localhost:1", "LOCALHOST", "10.0.0.7:8081",
                           "gateway.example", "gateway.example:8081"}) {
    EXPECT_EQ(with({.host = host}), 200) << host;
  }
  for (const char* host : {"", "evil.example", "localhost/#@evil", "localhost.evil.example", "localhost:8081@evil",
                           "localhost:", "a b", "127.0.0.1.evil.example", "[::1", "[localhost]", "localhost:0",
                           "localhost:99999", "user@localhost", "0x7f.1"}) {
    EXPECT_EQ(with({.host = host}), 421) << host;
  }
  EXPECT_EQ(with({.origin = "http://127.0.0.1:8081"}), 200);
  EXPECT_EQ(with({.host = "gateway.example", .origin = "https://gateway.example"}), 200);
  for (const char* origin : {"null", "http://evil.example", "http://127.0.0.1:9999",
                             "http://127.0.0.1:8081.evil.example", "file://", "127.0.0.1:8081"}) {
    EXPECT_EQ(with({.origin = origin}), 403) << origin;
  }
  EXPECT_EQ(with({.fetch_site = "cross-site"}), 403);
  EXPECT_EQ(with({.fetch_site = "same-site"}), 403);
  EXPECT_EQ(with({.fetch_site = "same-origin"}), 200);
  EXPECT_EQ(world.ask(Method::post, "/admin/v1/keys", "{}", {.content_type = "text/plain"}).status, 415);
  EXPECT_EQ(world.ask(Method::post, "/admin/v1/keys", "{}", {.content_type = ""}).status, 415);
  EXPECT_EQ(world.ask(Method::post, "/admin/v1/keys", "{}", {.content_type = "Application/JSON; charset=utf-8"}).status,
            201);
}

TEST(Api, ScopesHold) {
  ApiWorld world;
  two_teams(world);
  const std::string developer = world.key_with("developer", "team:a");
  const std::string b_key = ApiWorld::at(world.post("/admin/v1/keys", R"({"parent":"team:b"})"), "object.id");
  const std::string b_path = "/admin/v1/keys/" + b_key;
  ASSERT_EQ(world.post("/admin/v1/users", R"({"id":"bob","parent":"team:b"})").status, 201);
  ASSERT_EQ(world.post("/admin/v1/budgets", R"({"scope":"team:b","amount":5,"window":"day"})").status, 201);
  const auto before = world.changes().size();
  // What is elsewhere is not there.
  EXPECT_EQ(world.get(b_path, developer).status, 404);
  EXPECT_EQ(world.patch(b_path, R"({"name":"x"})", developer).status, 404);
  EXPECT_EQ(world.del(b_path, developer).status, 404);
  EXPECT_EQ(world.post(b_path + "/rotate", "{}", developer).status, 404);
  EXPECT_EQ(world.get("/admin/v1/teams/b", developer).status, 404);
  EXPECT_EQ(world.get("/admin/v1/orgs/default", developer).status, 404);
  EXPECT_EQ(world.get("/key/info?key=" + b_key, developer).status, 404);
  EXPECT_EQ(world.post("/key/delete", R"({"keys":[")" + b_key + "\"]}", developer).status, 404);
  EXPECT_EQ(world.post("/key/block", R"({"key":")" + b_key + "\"}", developer).status, 404);
  EXPECT_EQ(world.post("/key/regenerate", R"({"key":")" + b_key + "\"}", developer).status, 404);
  EXPECT_EQ(world.post("/key/" + b_key + "/regenerate", "{}", developer).status, 404);
  EXPECT_EQ(world.get("/team/info?team_id=b", developer).status, 404);
  EXPECT_EQ(world.get("/team/list", developer).body.find("\"b\""), std::string::npos);
  EXPECT_EQ(world.get("/key/list", developer).body.find(b_key), std::string::npos);
  EXPECT_EQ(world.get("/admin/v1/keys", developer).body.find(b_key), std::string::npos);
  EXPECT_EQ(world.get("/admin/v1/keys?below=team:b", developer).body.find(b_key), std::string::npos);
  EXPECT_EQ(world.get("/admin/v1/budgets", developer).body, R"({"data":[]})");
  // Nor may anything be put there, or above, or in another's name.
  EXPECT_EQ(world.post("/admin/v1/keys", R"({"parent":"team:b"})", developer).status, 400);
  EXPECT_EQ(world.post("/admin/v1/keys", R"({})", developer).status, 400);
  EXPECT_EQ(world.post("/key/generate", R"({"team_id":"b"})", developer).status, 400);
  EXPECT_EQ(world.post("/key/generate", R"({})", developer).status, 400);
  EXPECT_EQ(world.post("/admin/v1/keys", R"({"parent":"team:a","user":"bob"})", developer).status, 400);
  EXPECT_EQ(world.post("/key/generate", R"({"team_id":"a","user_id":"bob"})", developer).status, 400);
  EXPECT_EQ(world.post("/admin/v1/teams", R"({"id":"c"})", developer).status, 403);
  EXPECT_EQ(world.post("/admin/v1/teams", R"({"id":"c","parent":"team:a"})", developer).status, 403);
  // Nor more than the role has where it is.
  EXPECT_EQ(world.post("/admin/v1/budgets", R"({"scope":"team:a","amount":5,"window":"day"})", developer).status, 403);
  EXPECT_EQ(world.post("/key/generate", R"({"team_id":"a","max_budget":5})", developer).status, 403);
  EXPECT_EQ(world.post("/admin/v1/keys", R"({"parent":"team:a","priority":"critical"})", developer).status, 403);
  EXPECT_EQ(world.post("/admin/v1/keys", R"({"parent":"team:a","weight":2})", developer).status, 403);
  EXPECT_EQ(world.get("/admin/v1/audit", developer).status, 403);
  EXPECT_EQ(world.get("/admin/v1/config", developer).status, 403);
  EXPECT_EQ(world.get("/admin/v1/providers", developer).status, 403);
  EXPECT_EQ(world.get("/admin/v1/roles", developer).status, 403);
  EXPECT_EQ(world.get("/spend/logs", developer).status, 403);
  EXPECT_EQ(world.get("/global/spend", developer).status, 403);
  EXPECT_EQ(world.post("/admin/v1/roles", R"({"subject":"user:bob","role":"owner","scope":"*"})", developer).status,
            403);
  EXPECT_EQ(world.patch("/admin/v1/teams/a", R"({"active":false})", developer).status, 403);
  EXPECT_EQ(world.changes().size(), before) << "and nothing of it happened";
  // What is his works.
  const auto own = world.post("/admin/v1/keys", R"({"parent":"team:a"})", developer);
  ASSERT_EQ(own.status, 201) << own.body;
  const std::string own_path = "/admin/v1/keys/" + ApiWorld::at(own, "object.id");
  EXPECT_EQ(world.patch(own_path, R"({"priority":"high"})", developer).status, 403);
  EXPECT_EQ(world.patch(own_path, R"({"priority":"low"})", developer).status, 200);
  EXPECT_EQ(world.del(own_path, developer).status, 204);
  EXPECT_EQ(world.get("/admin/v1/models", developer).status, 200);
  EXPECT_EQ(world.changes()[0].actor.substr(0, 10), "admin_key:");
}

TEST(Api, UsageOnlyOfTheScope) {
  ApiWorld world;
  two_teams(world);
  const std::string developer = world.key_with("developer", "team:a");
  EXPECT_EQ(world.get("/admin/v1/usage", developer).status, 403);
  EXPECT_EQ(world.get("/admin/v1/usage?scope=team:b", developer).status, 400);
  EXPECT_EQ(world.get("/admin/v1/usage?scope=org:default", developer).status, 400);
  EXPECT_EQ(world.get("/admin/v1/usage?scope=team:a&filter=team%3Db", developer).status, 400)
      << "a second filter of the same dimension would widen it";
  const auto fine =
      world.get("/admin/v1/usage?scope=team:a&by=model,day&filter=model%3Dgpt*&from=2026-01-01", developer);
  EXPECT_EQ(fine.status, 200) << fine.body;
  EXPECT_EQ(world.usage.asked.filters, (std::vector<std::string>{"model=gpt*", "team=a"}));
  EXPECT_EQ(world.usage.asked.by, (std::vector<std::string>{"model", "day"}));
  EXPECT_EQ(ApiWorld::at(fine, "total.cost_usd"), "1.25");
  EXPECT_EQ(world.get("/admin/v1/usage").status, 200);
}

TEST(Api, PagesAndCursors) {
  ApiWorld world;
  for (int i = 0; i < 25; ++i) {
    ASSERT_EQ(world.post("/admin/v1/teams", "{\"id\":\"t" + std::to_string(100 + i) + "\"}").status, 201);
  }
  std::vector<std::string> seen;
  std::string cursor;
  int pages = 0;
  do {
    const auto page = world.get("/admin/v1/teams?limit=10" + (cursor.empty() ? "" : "&cursor=" + cursor));
    ASSERT_EQ(page.status, 200) << page.body;
    json::Value(page.body)["data"].elements([&](json::Value team) { seen.push_back(*team["id"].string()); });
    cursor = ApiWorld::at(page, "next_cursor");
    ++pages;
  } while (!cursor.empty() && pages < 10);
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 25U);
  // Forged ones are refused, or show what the reader may see anyway.
  for (const auto& forged : {std::string("x"), std::string("%27%20OR%201%3D1"), make_cursor("listKeys", "t1"),
                             make_cursor("listTeams", ""), make_cursor("listTeams", "a\nb"), std::string(2000, 'A')}) {
    EXPECT_EQ(world.get("/admin/v1/teams?cursor=" + forged).status, 400) << forged;
  }
  EXPECT_EQ(world.get("/admin/v1/audit?cursor=" + make_cursor("listChanges", "-1")).status, 400);
  EXPECT_EQ(world.get("/admin/v1/audit?cursor=" + make_cursor("listChanges", "1;DROP TABLE")).status, 400);
  const std::string developer = world.key_with("developer", "team:t124");
  EXPECT_EQ(world.get("/admin/v1/teams?cursor=" + make_cursor("listTeams", "a"), developer).body.find("t100"),
            std::string::npos);
  for (const char* wrong : {"limit=0", "limit=1001", "limit=-1", "limit=1e3", "limit=5&limit=6", "nobody=1", "%zz=1",
                            "parent=x", "deleted=maybe"}) {
    EXPECT_EQ(world.get("/admin/v1/teams?" + std::string(wrong)).status, 400) << wrong;
  }
}

TEST(Api, PathsThatPlayTricks) {
  ApiWorld world;
  two_teams(world);
  ASSERT_EQ(world.post("/admin/v1/projects", R"({"id":"x/y","parent":"team:a"})").status, 201);
  EXPECT_EQ(world.get("/admin/v1/projects/x%2Fy").status, 200);
  for (const char* path : {"/admin/v1/projects/x/y", "/admin/v1/../v1/teams/a", "/admin/v1/teams/a/",
                           "/admin/v1//teams", "/admin/v1/teams/.", "/admin/v1/teams/%2e%2e", "/admin/v1/teams/a%00",
                           "/admin/v1/teams/%", "/admin/v1/teams\\a", "/admin/v1/teams/%2", "/admin/v1/teams/a%0d%0ax",
                           "/admin", "/admin/v1/nothing", "/key/", "/ADMIN/v1/teams"}) {
    EXPECT_EQ(world.get(path).status, 404) << path;
  }
  EXPECT_EQ(world.ask(Method::put, "/admin/v1/teams/a", "{}", {}).status, 405);
  EXPECT_EQ(world.ask(Method::head, "/admin/v1/teams/a", "", {}).status, 200);
  EXPECT_EQ(world.ask(Method::get, "/admin/v1/teams/a", "{}", {}).status, 400);
}

TEST(Api, BodiesThatAreNone) {
  ApiWorld world;
  two_teams(world);
  const auto before = world.changes().size();
  for (const auto& body : {std::string("["),
                           std::string("[]"),
                           std::string("null"),
                           std::string("\"x\""),
                           std::string("{\"parent\":1}"),
                           std::string(R"({"parent":"team:a","parent":"team:b"})"),
                           std::string(R"({"__proto__":{"role":"owner"}})"),
                           std::string(R"({"constructor":1})"),
                           std::string(R"({"metadata":{"a":1,"a":2}})"),
                           std::string(R"({"metadata":{"b":[{"a":1,"\u0061":2}]}})"),
                           std::string(R"({"metadata":[1]})"),
                           std::string(R"({"metadata":)") + std::string(200, '[') + std::string(200, ']') + "}",
                           std::string(R"({"weight":1e400})"),
                           std::string(R"({"weight":99999999999999999999})"),
                           std::string(R"({"weight":1.5})"),
                           std::string(R"({"weight":-1})"),
                           std::string(R"({"weight":"1"})"),
                           std::string(R"({"models":"gpt"})"),
                           std::string(R"({"models":[1]})"),
                           std::string(R"({"models":["a*b"]})"),
                           std::string(R"({"addresses":["10.0.0.1/8"]})"),
                           std::string(R"({"addresses":[]})"),
                           std::string(R"({"expires_at":"tomorrow"})"),
                           std::string(R"({"expires_at":17})"),
                           std::string(R"({"priority":"root"})"),
                           "{\"name\":\"" + std::string(300, 'n') + "\"}",
                           std::string("{\"name\":\"a\nb\"}"),
                           std::string(R"({"name":"a\u0000b"})"),
                           std::string("{\"name\":\"\xff\"}"),
                           std::string(R"({"parent":"team:nobody"})"),
                           std::string(R"({"parent":"key:x"})"),
                           std::string(R"({"parent":"a"})"),
                           std::string(R"({"user":"nobody"})"),
                           std::string("{} {}"),
                           "{\"models\":[" + std::string(1000, ' ') + "\"a\"" +
                               [] {
                                 std::string many;
                                 for (int i = 0; i < 300; ++i) many += ",\"m\"";
                                 return many;
                               }() +
                               "]}"}) {
    const auto refused = world.post("/admin/v1/keys", body);
    EXPECT_EQ(refused.status, 400) << body.substr(0, 80) << " " << refused.body;
    EXPECT_EQ(refused.type, "application/problem+json");
  }
  EXPECT_EQ(world.post("/admin/v1/keys", "{\"name\":\"" + std::string(kMaxBodySize, 'n') + "\"}").status, 413);
  EXPECT_EQ(world.changes().size(), before);
}

TEST(Api, RolesAreGivenWithinReach) {
  ApiWorld world;
  two_teams(world);
  const std::string admin = world.key_with("security-admin", "team:a");
  const auto mine = world.post("/admin/v1/admin_keys", R"({"name":"mine"})", admin);
  ASSERT_EQ(mine.status, 201);
  const auto give = [&](std::string_view role, std::string_view scope) {
    return world
        .post("/admin/v1/roles",
              R"({"subject":"admin_key:)" + ApiWorld::at(mine, "object.id") + R"(","role":")" + std::string(role) +
                  R"(","scope":")" + std::string(scope) + "\"}",
              admin)
        .status;
  };
  EXPECT_EQ(give("owner", "*"), 403);
  EXPECT_EQ(give("owner", "team:a"), 403);
  EXPECT_EQ(give("developer", "team:b"), 403);
  EXPECT_EQ(give("developer", "*"), 403);
  EXPECT_EQ(give("developer", "team:a"), 201);
  EXPECT_EQ(world.post("/admin/v1/roles", R"({"subject":"user:x","role":"auditor"})").status, 400)
      << "everything is never meant by leaving the scope out";
  EXPECT_EQ(world.get("/admin/v1/roles", admin).body.find("owner"), std::string::npos);
  const auto me = world.get("/admin/v1/whoami", ApiWorld::at(mine, "key"));
  EXPECT_EQ(ApiWorld::at(me, "grants"), R"([{"role":"developer","scope":"team:a"}])");
}

TEST(Api, BudgetsAndLimits) {
  ApiWorld world;
  two_teams(world);
  const auto made = world.post("/admin/v1/budgets", R"({"scope":"team:a","amount":0.5,"window":"month","soft":0.8})");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(ApiWorld::at(made, "used"), "0.000000007");
  const std::string path = "/admin/v1/budgets/" + ApiWorld::at(made, "id");
  EXPECT_EQ(world.get("/admin/v1/limits/" + ApiWorld::at(made, "id")).status, 404);
  EXPECT_EQ(ApiWorld::at(world.patch(path, R"({"amount":2})"), "amount"), "2");
  EXPECT_EQ(ApiWorld::at(world.get(path), "soft"), "0.8");
  EXPECT_EQ(world.patch(path, R"({"scope":"team:b"})").status, 400);
  EXPECT_EQ(world.patch(path, R"({"time_zone":"Mars/Olympus"})").status, 400);
  EXPECT_EQ(world.post("/admin/v1/limits", R"({"scope":"team:a","resource":"usd","amount":1,"window":"day"})").status,
            400);
  EXPECT_EQ(
      world.post("/admin/v1/limits", R"({"scope":"team:a","resource":"requests","amount":1,"window":"day"})").status,
      201);
  ASSERT_EQ(world.sink.at[world.directory->find({govern::NodeKind::team, "a"})].size(), 2U);
  EXPECT_EQ(world.del(path).status, 204);
  EXPECT_EQ(world.sink.at[world.directory->find({govern::NodeKind::team, "a"})].size(), 1U);
}

TEST(Api, ViewsHaveNoSecrets) {
  ApiWorld world;
  for (const char* path : {"/admin/v1/providers", "/admin/v1/config", "/admin/v1/models", "/model/info"}) {
    const auto view = world.get(path);
    EXPECT_EQ(view.status, 200);
    EXPECT_TRUE(json::validate(view.body)) << view.body;
    EXPECT_EQ(view.body.find("sk-upstream"), std::string::npos);
    EXPECT_EQ(view.body.find("the-hash"), std::string::npos);
  }
}

TEST(Api, TheDocumentIsTheTable) {
  ApiWorld world;
  const auto document = world.get("/admin/v1/openapi.json");
  ASSERT_TRUE(json::validate(document.body)) << document.body.substr(0, 200);
  const json::Value root(document.body);
  EXPECT_EQ(root["openapi"].string(), "3.1.0");
  std::set<std::string_view> ids;
  for (const Route& route : Api::routes()) {
    EXPECT_TRUE(ids.insert(route.id).second) << route.id;
    EXPECT_TRUE(root["paths"][route.path].exists()) << route.path;
    EXPECT_TRUE(Api::owns(route.path)) << route.path;
    std::string schema(route.answer);
    if (schema.starts_with('[')) schema = schema.substr(1, schema.size() - 2);
    if (!schema.empty()) EXPECT_TRUE(root["components"]["schemas"][schema].exists()) << schema;
    EXPECT_TRUE(route.has_body || route.body.empty());
  }
  // Every `get` of a list answers in the shape that is promised.
  for (const Route& route : Api::routes()) {
    if (!route.answer.starts_with('[')) continue;
    const auto list = world.get(route.path);
    EXPECT_EQ(list.status, 200) << route.path;
    EXPECT_TRUE(json::Value(list.body)["data"].is(json::Kind::array)) << route.path;
  }
}

}  // namespace
}  // namespace gatehouse::admin
