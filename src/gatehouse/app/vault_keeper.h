#pragma once

#include <memory>
#include <string>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/config/snapshot.h"
#include "gatehouse/govern/directory/directory_store.h"
#include "gatehouse/guard/vault/keyring.h"
#include "gatehouse/guard/vault/vault.h"

namespace gatehouse::app {

// The vault of values that tokens stand for, and the keys of redaction: one for the process, made before the workers
// and outliving them. Without a store both live as long as the process.
class VaultKeeper {
 public:
  // `rows` keeps the installation's secret where the configuration gives none. Blocks. Errors: configuration, and those
  // of the store.
  static Result<std::unique_ptr<VaultKeeper>> open(const config::Snapshot& snapshot, govern::DirectoryStore& rows,
                                                   const base::Clock& clock);

  guard::Keyring& keys() { return *keys_; }
  guard::Vault& vault() { return *vault_; }
  const std::shared_ptr<guard::Keyring>& shared_keys() const { return keys_; }
  // Forgets what is older than its retention. Blocks for a moment; now and then, on the main thread.
  Result<std::uint64_t> forget(base::WallTime now) { return vault_->erase_expired(now); }

 private:
  VaultKeeper() = default;
  std::shared_ptr<guard::Keyring> keys_;
  std::unique_ptr<guard::Vault> vault_;
};

}  // namespace gatehouse::app
