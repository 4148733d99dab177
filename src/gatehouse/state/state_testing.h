#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "gatehouse/state/sealed_store.h"

// For the tests of this room.
namespace gatehouse::state::testing {

inline constexpr base::WallTime kNow{std::chrono::seconds(1'800'000'000)};

inline std::shared_ptr<StateKeys> keys(std::initializer_list<std::uint32_t> ids = {1}, char seed = 'a') {
  std::vector<StateKey> masters;
  for (const std::uint32_t id : ids) {
    masters.push_back({.id = id, .secret = base::Secret(std::string(32, static_cast<char>(seed + id)))});
  }
  return StateKeys::make(std::move(masters)).value();
}

inline std::unique_ptr<store::Database> database(const std::string& url = "sqlite::memory:") {
  auto opened = store::open(url);
  EXPECT_TRUE(opened.has_value()) << (opened ? "" : opened.error().detail);
  const auto components = std::to_array<store::Component>({SealedStore::component()});
  const auto migrated = store::migrate(**opened, components, kNow);
  EXPECT_TRUE(migrated.has_value()) << (migrated ? "" : migrated.error().detail);
  return std::move(*opened);
}

inline std::unique_ptr<SealedStore> sealed(std::unique_ptr<store::Database> database = nullptr,
                                           std::shared_ptr<StateKeys> with = keys(), base::WallTime now = kNow,
                                           const SealedStoreOptions& options = {}) {
  auto opened = SealedStore::open(std::move(database), std::move(with), now, options);
  EXPECT_TRUE(opened.has_value()) << (opened ? "" : opened.error().detail);
  return std::move(*opened);
}

}  // namespace gatehouse::state::testing
