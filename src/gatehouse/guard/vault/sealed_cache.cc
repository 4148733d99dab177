#include "gatehouse/guard/vault/sealed_cache.h"

#include <algorithm>
#include <utility>

namespace gatehouse::guard {

SealedCache::Slot& SealedCache::slot_at(Shard& shard, const Key& key) {
  return shard.slots.try_emplace(key, key).first->second;
}

void SealedCache::weigh(Shard& shard, Slot& slot) {
  constexpr std::size_t kOfMap = 64;  // the table's own
  std::size_t bytes = sizeof(Slot) + kOfMap + slot.owner.capacity();
  if (slot.entry) {
    const SealedEntry& entry = *slot.entry;
    bytes += sizeof(SealedEntry) + kOfMap + entry.tenant.capacity() + entry.scope.capacity() + entry.entity.capacity() +
             entry.sealed.capacity();
  }
  shard.bytes += bytes - std::exchange(slot.bytes, bytes);
}

void SealedCache::remove(Shard& shard, const Key& key) {
  const auto found = shard.slots.find(key);
  if (found == shard.slots.end()) return;
  shard.bytes -= found->second.bytes;
  shard.slots.erase(found);
}

void SealedCache::evict(Shard& shard) const {
  while (shard.bytes > shard_bytes_ && !shard.recent.empty()) remove(shard, Key(shard.recent.front().key));
}

SealedCache::Found SealedCache::find(Key key, std::int64_t now) {
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  const auto at = shard.slots.find(key);
  if (at == shard.slots.end()) return {};
  Slot& slot = at->second;
  if (slot.expires <= now) {
    // An entry that is over is nowhere; what was only believed must be asked again.
    const bool known = slot.entry != nullptr;
    if (slot.waiting == 0) remove(shard, key);
    return {.known = known, .entry = nullptr, .expires = 0};
  }
  if (slot.waiting == 0) shard.recent.push_back(slot);
  return {.known = true, .entry = slot.entry, .expires = slot.expires};
}

SealedCache::Known SealedCache::look(Key key, const std::array<std::uint8_t, 16>& check, std::string_view owner,
                                     std::int64_t renew_before, std::int64_t now) {
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  const auto at = shard.slots.find(key);
  if (at == shard.slots.end()) return {};
  Slot& slot = at->second;
  if (slot.entry == nullptr || slot.expires <= now) return {};
  if (slot.entry->check != check) return {.state = State::conflict, .entry = nullptr};
  if (slot.waiting == 0) shard.recent.push_back(slot);
  const bool current = slot.owner == owner && slot.expires >= renew_before;
  return {.state = current ? State::current : State::stale, .entry = slot.entry};
}

SharedEntry SealedCache::add(Key key, SharedEntry entry, std::string_view owner, std::int64_t expires,
                             std::int64_t now) {
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  Slot& slot = slot_at(shard, key);
  if (slot.entry != nullptr && slot.expires > now) {
    if (slot.entry->check != entry->check) return nullptr;
  } else {
    slot.entry = std::move(entry);
    slot.expires = 0;
    slot.waiting = 0;  // what waits is another entry
  }
  slot.expires = std::max(slot.expires, expires);
  slot.owner = owner;
  ++slot.waiting;
  slot.unlink();
  weigh(shard, slot);
  evict(shard);
  return slot.entry;
}

void SealedCache::written(Key key, const SharedEntry& entry) {
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  const auto at = shard.slots.find(key);
  if (at == shard.slots.end() || at->second.entry != entry || at->second.waiting == 0) return;
  if (--at->second.waiting > 0) return;
  shard.recent.push_back(at->second);
  evict(shard);
}

void SealedCache::dropped(Key key, const SharedEntry& entry) {
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  const auto at = shard.slots.find(key);
  if (at != shard.slots.end() && at->second.entry == entry) remove(shard, key);
}

void SealedCache::load(Key key, SharedEntry entry, std::int64_t expires, std::int64_t now) {
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  Slot& slot = slot_at(shard, key);
  const bool better = slot.entry == nullptr || slot.expires <= now;
  if (slot.waiting > 0 || !better) return;
  slot.entry = std::move(entry);
  slot.expires = expires;
  slot.owner.clear();
  shard.recent.push_back(slot);
  weigh(shard, slot);
  evict(shard);
}

void SealedCache::erase(Key key) {
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  remove(shard, key);
}

void SealedCache::erase_written(Key key) {
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  const auto at = shard.slots.find(key);
  if (at != shard.slots.end() && at->second.waiting == 0) remove(shard, key);
}

void SealedCache::erase_tenant(std::uint64_t tenant) {
  for (Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    for (auto at = shard.slots.begin(); at != shard.slots.end();) {
      if (at->first.tenant == tenant && at->second.waiting == 0) {
        shard.bytes -= at->second.bytes;
        at = shard.slots.erase(at);
      } else {
        ++at;
      }
    }
  }
}

SealedCache::Size SealedCache::size() const {
  Size size;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    size.entries += shard.slots.size();
    size.bytes += shard.bytes;
  }
  return size;
}

}  // namespace gatehouse::guard
