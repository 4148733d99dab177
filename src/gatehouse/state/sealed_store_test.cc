#include "gatehouse/state/sealed_store.h"

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/state/packing.h"
#include "gatehouse/state/state_testing.h"

namespace gatehouse::state {
namespace {

using namespace testing;
using std::chrono::hours;

constexpr auto kKind = EntryKind::message;

TEST(StateKeys, secrets_that_are_no_good_are_refused) {
  EXPECT_FALSE(StateKeys::make({}).has_value());
  std::vector<StateKey> twice;
  for (int i = 0; i < 2; ++i) twice.push_back({.id = 3, .secret = base::Secret(std::string(32, 'x'))});
  EXPECT_FALSE(StateKeys::make(std::move(twice)).has_value());
  std::vector<StateKey> brief;
  brief.push_back({.id = 1, .secret = base::Secret("too short")});
  const auto refused = StateKeys::make(std::move(brief));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().detail.find("too short"), std::string::npos);
}

TEST(StateKeys, what_is_sealed_opens_only_as_what_it_was) {
  const auto ring = keys();
  const auto a = ring->tenant("a");
  const auto b = ring->tenant("b");
  const EntryName name = a->name("p", "x");
  const std::string sealed = a->seal("p", name, "words");
  EXPECT_EQ(sealed.find("words"), std::string::npos);
  EXPECT_EQ(a->open("p", name, sealed), "words");
  EXPECT_EQ(b->open("p", name, sealed), std::nullopt);
  EXPECT_EQ(a->open("q", name, sealed), std::nullopt);
  EXPECT_EQ(a->open("p", a->name("p", "y"), sealed), std::nullopt);
  EXPECT_EQ(keys({1}, 'b')->tenant("a")->open("p", name, sealed), std::nullopt);
  std::string damaged = sealed;
  damaged.back() = static_cast<char>(damaged.back() ^ 1);
  EXPECT_EQ(a->open("p", name, damaged), std::nullopt);
  EXPECT_EQ(a->open("p", name, std::string_view(sealed).substr(0, 9)), std::nullopt);
  EXPECT_NE(a->name("p", "x"), b->name("p", "x"));
  // With a newer key beside it the old one still opens, and names stay.
  const auto rotated = keys({1, 2})->tenant("a");
  EXPECT_EQ(rotated->name("p", "x"), name);
  EXPECT_EQ(rotated->open("p", name, sealed), "words");
  EXPECT_EQ(a->open("p", name, rotated->seal("p", name, "newer")), std::nullopt);
}

TEST(SealedStore, tenants_never_see_each_other) {
  const auto store = sealed();
  const EntryName name = store->name("a", kKind, "x");
  store->put("a", kKind, name, "of a", kNow + hours(1));
  EXPECT_EQ(store->find("a", kKind, name, kNow), "of a");
  EXPECT_EQ(store->find("b", kKind, name, kNow), std::nullopt);
  EXPECT_EQ(store->find("b", kKind, store->name("b", kKind, "x"), kNow), std::nullopt);
  EXPECT_EQ(store->find("a", EntryKind::call, name, kNow), std::nullopt);
  EXPECT_FALSE(store->erase("b", kKind, name));
  EXPECT_TRUE(store->erase("a", kKind, name));
  EXPECT_EQ(store->find("a", kKind, name, kNow), std::nullopt);
}

TEST(SealedStore, entries_expire) {
  const auto store = sealed();
  const EntryName name = store->name("a", kKind, "x");
  store->put("a", kKind, name, "v", kNow + hours(1));
  EXPECT_TRUE(store->find("a", kKind, name, kNow + hours(1) - std::chrono::seconds(1)).has_value());
  EXPECT_FALSE(store->find("a", kKind, name, kNow + hours(1)).has_value());
  EXPECT_EQ(store->stats().entries, 0U);
}

TEST(SealedStore, memory_is_bounded_and_a_tenant_pushes_out_his_own_first) {
  const auto store = sealed(nullptr, keys(), kNow, {.memory_bytes = 1 << 20, .tenant_share = 4});
  const EntryName other = store->name("small", kKind, "x");
  store->put("small", kKind, other, "kept", kNow + hours(1));
  const std::string value(1000, 'v');
  for (int i = 0; i < 4000; ++i) {
    store->put("big", kKind, store->name("big", kKind, std::to_string(i)), value, kNow + hours(1));
  }
  EXPECT_LE(store->stats().bytes, (1U << 20) / 4 + 100'000);
  EXPECT_GT(store->stats().pushed_out, 3000U);
  EXPECT_EQ(store->find("small", kKind, other, kNow), "kept");
  EXPECT_TRUE(store->find("big", kKind, store->name("big", kKind, "3999"), kNow).has_value());
  EXPECT_FALSE(store->find("big", kKind, store->name("big", kKind, "0"), kNow).has_value());
}

class File {
 public:
  File() : path_(std::filesystem::temp_directory_path() / ("state_test_" + std::to_string(::getpid()) + ".db")) {
    remove();
  }
  ~File() { remove(); }
  std::string url() const { return "sqlite:" + path_.string(); }
  std::string bytes() const {
    std::string all;
    for (const char* suffix : {"", "-wal"}) {
      std::ifstream in(path_.string() + suffix, std::ios::binary);
      std::stringstream out;
      out << in.rdbuf();
      all += out.str();
    }
    return all;
  }

 private:
  void remove() const {
    for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path_.string() + suffix);
  }
  std::filesystem::path path_;
};

TEST(SealedStore, outlives_the_process_sealed_and_under_no_other_key) {
  const File file;
  EntryName name;
  EntryName erased;
  {
    const auto store = sealed(database(file.url()));
    name = store->name("tenant", kKind, "what is asked for");
    erased = store->name("tenant", kKind, "other");
    store->put("tenant", kKind, name, "PLAINWORDS", kNow + hours(1));
    store->put("tenant", kKind, erased, "v", kNow + hours(1));
    store->put("tenant", kKind, store->name("tenant", kKind, "short"), "v", kNow + std::chrono::minutes(1));
    ASSERT_TRUE(store->flush().has_value());
    EXPECT_EQ(store->stats().written, 3U);
    EXPECT_TRUE(store->erase("tenant", kKind, erased));
  }
  EXPECT_EQ(file.bytes().find("PLAINWORDS"), std::string::npos);
  EXPECT_EQ(file.bytes().find("what is asked for"), std::string::npos);
  {
    const auto store = sealed(database(file.url()), keys(), kNow + std::chrono::minutes(2));
    EXPECT_EQ(store->find("tenant", kKind, name, kNow), "PLAINWORDS");
    EXPECT_FALSE(store->find("tenant", kKind, erased, kNow).has_value());
    EXPECT_EQ(store->stats().entries, 1U);
  }
  {
    const auto store = sealed(database(file.url()), keys({1}, 'k'));
    EXPECT_FALSE(store->find("tenant", kKind, name, kNow).has_value());
    EXPECT_FALSE(store->find("tenant", kKind, store->name("tenant", kKind, "what is asked for"), kNow).has_value());
  }
  const auto store = sealed(database(file.url()));
  EXPECT_EQ(store->erase_tenant("tenant"), 2U);
  EXPECT_FALSE(store->find("tenant", kKind, name, kNow).has_value());
}

TEST(SealedStore, what_memory_pushes_out_leaves_the_store) {
  const File file;
  const SealedStoreOptions options{.memory_bytes = 64 << 10, .tenant_share = 1};
  {
    const auto store = sealed(database(file.url()), keys(), kNow, options);
    for (int i = 0; i < 500; ++i) {
      store->put("t", kKind, store->name("t", kKind, std::to_string(i)), std::string(1000, 'v'), kNow + hours(1));
    }
    ASSERT_TRUE(store->flush().has_value());
  }
  const auto store = sealed(database(file.url()));
  const std::uint64_t left = store->stats().entries;
  EXPECT_GT(left, 0U);
  EXPECT_LE(left, 64U);
  EXPECT_EQ(store->erase_expired(kNow + hours(2)), left);
}

// For TSan: the same names from all sides, while the store writes.
TEST(SealedStore, many_threads) {
  const auto store =
      sealed(database(), keys(), kNow, {.memory_bytes = 256 << 10, .write_every = std::chrono::milliseconds(1)});
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      const std::string tenant = t % 2 == 0 ? "even" : "odd";
      for (int i = 0; i < 300; ++i) {
        const EntryName name = store->name(tenant, kKind, std::to_string(i % 40));
        store->put(tenant, kKind, name, tenant + std::string(200, 'x'), kNow + hours(1));
        const auto found = store->find(tenant, kKind, name, kNow);
        if (found && !found->starts_with(tenant)) ++wrong;
        if (i % 7 == 0) store->erase(tenant, kKind, name);
        if (i % 50 == 0) static_cast<void>(store->stats());
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_TRUE(store->flush().has_value());
  EXPECT_EQ(store->stats().waiting, 0U);
}

TEST(Packing, never_reads_past_the_end) {
  Packer packer;
  packer.byte(7);
  packer.number(1ULL << 40);
  packer.text("text");
  const std::string all = packer.take();
  Unpacker good(all);
  EXPECT_EQ(good.byte(), 7);
  EXPECT_EQ(good.number(), 1ULL << 40);
  EXPECT_EQ(good.text(), "text");
  EXPECT_TRUE(good.good() && good.at_end());
  for (std::size_t cut = 0; cut < all.size(); ++cut) {
    Unpacker in(std::string_view(all).substr(0, cut));
    in.byte();
    in.number();
    in.text();
    EXPECT_FALSE(in.good()) << cut;
  }
}

}  // namespace
}  // namespace gatehouse::state
