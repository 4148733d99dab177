#pragma once

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/base/clock.h"
#include "gatehouse/guard/vault/keyring.h"
#include "gatehouse/guard/vault/vault.h"
#include "gatehouse/store/database.h"
#include "gatehouse/store/migrations.h"

// For the tests of the vault and of redaction.
namespace gatehouse::guard::testing {

inline constexpr base::WallTime kNow{std::chrono::seconds(1'800'000'000)};

inline std::vector<MasterKey> master_keys(std::initializer_list<std::uint32_t> ids) {
  std::vector<MasterKey> keys;
  for (const std::uint32_t id : ids) {
    keys.push_back({.id = id, .secret = base::Secret(std::string(32, static_cast<char>('a' + id)))});
  }
  return keys;
}

inline std::shared_ptr<Keyring> keyring(std::initializer_list<std::uint32_t> ids = {1}) {
  return Keyring::make(master_keys(ids)).value();
}

inline std::unique_ptr<store::Database> database(const std::string& url = "sqlite::memory:") {
  auto opened = store::open(url);
  EXPECT_TRUE(opened.has_value()) << (opened ? "" : opened.error().detail);
  const auto components = std::to_array<store::Component>({Vault::component()});
  const auto migrated = store::migrate(**opened, components, kNow);
  EXPECT_TRUE(migrated.has_value()) << (migrated ? "" : migrated.error().detail);
  return std::move(*opened);
}

inline std::unique_ptr<Vault> vault(std::shared_ptr<Keyring> keys, const VaultOptions& options = {},
                                    const std::string& url = "sqlite::memory:") {
  auto opened = Vault::open(database(url), std::move(keys), options);
  EXPECT_TRUE(opened.has_value()) << (opened ? "" : opened.error().detail);
  return std::move(*opened);
}

}  // namespace gatehouse::guard::testing
