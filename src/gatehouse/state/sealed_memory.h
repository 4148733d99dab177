#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "gatehouse/state/state_keys.h"

namespace gatehouse::state {

// What an entry is; part of what it is sealed with and of rows: renumber none.
enum class EntryKind : std::uint8_t {
  message = 1,   // state of an answer (opaque_memory.h)
  call = 2,      // a tool call's message
  response = 3,  // a stored response (response_store.h)
  item = 4,      // an item's response
};
std::string_view purpose_of(EntryKind kind);

// An entry as it is kept: sealed. Immutable, shared by memory and the writer. Times are milliseconds since 1970.
struct SealedEntry {
  std::string tenant;
  EntryKind kind = EntryKind::message;
  EntryName name{};
  std::string sealed;
  std::int64_t expires = 0;
};
using SharedEntry = std::shared_ptr<const SealedEntry>;

// Entries in memory, in shards of a lock each, held for a look-up. When a shard is full the least recently used go, of
// a tenant over his share his own. Any thread.
class SealedMemory {
 public:
  SealedMemory(std::size_t bytes, std::size_t tenant_share)
      : shard_bytes_(bytes / kShards), tenant_bytes_(shard_bytes_ / std::max<std::size_t>(tenant_share, 1)) {}

  // Null: nothing that is known and has not expired. `tenant`: TenantStateKeys::tag.
  SharedEntry find(std::uint64_t tenant, EntryKind kind, const EntryName& name, std::int64_t now);
  // In place of what was there. Appends those that had to go to `gone`.
  void put(std::uint64_t tenant, SharedEntry entry, std::vector<SharedEntry>& gone);
  // What was there; null: nothing.
  SharedEntry erase(std::uint64_t tenant, EntryKind kind, const EntryName& name);
  void erase_tenant(std::uint64_t tenant);
  void erase_expired(std::int64_t now);

  struct Size {
    std::uint64_t entries = 0;
    std::uint64_t bytes = 0;
  };
  Size size() const;

 private:
  static constexpr std::size_t kShards = 16;

  struct Key {
    std::uint64_t tenant = 0;
    EntryName name{};
    EntryKind kind = EntryKind::message;
    bool operator==(const Key&) const = default;
  };
  // Names are parts of MACs: any bytes of them are even.
  static std::uint64_t mixed(const Key& key) {
    std::uint64_t value = 0;
    std::memcpy(&value, key.name.data(), sizeof value);
    return value ^ key.tenant;
  }
  struct KeyHash {
    std::size_t operator()(const Key& key) const { return static_cast<std::size_t>(mixed(key)); }
  };
  struct Slot {
    SharedEntry entry;
    std::size_t bytes = 0;
    std::list<Key>::iterator recent;     // in the shard's
    std::list<Key>::iterator of_tenant;  // in its tenant's
  };
  struct Tenant {
    std::list<Key> recent;
    std::size_t bytes = 0;
  };
  struct Shard {
    mutable std::mutex mutex;
    std::unordered_map<Key, Slot, KeyHash> slots;
    std::list<Key> recent;  // the least recently used in front
    std::unordered_map<std::uint64_t, Tenant> tenants;
    std::size_t bytes = 0;
  };
  Shard& shard_of(const Key& key) { return shards_[mixed(key) >> 40U & (kShards - 1)]; }
  static SharedEntry remove(Shard& shard, Key key);

  const std::size_t shard_bytes_;
  const std::size_t tenant_bytes_;
  std::array<Shard, kShards> shards_;
};

}  // namespace gatehouse::state
