#include "gatehouse/govern/directory/directory.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/crypto/virtual_key.h"
#include "gatehouse/govern/directory/directory_testing.h"

namespace gatehouse::govern {
namespace {

using std::chrono::hours;
using testing::World;

NodeRef org(std::string id) { return {.kind = NodeKind::org, .id = std::move(id)}; }
NodeRef team(std::string id) { return {.kind = NodeKind::team, .id = std::move(id)}; }
NodeRef project(std::string id) { return {.kind = NodeKind::project, .id = std::move(id)}; }
NodeRef user(std::string id) { return {.kind = NodeKind::user, .id = std::move(id)}; }

ConfiguredKey configured(std::string name, std::string key, std::string of_team = {}, std::string of_project = {},
                         std::string of_user = {}) {
  return {.name = std::move(name),
          .key = base::Secret(std::move(key)),
          .team = std::move(of_team),
          .project = std::move(of_project),
          .user = std::move(of_user),
          .spec = {}};
}

// acme > platform > search > alice
void grow(World& world) {
  auto& directory = *world.directory;
  ASSERT_TRUE(directory.create_node(org("acme"), {}, {}, world.author()));
  ASSERT_TRUE(directory.create_node({NodeKind::unit, "platform"}, org("acme"), {}, world.author()));
  ASSERT_TRUE(directory.create_node(team("search"), NodeRef{NodeKind::unit, "platform"}, {}, world.author()));
  ASSERT_TRUE(directory.create_node(project("ranker"), team("search"), {}, world.author()));
  ASSERT_TRUE(directory.create_node(user("alice"), team("search"), {}, world.author()));
}

TEST(Directory, AKeyKnowsItsPlace) {
  World world;
  grow(world);
  auto made = world.directory->create_key(project("ranker"), {.name = "ci", .user = "alice"}, world.author());
  ASSERT_TRUE(made) << made.error().detail;
  EXPECT_EQ(crypto::key_form(made->key.reveal()), crypto::KeyForm::ours);
  const auto found = world.who(made->key.reveal());
  ASSERT_TRUE(found) << found.error().detail;
  const Principal& principal = **found;
  EXPECT_EQ(principal.org, "acme");
  EXPECT_EQ(principal.unit, "platform");
  EXPECT_EQ(principal.team, "search");
  EXPECT_EQ(principal.project, "ranker");
  EXPECT_EQ(principal.user, "alice");
  EXPECT_EQ(principal.key_name, "ci");
  EXPECT_EQ(principal.key_id, made->info.node->id);
  EXPECT_EQ(principal.node, made->info.node);
  EXPECT_TRUE(principal.models.admits_all());
  // Asked twice, it is the same object.
  EXPECT_EQ(*world.who(made->key.reveal()), &principal);
}

TEST(Directory, OutlivesAStart) {
  World world;
  grow(world);
  const auto until = world.clock.wall() + hours(10);
  auto made = world.directory->create_key(
      team("search"),
      {.name = "ci",
       .access =
           {.models = {{"gpt-5*"}}, .operations = {}, .providers = {}, .regions = {}, .addresses = {"10.0.0.0/8"}},
       .expires_at = until,
       .metadata = R"({"cost":"42"})",
       .priority = Priority::high,
       .weight = 9},
      world.author());
  ASSERT_TRUE(made);
  auto gone = world.directory->create_key(team("search"), {}, world.author());
  ASSERT_TRUE(world.directory->revoke_key(gone->info.node->id, world.author()));
  auto blocked = world.directory->create_key(team("search"), {}, world.author());
  ASSERT_TRUE(world.directory->block_key(blocked->info.node->id, true, world.author()));
  const std::string id = made->info.node->id;
  const std::string gone_id = gone->info.node->id;
  world.open();  // pointers to nodes end here
  const auto found = world.who(made->key.reveal(), "10.1.2.3");
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_EQ((*found)->key_id, id);
  EXPECT_EQ((*found)->unit, "platform");
  EXPECT_TRUE((*found)->may_use_model("gpt-5.6"));
  EXPECT_FALSE((*found)->may_use_model("o3"));
  EXPECT_EQ((*found)->metadata, R"({"cost":"42"})");
  EXPECT_EQ((*found)->priority, Priority::high);
  EXPECT_EQ((*found)->weight, 9U);
  EXPECT_FALSE(world.who(gone->key.reveal()));
  EXPECT_FALSE(world.who(blocked->key.reveal()));
  EXPECT_EQ(world.directory->key(id)->spec.access.models->front(), "gpt-5*");
  EXPECT_EQ(world.directory->key(gone_id)->state, KeyState::revoked);
  world.clock.advance(hours(10));
  EXPECT_EQ(world.who(made->key.reveal(), "10.1.2.3").error().detail, "The API key has expired.");
  EXPECT_EQ(world.directory->key(id)->state, KeyState::expired);
}

TEST(Directory, StrangersAreRefusedAlike) {
  World world;
  grow(world);
  auto made = world.directory->create_key(
      team("search"),
      {.access = {.models = {}, .operations = {}, .providers = {}, .regions = {}, .addresses = {"192.0.2.0/24"}}},
      world.author());
  const std::string key(made->key.reveal());
  EXPECT_TRUE(world.who(key, "192.0.2.9"));
  EXPECT_EQ(world.who(key, "192.0.3.9").error().code, Code::forbidden);
  EXPECT_EQ(world.who(key, "::1").error().code, Code::forbidden);
  std::string off_by_one = key;
  off_by_one[5] = off_by_one[5] == 'a' ? 'b' : 'a';
  std::vector<std::string> wrong{"' OR '1'='1", std::string(1 << 20, 'a'),  off_by_one, key + "x",
                                 key.substr(1), crypto::make_virtual_key(), "",         std::string(40, '\0')};
  for (const auto& presented : wrong) {
    const auto found = world.who(presented, "192.0.2.9");
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, Code::unauthenticated);
    EXPECT_EQ(found.error().detail.find("OR"), std::string::npos);
  }
}

TEST(Directory, RotationOverlaps) {
  World world;
  grow(world);
  auto first = world.directory->create_key(team("search"), {.name = "ci"}, world.author());
  const std::string id = first->info.node->id;
  auto second = world.directory->rotate_key(id, hours(2), world.author());
  ASSERT_TRUE(second);
  EXPECT_TRUE(world.who(first->key.reveal()));
  EXPECT_TRUE(world.who(second->key.reveal()));
  EXPECT_EQ((*world.who(first->key.reveal()))->key_id, id);
  EXPECT_EQ(second->info.previous_until, world.clock.wall() + hours(2));
  // A restart forgets neither.
  world.open();
  EXPECT_TRUE(world.who(first->key.reveal()));
  world.clock.advance(hours(2));
  EXPECT_FALSE(world.who(first->key.reveal()));
  EXPECT_TRUE(world.who(second->key.reveal()));
  EXPECT_EQ(world.directory->view()->size(), 2U);
  world.directory->tick();
  EXPECT_EQ(world.directory->view()->size(), 1U);
  // Without an overlap the old one ends at once, and so does what a rotation before had left.
  auto third = world.directory->rotate_key(id, hours(1), world.author());
  auto fourth = world.directory->rotate_key(id, std::chrono::seconds(0), world.author());
  EXPECT_FALSE(world.who(second->key.reveal()));
  EXPECT_FALSE(world.who(third->key.reveal()));
  EXPECT_TRUE(world.who(fourth->key.reveal()));
}

TEST(Directory, SwitchesReachViewsThatAreHeld) {
  World world;
  grow(world);
  auto below = world.directory->create_key(project("ranker"), {}, world.author());
  auto owned = world.directory->create_key(org("acme"), {.user = "alice"}, world.author());
  const auto held = world.directory->view();
  const auto allowed = [&](const Directory::MadeKey& key) {
    return held->authenticate(key.key.reveal(), *world.hash, world.clock.wall(), {}).has_value();
  };
  EXPECT_TRUE(allowed(*below));
  EXPECT_TRUE(allowed(*owned));
  const Principal& running = **world.who(owned->key.reveal());
  ASSERT_TRUE(world.directory->update_node(team("search"), {}, false, world.author()));
  EXPECT_FALSE(allowed(*below));
  EXPECT_FALSE(allowed(*owned)) << "alice is of the team that is off";
  EXPECT_FALSE(DirectoryView::still_valid(running, world.clock.wall()));
  ASSERT_TRUE(world.directory->update_node(team("search"), {}, true, world.author()));
  EXPECT_TRUE(allowed(*below));
  EXPECT_TRUE(allowed(*owned));
  ASSERT_TRUE(world.directory->block_key(below->info.node->id, true, world.author()));
  EXPECT_FALSE(allowed(*below));
  ASSERT_TRUE(world.directory->block_key(below->info.node->id, false, world.author()));
  EXPECT_TRUE(allowed(*below));
  ASSERT_TRUE(world.directory->revoke_key(below->info.node->id, world.author()));
  EXPECT_FALSE(allowed(*below));
  // Old Principals stay readable as long as their view is held.
  EXPECT_EQ(running.user, "alice");
}

TEST(Directory, OffboardingTakesWhatIsTheirs) {
  World world;
  grow(world);
  auto& directory = *world.directory;
  auto own = directory.create_key(user("alice"), {}, world.author());
  auto elsewhere = directory.create_key(org("acme"), {.user = "alice"}, world.author());
  auto others = directory.create_key(team("search"), {}, world.author());
  ASSERT_TRUE(directory.delete_node(user("alice"), world.author()));
  EXPECT_FALSE(world.who(own->key.reveal()));
  EXPECT_FALSE(world.who(elsewhere->key.reveal()));
  EXPECT_TRUE(world.who(others->key.reveal()));
  EXPECT_EQ(directory.key(own->info.node->id)->state, KeyState::revoked);
  // The id does not come back with what is counted on it, neither now nor after a start.
  EXPECT_EQ(directory.create_node(user("alice"), org("acme"), {}, world.author()).error().code, Code::conflict);
  world.open();
  EXPECT_FALSE(world.who(elsewhere->key.reveal()));
  EXPECT_EQ(world.directory->create_node(user("alice"), {}, {}, world.author()).error().code, Code::conflict);
  EXPECT_EQ(world.directory->create_key(user("alice"), {}, world.author()).error().code, Code::invalid_request);
  // A label of the configuration does not bring her back either.
  auto& again = *world.directory;
  auto checked = again.check_configuration({configured("k", "a-configured-key", "", "", "alice")});
  ASSERT_TRUE(checked);
  again.apply_configuration(std::move(*checked));
  EXPECT_FALSE(world.who("a-configured-key"));
  EXPECT_EQ(again.delete_node(org("default"), world.author()).error().code, Code::conflict);
}

TEST(Directory, NodesNarrowWhatIsBelow) {
  World world;
  grow(world);
  auto& directory = *world.directory;
  auto key = directory.create_key(
      project("ranker"),
      {.access = {.models = {{"gpt-5*", "o3"}}, .operations = {}, .providers = {}, .regions = {}, .addresses = {}}},
      world.author());
  const auto models = [&] {
    const Principal& principal = **world.who(key->key.reveal());
    std::string admitted;
    for (const char* model : {"gpt-5", "gpt-5.6-mini", "o3", "claude"}) {
      if (principal.may_use_model(model)) admitted.append(model).append(" ");
    }
    return admitted;
  };
  EXPECT_EQ(models(), "gpt-5 gpt-5.6-mini o3 ");
  NodeSpec narrow{.name = {}, .access = {.models = {{"gpt-5.6*", "claude*"}}}, .metadata = {}};
  ASSERT_TRUE(directory.update_node(team("search"), narrow, true, world.author()));
  EXPECT_EQ(models(), "gpt-5.6-mini ");
  world.open();
  EXPECT_EQ(models(), "gpt-5.6-mini ");
  narrow.access.models = std::vector<std::string>{};
  ASSERT_TRUE(world.directory->update_node(org("acme"), narrow, true, world.author()));
  EXPECT_EQ(models(), "");
  ASSERT_TRUE(world.directory->update_node(org("acme"), {}, true, world.author()));
  ASSERT_TRUE(world.directory->update_node(team("search"), {}, true, world.author()));
  EXPECT_EQ(models(), "gpt-5 gpt-5.6-mini o3 ");
}

TEST(Directory, NodesOfTheConfigurationHaveTheirPlacesAndSwitches) {
  World world;
  auto& directory = *world.directory;
  const auto apply = [&](bool team_active) {
    ConfiguredKey key = configured("ci", "a-configured-key-1", "support");
    auto checked = directory.check_configuration(
        {key}, {{.ref = team("support"), .parent = NodeRef{NodeKind::unit, "emea"}, .active = team_active},
                {.ref = {NodeKind::unit, "emea"}, .parent = org("acme")},
                {.ref = org("acme"), .parent = {}}});
    EXPECT_TRUE(checked) << checked.error().detail;
    return directory.apply_configuration(std::move(*checked));
  };
  EXPECT_TRUE(apply(true).empty());
  const Principal& principal = **world.who("a-configured-key-1");
  EXPECT_EQ(principal.org, "acme");
  EXPECT_EQ(principal.unit, "emea");
  EXPECT_EQ(principal.team, "support");
  apply(false);
  EXPECT_FALSE(world.who("a-configured-key-1"));
  apply(true);
  EXPECT_TRUE(world.who("a-configured-key-1"));
  for (const auto& wrong :
       std::vector<std::vector<ConfiguredNode>>{{{.ref = team("a"), .parent = NodeRef{NodeKind::project, "p"}}},
                                                {{.ref = team("a"), .parent = NodeRef{NodeKind::unit, "nowhere"}}},
                                                {{.ref = team("a"), .parent = {}}, {.ref = team("a"), .parent = {}}},
                                                {{.ref = team("a b"), .parent = {}}}}) {
    const auto checked = directory.check_configuration({}, wrong);
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, Code::configuration);
  }
}

TEST(Access, WhatBothAdmit) {
  const auto joined = both({.models = {{"a*", "b"}}, .addresses = {"10.0.0.0/8", "::1"}},
                           {.models = {{"ab", "b*", "c"}}, .regions = {{"eu"}}, .addresses = {"10.1.0.0/16"}});
  EXPECT_EQ(*joined.models, (std::vector<std::string>{"ab", "b"}));
  EXPECT_EQ(*joined.regions, std::vector<std::string>{"eu"});
  EXPECT_FALSE(joined.operations.has_value());
  EXPECT_EQ(joined.addresses, std::vector<std::string>{"10.1.0.0/16"});
  // Nothing in common is nothing, not everything.
  const auto none =
      both({.models = {{"a"}}, .addresses = {"10.0.0.0/8"}}, {.models = {{"b"}}, .addresses = {"11.0.0.0/8"}});
  EXPECT_TRUE(none.models->empty());
  ASSERT_EQ(none.addresses.size(), 1U);
  EXPECT_FALSE(base::Cidr::parse(none.addresses[0])->contains(*base::Address::parse("10.0.0.1")));
  EXPECT_EQ(access_from_json(to_json(joined)), joined);
  for (const char* wrong : {"", "[]", R"({"models":[1]})", R"({"models":"a"})", R"({"addresses":["x"]})"}) {
    EXPECT_FALSE(access_from_json(wrong).has_value()) << wrong;
  }
}

TEST(Directory, ConfigurationAndApiShareOneTree) {
  World world;
  auto& directory = *world.directory;
  ASSERT_TRUE(directory.create_node(org("acme"), {}, {}, world.author()));
  ASSERT_TRUE(directory.create_node(team("support"), org("acme"), {}, world.author()));
  const auto apply = [&](std::vector<ConfiguredKey> keys) {
    auto checked = directory.check_configuration(std::move(keys));
    EXPECT_TRUE(checked) << checked.error().detail;
    return directory.apply_configuration(std::move(*checked));
  };
  EXPECT_TRUE(apply({configured("ci", "a-configured-key-1", "support", "bot"),
                     configured("free", "a-configured-key-2", "marketing"), configured("plain", "a-configured-key-3")})
                  .empty());
  EXPECT_EQ((*world.who("a-configured-key-1"))->org, "acme") << "the run-time team was adopted";
  EXPECT_EQ((*world.who("a-configured-key-1"))->project, "bot");
  EXPECT_EQ((*world.who("a-configured-key-2"))->org, "default");
  EXPECT_EQ((*world.who("a-configured-key-2"))->team, "marketing");
  EXPECT_EQ((*world.who("a-configured-key-3"))->key_id, "config:plain");
  // Read-only here, and made where it is written down.
  EXPECT_EQ(directory.block_key("config:ci", true, world.author()).error().code, Code::conflict);
  EXPECT_EQ(directory.revoke_key("config:ci", world.author()).error().code, Code::conflict);
  // But its team can be switched off, and keys can hang below what only the configuration names.
  auto below = directory.create_key(team("marketing"), {}, world.author());
  ASSERT_TRUE(below);
  ASSERT_TRUE(directory.update_node(team("marketing"), {}, false, world.author()));
  EXPECT_FALSE(world.who("a-configured-key-2"));
  ASSERT_TRUE(directory.update_node(team("marketing"), {}, true, world.author()));
  // A reload: one goes, one changes hands, the rest stays what it was.
  const Node* node = (*world.who("a-configured-key-1"))->node;
  const auto held = directory.view();
  EXPECT_TRUE(
      apply({configured("ci", "a-configured-key-1", "support", "bot"), configured("plain", "a-configured-key-2")})
          .empty());
  EXPECT_EQ((*world.who("a-configured-key-1"))->node, node);
  EXPECT_EQ((*world.who("a-configured-key-2"))->key_name, "plain");
  EXPECT_FALSE(world.who("a-configured-key-3"));
  EXPECT_FALSE(directory.key("config:free").has_value());
  EXPECT_FALSE(held->authenticate("a-configured-key-2", *world.hash, world.clock.wall(), {}))
      << "of key `free`, which is gone";
  EXPECT_TRUE(world.who(below->key.reveal())) << "its team outlives the label";
  world.open();
  EXPECT_TRUE(world.who(below->key.reveal()));
}

TEST(Directory, AReloadNeverSwitchesAKeyThatStays) {
  World world;
  auto& directory = *world.directory;
  auto first = directory.check_configuration({configured("a", "a-configured-key-1", "t")});
  directory.apply_configuration(std::move(*first));
  const Node* node = (*world.who("a-configured-key-1"))->node;
  std::atomic<bool> stop{false};
  std::atomic<int> refused{0};
  const auto held = directory.view();
  std::thread worker([&] {
    crypto::HmacSha256 hash(directory.hash_secret().reveal());
    while (!stop.load()) {
      if (!held->authenticate("a-configured-key-1", hash, world.clock.wall(), {})) ++refused;
    }
  });
  for (int i = 0; i < 200; ++i) {
    auto next = directory.check_configuration({configured("a", "a-configured-key-1", "t")});
    directory.apply_configuration(std::move(*next));
  }
  stop = true;
  worker.join();
  EXPECT_EQ(refused.load(), 0);
  EXPECT_EQ((*world.who("a-configured-key-1"))->node, node);
}

TEST(Directory, ContradictingLabels) {
  World world;
  auto& directory = *world.directory;
  auto checked = directory.check_configuration({configured("a", "a-configured-key-1", "one", "prod", "alice"),
                                                configured("b", "a-configured-key-2", "two", "prod", "alice"),
                                                configured("c", "a-configured-key-3", "", "prod")});
  const auto warnings = directory.apply_configuration(std::move(*checked));
  EXPECT_EQ(warnings.size(), 2U);
  const Principal& first = **world.who("a-configured-key-1");
  const Principal& second = **world.who("a-configured-key-2");
  EXPECT_EQ(first.project, "prod");
  EXPECT_EQ(second.team, "two");
  EXPECT_EQ(second.project, "two/prod");
  EXPECT_EQ(second.user, "alice");
  EXPECT_EQ((*world.who("a-configured-key-3"))->team, "one");
  // Both are hers when she leaves.
  ASSERT_TRUE(directory.delete_node(user("alice"), world.author()));
  EXPECT_FALSE(world.who("a-configured-key-1"));
  EXPECT_FALSE(world.who("a-configured-key-2"));
  EXPECT_TRUE(world.who("a-configured-key-3"));
}

TEST(Directory, ConfigurationsThatCannotBe) {
  World world;
  auto& directory = *world.directory;
  auto made = directory.create_key(org("default"), {}, world.author());
  const auto refused = [&](std::vector<ConfiguredKey> keys) {
    const auto checked = directory.check_configuration(std::move(keys));
    EXPECT_FALSE(checked);
    return checked ? std::string() : checked.error().detail;
  };
  EXPECT_EQ(refused({configured("a", "the-very-same-key"), configured("b", "the-very-same-key")}),
            "keys \"a\" and \"b\" are the same");
  EXPECT_EQ(refused({configured("a", "short")}), "key \"a\" has 5 bytes; allowed are 12 to 512");
  const std::string same = refused({configured("a", std::string(made->key.reveal()))});
  EXPECT_NE(same.find("made at run time"), std::string::npos);
  EXPECT_EQ(same.find(made->key.reveal()), std::string::npos);
}

TEST(Directory, TheHashSecretMustStay) {
  World world;
  auto made = world.directory->create_key(org("default"), {}, world.author());
  const std::string own(world.directory->hash_secret().reveal());
  EXPECT_EQ(own.size(), 32U);
  const auto other = world.try_open("another secret altogether");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Code::configuration);
  EXPECT_TRUE(world.try_open(own)) << "given, it is the same";
  // With no key to lose, another one is taken.
  ASSERT_TRUE(world.directory->revoke_key(made->info.node->id, world.author()));
  EXPECT_TRUE(world.try_open("another secret altogether"));
}

TEST(Directory, EveryChangeIsRecordedWithoutSecrets) {
  World world;
  grow(world);
  auto made = world.directory->create_key(team("search"), {.name = "ci"}, world.author());
  const std::string id = made->info.node->id;
  ASSERT_TRUE(world.directory->update_key(id, {.name = "ci2"}, world.author()));
  auto rotated = world.directory->rotate_key(id, hours(1), world.author());
  ASSERT_TRUE(world.directory->block_key(id, true, world.author()));
  ASSERT_TRUE(world.directory->revoke_key(id, world.author()));
  const auto changes = world.changes();
  ASSERT_EQ(changes.size(), 10U);
  EXPECT_EQ(changes[0].action, "key.revoke");
  EXPECT_EQ(changes[0].number, 10);
  EXPECT_EQ(changes[0].actor, "admin_key:adm_test");
  EXPECT_EQ(changes[0].address, "127.0.0.1");
  EXPECT_EQ(changes[0].object, "key:" + id);
  EXPECT_NE(changes[0].before.find("\"state\":\"blocked\""), std::string::npos) << changes[0].before;
  EXPECT_NE(changes[0].after.find("\"state\":\"revoked\""), std::string::npos);
  EXPECT_NE(changes[3].before.find("\"name\":\"ci\""), std::string::npos);
  EXPECT_NE(changes[3].after.find("\"name\":\"ci2\""), std::string::npos);
  for (const auto& change : changes) {
    for (const auto* key : {&made->key, &rotated->key}) {
      const auto secret = key->reveal().substr(8);
      EXPECT_EQ(change.before.find(secret), std::string::npos);
      EXPECT_EQ(change.after.find(secret), std::string::npos);
    }
  }
}

TEST(Directory, WhatIsRefusedChangesNothing) {
  World world;
  grow(world);
  auto& directory = *world.directory;
  auto made = directory.create_key(team("search"), {}, world.author());
  const std::string id = made->info.node->id;
  const auto before = world.changes().size();
  const auto code = [](const auto& result) { return result ? Code::internal : result.error().code; };
  EXPECT_EQ(code(directory.create_node(team("search"), {}, {}, world.author())), Code::conflict);
  EXPECT_EQ(code(directory.create_node(team("x"), org("nobody"), {}, world.author())), Code::invalid_request);
  EXPECT_EQ(code(directory.create_node(team("x"), project("ranker"), {}, world.author())), Code::invalid_request);
  EXPECT_EQ(code(directory.create_node(org("x"), org("acme"), {}, world.author())), Code::invalid_request);
  for (const char* wrong : {"", "../x", "a/../b", "a//b", "/a", "a/", "a b", "a\n", "%2e", "a?b", "#a"}) {
    EXPECT_EQ(code(directory.create_node(team(wrong), {}, {}, world.author())), Code::invalid_request) << wrong;
  }
  EXPECT_EQ(code(directory.create_node(team("x"), {}, {.metadata = "[1]"}, world.author())), Code::invalid_request);
  EXPECT_EQ(code(directory.create_key(team("x"), {}, world.author())), Code::invalid_request);
  EXPECT_EQ(code(directory.create_key(team("search"), {.user = "bob"}, world.author())), Code::invalid_request);
  EXPECT_EQ(code(directory.create_key(team("search"), {.weight = 0}, world.author())), Code::invalid_request);
  EXPECT_EQ(code(directory.create_key(team("search"), {}, world.author(), base::Secret("too short"))),
            Code::invalid_request);
  EXPECT_EQ(code(directory.create_key(team("search"), {}, world.author(), base::Secret(made->key))), Code::conflict);
  EXPECT_EQ(code(directory.block_key("key_nobody", true, world.author())), Code::not_found);
  EXPECT_EQ(code(directory.block_key(id, true, world.author(), 1)), Code::precondition_failed);
  EXPECT_EQ(code(directory.rotate_key(id, hours(9000), world.author())), Code::invalid_request);
  EXPECT_EQ(world.changes().size(), before);
  EXPECT_TRUE(world.who(made->key.reveal()));
}

TEST(Directory, AKeyOfTheCallersOwn) {
  World world;
  const base::Secret own("a-key-that-somebody-chose");
  auto made = world.directory->create_key(org("default"), {}, world.author(), own);
  ASSERT_TRUE(made) << made.error().detail;
  EXPECT_TRUE(world.who(own.reveal()));
  EXPECT_EQ(made->info.hint, "a-k");
  ASSERT_TRUE(world.directory->revoke_key(made->info.node->id, world.author()));
  // Once revoked, always revoked.
  EXPECT_EQ(world.directory->create_key(org("default"), {}, world.author(), own).error().code, Code::conflict);
  EXPECT_FALSE(world.who(own.reveal()));
}

TEST(DirectoryView, ManyThreadsMakeOnePrincipal) {
  World world;
  auto made = world.directory->create_key(org("default"), {.name = "n"}, world.author());
  const auto view = world.directory->view();
  std::vector<const Principal*> seen(4);
  std::vector<std::thread> threads;
  for (auto& at : seen) {
    threads.emplace_back([&at, &world, &made, own = DirectoryView::own_handle(view)] {
      crypto::HmacSha256 hash(world.directory->hash_secret().reveal());
      at = *own->authenticate(made->key.reveal(), hash, world.clock.wall(), {});
    });
  }
  for (auto& thread : threads) thread.join();
  for (const auto* principal : seen) EXPECT_EQ(principal, seen[0]);
}

TEST(ViewBuilder, AgreesWithASimpleTable) {
  ViewBuilder builder;
  const Node node(NodeKind::key, "k", nullptr);
  base::Random random(7);
  std::map<crypto::Digest, std::string> table;
  std::vector<crypto::Digest> digests(200);
  for (std::size_t i = 0; i < digests.size(); ++i) {
    // Few shards and few tags, so that they collide.
    digests[i].fill(0);
    digests[i][0] = static_cast<std::uint8_t>(i % 5);
    digests[i][10] = static_cast<std::uint8_t>(i);
    digests[i][31] = static_cast<std::uint8_t>(i % 3);
  }
  std::shared_ptr<const DirectoryView> before = builder.build();
  for (int step = 0; step < 3000; ++step) {
    const auto& digest = digests[random.below(digests.size())];
    if (random.below(3) == 0) {
      builder.remove(digest);
      table.erase(digest);
    } else {
      const std::string name = std::to_string(step);
      builder.put(std::make_shared<const Credential>(
          Credential::Parts{.digest = digest, .node = &node, .user = nullptr, .traits = nullptr, .name = name}));
      table[digest] = name;
    }
    if (step % 50 != 0) continue;
    const auto size_before = before->size();
    const auto view = builder.build();
    EXPECT_EQ(before->size(), size_before);
    ASSERT_EQ(view->size(), table.size());
    for (const auto& at : digests) {
      const Principal* found = view->find(at);
      const auto expected = table.find(at);
      ASSERT_EQ(found != nullptr, expected != table.end());
      if (found != nullptr) ASSERT_EQ(found->key_name, expected->second);
    }
    EXPECT_EQ(builder.build(), view);
    before = view;
  }
}

}  // namespace
}  // namespace gatehouse::govern
