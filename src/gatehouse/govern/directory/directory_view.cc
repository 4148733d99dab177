#include "gatehouse/govern/directory/directory_view.h"

#include <bit>
#include <cstring>
#include <utility>

#include "gatehouse/crypto/virtual_key.h"
#include "gatehouse/govern/directory/identity.h"

namespace gatehouse::govern {
namespace {

// Any of a digest's bits are as good as any other; the shard and the place in it take different ones.
std::size_t shard_of(const crypto::Digest& digest) {
  static_assert(std::has_single_bit(DirectoryView::kShards));
  return (static_cast<std::size_t>(digest[30]) << 8 | digest[31]) & (DirectoryView::kShards - 1);
}
std::uint64_t tag_of(const crypto::Digest& digest) {
  std::uint64_t tag = 0;
  std::memcpy(&tag, digest.data(), sizeof(tag));
  return tag;
}

std::unique_ptr<Principal> principal_of(const Credential::Parts& parts) {
  auto made = std::make_unique<Principal>();
  made->node = parts.node;
  made->key_id = parts.node->id;
  made->key_name = parts.name;
  for (const Node* node = parts.node->parent; node != nullptr; node = node->parent) {
    switch (node->kind) {
      case NodeKind::org:
        made->org = node->id;
        break;
      case NodeKind::unit:
        made->unit = node->id;
        break;
      case NodeKind::team:
        made->team = node->id;
        break;
      case NodeKind::project:
        made->project = node->id;
        break;
      case NodeKind::user:
        made->user = node->id;
        break;
      case NodeKind::key:
      case NodeKind::end_user:
      case NodeKind::tag:
      case NodeKind::provider:
        break;
    }
  }
  if (parts.user != nullptr) made->user = parts.user->id;
  made->metadata = parts.metadata;
  if (parts.traits) {
    made->models = parts.traits->models;
    made->operations = parts.traits->operations;
    made->providers = parts.traits->providers;
    made->regions = parts.traits->regions;
    made->addresses = parts.traits->addresses;
    made->priority = parts.traits->priority;
    made->weight = parts.traits->weight;
  }
  made->expires_at = parts.expires_at;
  return made;
}

}  // namespace

const Principal& Credential::principal() const {
  if (const Principal* there = principal_.load(std::memory_order_acquire)) return *there;
  auto made = principal_of(parts_);
  const Principal* expected = nullptr;
  if (principal_.compare_exchange_strong(expected, made.get(), std::memory_order_acq_rel, std::memory_order_acquire)) {
    return *made.release();
  }
  return *expected;  // another thread was quicker
}

const Credential* DirectoryView::lookup(const crypto::Digest& digest) const {
  const auto& shard = shards_[shard_of(digest)];
  if (!shard || shard->empty()) return nullptr;
  const std::size_t mask = shard->size() - 1;
  const std::uint64_t tag = tag_of(digest);
  // Ends: the table is never full.
  for (std::size_t at = tag;; ++at) {
    const Slot& slot = (*shard)[at & mask];
    if (slot.credential == nullptr) return nullptr;
    if (slot.tag == tag && crypto::equal_constant_time(slot.credential->parts().digest, digest)) {
      return slot.credential.get();
    }
  }
}

const Principal* DirectoryView::find(const crypto::Digest& digest) const {
  const Credential* credential = lookup(digest);
  return credential == nullptr ? nullptr : &credential->principal();
}

bool DirectoryView::still_valid(const Principal& principal, base::WallTime now) {
  if (principal.expires_at.has_value() && now >= *principal.expires_at) return false;
  return principal.node == nullptr || principal.node->is_active();
}

Result<const Principal*> DirectoryView::authenticate(std::string_view presented, crypto::HmacSha256& hash,
                                                     base::WallTime now, const base::Address& from) const {
  if (presented.empty()) return fail(Code::unauthenticated, "No API key provided.");
  // The sizes are checked before the hash: a caller must not buy a hash of a long header with a short answer.
  const bool possible = presented.size() >= kMinKeySize && presented.size() <= kMaxKeySize;
  const Principal* principal = possible ? find(hash(presented)) : nullptr;
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
  if (!principal->node->is_active()) {
    return fail(Code::unauthenticated, "The API key is blocked, or whom it belongs to is switched off.");
  }
  if (!principal->addresses.empty()) {
    bool within = false;
    for (const auto& block : principal->addresses) within = within || block.contains(from);
    if (!within) return fail(Code::forbidden, "The API key may not be used from this address.");
  }
  return principal;
}

std::shared_ptr<const DirectoryView> DirectoryView::own_handle(std::shared_ptr<const DirectoryView> view) {
  const DirectoryView* raw = view.get();
  return {raw, [held = std::move(view)](const DirectoryView*) {}};
}

DirectoryView::Shard& ViewBuilder::own(std::size_t index) {
  changed_ = true;
  auto& owned = owned_[index];
  if (!owned) {
    const auto& shared = next_.shards_[index];
    owned = shared ? std::make_shared<DirectoryView::Shard>(*shared) : std::make_shared<DirectoryView::Shard>();
    next_.shards_[index] = owned;
  }
  return *owned;
}

namespace {

template <class Shard, class Slot>
void insert(Shard& shard, Slot slot) {
  const std::size_t mask = shard.size() - 1;
  std::size_t at = slot.tag;
  while (shard[at & mask].credential != nullptr) ++at;
  shard[at & mask] = std::move(slot);
}

}  // namespace

void ViewBuilder::put(std::shared_ptr<const Credential> credential) {
  const crypto::Digest digest = credential->parts().digest;
  remove(digest);
  const std::size_t index = shard_of(digest);
  DirectoryView::Shard& shard = own(index);
  auto& count = counts_[index];
  if (shard.empty() || (count + 1) * 4 > shard.size() * 3) {
    DirectoryView::Shard grown(shard.empty() ? 4 : shard.size() * 2);
    for (auto& slot : shard) {
      if (slot.credential != nullptr) insert(grown, std::move(slot));
    }
    shard = std::move(grown);
  }
  insert(shard, DirectoryView::Slot{.tag = tag_of(digest), .credential = std::move(credential)});
  ++count;
  ++next_.size_;
}

void ViewBuilder::remove(const crypto::Digest& digest) {
  if (next_.lookup(digest) == nullptr) return;
  const std::size_t index = shard_of(digest);
  DirectoryView::Shard& shard = own(index);
  // Without tombstones: what is left is placed anew. A shard is small.
  DirectoryView::Shard kept(shard.size());
  for (auto& slot : shard) {
    if (slot.credential != nullptr && slot.credential->parts().digest != digest) insert(kept, std::move(slot));
  }
  shard = std::move(kept);
  --counts_[index];
  --next_.size_;
}

std::shared_ptr<const DirectoryView> ViewBuilder::build() {
  if (changed_) {
    current_ = std::make_shared<const DirectoryView>(next_);
    owned_.fill(nullptr);  // shared from now on
    changed_ = false;
  }
  return current_;
}

}  // namespace gatehouse::govern
