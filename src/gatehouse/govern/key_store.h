#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/base/secret.h"
#include "gatehouse/crypto/hmac.h"
#include "gatehouse/govern/principal.h"

namespace gatehouse::govern {

// A key may be any string of this many bytes (INTERFACE.md sets the lower bound).
inline constexpr std::size_t kMinKeySize = 12;
inline constexpr std::size_t kMaxKeySize = 512;

struct KeyEntry {
  Principal principal;
  base::Secret key;
};

// From a presented key to its principal. Immutable: made with a configuration snapshot and owned by it; any thread may
// read it. Keeps no key, only HMAC-SHA256 digests under `hash_secret`, in a flat open-addressed table.
//
// Timing: what is looked up is the keyed hash of the presented key. A caller without the hash secret cannot choose or
// predict a single bit of it, so the time of probing and of the (constant-time) comparison tells nothing that helps to
// guess a key, and a hit and a miss need not take equally long.
class KeyStore {
 public:
  // An empty store: finds nobody.
  KeyStore() = default;
  // Code::configuration, naming the entry and never the key: a key that is too short or too long, or given twice.
  static Result<KeyStore> build(std::vector<KeyEntry> entries, std::string_view hash_secret);

  // The principal of a presented key, valid as long as this store (no reference count: the caller holds the snapshot).
  // `hash` must be keyed with the store's hash secret; it belongs to the calling thread. `now` decides about expiry.
  // Errors: Code::unauthenticated, with a message that never repeats any of the key.
  Result<const Principal*> find(std::string_view presented, crypto::HmacSha256& hash, base::WallTime now) const;

  std::size_t size() const { return principals_.size(); }

 private:
  struct Slot {
    crypto::Digest digest{};
    std::uint32_t principal = kFree;
  };
  static constexpr std::uint32_t kFree = 0xffffffff;
  const Principal* lookup(const crypto::Digest& digest) const;

  std::vector<Principal> principals_;
  std::vector<Slot> slots_;  // a power of two, at most half full
};

}  // namespace gatehouse::govern
