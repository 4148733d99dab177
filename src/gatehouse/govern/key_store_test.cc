#include "gatehouse/govern/key_store.h"

#include <chrono>
#include <cstring>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/crypto/virtual_key.h"

namespace gatehouse::govern {
namespace {

constexpr std::string_view kSecret = "the installation's hash secret";
const base::WallTime kNow{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};

KeyEntry entry(std::string name, std::string key) {
  KeyEntry made;
  made.principal.key_name = std::move(name);
  made.key = base::Secret(std::move(key));
  return made;
}

TEST(KeyStore, FindsEveryKeyAndNoOther) {
  std::vector<KeyEntry> entries;
  std::vector<std::string> keys;
  for (int i = 0; i < 3000; ++i) {
    keys.push_back(i % 2 == 0 ? crypto::make_virtual_key() : "operators-own-" + std::to_string(i));
    entries.push_back(entry("key" + std::to_string(i), keys.back()));
  }
  const auto store = KeyStore::build(std::move(entries), kSecret);
  ASSERT_TRUE(store);
  EXPECT_EQ(store->size(), 3000U);
  crypto::HmacSha256 hash(kSecret);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto found = store->find(keys[i], hash, kNow);
    ASSERT_TRUE(found) << i;
    EXPECT_EQ((*found)->key_name, "key" + std::to_string(i));
    EXPECT_EQ(*store->find(keys[i], hash, kNow), *found);  // the same object, not a copy
  }
  for (int i = 0; i < 3000; ++i) {
    EXPECT_FALSE(store->find(crypto::make_virtual_key(), hash, kNow));
    EXPECT_FALSE(store->find("operators-own-x" + std::to_string(i), hash, kNow));
  }
}

TEST(KeyStore, AnotherHashSecretFindsNothing) {
  std::vector<KeyEntry> entries;
  entries.push_back(entry("ci", "a-key-of-the-operator"));
  const auto store = KeyStore::build(std::move(entries), kSecret);
  ASSERT_TRUE(store);
  crypto::HmacSha256 wrong("another secret");
  EXPECT_FALSE(store->find("a-key-of-the-operator", wrong, kNow));
  crypto::HmacSha256 right(kSecret);
  EXPECT_TRUE(store->find("a-key-of-the-operator", right, kNow));
}

TEST(KeyStore, RefusalsSayWhyAndNeverTheKey) {
  const std::string good = crypto::make_virtual_key();
  std::string typo = good;
  typo[10] = typo[10] == 'x' ? 'y' : 'x';
  std::vector<KeyEntry> entries;
  entries.push_back(entry("ci", good));
  entries.push_back(entry("odd", "gh-made-by-hand"));  // looks damaged, is the operator's own
  const auto store = KeyStore::build(std::move(entries), kSecret);
  ASSERT_TRUE(store);
  crypto::HmacSha256 hash(kSecret);
  const std::string long_key(kMaxKeySize + 1, 'k');
  const std::pair<std::string, std::string> cases[] = {
      {"", "No API key provided."},
      {typo, "Incorrect API key provided: its checksum does not match, so it was cut off or mistyped."},
      {good.substr(0, 20), "Incorrect API key provided: its checksum does not match, so it was cut off or mistyped."},
      {"gh-", "Incorrect API key provided: its checksum does not match, so it was cut off or mistyped."},
      {"sk-live-something-else", "Incorrect API key provided."},
      {crypto::make_virtual_key(), "Incorrect API key provided."},
      {"short", "Incorrect API key provided."},
      {long_key, "Incorrect API key provided."},
  };
  for (const auto& [key, message] : cases) {
    const auto found = store->find(key, hash, kNow);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, Code::unauthenticated);
    EXPECT_EQ(found.error().http_status(), 401);
    EXPECT_EQ(found.error().detail, message);
    if (key.size() > 3) {
      EXPECT_EQ(found.error().detail.find(key.substr(3)), std::string::npos);
    }
  }
  EXPECT_TRUE(store->find("gh-made-by-hand", hash, kNow));
}

TEST(KeyStore, KeysExpireAtTheirMoment) {
  std::vector<KeyEntry> entries;
  entries.push_back(entry("guest", "a-key-of-a-guest"));
  entries[0].principal.expires_at = kNow;
  const auto store = KeyStore::build(std::move(entries), kSecret);
  ASSERT_TRUE(store);
  crypto::HmacSha256 hash(kSecret);
  EXPECT_TRUE(store->find("a-key-of-a-guest", hash, kNow - std::chrono::microseconds(1)));
  const auto late = store->find("a-key-of-a-guest", hash, kNow);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Code::unauthenticated);
  EXPECT_EQ(late.error().detail, "The API key has expired.");
}

TEST(KeyStore, BuildNamesTheEntryNeverTheKey) {
  const std::pair<std::vector<std::string>, std::string> cases[] = {
      {{"elevenbytes"}, "key \"k0\" has 11 bytes; allowed are 12 to 512"},
      {{"twelve-bytes", std::string(513, 'q')}, "key \"k1\" has 513 bytes; allowed are 12 to 512"},
      {{"twelve-bytes", "another-one-", "twelve-bytes"}, "keys \"k0\" and \"k2\" are the same"},
  };
  for (const auto& [keys, message] : cases) {
    std::vector<KeyEntry> entries;
    for (const auto& key : keys) entries.push_back(entry("k" + std::to_string(entries.size()), key));
    const auto store = KeyStore::build(std::move(entries), kSecret);
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, Code::configuration);
    EXPECT_EQ(store.error().detail, message);
  }
}

TEST(KeyStore, EmptyFindsNobody) {
  crypto::HmacSha256 hash(kSecret);
  EXPECT_FALSE(KeyStore().find("a-key-of-the-operator", hash, kNow));
  const auto store = KeyStore::build({}, kSecret);
  ASSERT_TRUE(store);
  EXPECT_EQ(store->size(), 0U);
  EXPECT_FALSE(store->find("a-key-of-the-operator", hash, kNow));
}

TEST(KeyStore, PrincipalsStayWhereTheyAreWhenTheStoreMoves) {
  std::vector<KeyEntry> entries;
  entries.push_back(entry("ci", "a-key-of-the-operator"));
  auto store = KeyStore::build(std::move(entries), kSecret);
  ASSERT_TRUE(store);
  crypto::HmacSha256 hash(kSecret);
  const Principal* before = *store->find("a-key-of-the-operator", hash, kNow);
  const KeyStore moved = std::move(*store);
  EXPECT_EQ(*moved.find("a-key-of-the-operator", hash, kNow), before);
}

}  // namespace
}  // namespace gatehouse::govern
