#include "gatehouse/govern/key_store.h"

#include <bit>
#include <cstring>
#include <string>
#include <utility>

#include "gatehouse/crypto/virtual_key.h"

namespace gatehouse::govern {
namespace {

// Any of a digest's bits are as good as any other.
std::size_t hash_of(const crypto::Digest& digest) {
  std::size_t hash = 0;
  std::memcpy(&hash, digest.data(), sizeof(hash));
  return hash;
}

}  // namespace

Result<KeyStore> KeyStore::build(std::vector<KeyEntry> entries, std::string_view hash_secret) {
  KeyStore store;
  if (entries.empty()) return store;
  if (entries.size() >= kFree) return fail(Code::configuration, "too many keys");
  store.slots_.resize(std::bit_ceil(entries.size() * 2));
  store.principals_.reserve(entries.size());
  crypto::HmacSha256 hash(hash_secret);
  for (KeyEntry& entry : entries) {
    const std::string& name = entry.principal.key_name;
    const std::string_view key = entry.key.reveal();
    if (key.size() < kMinKeySize || key.size() > kMaxKeySize) {
      return fail(Code::configuration, "key \"" + name + "\" has " + std::to_string(key.size()) +
                                           " bytes; allowed are " + std::to_string(kMinKeySize) + " to " +
                                           std::to_string(kMaxKeySize));
    }
    const crypto::Digest digest = hash(key);
    std::size_t at = hash_of(digest);
    for (;; ++at) {
      Slot& slot = store.slots_[at & (store.slots_.size() - 1)];
      if (slot.principal == kFree) {
        slot.digest = digest;
        slot.principal = static_cast<std::uint32_t>(store.principals_.size());
        break;
      }
      if (crypto::equal_constant_time(slot.digest, digest)) {
        return fail(Code::configuration,
                    "keys \"" + store.principals_[slot.principal].key_name + "\" and \"" + name + "\" are the same");
      }
    }
    store.principals_.push_back(std::move(entry.principal));
  }
  return store;
}

const Principal* KeyStore::lookup(const crypto::Digest& digest) const {
  if (slots_.empty()) return nullptr;
  // Ends: the table is at most half full.
  for (std::size_t at = hash_of(digest);; ++at) {
    const Slot& slot = slots_[at & (slots_.size() - 1)];
    if (slot.principal == kFree) return nullptr;
    if (crypto::equal_constant_time(slot.digest, digest)) return &principals_[slot.principal];
  }
}

Result<const Principal*> KeyStore::find(std::string_view presented, crypto::HmacSha256& hash,
                                        base::WallTime now) const {
  if (presented.empty()) return fail(Code::unauthenticated, "No API key provided.");
  // The sizes are checked before the hash: a caller must not buy a hash of a long header with a short answer.
  const bool possible = presented.size() >= kMinKeySize && presented.size() <= kMaxKeySize;
  const Principal* principal = possible ? lookup(hash(presented)) : nullptr;
  if (principal == nullptr) {
    if (crypto::key_form(presented) == crypto::KeyForm::damaged) {
      return fail(Code::unauthenticated,
                  "Incorrect API key provided: its checksum does not match, so it was cut off or mistyped.");
    }
    return fail(Code::unauthenticated, "Incorrect API key provided.");
  }
  if (principal->expires_at.has_value() && now >= *principal->expires_at) {
    return fail(Code::unauthenticated, "The API key has expired.");
  }
  return principal;
}

}  // namespace gatehouse::govern
