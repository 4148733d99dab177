#include "gatehouse/app/vault_keeper.h"

#include <array>
#include <utility>

#include "gatehouse/app/kept_secret.h"
#include "gatehouse/store/migrations.h"

namespace gatehouse::app {
namespace {

constexpr std::string_view kSecretSetting = "vault_secret";

Result<base::Secret> choose_secret(const config::Snapshot& snapshot, govern::DirectoryStore& rows) {
  if (!snapshot.guard.vault_secret.empty()) return snapshot.guard.vault_secret;
  return kept_secret(rows, kSecretSetting);
}

}  // namespace

Result<std::unique_ptr<VaultKeeper>> VaultKeeper::open(const config::Snapshot& snapshot, govern::DirectoryStore& rows,
                                                       const base::Clock& clock) {
  std::unique_ptr<VaultKeeper> made(new VaultKeeper());
  auto secret = choose_secret(snapshot, rows);
  if (!secret) return std::unexpected(std::move(secret.error()));
  std::vector<guard::MasterKey> masters;
  masters.push_back({.id = 1, .secret = std::move(*secret)});
  auto keys = guard::Keyring::make(std::move(masters));
  if (!keys) return std::unexpected(std::move(keys.error()));
  made->keys_ = std::move(*keys);
  auto database = store::open(snapshot.store.empty() ? "sqlite::memory:" : snapshot.store);
  if (!database) return std::unexpected(std::move(database.error()));
  const auto components = std::to_array<store::Component>({guard::Vault::component()});
  if (auto migrated = store::migrate(**database, components, clock.wall()); !migrated) {
    return std::unexpected(std::move(migrated.error()));
  }
  auto vault = guard::Vault::open(std::move(*database), made->keys_);
  if (!vault) return std::unexpected(std::move(vault.error()));
  made->vault_ = std::move(*vault);
  return made;
}

}  // namespace gatehouse::app
