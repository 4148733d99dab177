#include "gatehouse/guard/vault/vault.h"

#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/guard/vault/vault_testing.h"
#include "gatehouse/store/testing/temp_folder.h"

namespace gatehouse::guard {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using State = Vault::Cached::State;
using testing::kNow;

TokenId id_of(std::uint64_t number) { return token_id_of(number * 0x9e3779b97f4a7c1U); }

VaultItem item(std::uint64_t number, std::string_view value, std::string_view scope = "conversation-1",
               std::string_view owner = "user-1") {
  VaultItem item{
      .tenant = "tenant-1", .scope = scope, .owner = owner, .entity = "EMAIL", .token = id_of(number), .value = {}};
  item.check.fill(static_cast<std::uint8_t>(number));
  item.value = value;
  return item;
}

// Brings tokens into memory and waits for it.
Result<> loaded(Vault& vault, std::vector<TokenId> tokens, std::string_view tenant = "tenant-1",
                base::WallTime now = kNow) {
  std::promise<Result<>> promise;
  auto waits = vault.preload(tenant, tokens, now, [&](Result<> done) { promise.set_value(std::move(done)); });
  if (!waits) return std::unexpected(waits.error());
  if (!*waits) return {};
  return promise.get_future().get();
}

class VaultTest : public ::testing::Test {
 protected:
  void open(VaultOptions options = {}) {
    vault_.reset();
    vault_ = testing::vault(keys_, options, url_);
  }
  std::string file() const {
    std::string all;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.root())) {
      std::ifstream in(entry.path(), std::ios::binary);
      all.append(std::istreambuf_iterator<char>(in), {});
    }
    return all;
  }
  store::testing::TempFolder folder_;
  std::string path_ = folder_.path("store.db");
  std::string url_ = "sqlite:" + path_;
  std::shared_ptr<Keyring> keys_ = testing::keyring();
  std::unique_ptr<Vault> vault_;
};

TEST_F(VaultTest, GivesTheExactBytesBackBeforeAndAfterARestart) {
  open();
  const std::string value("J\0hn \xff\"\\@example.org", 19);
  ASSERT_TRUE(vault_->put(item(1, value), kNow));
  auto cached = vault_->find_cached("tenant-1", "conversation-1", id_of(1), kNow);
  ASSERT_EQ(cached.state, State::found);
  EXPECT_EQ(cached.value.reveal(), value);
  open();
  EXPECT_EQ(vault_->find_cached("tenant-1", "conversation-1", id_of(1), kNow).state, State::unknown);
  ASSERT_TRUE(loaded(*vault_, {id_of(1), id_of(2)}));
  cached = vault_->find_cached("tenant-1", "conversation-1", id_of(1), kNow);
  ASSERT_EQ(cached.state, State::found);
  EXPECT_EQ(cached.value.reveal(), value);
  EXPECT_EQ(vault_->find_cached("tenant-1", "conversation-1", id_of(2), kNow).state, State::absent);
  const auto found = vault_->find("tenant-1", id_of(1), kNow);
  ASSERT_TRUE(found.has_value() && found->has_value());
  EXPECT_EQ((*found)->value.reveal(), value);
  EXPECT_EQ((*found)->entity, "EMAIL");
  EXPECT_EQ((*found)->scope, "conversation-1");
  EXPECT_EQ((*found)->created, kNow);
  EXPECT_EQ((*found)->expires, kNow + hours(24));
  EXPECT_FALSE(vault_->find("tenant-1", id_of(3), kNow)->has_value());
}

TEST_F(VaultTest, NothingOfAValueIsInTheStore) {
  open();
  ASSERT_TRUE(vault_->put(item(1, "heinrich.boell@example.org"), kNow));
  ASSERT_TRUE(vault_->flush());
  EXPECT_THAT(file(), ::testing::Not(::testing::HasSubstr("heinrich")));
  EXPECT_THAT(file(), ::testing::HasSubstr(std::string(view(id_of(1)))));
}

TEST_F(VaultTest, ATokenIsItsTenantsAndItsConversations) {
  open();
  ASSERT_TRUE(vault_->put(item(1, "mine"), kNow));
  VaultItem everywhere = item(2, "all", "");
  ASSERT_TRUE(vault_->put(everywhere, kNow));
  EXPECT_EQ(vault_->find_cached("tenant-1", "conversation-2", id_of(1), kNow).state, State::absent);
  EXPECT_EQ(vault_->find_cached("tenant-1", "", id_of(1), kNow).state, State::absent);
  EXPECT_EQ(vault_->find_cached("tenant-2", "conversation-1", id_of(1), kNow).state, State::unknown);
  EXPECT_EQ(vault_->find_cached("tenant-1", "conversation-2", id_of(2), kNow).state, State::found);
  ASSERT_TRUE(vault_->flush());
  EXPECT_FALSE(vault_->find("tenant-2", id_of(1), kNow)->has_value());
  ASSERT_TRUE(loaded(*vault_, {id_of(1)}, "tenant-2"));
  EXPECT_EQ(vault_->find_cached("tenant-2", "conversation-1", id_of(1), kNow).state, State::absent);
}

TEST_F(VaultTest, AnEntryThatWasMovedDoesNotOpen) {
  open();
  ASSERT_TRUE(vault_->put(item(1, "mine"), kNow));
  ASSERT_TRUE(vault_->flush());
  vault_.reset();
  for (const std::string_view change :
       {"UPDATE vault_entries SET scope = 'conversation-2'", "UPDATE vault_entries SET entity = 'PHONE'",
        "UPDATE vault_entries SET tenant = 'tenant-2'", "UPDATE vault_entries SET token = 'k3v9abcdefgh'",
        "UPDATE vault_entries SET sealed = X'00'", "UPDATE vault_entries SET sealed = ''"}) {
    auto database = testing::database(url_);
    ASSERT_TRUE(database->execute("PRAGMA foreign_keys=OFF; CREATE TABLE kept AS SELECT * FROM vault_entries;"));
    ASSERT_TRUE(database->execute(change)) << change;
    open();
    TokenId moved;
    ASSERT_TRUE(read_token_id("k3v9abcdefgh", moved));
    const TokenId token = change.contains("k3v9") ? moved : id_of(1);
    const std::string_view tenant = change.contains("tenant-2") ? "tenant-2" : "tenant-1";
    const auto found = vault_->find(tenant, token, kNow);
    ASSERT_FALSE(found.has_value()) << change;
    EXPECT_EQ(found.error().code, Code::internal);
    ASSERT_TRUE(loaded(*vault_, {token}, tenant));
    EXPECT_EQ(vault_->find_cached(tenant, "conversation-2", token, kNow).state, State::absent);
    EXPECT_EQ(vault_->find_cached(tenant, "conversation-1", token, kNow).state, State::absent);
    EXPECT_GE(vault_->stats().unreadable, 1);
    vault_.reset();
    ASSERT_TRUE(
        database->execute("DELETE FROM vault_owners; DELETE FROM vault_entries; "
                          "INSERT INTO vault_entries SELECT * FROM kept; DROP TABLE kept;"));
  }
}

TEST_F(VaultTest, TheFirstSpellingStays) {
  open();
  ASSERT_TRUE(vault_->put(item(1, "A@example.org"), kNow));
  ASSERT_TRUE(vault_->put(item(1, "a@example.org"), kNow + seconds(1)));
  EXPECT_EQ(vault_->find_cached("tenant-1", "conversation-1", id_of(1), kNow).value.reveal(), "A@example.org");
  open();
  ASSERT_TRUE(vault_->put(item(1, "a@example.ORG"), kNow));  // memory does not know it any more, the store does
  ASSERT_TRUE(vault_->flush());
  open();
  EXPECT_EQ(vault_->find("tenant-1", id_of(1), kNow)->value().value.reveal(), "A@example.org");
}

TEST_F(VaultTest, TwoValuesOfOneTokenAreToldApart) {
  open();
  ASSERT_TRUE(vault_->put(item(1, "one"), kNow));
  VaultItem other = item(1, "other");
  other.check.fill(99);
  EXPECT_EQ(vault_->put(other, kNow).error().code, Code::conflict);
  EXPECT_EQ(vault_->stats().collisions, 1);
  open();
  // Only the store knows: the newcomer is given up when it is written.
  ASSERT_TRUE(vault_->put(other, kNow));
  ASSERT_TRUE(vault_->flush());
  EXPECT_EQ(vault_->stats().collisions, 1);
  EXPECT_EQ(vault_->find_cached("tenant-1", "conversation-1", id_of(1), kNow).state, State::unknown);
  EXPECT_EQ(vault_->find("tenant-1", id_of(1), kNow)->value().value.reveal(), "one");
}

TEST_F(VaultTest, EndsWithItsRetention) {
  open();
  VaultItem brief = item(1, "brief");
  brief.retention = seconds(60);
  ASSERT_TRUE(vault_->put(brief, kNow));
  ASSERT_TRUE(vault_->put(item(2, "long"), kNow));
  const auto later = kNow + seconds(60);
  EXPECT_EQ(vault_->find_cached("tenant-1", "conversation-1", id_of(1), later - seconds(1)).state, State::found);
  EXPECT_EQ(vault_->find_cached("tenant-1", "conversation-1", id_of(1), later).state, State::absent);
  ASSERT_TRUE(vault_->flush());
  EXPECT_FALSE(vault_->find("tenant-1", id_of(1), later)->has_value());
  EXPECT_EQ(vault_->erase_expired(later).value(), 1);
  EXPECT_EQ(vault_->erase_expired(later).value(), 0);
  EXPECT_TRUE(vault_->find("tenant-1", id_of(2), later)->has_value());
  EXPECT_FALSE(vault_->find("tenant-1", id_of(1), kNow)->has_value());
}

TEST_F(VaultTest, LivesOnWithEachUse) {
  open();
  VaultItem brief = item(1, "brief");
  brief.retention = seconds(60);
  ASSERT_TRUE(vault_->put(brief, kNow));
  ASSERT_TRUE(vault_->put(brief, kNow + seconds(20)));  // more than half is left: not written again
  ASSERT_TRUE(vault_->flush());
  EXPECT_EQ(vault_->stats().written, 1);
  ASSERT_TRUE(vault_->put(brief, kNow + seconds(40)));
  ASSERT_TRUE(vault_->flush());
  EXPECT_EQ(vault_->stats().written, 2);
  EXPECT_EQ(vault_->find_cached("tenant-1", "conversation-1", id_of(1), kNow + seconds(99)).state, State::found);
  open();
  EXPECT_TRUE(vault_->find("tenant-1", id_of(1), kNow + seconds(99))->has_value());
  EXPECT_FALSE(vault_->find("tenant-1", id_of(1), kNow + seconds(100))->has_value());
  // And may begin anew.
  ASSERT_TRUE(vault_->put(brief, kNow + seconds(200)));
  EXPECT_EQ(vault_->find_cached("tenant-1", "conversation-1", id_of(1), kNow + seconds(201)).state, State::found);
}

TEST_F(VaultTest, OldKeysOpenAndNewOnesSeal) {
  open();
  ASSERT_TRUE(vault_->put(item(1, "old"), kNow));
  ASSERT_TRUE(vault_->flush());
  const auto before = keys_->tenant("tenant-1")->key(TenantKeys::Purpose::token);
  ASSERT_TRUE(keys_->replace(testing::master_keys({2, 1})));
  EXPECT_EQ(keys_->tenant("tenant-1")->current(), 2);
  // The names of values do not change while the old key is there.
  EXPECT_EQ(keys_->tenant("tenant-1")->key(TenantKeys::Purpose::token), before);
  EXPECT_EQ(vault_->find_cached("tenant-1", "conversation-1", id_of(1), kNow).state, State::found);
  ASSERT_TRUE(vault_->put(item(2, "new"), kNow));
  const auto uses = vault_->key_uses().value();
  ASSERT_EQ(uses.size(), 2);
  EXPECT_EQ(uses[0].key, 1);
  EXPECT_EQ(uses[0].entries, 1);
  EXPECT_EQ(uses[1].key, 2);
  open();
  ASSERT_TRUE(vault_->put(item(1, "old"), kNow));  // sealed anew when it is used
  EXPECT_EQ(vault_->key_uses().value().size(), 1);
  open();
  ASSERT_TRUE(keys_->replace(testing::master_keys({2})));
  EXPECT_EQ(vault_->find("tenant-1", id_of(1), kNow)->value().value.reveal(), "old");
  ASSERT_TRUE(keys_->replace(testing::master_keys({3})));
  const auto lost = vault_->find("tenant-1", id_of(1), kNow);
  ASSERT_FALSE(lost.has_value());
  EXPECT_EQ(lost.error().detail.find("old"), std::string::npos);
}

TEST_F(VaultTest, ErasesWhatIsNamed) {
  open();
  ASSERT_TRUE(vault_->put(item(1, "a", "c1", "u1"), kNow));
  ASSERT_TRUE(vault_->put(item(2, "b", "c1", "u2"), kNow));
  ASSERT_TRUE(vault_->put(item(3, "c", "c2", "u1"), kNow));
  ASSERT_TRUE(vault_->put(item(4, "d", "c2", "u2"), kNow));
  ASSERT_TRUE(vault_->put(item(4, "d", "c2", "u1"), kNow));  // both said it
  ASSERT_TRUE(vault_->put(item(5, "e", "c3", ""), kNow));
  const auto there = [&](std::uint64_t number, std::string_view scope) {
    const bool cached = vault_->find_cached("tenant-1", scope, id_of(number), kNow).state == State::found;
    const bool stored = vault_->find("tenant-1", id_of(number), kNow)->has_value();
    EXPECT_EQ(cached, stored) << number;
    return stored;
  };
  EXPECT_EQ(vault_->erase("tenant-1", id_of(5)).value(), 1);
  EXPECT_EQ(vault_->erase("tenant-1", id_of(5)).value(), 0);
  EXPECT_FALSE(there(5, "c3"));
  EXPECT_EQ(vault_->erase_owner("tenant-1", "u1").value(), 3);
  EXPECT_FALSE(there(1, "c1") || there(3, "c2") || there(4, "c2"));
  EXPECT_TRUE(there(2, "c1"));
  EXPECT_EQ(vault_->erase_owner("tenant-1", "").value(), 0);
  EXPECT_EQ(vault_->erase_scope("tenant-2", "c1").value(), 0);
  EXPECT_EQ(vault_->erase_scope("tenant-1", "c1").value(), 1);
  EXPECT_FALSE(there(2, "c1"));
  ASSERT_TRUE(vault_->put(item(2, "b", "c1", "u2"), kNow));  // it may come again
  EXPECT_TRUE(there(2, "c1"));
  EXPECT_EQ(vault_->erase_tenant("tenant-2").value(), 0);
  EXPECT_TRUE(there(2, "c1"));
  EXPECT_EQ(vault_->erase_tenant("tenant-1").value(), 1);
  EXPECT_FALSE(there(2, "c1"));
}

TEST_F(VaultTest, ErasesMoreThanATransactionHolds) {
  open();
  for (std::uint64_t i = 0; i < 2500; ++i) ASSERT_TRUE(vault_->put(item(i, "x", "c", i % 2 == 0 ? "u1" : "u2"), kNow));
  EXPECT_EQ(vault_->erase_owner("tenant-1", "u1").value(), 1250);
  EXPECT_EQ(vault_->erase_expired(kNow + hours(25)).value(), 1250);
  EXPECT_EQ(vault_->erase_tenant("tenant-1").value(), 0);
}

TEST_F(VaultTest, MemoryIsBoundedAndTheStoreHasTheRest) {
  open({.memory_bytes = 512UL << 10});
  const std::string value(1000, 'v');
  for (std::uint64_t i = 0; i < 2000; ++i) ASSERT_TRUE(vault_->put(item(i, value), kNow));
  ASSERT_TRUE(vault_->flush());
  const auto stats = vault_->stats();
  EXPECT_LE(stats.bytes, 512UL << 10);
  EXPECT_LT(stats.entries, 500);
  EXPECT_GT(stats.entries, 100);
  EXPECT_EQ(stats.written, 2000);
  EXPECT_EQ(stats.waiting, 0);
  EXPECT_EQ(vault_->find_cached("tenant-1", "conversation-1", id_of(0), kNow).state, State::unknown);
  ASSERT_TRUE(loaded(*vault_, {id_of(0)}));
  EXPECT_EQ(vault_->find_cached("tenant-1", "conversation-1", id_of(0), kNow).value.reveal(), value);
}

TEST_F(VaultTest, WhatIsUsedStaysInMemory) {
  open({.memory_bytes = 512UL << 10});
  const std::string value(1000, 'v');
  ASSERT_TRUE(vault_->put(item(0, value), kNow));
  for (std::uint64_t i = 1; i < 2000; ++i) {
    ASSERT_TRUE(vault_->put(item(i, value), kNow));
    ASSERT_EQ(vault_->find_cached("tenant-1", "conversation-1", id_of(0), kNow).state, State::found) << i;
    if (i % 50 == 0) ASSERT_TRUE(vault_->flush());
  }
}

TEST_F(VaultTest, RefusesWhatIsOutOfBounds) {
  open();
  const std::string long_value(Vault::kMostValue + 1, 'x');
  EXPECT_EQ(vault_->put(item(1, long_value), kNow).error().code, Code::too_large);
  EXPECT_TRUE(vault_->put(item(1, std::string_view(long_value).substr(1)), kNow));
  EXPECT_TRUE(vault_->put(item(2, ""), kNow));
  const std::string long_name(Vault::kMostName + 1, 'x');
  EXPECT_EQ(vault_->put(item(3, "x", long_name), kNow).error().code, Code::invalid_request);
  VaultItem never = item(4, "x");
  never.retention = seconds(0);
  EXPECT_EQ(vault_->put(never, kNow).error().code, Code::invalid_request);
  const std::vector<TokenId> many(Vault::kMostPreload + 1);
  EXPECT_EQ(vault_->preload("tenant-1", many, kNow, {}).error().code, Code::invalid_request);
}

// Holds the store's write lock, as another process may.
class Lock {
 public:
  explicit Lock(const std::string& url) : database_(store::open(url).value()) {
    EXPECT_TRUE(database_->begin(true).has_value());
  }
  ~Lock() { database_->rollback(); }

 private:
  std::unique_ptr<store::Database> database_;
};

class FailingVaultTest : public VaultTest {
 protected:
  void open_impatient(VaultOptions options) {
    testing::database(url_);
    auto database = store::open(url_, {.busy_timeout = std::chrono::milliseconds(1)});
    ASSERT_TRUE(database.has_value());
    auto opened = Vault::open(std::move(*database), keys_, options);
    ASSERT_TRUE(opened.has_value());
    vault_ = std::move(*opened);
  }
};

TEST_F(FailingVaultTest, AStoreThatFailsFillsTheQueueAndThenPutsFail) {
  open_impatient({.queue = 10});
  {
    const Lock lock(url_);
    for (std::uint64_t i = 0; i < 10; ++i) ASSERT_TRUE(vault_->put(item(i, "value"), kNow)) << i;
    const auto refused = vault_->put(item(10, "value"), kNow);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, Code::overloaded);
    EXPECT_EQ(vault_->find_cached("tenant-1", "conversation-1", id_of(10), kNow).state, State::unknown);
    // What is known needs no place.
    EXPECT_TRUE(vault_->put(item(3, "value"), kNow));
    // Who waits hears of it, and nothing is lost.
    EXPECT_FALSE(vault_->flush().has_value());
    EXPECT_FALSE(vault_->erase("tenant-1", id_of(99)).has_value());
    EXPECT_GE(vault_->stats().failures, 1);
    EXPECT_EQ(vault_->stats().waiting, 10);
    for (std::uint64_t i = 0; i < 10; ++i) {
      EXPECT_EQ(vault_->find_cached("tenant-1", "conversation-1", id_of(i), kNow).state, State::found);
      EXPECT_TRUE(vault_->find("tenant-1", id_of(i), kNow)->has_value());
    }
  }
  EXPECT_TRUE(vault_->flush());
  EXPECT_EQ(vault_->stats().waiting, 0);
  EXPECT_EQ(vault_->stats().written, 10);
  EXPECT_TRUE(vault_->put(item(10, "value"), kNow));
}

TEST_F(FailingVaultTest, TheQueueIsBoundedInBytesToo) {
  open_impatient({.queue_bytes = 64UL << 10});
  const Lock lock(url_);
  const std::string value(16UL << 10, 'x');
  std::uint64_t kept = 0;
  while (kept < 10 && vault_->put(item(kept, value), kNow)) ++kept;
  EXPECT_EQ(kept, 3);
  EXPECT_EQ(vault_->stats().waiting, 3);
  EXPECT_EQ(vault_->stats().refused, 1);
}

TEST_F(FailingVaultTest, WhatWaitsIsNotEvicted) {
  open_impatient({.memory_bytes = 32});
  {
    const Lock lock(url_);
    for (std::uint64_t i = 0; i < 100; ++i) ASSERT_TRUE(vault_->put(item(i, "value"), kNow));
    for (std::uint64_t i = 0; i < 100; ++i) {
      ASSERT_EQ(vault_->find_cached("tenant-1", "conversation-1", id_of(i), kNow).state, State::found);
    }
  }
  ASSERT_TRUE(vault_->flush());
  EXPECT_EQ(vault_->stats().entries, 0);
  EXPECT_TRUE(vault_->find("tenant-1", id_of(7), kNow)->has_value());
}

TEST_F(VaultTest, AStoreThatCannotBeReadIsToldToWhoAsked) {
  open();
  ASSERT_TRUE(vault_->flush());
  ASSERT_TRUE(testing::database(url_)->execute("ALTER TABLE vault_entries RENAME TO elsewhere"));
  const auto done = loaded(*vault_, {id_of(1)});
  EXPECT_FALSE(done.has_value());
  EXPECT_EQ(vault_->find_cached("tenant-1", "conversation-1", id_of(1), kNow).state, State::unknown);
  EXPECT_FALSE(vault_->find("tenant-1", id_of(1), kNow).has_value());
}

TEST(Keyring, RefusesWhatIsNoKey) {
  EXPECT_EQ(Keyring::make({}).error().code, Code::configuration);
  EXPECT_EQ(Keyring::make(testing::master_keys({1, 1})).error().code, Code::configuration);
  EXPECT_EQ(Keyring::make(testing::master_keys({0})).error().code, Code::configuration);
  std::vector<MasterKey> weak;
  weak.push_back({.id = 1, .secret = base::Secret("only 31 bytes, one less than 32")});
  const auto refused = Keyring::make(std::move(weak));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().detail.find("only"), std::string::npos);
}

TEST(Keyring, TenantsAndPurposesShareNothing) {
  const auto keys = testing::keyring();
  const auto one = keys->tenant("one");
  const auto two = keys->tenant("two");
  EXPECT_EQ(keys->tenant("one"), one);
  EXPECT_NE(one->tag(), two->tag());
  std::vector<TenantKeys::Key> all;
  for (const auto& tenant : {one, two}) {
    for (std::size_t i = 0; i < TenantKeys::kPurposes; ++i)
      all.push_back(tenant->key(static_cast<TenantKeys::Purpose>(i)));
  }
  std::ranges::sort(all);
  EXPECT_EQ(std::ranges::adjacent_find(all), all.end());
  std::string sealed;
  one->sealing(1)->seal({}, "", "text", sealed);
  std::string out;
  EXPECT_FALSE(two->sealing(1)->open({}, "", sealed, out));
  EXPECT_EQ(one->sealing(2), nullptr);
  for (int i = 0; i < 5000; ++i) keys->tenant(std::to_string(i));
  EXPECT_EQ(keys->tenant("one")->key(TenantKeys::Purpose::hash), one->key(TenantKeys::Purpose::hash));
}

// Workers put, get and preload while others erase, change keys and read: run under the thread sanitizer.
TEST_F(VaultTest, ManyThreads) {
  open({.memory_bytes = 256UL << 10, .queue = 512, .write_every = std::chrono::milliseconds(1)});
  constexpr int kWorkers = 4;
  constexpr std::uint64_t kTokens = 300;
  constexpr int kRounds = 600;
  std::atomic<std::uint64_t> found{0};
  std::atomic<std::uint64_t> asked{0};
  std::atomic<std::uint64_t> told{0};
  std::atomic<bool> wrong{false};
  std::vector<std::thread> threads;
  for (int worker = 0; worker < kWorkers; ++worker) {
    threads.emplace_back([&, worker] {
      for (int round = 0; round < kRounds; ++round) {
        const std::uint64_t number = static_cast<std::uint64_t>(round * 7 + worker * 31) % kTokens;
        const std::string value = "value-" + std::to_string(number) + std::string(200, '.');
        const std::string owner = "u" + std::to_string(worker % 2);
        if (auto put = vault_->put(item(number, value, "c", owner), kNow);
            !put && put.error().code != Code::overloaded) {
          wrong = true;
        }
        const std::uint64_t other = static_cast<std::uint64_t>(round) % kTokens;
        auto cached = vault_->find_cached("tenant-1", "c", id_of(other), kNow);
        if (cached.state == State::found) {
          found.fetch_add(1);
          if (!cached.value.reveal().starts_with("value-" + std::to_string(other) + ".")) wrong = true;
        } else {
          const TokenId token = id_of(other);
          const auto waits =
              vault_->preload("tenant-1", std::span(&token, 1), kNow, [&](const Result<>&) { told.fetch_add(1); });
          if (waits && *waits) asked.fetch_add(1);
        }
      }
    });
  }
  threads.emplace_back([&] {
    for (int round = 0; round < 30; ++round) {
      if (!vault_->erase_owner("tenant-1", round % 2 == 0 ? "u0" : "u1")) wrong = true;
      if (!vault_->erase("tenant-1", id_of(static_cast<std::uint64_t>(round)))) wrong = true;
      if (!vault_->erase_expired(kNow)) wrong = true;
    }
  });
  threads.emplace_back([&] {
    for (int round = 0; round < 30; ++round) {
      auto seen = vault_->find("tenant-1", id_of(static_cast<std::uint64_t>(round)), kNow);
      if (!seen) wrong = true;
      if (!keys_->replace(round < 5 ? testing::master_keys({1, 2}) : testing::master_keys({1, 2, 3}))) wrong = true;
      (void)vault_->stats();
    }
  });
  for (std::thread& thread : threads) thread.join();
  ASSERT_TRUE(vault_->flush());
  EXPECT_FALSE(wrong);
  EXPECT_GT(found, 0);
  EXPECT_EQ(asked, told);
  EXPECT_EQ(vault_->stats().waiting, 0);
  // Memory and store agree on what there is.
  ASSERT_TRUE(vault_->erase_tenant("tenant-1"));
  for (std::uint64_t i = 0; i < kTokens; ++i) {
    EXPECT_NE(vault_->find_cached("tenant-1", "c", id_of(i), kNow).state, State::found);
    EXPECT_FALSE(vault_->find("tenant-1", id_of(i), kNow)->has_value());
  }
}

}  // namespace
}  // namespace gatehouse::guard
