#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/base/secret.h"
#include "gatehouse/crypto/aead.h"

namespace gatehouse::state {

// A secret of the installation: 32 random bytes or more, and the number that what was sealed under it carries.
struct StateKey {
  std::uint32_t id = 1;  // 1 or more; a newer key has a higher one
  base::Secret secret;
};

// What an entry lies under: a keyed hash, so that neither memory nor store shows what is asked for, and no tenant can
// name another's.
using EntryName = std::array<std::uint8_t, 16>;
std::string_view view(const EntryName& name);

// A tenant's keys, derived by HKDF-SHA256 with tenant and purpose as info. Immutable; any thread.
class TenantStateKeys {
 public:
  TenantStateKeys(const std::vector<StateKey>& masters, std::string_view tenant);
  TenantStateKeys(const TenantStateKeys&) = delete;
  TenantStateKeys& operator=(const TenantStateKeys&) = delete;
  ~TenantStateKeys();

  // Names are made with the oldest key, so that a rotation loses none.
  EntryName name(std::string_view purpose, std::string_view value) const;

  // Sealed by the newest: number, nonce, ciphertext, tag; bound to the tenant, `purpose` and `name`.
  std::string seal(std::string_view purpose, const EntryName& name, std::string_view plain) const;
  // Nothing: under a key that is gone, damaged, or not what it was sealed as.
  std::optional<std::string> open(std::string_view purpose, const EntryName& name, std::string_view sealed) const;

  // Stands for the tenant in tables in memory.
  std::uint64_t tag() const { return tag_; }

 private:
  struct Sealing {
    std::uint32_t id;
    crypto::AeadKey key;
  };
  std::string associated(std::string_view purpose, const EntryName& name) const;

  std::string tenant_;
  std::vector<Sealing> sealing_;  // ascending in id
  std::array<std::uint8_t, 32> naming_{};
  std::uint64_t tag_ = 0;
};

// The installation's keys, and those of tenants that were asked for lately. Any thread; a short lock.
class StateKeys {
 public:
  // Errors: configuration (none, an id twice or 0, a secret shorter than kLeastSecret). No secret is in them.
  static Result<std::shared_ptr<StateKeys>> make(std::vector<StateKey> masters);

  std::shared_ptr<const TenantStateKeys> tenant(std::string_view tenant);

  static constexpr std::size_t kLeastSecret = 32;
  static constexpr std::size_t kMostTenants = 4096;  // remembered; more are derived again

 private:
  explicit StateKeys(std::vector<StateKey> masters) : masters_(std::move(masters)) {}
  const std::vector<StateKey> masters_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<const TenantStateKeys>> tenants_;
};

}  // namespace gatehouse::state
