#include "gatehouse/guard/vault/keyring.h"

#include <algorithm>
#include <cstring>
#include <span>

#include <fmt/format.h>

#include "gatehouse/crypto/hkdf.h"

namespace gatehouse::guard {
namespace {

// Part of every key: changing them loses every value that is kept.
constexpr std::string_view kSalt = "gatehouse vault 1";
constexpr std::string_view kSealing = "seal";
constexpr std::string_view kNaming = "names";

std::string info_of(std::string_view purpose, std::string_view tenant) {
  std::string info(purpose);
  info.push_back('\0');
  info.append(tenant);
  return info;
}

void wipe(std::span<std::uint8_t> bytes) {
  volatile std::uint8_t* at = bytes.data();
  for (std::size_t i = 0; i < bytes.size(); ++i) at[i] = 0;
}

Result<> check_and_sort(std::vector<MasterKey>& masters) {
  if (masters.empty()) return fail(Code::configuration, "vault: there is no master key");
  std::ranges::sort(masters, {}, &MasterKey::id);
  for (std::size_t i = 0; i < masters.size(); ++i) {
    if (masters[i].id == 0) return fail(Code::configuration, "vault: master keys are numbered from 1");
    if (i > 0 && masters[i].id == masters[i - 1].id) {
      return fail(Code::configuration, fmt::format("vault: two master keys have the number {}", masters[i].id));
    }
    if (masters[i].secret.reveal().size() < Keyring::kLeastSecret) {
      return fail(Code::configuration,
                  fmt::format("vault: master key {} is shorter than {} bytes", masters[i].id, Keyring::kLeastSecret));
    }
  }
  return {};
}

}  // namespace

TenantKeys::TenantKeys(const std::vector<MasterKey>& masters, std::string_view tenant) {
  for (const MasterKey& master : masters) {
    Key key;
    crypto::hkdf_sha256(master.secret.reveal(), kSalt, info_of(kSealing, tenant), key);
    sealing_.push_back({master.id, crypto::AeadKey(key)});
    wipe(key);
  }
  std::array<std::uint8_t, sizeof(named_) + sizeof(tag_)> names;
  crypto::hkdf_sha256(masters.front().secret.reveal(), kSalt, info_of(kNaming, tenant), names);
  std::memcpy(named_.data(), names.data(), sizeof(named_));
  std::memcpy(&tag_, names.data() + sizeof(named_), sizeof(tag_));
  wipe(names);
}

TenantKeys::~TenantKeys() {
  for (Key& key : named_) wipe(key);
}

const crypto::AeadKey* TenantKeys::sealing(std::uint32_t id) const {
  const auto found = std::ranges::find(sealing_, id, &Sealing::id);
  return found == sealing_.end() ? nullptr : &found->key;
}

Keyring::Keyring(std::vector<MasterKey> masters)
    : masters_(std::make_shared<const std::vector<MasterKey>>(std::move(masters))) {}

Result<std::shared_ptr<Keyring>> Keyring::make(std::vector<MasterKey> masters) {
  if (auto good = check_and_sort(masters); !good) return std::unexpected(std::move(good.error()));
  return std::shared_ptr<Keyring>(new Keyring(std::move(masters)));
}

Result<> Keyring::replace(std::vector<MasterKey> masters) {
  if (auto good = check_and_sort(masters); !good) return good;
  auto next = std::make_shared<const std::vector<MasterKey>>(std::move(masters));
  const std::lock_guard lock(mutex_);
  masters_ = std::move(next);
  tenants_.clear();
  return {};
}

std::shared_ptr<const TenantKeys> Keyring::tenant(std::string_view tenant) {
  std::string name(tenant);
  std::shared_ptr<const std::vector<MasterKey>> masters;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = tenants_.find(name); found != tenants_.end()) return found->second;
    masters = masters_;
  }
  // Derived without the lock; two threads may do it both, and it comes out the same.
  auto made = std::make_shared<const TenantKeys>(*masters, tenant);
  const std::lock_guard lock(mutex_);
  if (masters_ == masters) {
    if (tenants_.size() >= kMostTenants) tenants_.clear();
    tenants_.emplace(std::move(name), made);
  }
  return made;
}

}  // namespace gatehouse::guard
