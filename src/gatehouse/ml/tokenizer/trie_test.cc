#include "gatehouse/ml/tokenizer/trie.h"

#include <algorithm>
#include <map>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace gatehouse::ml::tokenizer {
namespace {

TEST(Trie, FindsWhatIsInIt) {
  std::mt19937 random(11);
  for (const int letters : {2, 26, 256}) {
    std::map<std::string, std::int32_t> keys;
    for (std::int32_t i = 0; i < 20'000; ++i) {
      std::string key;
      for (std::uint32_t k = 1 + random() % 12; k > 0; --k)
        key += static_cast<char>(random() % static_cast<unsigned>(letters));
      keys[key] = i;
    }
    std::vector<Trie::Entry> entries;
    for (const auto& [key, value] : keys) entries.push_back({key, value});
    std::shuffle(entries.begin(), entries.end(), random);
    const auto trie = Trie::build(entries);
    ASSERT_TRUE(trie);
    EXPECT_EQ(trie->size(), keys.size());
    for (const auto& [key, value] : keys) {
      ASSERT_EQ(trie->find(key), value);
      for (const std::string& other : {key + "a", key.substr(1), key + key}) {
        const auto known = keys.find(other);
        ASSERT_EQ(trie->find(other), known == keys.end() ? std::nullopt : std::optional(known->second));
      }
    }
  }
}

TEST(Trie, TheLastOfAKeyCountsAndNoneIsEmpty) {
  const auto trie = Trie::build({{"a", 1}, {"", 7}, {"b", 2}, {"a", 3}});
  ASSERT_TRUE(trie);
  EXPECT_EQ(trie->find("a"), 3);
  EXPECT_EQ(trie->find(""), std::nullopt);
  EXPECT_EQ(trie->size(), 2U);
  EXPECT_EQ(Trie().find("a"), std::nullopt);
  EXPECT_EQ(Trie().step(Trie::kRoot, 'a'), Trie::kNone);
}

TEST(Trie, HasABound) {
  std::vector<std::string> keys;
  std::mt19937 random(3);
  for (int i = 0; i < 5000; ++i) {
    std::string key(4096, '\0');
    for (char& c : key) c = static_cast<char>(random());
    keys.push_back(key);
  }
  std::vector<Trie::Entry> entries;
  for (const std::string& key : keys) entries.push_back({key, 0});
  EXPECT_FALSE(Trie::build(std::move(entries)));
}

}  // namespace
}  // namespace gatehouse::ml::tokenizer
