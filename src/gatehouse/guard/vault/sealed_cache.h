#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "gatehouse/base/intrusive_list.h"
#include "gatehouse/guard/redact/token.h"

namespace gatehouse::guard {

// A value as it is kept: sealed. Immutable, shared by memory and the writer.
struct SealedEntry {
  std::string tenant;
  std::string scope;
  std::string entity;
  TokenId token{};
  std::array<std::uint8_t, 16> check{};
  std::uint32_t key = 0;     // the master key's number
  std::int64_t created = 0;  // milliseconds since 1970
  std::string sealed;        // nonce, ciphertext, tag
};
using SharedEntry = std::shared_ptr<const SealedEntry>;

// Entries of the vault in memory: by tenant and token, in shards of a lock each, held for a look-up. What waits to be
// written stays; of the rest the least recently used go when a shard is full. Any thread. Times are milliseconds since
// 1970.
class SealedCache {
 public:
  struct Key {
    std::uint64_t tenant = 0;  // TenantKeys::tag
    std::uint64_t token = 0;
    bool operator==(const Key&) const = default;
  };

  explicit SealedCache(std::size_t bytes) : shard_bytes_(bytes / kShards) {}

  // What is known of a token. `known` without an entry: it is known that there is none.
  struct Found {
    bool known = false;
    SharedEntry entry;
    std::int64_t expires = 0;
  };
  Found find(Key key, std::int64_t now);

  // What a put has to do: nothing (`current`), to write the entry again for its owner or its time (`stale`), to seal
  // and add (`missing`), or to give up (`conflict`: another value has the token).
  enum class State : std::uint8_t { missing, current, stale, conflict };
  struct Known {
    State state = State::missing;
    SharedEntry entry;
  };
  Known look(Key key, const std::array<std::uint8_t, 16>& check, std::string_view owner, std::int64_t renew_before,
             std::int64_t now);
  // Adds it, or renews what somebody else added meanwhile; until written() or dropped() it stays. The entry to write;
  // null: conflict.
  SharedEntry add(Key key, SharedEntry entry, std::string_view owner, std::int64_t expires, std::int64_t now);
  void written(Key key, const SharedEntry& entry);
  void dropped(Key key, const SharedEntry& entry);

  // From the store; null: it has none, believed until `expires`. What is there already stays.
  void load(Key key, SharedEntry entry, std::int64_t expires, std::int64_t now);

  void erase(Key key);          // whatever it is
  void erase_written(Key key);  // unless a put waits that came later
  void erase_tenant(std::uint64_t tenant);

  struct Size {
    std::uint64_t entries = 0;
    std::uint64_t bytes = 0;
  };
  Size size() const;

 private:
  static constexpr std::size_t kShards = 32;

  struct KeyHash {
    std::size_t operator()(const Key& key) const { return static_cast<std::size_t>(mixed(key)); }
  };
  struct Slot : base::ListNode {  // linked: nothing waits
    explicit Slot(Key its) : key(its) {}
    const Key key;
    SharedEntry entry;
    std::int64_t expires = 0;
    std::uint32_t waiting = 0;
    std::size_t bytes = 0;
    std::string owner;  // for whom it was put last
  };
  struct Shard {
    mutable std::mutex mutex;
    std::unordered_map<Key, Slot, KeyHash> slots;
    base::IntrusiveList<Slot> recent;  // the least recently used in front
    std::size_t bytes = 0;
  };
  // Both are parts of MACs: any mixture of them is even.
  static std::uint64_t mixed(const Key& key) { return key.tenant ^ key.token * 0x9e3779b97f4a7c15U; }
  Shard& shard_of(const Key& key) { return shards_[mixed(key) >> 32U & (kShards - 1)]; }
  static Slot& slot_at(Shard& shard, const Key& key);
  static void weigh(Shard& shard, Slot& slot);
  static void remove(Shard& shard, const Key& key);
  void evict(Shard& shard) const;

  const std::size_t shard_bytes_;
  std::array<Shard, kShards> shards_;
};

}  // namespace gatehouse::guard
