#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "gatehouse/guard/conversation/state.h"

namespace gatehouse::guard {

// A state as it is kept: its texts only sealed. Immutable, shared by memory and the writer. Times are milliseconds
// since 1970.
struct KeptConversation {
  std::string tenant;
  ConversationName name{};
  ConversationState state;  // without its tail
  std::uint32_t key = 0;    // the master key's number that `sealed` is under
  std::string sealed;       // nonce, ciphertext, tag; empty: there are no texts
  std::int64_t expires = 0;
};
using SharedConversation = std::shared_ptr<const KeptConversation>;

// Kept states in memory: in shards of a lock each, held for a look-up. When a shard is full the least recently used go,
// of a tenant over his share his own. Any thread.
class ConversationMemory {
 public:
  ConversationMemory(std::size_t bytes, std::size_t tenant_share)
      : shard_bytes_(bytes / kShards), tenant_bytes_(shard_bytes_ / std::max<std::size_t>(tenant_share, 1)) {}

  // Null: nothing that is known and has not expired. `tenant`: TenantKeys::tag.
  SharedConversation find(std::uint64_t tenant, const ConversationName& name, std::int64_t now);
  // What is kept then: an end stays, whoever puts another state of that conversation; and where `added` (the risk of
  // this turn) is told and another turn was put meanwhile, that is added to its risk.
  SharedConversation put(std::uint64_t tenant, SharedConversation kept, std::optional<double> added = std::nullopt);
  void erase_tenant(std::uint64_t tenant);
  void erase_expired(std::int64_t now);

  struct Size {
    std::uint64_t entries = 0;
    std::uint64_t bytes = 0;
  };
  Size size() const;

 private:
  static constexpr std::size_t kShards = 32;

  struct Key {
    std::uint64_t tenant = 0;
    ConversationName name{};
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
    SharedConversation kept;
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
  static void remove(Shard& shard, const Key& key);

  const std::size_t shard_bytes_;
  const std::size_t tenant_bytes_;
  std::array<Shard, kShards> shards_;
};

}  // namespace gatehouse::guard
