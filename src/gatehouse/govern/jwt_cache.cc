#include "gatehouse/govern/jwt_cache.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace gatehouse::govern {

JwtCache::JwtCache(std::size_t capacity) : slots_(std::bit_ceil(std::max(capacity, kWays))) {}

JwtCache::Slot* JwtCache::set_of(const crypto::Digest& token) {
  std::size_t hash = 0;
  std::memcpy(&hash, token.data(), sizeof(hash));
  return &slots_[(hash & (slots_.size() / kWays - 1)) * kWays];
}

std::shared_ptr<const JwtCaller> JwtCache::find(const crypto::Digest& token, std::uint64_t generation,
                                                base::WallTime now) {
  Slot* const set = set_of(token);
  for (Slot* slot = set; slot != set + kWays; ++slot) {
    if (!slot->caller || !crypto::equal_constant_time(slot->digest, token)) continue;
    const auto& expires = slot->caller->principal.expires_at;
    if (slot->generation != generation || (expires && now >= *expires)) {
      *slot = Slot{};
      return nullptr;
    }
    slot->used = ++clock_;
    return slot->caller;
  }
  return nullptr;
}

void JwtCache::put(const crypto::Digest& token, std::uint64_t generation, std::shared_ptr<const JwtCaller> caller) {
  Slot* const set = set_of(token);
  Slot* place = set;
  for (Slot* slot = set; slot != set + kWays; ++slot) {
    if (slot->caller && crypto::equal_constant_time(slot->digest, token)) {
      place = slot;
      break;
    }
    if (slot->used < place->used) place = slot;
  }
  *place = {.digest = token, .generation = generation, .used = ++clock_, .caller = std::move(caller)};
}

std::size_t JwtCache::size() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(slots_, [](const Slot& slot) { return slot.caller != nullptr; }));
}

}  // namespace gatehouse::govern
