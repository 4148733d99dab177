#include <string>

#include <gtest/gtest.h>

#include "gatehouse/admin/api/api_testing.h"

namespace gatehouse::admin {
namespace {

using testing::ApiWorld;

constexpr std::string_view kValue = "erika@example.org";

// A value under token number `bits`; its text.
std::string put(ApiWorld& world, std::uint64_t bits, std::string_view tenant = "team:a", std::string_view scope = "c1",
                std::string_view owner = "end-user-1", std::string_view value = kValue) {
  guard::VaultItem item;
  item.tenant = tenant;
  item.scope = scope;
  item.owner = owner;
  item.entity = "EMAIL";
  item.token = guard::token_id_of(bits);
  item.value = value;
  EXPECT_TRUE(world.vault->put(item, world.clock.wall()).has_value());
  return guard::token_text(guard::Family::pii, "EMAIL", item.token);
}

struct VaultWorld : ApiWorld {
  VaultWorld() {
    for (const char* team : {R"({"id":"a"})", R"({"id":"b"})"}) EXPECT_EQ(post("/admin/v1/teams", team).status, 201);
  }
  ApiResponse show(std::string_view tenant, std::string_view token, std::string key = {},
                   std::string_view reason = "a customer asked") {
    return post("/admin/v1/vault/detokenise",
                R"({"tenant":")" + std::string(tenant) + R"(","tokens":[")" + std::string(token) + R"("],"reason":")" +
                    std::string(reason) + "\"}",
                std::move(key));
  }
  bool there(std::uint64_t bits, std::string_view tenant = "team:a") {
    const auto found = vault->find(tenant, guard::token_id_of(bits), clock.wall());
    return found.has_value() && found->has_value();
  }
  std::string log() { return get("/admin/v1/audit").body; }
  // From now on nothing can be added to the change log.
  void break_log() {
    ASSERT_TRUE(database->execute(
        "CREATE TRIGGER refuse BEFORE INSERT ON directory_changes BEGIN SELECT RAISE(ABORT, 'no'); END"));
  }
};

TEST(VaultApi, ShowsAValueAndWritesItDown) {
  VaultWorld world;
  const std::string token = put(world, 7);
  const auto shown = world.show("team:a", token);
  ASSERT_EQ(shown.status, 200) << shown.body;
  const json::Value root(shown.body);
  root["data"].elements([&](json::Value one) {
    EXPECT_EQ(one["value"].string(), kValue);
    EXPECT_EQ(one["entity"].string(), "EMAIL");
    EXPECT_EQ(one["found"].boolean(), true);
    EXPECT_TRUE(one["expires_at"].string().has_value());
  });
  EXPECT_EQ(root["data"].size(), 1U);
  const auto log = world.log();
  EXPECT_NE(log.find("vault.detokenise"), std::string::npos);
  EXPECT_NE(log.find("a customer asked"), std::string::npos);
  EXPECT_NE(log.find("tok_" + std::string(guard::view(guard::token_id_of(7)))), std::string::npos);
  EXPECT_NE(log.find("\"team:a\""), std::string::npos);
  EXPECT_EQ(log.find("erika"), std::string::npos);
}

TEST(VaultApi, AnotherTenantsTokenFindsNothingAndIsWrittenDown) {
  VaultWorld world;
  const std::string token = put(world, 7);
  const auto shown = world.show("team:b", token);
  ASSERT_EQ(shown.status, 200) << shown.body;
  EXPECT_NE(shown.body.find("\"found\":false"), std::string::npos);
  EXPECT_EQ(shown.body.find("erika"), std::string::npos);
  EXPECT_NE(world.log().find("\"found\":false"), std::string::npos);
}

TEST(VaultApi, OnlyWhoMay) {
  VaultWorld world;
  const std::string token = put(world, 7);
  const std::string erase = "/admin/v1/vault?tenant=team:a&all=true";
  for (const char* role : {"operator", "developer", "auditor"}) {
    for (const char* scope : {"*", "team:a"}) {
      const std::string key = world.key_with(role, scope);
      const auto before = world.changes().size();
      EXPECT_EQ(world.show("team:a", token, key).status, 403) << role;
      EXPECT_EQ(world.del(erase, key).status, 403) << role;
      EXPECT_EQ(world.changes().size(), before);
    }
  }
  const std::string officer = world.key_with("security-admin", "team:a");
  EXPECT_EQ(world.show("team:a", token, officer).status, 200);
  EXPECT_EQ(world.get("/admin/v1/vault", officer).status, 403) << "of everybody";
  for (const char* tenant : {"team:b", "org:default", "team:nowhere"}) {
    EXPECT_EQ(world.show(tenant, token, officer).status, 403) << tenant;
    EXPECT_EQ(world.del("/admin/v1/vault?tenant=" + std::string(tenant) + "&all=true", officer).status, 403) << tenant;
  }
  EXPECT_TRUE(world.there(7));
  EXPECT_EQ(world.del(erase, officer).status, 200);
  EXPECT_FALSE(world.there(7));
}

TEST(VaultApi, RefusesWhatIsNotAsked) {
  VaultWorld world;
  const std::string token = put(world, 7);
  const auto before = world.changes().size();
  EXPECT_EQ(world.show("team:a", token, {}, "x").status, 400) << "no reason";
  EXPECT_EQ(world.show("a", token).status, 400);
  const auto pasted = world.show("team:a", "a secret that was pasted");
  EXPECT_EQ(pasted.status, 400);
  EXPECT_EQ(pasted.body.find("secret"), std::string::npos);
  for (const char* body : {"{}", R"({"tenant":"team:a","tokens":[],"reason":"why not"})",
                           R"({"tenant":"team:a","tokens":"x","reason":"why not"})",
                           R"({"tenant":"team:a","tokens":["tok_aaaaaaaaaaaa"]})",
                           R"({"tenant":"team:a","tokens":["tok_aaaaaaaaaaaa"],"reason":"why not","more":1})"}) {
    EXPECT_EQ(world.post("/admin/v1/vault/detokenise", body).status, 400) << body;
  }
  for (const char* query : {"", "tenant=team:a", "all=true", "tenant=team:a&all=false",
                            "tenant=team:a&owner=", "tenant=team:a&owner=x&scope=y", "tenant=team:a&all=true&owner=x",
                            "tenant=team:a&token=x", "tenant=team:a&all=yes", "tenant=a&all=true"}) {
    EXPECT_EQ(world.del("/admin/v1/vault?" + std::string(query)).status, 400) << query;
  }
  EXPECT_TRUE(world.there(7));
  EXPECT_EQ(world.changes().size(), before);
}

TEST(VaultApi, ErasesAndWritesItDown) {
  VaultWorld world;
  const auto fill = [&] {
    (void)put(world, 1, "team:a", "c1", "u1");
    (void)put(world, 2, "team:a", "c1", "u2");
    (void)put(world, 3, "team:a", "c2", "u2");
    (void)put(world, 4, "team:b", "c1", "u1");
  };
  struct Case {
    std::string query;
    std::string erased;
    std::string left;  // of the numbers above
  };
  for (const Case& c : std::vector<Case>{
           {"token=tok_" + std::string(guard::view(guard::token_id_of(1))), "1", "234"},
           {"scope=c1", "2", "34"},
           {"owner=u2", "2", "14"},
           {"all=true", "3", "4"},
       }) {
    fill();
    const auto answer = world.del("/admin/v1/vault?tenant=team:a&" + c.query);
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(ApiWorld::at(answer, "erased"), c.erased) << c.query;
    std::string left;
    for (const std::uint64_t bits : {1, 2, 3}) left += world.there(bits) ? std::to_string(bits) : "";
    left += world.there(4, "team:b") ? "4" : "";
    EXPECT_EQ(left, c.left) << c.query;
    EXPECT_EQ(world.changes().front().action, "vault.erase");
  }
}

TEST(VaultApi, NothingWithoutTheLog) {
  VaultWorld world;
  const std::string token = put(world, 7);
  world.break_log();
  const auto shown = world.show("team:a", token);
  EXPECT_EQ(shown.status, 500);
  EXPECT_EQ(shown.body.find("erika"), std::string::npos);
  EXPECT_EQ(world.del("/admin/v1/vault?tenant=team:a&all=true").status, 500);
  EXPECT_TRUE(world.there(7));
}

TEST(VaultApi, Counts) {
  VaultWorld world;
  (void)put(world, 1);
  (void)put(world, 2);
  ASSERT_TRUE(world.vault->flush().has_value());
  const auto got = world.get("/admin/v1/vault");
  ASSERT_EQ(got.status, 200) << got.body;
  EXPECT_EQ(ApiWorld::at(got, "written"), "2");
  EXPECT_EQ(ApiWorld::at(got, "keys"), R"([{"id":1,"entries":2}])");
  EXPECT_EQ(world.get("/admin/v1/vault", world.key_with("auditor", "*")).status, 200);
}

}  // namespace
}  // namespace gatehouse::admin
