#include "gatehouse/guard/conversation/book.h"

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/guard/conversation/conversation_testing.h"

namespace gatehouse::guard {
namespace {

using std::chrono::hours;
using testing::kNow;

ConversationName name(std::uint32_t number) {
  // As even as parts of MACs are.
  ConversationName made{};
  std::uint64_t x = number + 1;
  for (auto& byte : made) {
    x = x * 6364136223846793005ULL + 1442695040888963407ULL;
    byte = static_cast<std::uint8_t>(x >> 56);
  }
  return made;
}

ConversationState state(double risk, std::uint32_t turns = 1) {
  ConversationState made;
  made.id = name(7);
  made.risk = risk;
  made.at = 5;
  made.turns = turns;
  return made;
}

// A file of this test alone, gone with it.
class StoreFile {
 public:
  explicit StoreFile(const std::string& test)
      : path_(std::filesystem::temp_directory_path() / ("gatehouse-" + test + "-" + std::to_string(::getpid()))) {
    clear();
  }
  ~StoreFile() { clear(); }
  std::string url() const { return "sqlite:" + path_.string(); }
  std::string bytes() const {
    std::string all;
    for (const char* suffix : {"", "-wal"}) {
      std::ifstream in(path_.string() + suffix, std::ios::binary);
      all.append(std::istreambuf_iterator<char>(in), {});
    }
    return all;
  }

 private:
  void clear() const {
    for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path_.string() + suffix);
  }
  std::filesystem::path path_;
};

TEST(ConversationBook, TellsWhatWasPut) {
  const auto book = testing::book();
  EXPECT_FALSE(book->find("team:a", name(1), kNow));
  auto put = state(0.5, 3);
  put.refused = true;
  put.last = name(9);
  put.remember(llm::Role::user, "4111");
  put.remember(llm::Role::tool, "weather");
  book->put("team:a", name(1), put, kNow + hours(1));
  const auto found = book->find("team:a", name(1), kNow);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, put.id);
  EXPECT_EQ(found->risk, 0.5);
  EXPECT_EQ(found->turns, 3U);
  EXPECT_TRUE(found->refused);
  EXPECT_FALSE(found->ended);
  EXPECT_EQ(found->last, name(9));
  EXPECT_EQ(found->tail, put.tail);
  // Never another tenant's, whatever the name.
  EXPECT_FALSE(book->find("team:b", name(1), kNow));
  EXPECT_FALSE(book->find("team:a", name(2), kNow));
}

TEST(ConversationBook, Expires) {
  const auto book = testing::book();
  book->put("team:a", name(1), state(0.5), kNow + hours(1));
  EXPECT_TRUE(book->find("team:a", name(1), kNow + hours(1) - std::chrono::milliseconds(1)));
  EXPECT_FALSE(book->find("team:a", name(1), kNow + hours(1)));
  EXPECT_EQ(book->stats().entries, 0U);
}

TEST(ConversationBook, AnEndStays) {
  const auto book = testing::book();
  book->put("team:a", name(1), state(0.5), kNow + hours(1));
  const std::vector<ConversationName> names = {name(1), name(2)};
  book->end("team:a", names, kNow + hours(2), kNow);
  EXPECT_TRUE(book->find("team:a", name(1), kNow)->ended);
  EXPECT_FALSE(book->find("team:a", name(2), kNow));
  // A turn that was under way when it ended.
  book->put("team:a", name(1), state(0.1), kNow + hours(1));
  EXPECT_TRUE(book->find("team:a", name(1), kNow + hours(1))->ended);
}

TEST(ConversationBook, TurnsAtOnceLoseNoRisk) {
  const auto book = testing::book();
  book->put("team:a", name(1), state(0.2, 1), kNow + hours(1), 0.2);
  // Two that saw the first.
  book->put("team:a", name(1), state(0.5, 2), kNow + hours(1), 0.3);
  book->put("team:a", name(1), state(0.6, 2), kNow + hours(1), 0.4);
  EXPECT_NEAR(book->find("team:a", name(1), kNow)->risk, 0.9, 1e-9);
  EXPECT_EQ(book->find("team:a", name(1), kNow)->turns, 3U);
  // A history is a value: the same request again is the same state.
  book->put("team:a", name(2), state(0.5, 2), kNow + hours(1));
  book->put("team:a", name(2), state(0.5, 2), kNow + hours(1));
  EXPECT_EQ(book->find("team:a", name(2), kNow)->risk, 0.5);
}

TEST(ConversationBook, IsBoundedAndATenantHasHisShare) {
  ConversationBookOptions options;
  options.memory_bytes = 1 << 20;
  options.tenant_share = 4;
  const auto book = testing::book(nullptr, kNow, options);
  book->put("team:quiet", name(1), state(0.5), kNow + hours(1));
  for (std::uint32_t i = 0; i < 20'000; ++i) book->put("team:loud", name(i), state(0.5), kNow + hours(1));
  const auto stats = book->stats();
  EXPECT_LE(stats.bytes, options.memory_bytes / 4 + 64 * 1024);
  EXPECT_LT(stats.entries, 2'000U);
  EXPECT_TRUE(book->find("team:loud", name(19'999), kNow));
  EXPECT_FALSE(book->find("team:loud", name(0), kNow));
  EXPECT_TRUE(book->find("team:quiet", name(1), kNow)) << "one tenant's flood must not push out another's";
  // Many tenants together are bounded too.
  for (std::uint32_t i = 0; i < 20'000; ++i) {
    book->put("team:" + std::to_string(i % 50), name(i), state(0.5), kNow + hours(1));
  }
  EXPECT_LE(book->stats().bytes, options.memory_bytes);
}

TEST(ConversationBook, TheTailIsBounded) {
  ConversationState made;
  for (int i = 0; i < 1000; ++i) made.remember(llm::Role::user, std::string(100, 'x') + std::to_string(i));
  std::size_t bytes = 0;
  for (const auto& past : made.tail) bytes += past.text.size();
  EXPECT_LE(bytes, ConversationState::kMostTail);
  EXPECT_TRUE(made.tail.back().text.ends_with("999"));
  made.remember(llm::Role::user, std::string(1 << 20, 'y') + "end");
  EXPECT_TRUE(made.tail.back().text.ends_with("end"));
  EXPECT_LE(made.tail.back().text.size(), ConversationState::kMostTail / 2);
  for (int i = 0; i < 1000; ++i) made.remember(llm::Role::user, "1");
  EXPECT_LE(made.tail.size(), ConversationState::kMostPast);
}

TEST(ConversationBook, SurvivesARestart) {
  const StoreFile file("conversations");
  {
    const auto book = testing::book(testing::conversation_database(file.url()));
    auto put = state(0.5, 2);
    put.remember(llm::Role::user, "erika.mustermann@example.org");
    book->put("team:a", name(1), put, kNow + hours(24));
    book->put("team:a", name(2), state(0.5), kNow + hours(1));
    book->put("team:a", name(3), state(0.001), kNow + hours(24));  // not worth a row
    const std::vector<ConversationName> names = {name(2)};
    book->end("team:a", names, kNow + hours(2), kNow);
    ASSERT_TRUE(book->flush());
    EXPECT_EQ(book->stats().waiting, 0U);
    EXPECT_EQ(file.bytes().find("mustermann"), std::string::npos) << "texts are kept in the clear";
  }
  const auto book = testing::book(testing::conversation_database(file.url()), kNow + hours(1));
  const auto found = book->find("team:a", name(1), kNow + hours(1));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->risk, 0.5);
  EXPECT_EQ(found->turns, 2U);
  ASSERT_EQ(found->tail.size(), 1U);
  EXPECT_EQ(found->tail[0].text, "erika.mustermann@example.org");
  ASSERT_TRUE(book->find("team:a", name(2), kNow + hours(1)));
  EXPECT_TRUE(book->find("team:a", name(2), kNow + hours(1))->ended);
  EXPECT_FALSE(book->find("team:a", name(3), kNow + hours(1)));
  EXPECT_FALSE(book->find("team:b", name(1), kNow + hours(1)));
  // What has expired is neither read back nor kept.
  EXPECT_EQ(*book->erase_expired(kNow + hours(3)), 1U);
  EXPECT_EQ(*book->erase_tenant("team:a"), 1U);
  EXPECT_FALSE(book->find("team:a", name(1), kNow + hours(1)));
}

TEST(ConversationBook, TextsUnderAKeyThatIsGoneAreGoneAndTheRiskStays) {
  const StoreFile file("conversation-keys");
  {
    const auto book = testing::book(testing::conversation_database(file.url()));
    auto put = state(0.5);
    put.remember(llm::Role::user, "4111");
    book->put("team:a", name(1), put, kNow + hours(24));
    ASSERT_TRUE(book->flush());
  }
  auto other = ConversationBook::open(testing::conversation_database(file.url()), testing::keyring({2}), kNow);
  ASSERT_TRUE(other);
  // Under other keys tenants have other tags, which is another place in memory, too.
  const auto found = (*other)->find("team:a", name(1), kNow);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->risk, 0.5);
  EXPECT_TRUE(found->tail.empty());
}

TEST(ConversationBook, ManyThreads) {
  ConversationBookOptions options;
  options.memory_bytes = 256 << 10;
  const auto book = testing::book(testing::conversation_database(), kNow, options);
  std::atomic<std::uint64_t> wrong{0};
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      const std::string tenant = "team:" + std::to_string(t % 2);
      for (std::uint32_t i = 0; i < 2000; ++i) {
        auto put = state(0.5, i);
        put.remember(llm::Role::user, tenant);
        book->put(tenant, name(i % 50), put, kNow + hours(1), 0.1);
        if (const auto found = book->find(tenant, name((i + t) % 50), kNow)) {
          if (found->tail.size() != 1 || found->tail[0].text != tenant) wrong.fetch_add(1);
        }
        const std::vector<ConversationName> names = {name(i % 7)};
        if (i % 500 == 0) book->end(tenant, names, kNow + hours(1), kNow);
        if (i % 700 == 0) book->forget_expired(kNow);
        if (i % 900 == 0) (void)book->erase_tenant(tenant);
        (void)book->stats();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong.load(), 0U);
  EXPECT_TRUE(book->flush());
}

}  // namespace
}  // namespace gatehouse::guard
