#include "gatehouse/state/state_keys.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

#include "gatehouse/crypto/hkdf.h"
#include "gatehouse/crypto/hmac.h"

namespace gatehouse::state {
namespace {

// Part of every key: changing them loses all that is kept.
constexpr std::string_view kSalt = "gatehouse state 1";
constexpr std::string_view kSealing = "seal";
constexpr std::string_view kNaming = "names";
constexpr std::size_t kIdBytes = 4;

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

}  // namespace

std::string_view view(const EntryName& name) { return {reinterpret_cast<const char*>(name.data()), name.size()}; }

TenantStateKeys::TenantStateKeys(const std::vector<StateKey>& masters, std::string_view tenant) : tenant_(tenant) {
  for (const StateKey& master : masters) {
    std::array<std::uint8_t, crypto::AeadKey::kKeySize> key;
    crypto::hkdf_sha256(master.secret.reveal(), kSalt, info_of(kSealing, tenant), key);
    sealing_.push_back({master.id, crypto::AeadKey(key)});
    wipe(key);
  }
  std::array<std::uint8_t, sizeof(naming_) + sizeof(tag_)> names;
  crypto::hkdf_sha256(masters.front().secret.reveal(), kSalt, info_of(kNaming, tenant), names);
  std::memcpy(naming_.data(), names.data(), sizeof(naming_));
  std::memcpy(&tag_, names.data() + sizeof(naming_), sizeof(tag_));
  wipe(names);
}

TenantStateKeys::~TenantStateKeys() { wipe(naming_); }

EntryName TenantStateKeys::name(std::string_view purpose, std::string_view value) const {
  crypto::HmacSha256 hash(std::string_view(reinterpret_cast<const char*>(naming_.data()), naming_.size()));
  const crypto::Digest digest = hash(info_of(purpose, value));
  EntryName name;
  std::memcpy(name.data(), digest.data(), name.size());
  return name;
}

std::string TenantStateKeys::associated(std::string_view purpose, const EntryName& name) const {
  std::string text(kSalt);
  text.append(view(name)).append(purpose);
  text.push_back('\0');
  return text.append(tenant_);
}

std::string TenantStateKeys::seal(std::string_view purpose, const EntryName& name, std::string_view plain) const {
  const Sealing& newest = sealing_.back();
  const auto nonce = crypto::AeadKey::random_nonce();
  std::string out;
  out.reserve(kIdBytes + nonce.size() + plain.size() + crypto::AeadKey::kTagSize);
  for (unsigned shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(newest.id >> shift & 0xff));
  out.append(reinterpret_cast<const char*>(nonce.data()), nonce.size());
  newest.key.seal(nonce, associated(purpose, name), plain, out);
  return out;
}

std::optional<std::string> TenantStateKeys::open(std::string_view purpose, const EntryName& name,
                                                 std::string_view sealed) const {
  crypto::AeadKey::Nonce nonce;
  if (sealed.size() < kIdBytes + nonce.size()) return std::nullopt;
  std::uint32_t id = 0;
  for (unsigned i = 0; i < kIdBytes; ++i) {
    id |= static_cast<std::uint32_t>(static_cast<unsigned char>(sealed[i])) << 8 * i;
  }
  const auto key = std::ranges::find(sealing_, id, &Sealing::id);
  if (key == sealing_.end()) return std::nullopt;
  std::memcpy(nonce.data(), sealed.data() + kIdBytes, nonce.size());
  std::string plain;
  if (!key->key.open(nonce, associated(purpose, name), sealed.substr(kIdBytes + nonce.size()), plain)) {
    return std::nullopt;
  }
  return plain;
}

Result<std::shared_ptr<StateKeys>> StateKeys::make(std::vector<StateKey> masters) {
  if (masters.empty()) return fail(Code::configuration, "state: there is no key");
  std::ranges::sort(masters, {}, &StateKey::id);
  for (std::size_t i = 0; i < masters.size(); ++i) {
    if (masters[i].id == 0) return fail(Code::configuration, "state: keys are numbered from 1");
    if (i > 0 && masters[i].id == masters[i - 1].id) {
      return fail(Code::configuration, "state: two keys have the number " + std::to_string(masters[i].id));
    }
    if (masters[i].secret.reveal().size() < kLeastSecret) {
      return fail(Code::configuration, "state: key " + std::to_string(masters[i].id) + " is shorter than " +
                                           std::to_string(kLeastSecret) + " bytes");
    }
  }
  return std::shared_ptr<StateKeys>(new StateKeys(std::move(masters)));
}

std::shared_ptr<const TenantStateKeys> StateKeys::tenant(std::string_view tenant) {
  std::string name(tenant);
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = tenants_.find(name); found != tenants_.end()) return found->second;
  }
  // Derived without the lock; two threads may do it both, and it comes out the same.
  auto made = std::make_shared<const TenantStateKeys>(masters_, tenant);
  const std::lock_guard lock(mutex_);
  if (tenants_.size() >= kMostTenants) tenants_.clear();
  tenants_.emplace(std::move(name), made);
  return made;
}

}  // namespace gatehouse::state
