#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/base/secret.h"
#include "gatehouse/crypto/aead.h"

namespace gatehouse::guard {

// A master secret of the installation: 32 random bytes or more, and the number that entries sealed under it carry.
struct MasterKey {
  std::uint32_t id = 1;  // 1 or more; a newer key has a higher one
  base::Secret secret;
};

// What a tenant's values are sealed and named with, all derived from the master keys by HKDF-SHA256 with the tenant and
// the purpose as info. Immutable; any thread.
class TenantKeys {
 public:
  // What names are made with: stable as long as the oldest master key is there, so that a rotation does not give the
  // values of a running conversation other tokens.
  enum class Purpose : std::uint8_t { token, hash, format, surrogate };
  static constexpr std::size_t kPurposes = 4;
  using Key = std::array<std::uint8_t, 32>;

  TenantKeys(const std::vector<MasterKey>& masters, std::string_view tenant);
  TenantKeys(const TenantKeys&) = delete;
  TenantKeys& operator=(const TenantKeys&) = delete;
  ~TenantKeys();

  // The newest, which seals.
  std::uint32_t current() const { return sealing_.back().id; }
  // Null: that key is gone, and what it sealed with it.
  const crypto::AeadKey* sealing(std::uint32_t id) const;
  const Key& key(Purpose purpose) const { return named_[static_cast<std::size_t>(purpose)]; }
  // Stands for the tenant in tables in memory.
  std::uint64_t tag() const { return tag_; }

 private:
  struct Sealing {
    std::uint32_t id;
    crypto::AeadKey key;
  };
  std::vector<Sealing> sealing_;  // ascending in id
  std::array<Key, kPurposes> named_{};
  std::uint64_t tag_ = 0;
};

// The master keys, and the tenants' keys that were asked for lately. Any thread; a short lock.
class Keyring {
 public:
  // Errors: configuration (none, an id twice or 0, a secret shorter than kLeastSecret). Not one secret is in them.
  static Result<std::shared_ptr<Keyring>> make(std::vector<MasterKey> masters);
  // From now on; as make().
  Result<> replace(std::vector<MasterKey> masters);

  std::shared_ptr<const TenantKeys> tenant(std::string_view tenant);

  static constexpr std::size_t kLeastSecret = 32;
  static constexpr std::size_t kMostTenants = 4096;  // remembered; more are derived again (some 30 us)

 private:
  explicit Keyring(std::vector<MasterKey> masters);
  std::mutex mutex_;
  std::uint64_t generation_ = 0;
  std::shared_ptr<const std::vector<MasterKey>> masters_;
  std::unordered_map<std::string, std::shared_ptr<const TenantKeys>> tenants_;
};

}  // namespace gatehouse::guard
