#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/ids.h"
#include "gatehouse/govern/directory/directory.h"
#include "gatehouse/govern/directory/directory_store.h"
#include "gatehouse/govern/directory/limit_sink.h"
#include "gatehouse/store/database.h"
#include "gatehouse/store/migrations.h"

// For the tests of the directory, here and in admin.
namespace gatehouse::govern::testing {

inline std::unique_ptr<store::Database> memory_store() {
  auto opened = store::open("sqlite::memory:");
  EXPECT_TRUE(opened.has_value()) << opened.error().detail;
  const auto components = std::to_array<store::Component>({DirectoryStore::component()});
  const auto migrated = store::migrate(**opened, components, base::ManualClock().wall());
  EXPECT_TRUE(migrated.has_value()) << migrated.error().detail;
  return std::move(*opened);
}

// Keeps what it was given.
class FakeSink final : public LimitSink {
 public:
  Result<> check(NodeKind, const std::vector<Limit>& limits) override {
    for (const auto& limit : limits) {
      if (limit.window.time_zone == "Mars/Olympus") return fail(Code::configuration, "an unknown time zone");
    }
    return {};
  }
  void set(const Node& node, std::vector<Limit> limits) override { at[&node] = std::move(limits); }
  void set_template(NodeKind kind, std::vector<Limit> limits) override { each[kind] = std::move(limits); }
  std::vector<LimitUse> uses(const Node& node) override {
    std::vector<LimitUse> found;
    for (const auto& limit : at[&node]) found.push_back({.id = limit.id, .used = 7, .held = 1});
    return found;
  }
  std::map<const Node*, std::vector<Limit>> at;
  std::map<NodeKind, std::vector<Limit>> each;
};

// A directory over a store in memory, which can be closed and opened again.
struct World {
  World() { open(); }
  void open(std::string secret = {}) {
    directory.reset();
    rows.reset();
    auto opened = DirectoryStore::open(*database);
    ASSERT_TRUE(opened.has_value()) << opened.error().detail;
    rows = std::move(*opened);
    auto made = try_open(std::move(secret));
    ASSERT_TRUE(made.has_value()) << made.error().detail;
    directory = std::move(*made);
    hash = std::make_unique<crypto::HmacSha256>(directory->hash_secret().reveal());
  }
  Result<std::unique_ptr<Directory>> try_open(std::string secret) {
    return Directory::open(*rows,
                           {.clock = &clock,
                            .publish = [this](std::shared_ptr<const DirectoryView> view) { published.push_back(view); },
                            .hash_secret = base::Secret(std::move(secret)),
                            .random = base::Random(1)});
  }
  Author author() const { return {.id = "admin_key:adm_test", .address = "127.0.0.1", .time = clock.wall()}; }
  Result<const Principal*> who(std::string_view key, std::string_view from = "127.0.0.1") {
    return directory->view()->authenticate(key, *hash, clock.wall(), *base::Address::parse(from));
  }
  std::vector<Change> changes() {
    std::vector<Change> all;
    EXPECT_TRUE(rows->changes({}, [&](const Change& change) { all.push_back(change); }).has_value());
    return all;
  }

  base::ManualClock clock;
  std::unique_ptr<store::Database> database = memory_store();
  std::unique_ptr<DirectoryStore> rows;
  std::unique_ptr<Directory> directory;
  std::unique_ptr<crypto::HmacSha256> hash;
  std::vector<std::shared_ptr<const DirectoryView>> published;
};

}  // namespace gatehouse::govern::testing
