#include "gatehouse/state/sealed_memory.h"

#include <utility>

namespace gatehouse::state {
namespace {

// What an entry takes beside its texts: the slot, two list nodes and what they hang in.
constexpr std::size_t kSlotBytes = 320;

std::size_t weight(const SealedEntry& entry) { return kSlotBytes + entry.tenant.size() + entry.sealed.size(); }

}  // namespace

std::string_view purpose_of(EntryKind kind) {
  switch (kind) {
    case EntryKind::message:
      return "message";
    case EntryKind::call:
      return "call";
    case EntryKind::response:
      return "response";
    case EntryKind::item:
      return "item";
  }
  return "";
}

SharedEntry SealedMemory::remove(Shard& shard, Key key) {
  const auto place = shard.slots.find(key);
  if (place == shard.slots.end()) return nullptr;
  Slot& slot = place->second;
  SharedEntry entry = std::move(slot.entry);
  const auto own = shard.tenants.find(key.tenant);
  shard.bytes -= slot.bytes;
  own->second.bytes -= slot.bytes;
  shard.recent.erase(slot.recent);
  own->second.recent.erase(slot.of_tenant);
  shard.slots.erase(place);
  if (own->second.recent.empty()) shard.tenants.erase(own);
  return entry;
}

SharedEntry SealedMemory::find(std::uint64_t tenant, EntryKind kind, const EntryName& name, std::int64_t now) {
  const Key key{tenant, name, kind};
  Shard& shard = shard_of(key);
  SharedEntry old;  // freed without the lock
  const std::lock_guard lock(shard.mutex);
  const auto place = shard.slots.find(key);
  if (place == shard.slots.end()) return nullptr;
  Slot& slot = place->second;
  if (slot.entry->expires <= now) {
    old = remove(shard, key);
    return nullptr;
  }
  Tenant& own = shard.tenants[tenant];
  shard.recent.splice(shard.recent.end(), shard.recent, slot.recent);
  own.recent.splice(own.recent.end(), own.recent, slot.of_tenant);
  return slot.entry;
}

void SealedMemory::put(std::uint64_t tenant, SharedEntry entry, std::vector<SharedEntry>& gone) {
  const Key key{tenant, entry->name, entry->kind};
  const std::size_t bytes = weight(*entry);
  Shard& shard = shard_of(key);
  SharedEntry old;  // freed without the lock
  const std::lock_guard lock(shard.mutex);
  const auto [place, fresh] = shard.slots.try_emplace(key);
  Slot& slot = place->second;
  Tenant& own = shard.tenants[tenant];
  if (fresh) {
    slot.recent = shard.recent.insert(shard.recent.end(), key);
    slot.of_tenant = own.recent.insert(own.recent.end(), key);
  } else {
    shard.recent.splice(shard.recent.end(), shard.recent, slot.recent);
    own.recent.splice(own.recent.end(), own.recent, slot.of_tenant);
    shard.bytes -= slot.bytes;
    own.bytes -= slot.bytes;
  }
  old = std::exchange(slot.entry, std::move(entry));
  slot.bytes = bytes;
  shard.bytes += bytes;
  own.bytes += bytes;
  // The newest stays in any case.
  while (own.bytes > tenant_bytes_ && own.recent.size() > 1) gone.push_back(remove(shard, own.recent.front()));
  while (shard.bytes > shard_bytes_ && shard.recent.size() > 1) gone.push_back(remove(shard, shard.recent.front()));
}

SharedEntry SealedMemory::erase(std::uint64_t tenant, EntryKind kind, const EntryName& name) {
  const Key key{tenant, name, kind};
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  return remove(shard, key);
}

void SealedMemory::erase_tenant(std::uint64_t tenant) {
  for (Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    for (auto own = shard.tenants.find(tenant); own != shard.tenants.end(); own = shard.tenants.find(tenant)) {
      remove(shard, own->second.recent.front());
    }
  }
}

void SealedMemory::erase_expired(std::int64_t now) {
  std::vector<Key> gone;
  for (Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    gone.clear();
    for (const auto& [key, slot] : shard.slots) {
      if (slot.entry->expires <= now) gone.push_back(key);
    }
    for (const Key& key : gone) remove(shard, key);
  }
}

SealedMemory::Size SealedMemory::size() const {
  Size size;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    size.entries += shard.slots.size();
    size.bytes += shard.bytes;
  }
  return size;
}

}  // namespace gatehouse::state
