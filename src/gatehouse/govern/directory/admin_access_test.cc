#include "gatehouse/govern/directory/admin_access.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/crypto/virtual_key.h"
#include "gatehouse/govern/directory/directory_testing.h"
#include "gatehouse/govern/directory/failure_backoff.h"
#include "gatehouse/govern/directory/limit_book.h"

namespace gatehouse::govern {
namespace {

using testing::World;

NodeRef team(std::string id) { return {.kind = NodeKind::team, .id = std::move(id)}; }
NodeRef user(std::string id) { return {.kind = NodeKind::user, .id = std::move(id)}; }

struct AdminWorld : World {
  AdminWorld() {
    EXPECT_TRUE(directory->create_node(team("a"), {}, {}, author()));
    EXPECT_TRUE(directory->create_node(team("b"), {}, {}, author()));
    EXPECT_TRUE(directory->create_node(user("alice"), team("a"), {}, author()));
    open_access();
    auto first = access->first_owner();
    EXPECT_TRUE(first && first->has_value());
    owner_key = std::string((*first)->reveal());
    owner = *access->authenticate(owner_key);
  }
  void open_access() {
    auto opened = AdminAccess::open(*rows, *directory, clock, base::Random(3));
    ASSERT_TRUE(opened) << opened.error().detail;
    access = std::move(*opened);
  }
  // A key with one role.
  std::string key_with(Role role, std::optional<NodeRef> scope) {
    auto made = access->create_key(owner, "k", "", std::nullopt, author());
    EXPECT_TRUE(made) << made.error().detail;
    EXPECT_TRUE(access->grant(owner, "admin_key:" + made->info.id, role, scope, author()));
    return std::string(made->key.reveal());
  }
  Actor actor(Role role, std::optional<NodeRef> scope) { return *access->authenticate(key_with(role, scope)); }

  std::unique_ptr<AdminAccess> access;
  std::string owner_key;
  Actor owner;
};

TEST(Roles, TheTable) {
  // A role that may do all that another may can give it; the ladder that documentation promises.
  const auto covers = [](Role a, Role b) {
    for (std::size_t i = 0; i < kActionCount; ++i) {
      if (allows(b, static_cast<Action>(i)) && !allows(a, static_cast<Action>(i))) return false;
    }
    return true;
  };
  EXPECT_TRUE(covers(Role::owner, Role::security_admin));
  EXPECT_TRUE(covers(Role::owner, Role::operator_));
  EXPECT_TRUE(covers(Role::security_admin, Role::auditor));
  EXPECT_TRUE(covers(Role::security_admin, Role::developer));
  EXPECT_FALSE(covers(Role::security_admin, Role::operator_));
  EXPECT_FALSE(covers(Role::operator_, Role::auditor));
  for (std::size_t i = 0; i < kActionCount; ++i) {
    const auto action = static_cast<Action>(i);
    EXPECT_TRUE(allows(Role::owner, action)) << name(action);
    if (name(action).substr(0, 5) != "read_") EXPECT_FALSE(allows(Role::auditor, action)) << name(action);
  }
  for (std::size_t i = 0; i < kRoleCount; ++i) {
    const auto role = static_cast<Role>(i);
    EXPECT_EQ(role_from_name(name(role)), role);
  }
}

TEST(AdminAccess, TheFirstOwner) {
  AdminWorld world;
  EXPECT_EQ(crypto::admin_key_form(world.owner_key), crypto::KeyForm::ours);
  EXPECT_TRUE(world.owner.may(Action::write_roles, nullptr));
  // Once; also after a start.
  EXPECT_FALSE(world.access->first_owner()->has_value());
  world.open();
  world.open_access();
  EXPECT_FALSE(world.access->first_owner()->has_value());
  EXPECT_TRUE(world.access->authenticate(world.owner_key));
}

TEST(AdminAccess, OthersGetOneAnswer) {
  AdminWorld world;
  std::string off = world.owner_key;
  off[8] = off[8] == 'a' ? 'b' : 'a';
  auto virtual_key = world.directory->create_key(team("a"), {}, world.author());
  auto expired = world.access->create_key(world.owner, "k", "", world.clock.wall(), world.author());
  auto blocked = world.access->create_key(world.owner, "k", "", std::nullopt, world.author());
  ASSERT_TRUE(world.access->block_key(world.owner, blocked->info.id, true, world.author()));
  for (const auto& presented :
       {std::string(), off, std::string("' OR '1'='1"), std::string(1 << 20, 'x'), crypto::make_admin_key(),
        std::string(virtual_key->key.reveal()), std::string(expired->key.reveal()), std::string(blocked->key.reveal()),
        world.owner_key + " "}) {
    const auto refused = world.access->authenticate(presented);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().detail, "An admin key is needed: Authorization: Bearer gha-...");
  }
  // And an admin key is none for the data plane.
  EXPECT_FALSE(world.who(world.owner_key));
}

TEST(AdminAccess, ScopesHold) {
  AdminWorld world;
  const Actor developer = world.actor(Role::developer, team("a"));
  const Node* a = world.directory->find(team("a"));
  const Node* b = world.directory->find(team("b"));
  EXPECT_TRUE(developer.may(Action::write_keys, a));
  EXPECT_TRUE(developer.may(Action::write_keys, world.directory->find(user("alice"))));
  EXPECT_FALSE(developer.may(Action::write_keys, b));
  EXPECT_FALSE(developer.may(Action::write_keys, &world.directory->find(team("a"))->parent[0])) << "what is above";
  EXPECT_FALSE(developer.may(Action::write_keys, nullptr));
  EXPECT_FALSE(developer.may(Action::write_limits, a));
  EXPECT_FALSE(developer.may(Action::raise_priority, a));
  // A scope that is deleted gives nothing.
  const std::string key = world.key_with(Role::owner, team("b"));
  EXPECT_TRUE(world.access->authenticate(key)->may(Action::write_keys, b));
  ASSERT_TRUE(world.directory->delete_node(team("b"), world.author()));
  EXPECT_FALSE(world.access->authenticate(key)->may(Action::write_keys, a));
}

TEST(AdminAccess, NobodyGivesMoreThanHeHas) {
  AdminWorld world;
  const std::string key = world.key_with(Role::security_admin, team("a"));
  const Actor admin = *world.access->authenticate(key);
  auto target = world.access->create_key(admin, "mine", "", std::nullopt, world.author());
  ASSERT_TRUE(target);
  const std::string subject = "admin_key:" + target->info.id;
  const auto give = [&](const Actor& by, Role role, std::optional<NodeRef> scope) {
    const auto made = world.access->grant(by, subject, role, scope, world.author());
    return made ? std::string("given") : std::string(made.error().slug());
  };
  EXPECT_EQ(give(admin, Role::owner, std::nullopt), "not_allowed");
  EXPECT_EQ(give(admin, Role::owner, team("a")), "not_allowed");
  EXPECT_EQ(give(admin, Role::operator_, team("a")), "not_allowed");
  EXPECT_EQ(give(admin, Role::auditor, std::nullopt), "not_allowed");
  EXPECT_EQ(give(admin, Role::auditor, team("b")), "not_allowed");
  EXPECT_EQ(give(admin, Role::auditor, team("nobody")), "invalid_request");
  EXPECT_EQ(give(admin, Role::security_admin, team("a")), "given");
  EXPECT_EQ(give(admin, Role::developer, user("alice")), "given");
  EXPECT_EQ(give(admin, Role::developer, user("alice")), "conflict");
  for (const Role role : {Role::developer, Role::operator_, Role::auditor}) {
    const Actor other = world.actor(role, std::nullopt);
    EXPECT_EQ(give(other, Role::developer, team("a")), "not_allowed") << name(role);
    EXPECT_EQ(world.access->create_key(other, "k", "", std::nullopt, world.author()).error().code, Code::forbidden);
  }
  // Nor takes away what he could not give, nor stops or stands in for somebody greater.
  std::string owners;
  world.access->bindings("", [&](const Binding& binding) {
    if (binding.role == Role::owner) owners = binding.id;
    return true;
  });
  EXPECT_EQ(world.access->revoke(admin, owners, world.author()).error().code, Code::forbidden);
  const std::string owner_id = world.owner.id.substr(std::string("admin_key:").size());
  EXPECT_EQ(world.access->block_key(admin, owner_id, true, world.author()).error().code, Code::forbidden);
  EXPECT_EQ(world.access->delete_key(admin, owner_id, world.author()).error().code, Code::forbidden);
  EXPECT_EQ(world.access->create_key(admin, "k", "alice", std::nullopt, world.author()).error().code, Code::forbidden);
}

TEST(AdminAccess, AUsersKeyHasTheUsersRoles) {
  AdminWorld world;
  ASSERT_TRUE(world.access->grant(world.owner, "user:alice", Role::developer, team("a"), world.author()));
  auto made = world.access->create_key(world.owner, "laptop", "alice", std::nullopt, world.author());
  ASSERT_TRUE(made);
  const Actor alice = *world.access->authenticate(made->key.reveal());
  EXPECT_EQ(alice.id, "user:alice/" + made->info.id);
  EXPECT_TRUE(alice.may(Action::write_keys, world.directory->find(team("a"))));
  ASSERT_TRUE(world.directory->update_node(user("alice"), {}, false, world.author()));
  EXPECT_FALSE(world.access->authenticate(made->key.reveal()));
  ASSERT_TRUE(world.directory->update_node(user("alice"), {}, true, world.author()));
  EXPECT_TRUE(world.access->authenticate(made->key.reveal()));
  ASSERT_TRUE(world.directory->delete_node(user("alice"), world.author()));
  EXPECT_FALSE(world.access->authenticate(made->key.reveal()));
}

TEST(AdminAccess, SomebodyStaysOwner) {
  AdminWorld world;
  std::string binding;
  world.access->bindings("", [&](const Binding& at) {
    binding = at.id;
    return false;
  });
  const std::string id = world.owner.id.substr(std::string("admin_key:").size());
  EXPECT_EQ(world.access->revoke(world.owner, binding, world.author()).error().code, Code::conflict);
  EXPECT_EQ(world.access->delete_key(world.owner, id, world.author()).error().code, Code::conflict);
  EXPECT_EQ(world.access->block_key(world.owner, id, true, world.author()).error().code, Code::conflict);
  const std::string second = world.key_with(Role::owner, std::nullopt);
  ASSERT_TRUE(world.access->delete_key(*world.access->authenticate(second), id, world.author()));
  EXPECT_FALSE(world.access->authenticate(world.owner_key));
  EXPECT_FALSE(world.access->first_owner()->has_value());
  for (const auto& change : world.changes()) {
    EXPECT_EQ(change.after.find(second.substr(8)), std::string::npos);
    EXPECT_EQ(change.before.find(world.owner_key.substr(8)), std::string::npos);
  }
}

TEST(FailureBackoff, WaitsGrowAndEnd) {
  FailureBackoff backoff({.most = 3});
  base::ManualClock clock;
  const auto bad = *base::Address::parse("203.0.113.5");
  for (int i = 0; i < 5; ++i) backoff.failed(bad, clock.now());
  EXPECT_EQ(backoff.wait(bad, clock.now()), base::Duration::zero());
  backoff.failed(bad, clock.now());
  EXPECT_EQ(backoff.wait(bad, clock.now()), std::chrono::seconds(1));
  backoff.failed(bad, clock.now());
  EXPECT_EQ(backoff.wait(bad, clock.now()), std::chrono::seconds(2));
  for (int i = 0; i < 100; ++i) backoff.failed(bad, clock.now());
  EXPECT_EQ(backoff.wait(bad, clock.now()), std::chrono::seconds(60));
  EXPECT_EQ(backoff.wait(*base::Address::parse("203.0.113.6"), clock.now()), base::Duration::zero());
  clock.advance(std::chrono::seconds(60));
  EXPECT_EQ(backoff.wait(bad, clock.now()), base::Duration::zero());
  backoff.succeeded(bad);
  backoff.failed(bad, clock.now());
  EXPECT_EQ(backoff.wait(bad, clock.now()), base::Duration::zero());
  // One host has a whole /64.
  for (int i = 0; i < 7; ++i) backoff.failed(*base::Address::parse("2001:db8::" + std::to_string(i + 1)), clock.now());
  EXPECT_GT(backoff.wait(*base::Address::parse("2001:db8::ffff"), clock.now()), base::Duration::zero());
  EXPECT_EQ(backoff.wait(*base::Address::parse("2001:db8:0:1::1"), clock.now()), base::Duration::zero());
  for (int i = 0; i < 50; ++i) backoff.failed(*base::Address::parse("10.0.0." + std::to_string(i)), clock.now());
  EXPECT_EQ(backoff.size(), 3U);
}

TEST(LimitBook, HandsOverWhatHolds) {
  World world;
  testing::FakeSink sink;
  ASSERT_TRUE(world.directory->create_node(team("a"), {}, {}, world.author()));
  auto book = *LimitBook::open(*world.rows, *world.directory, sink, base::Random(5));
  const auto spec = [](std::string body) {
    auto read = limit_from_json(body);
    EXPECT_TRUE(read) << read.error().detail;
    return *read;
  };
  auto budget = book->create(
      spec(
          R"({"scope":"team:a","resource":"usd","amount":12.345678901,"window":"month","models":["gpt*"],"soft":0.8})"),
      world.author());
  ASSERT_TRUE(budget) << budget.error().detail;
  auto rate =
      book->create(spec(R"({"scope":"team:a","resource":"requests","amount":60,"window":"minute"})"), world.author());
  const Node* a = world.directory->find(team("a"));
  ASSERT_EQ(sink.at[a].size(), 2U);
  EXPECT_EQ(book->use_of(*budget)->used, 7);
  EXPECT_FALSE(book->create(spec(R"({"scope":"team:x","resource":"usd","amount":1,"window":"day"})"), world.author()));
  EXPECT_FALSE(
      book->create(spec(R"({"scope":"team:a","resource":"usd","amount":1,"window":"day","time_zone":"Mars/Olympus"})"),
                   world.author()));
  ASSERT_TRUE(
      book->create(spec(R"({"scope":"key:*","resource":"requests","amount":5,"window":"day"})"), world.author()));
  EXPECT_EQ(sink.each[NodeKind::key].size(), 1U);
  // After a start everything is handed over again, and says the same.
  book.reset();
  world.open();
  testing::FakeSink again;
  book = *LimitBook::open(*world.rows, *world.directory, again, base::Random(5));
  book->refresh();
  a = world.directory->find(team("a"));
  ASSERT_EQ(again.at[a].size(), 2U);
  const auto read = book->get(budget->spec.limit.id);
  EXPECT_EQ(read->spec.limit.amount, 12'345'678'901);
  EXPECT_EQ(read->spec.limit.soft, 0.8);
  EXPECT_TRUE(read->spec.limit.models.admits("gpt-5"));
  EXPECT_FALSE(read->spec.limit.models.admits("o3"));
  ASSERT_TRUE(book->remove(rate->spec.limit.id, world.author()));
  ASSERT_TRUE(
      book->update(budget->spec.limit.id, spec(R"({"resource":"usd","amount":"1","window":"month"})"), world.author()));
  ASSERT_EQ(again.at[a].size(), 1U);
  EXPECT_EQ(again.at[a][0].amount, 1'000'000'000);
  // The configuration's wait for their node.
  auto configured = spec(R"({"scope":"team:later","resource":"requests","amount":1,"window":"day"})");
  configured.limit.id = "budgets[0]";
  ASSERT_TRUE(book->check_configuration({configured}));
  book->apply_configuration({configured});
  book->refresh();
  ASSERT_TRUE(world.directory->create_node(team("later"), {}, {}, world.author()));
  EXPECT_EQ(again.at[world.directory->find(team("later"))].size(), 1U);
  EXPECT_EQ(book->remove("budgets[0]", world.author()).error().code, Code::conflict);
  EXPECT_FALSE(book->check_configuration({configured, configured}));
}

TEST(Limit, WhatCannotBeRead) {
  for (const char* wrong :
       {"[]", "{}", R"({"resource":"usd"})", R"({"resource":"usd","amount":-1,"window":"day"})",
        R"({"resource":"usd","amount":1e300,"window":"day"})",
        R"({"resource":"usd","amount":99999999999999,"window":"day"})",
        R"({"resource":"requests","amount":1.5,"window":"day"})",
        R"({"resource":"requests","amount":"5","window":"day"})",
        R"({"resource":"requests","amount":9223372036854775808,"window":"day"})",
        R"({"resource":"requests","amount":1,"window":"year"})", R"({"resource":"requests","amount":1})",
        R"({"resource":"concurrency","amount":1,"window":"day"})",
        R"({"resource":"requests","amount":1,"window":"day","soft":2})",
        R"({"resource":"requests","amount":1,"window":"day","models":"gpt"})",
        R"({"resource":"requests","amount":1,"window":"day","notify":"yes"})",
        R"({"scope":"team","resource":"requests","amount":1,"window":"day"})"}) {
    EXPECT_FALSE(limit_from_json(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace gatehouse::govern
