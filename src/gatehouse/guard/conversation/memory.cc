#include "gatehouse/guard/conversation/memory.h"

#include <utility>
#include <vector>

namespace gatehouse::guard {
namespace {

// Of the maps and lists around an entry, about.
constexpr std::size_t kAround = 320;

std::size_t bytes_of(const KeptConversation& kept) {
  return sizeof(KeptConversation) + kAround + kept.tenant.size() + kept.sealed.size();
}

}  // namespace

void ConversationMemory::remove(Shard& shard, const Key& key) {
  const auto found = shard.slots.find(key);
  if (found == shard.slots.end()) return;
  const Key gone = key;  // it may be the list's own
  Slot& slot = found->second;
  const auto tenant = shard.tenants.find(gone.tenant);
  tenant->second.bytes -= slot.bytes;
  tenant->second.recent.erase(slot.of_tenant);
  if (tenant->second.recent.empty()) shard.tenants.erase(tenant);
  shard.bytes -= slot.bytes;
  shard.recent.erase(slot.recent);
  shard.slots.erase(found);
}

SharedConversation ConversationMemory::find(std::uint64_t tenant, const ConversationName& name, std::int64_t now) {
  const Key key{.tenant = tenant, .name = name};
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.slots.find(key);
  if (found == shard.slots.end()) return nullptr;
  if (found->second.kept->expires <= now) {
    remove(shard, key);
    return nullptr;
  }
  Slot& slot = found->second;
  shard.recent.splice(shard.recent.end(), shard.recent, slot.recent);
  auto& own = shard.tenants.find(tenant)->second.recent;
  own.splice(own.end(), own, slot.of_tenant);
  return slot.kept;
}

SharedConversation ConversationMemory::put(std::uint64_t tenant, SharedConversation kept, std::optional<double> added) {
  const Key key{.tenant = tenant, .name = kept->name};
  const std::size_t bytes = bytes_of(*kept);
  Shard& shard = shard_of(key);
  SharedConversation old;  // freed without the lock
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
  old = std::exchange(slot.kept, std::move(kept));
  if (old != nullptr && old->state.id == slot.kept->state.id) {
    const ConversationState& before = old->state;
    const ConversationState& now = slot.kept->state;
    const bool meanwhile = added && before.turns >= now.turns;
    if ((before.ended && !now.ended) || meanwhile) {
      auto both = std::make_shared<KeptConversation>(*slot.kept);
      both->state.ended = before.ended || now.ended;
      if (before.ended) both->expires = std::max(both->expires, old->expires);
      if (meanwhile) {
        both->state.risk = std::max(now.risk, before.risk + *added);
        both->state.turns = before.turns + 1;
      }
      slot.kept = std::move(both);
    }
  }
  SharedConversation stored = slot.kept;
  slot.bytes = bytes;
  shard.bytes += bytes;
  own.bytes += bytes;
  // The newest stays in any case.
  while (own.bytes > tenant_bytes_ && own.recent.size() > 1) remove(shard, own.recent.front());
  while (shard.bytes > shard_bytes_ && shard.recent.size() > 1) remove(shard, shard.recent.front());
  return stored;
}

void ConversationMemory::erase_tenant(std::uint64_t tenant) {
  for (Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    for (auto own = shard.tenants.find(tenant); own != shard.tenants.end(); own = shard.tenants.find(tenant)) {
      remove(shard, own->second.recent.front());
    }
  }
}

void ConversationMemory::erase_expired(std::int64_t now) {
  std::vector<Key> gone;
  for (Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    gone.clear();
    for (const auto& [key, slot] : shard.slots) {
      if (slot.kept->expires <= now) gone.push_back(key);
    }
    for (const Key& key : gone) remove(shard, key);
  }
}

ConversationMemory::Size ConversationMemory::size() const {
  Size size;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    size.entries += shard.slots.size();
    size.bytes += shard.bytes;
  }
  return size;
}

}  // namespace gatehouse::guard
