#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/address.h"
#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/crypto/hmac.h"
#include "gatehouse/govern/node.h"
#include "gatehouse/govern/principal.h"

namespace gatehouse::govern {

// What many keys have in common, kept once: the rules of what they may use, with everything above them in the tree
// taken into account. Immutable.
struct Traits {
  NameRules models;
  NameRules operations;
  NameRules providers;
  NameRules regions;
  std::vector<base::Cidr> addresses;
  Priority priority = Priority::normal;
  std::uint32_t weight = 1;
};

// One key as a view holds it. Immutable but for the Principal, which is made when the key is first used: of a hundred
// thousand keys most sleep, and a Principal is the larger part. Any thread.
class Credential {
 public:
  struct Parts {
    crypto::Digest digest{};
    const Node* node = nullptr;  // the key's own, never null
    const Node* user = nullptr;  // whose it is, where he is not above it
    std::shared_ptr<const Traits> traits{};
    std::string name{};
    std::string metadata{};
    std::optional<base::WallTime> expires_at{};
  };
  explicit Credential(Parts parts) : parts_(std::move(parts)) {}
  ~Credential() { delete principal_.load(std::memory_order_relaxed); }
  Credential(const Credential&) = delete;
  Credential& operator=(const Credential&) = delete;

  const Parts& parts() const { return parts_; }
  // Valid as long as this.
  const Principal& principal() const;

 private:
  const Parts parts_;
  mutable std::atomic<const Principal*> principal_{nullptr};
};

// Who a key belongs to, as workers read it: from the keyed hash of a presented key to its Principal. Immutable: a
// change makes a new view that shares with the old one all shards but those which it touched. Made by Directory on the
// control thread; any thread may read one; what `find` gives is valid as long as the view is held. No lock.
//
// A node's or a key's switch (Node::active) and expiry are no part of the look-up but of `authenticate`, so that
// switching off takes effect at once, also for who still holds an old view.
class DirectoryView {
 public:
  static constexpr std::size_t kShards = 512;

  // Null: no such key. Neither switches nor expiry are looked at.
  const Principal* find(const crypto::Digest& digest) const;
  // The whole way: sizes, look-up, switches, expiry, where it may be used from. `hash` is keyed with the directory's
  // hash secret and belongs to the calling thread. Errors: Code::unauthenticated, and Code::forbidden for a key that
  // is good but used from elsewhere; the details never repeat any of the key. Timing: what is looked up
  // is the keyed hash of the presented key, of which a caller without the secret cannot predict a bit, so the time of
  // probing and of the (constant-time) comparison tells nothing that helps to guess one.
  Result<const Principal*> authenticate(std::string_view presented, crypto::HmacSha256& hash, base::WallTime now,
                                        const base::Address& from) const;
  // Whether a principal found earlier may still go on (a long stream, a session): switches and expiry.
  static bool still_valid(const Principal& principal, base::WallTime now);

  std::size_t size() const { return size_; }

  // The same view with a reference count of its own, so that threads that each take one for every request do not share
  // a cache line. Call once for each thread and hand it over.
  static std::shared_ptr<const DirectoryView> own_handle(std::shared_ptr<const DirectoryView> view);

 private:
  friend class ViewBuilder;
  struct Slot {
    std::uint64_t tag = 0;  // of the digest
    std::shared_ptr<const Credential> credential;
  };
  using Shard = std::vector<Slot>;  // open addressing: a power of two, at most 3/4 full; empty: none
  const Credential* lookup(const crypto::Digest& digest) const;

  std::array<std::shared_ptr<const Shard>, kShards> shards_;
  std::size_t size_ = 0;
};

// The control thread's side: collects changes and makes the next view of them.
class ViewBuilder {
 public:
  // The same digest again replaces.
  void put(std::shared_ptr<const Credential> credential);
  void remove(const crypto::Digest& digest);
  const Credential* find(const crypto::Digest& digest) const { return next_.lookup(digest); }
  // With everything that was put and removed since; the same object as before where nothing was.
  std::shared_ptr<const DirectoryView> build();
  std::size_t size() const { return next_.size_; }

 private:
  DirectoryView::Shard& own(std::size_t shard);

  DirectoryView next_;
  std::array<std::shared_ptr<DirectoryView::Shard>, DirectoryView::kShards> owned_;  // copied since the last build
  std::array<std::uint32_t, DirectoryView::kShards> counts_{};
  std::shared_ptr<const DirectoryView> current_ = std::make_shared<const DirectoryView>();
  bool changed_ = false;
};

}  // namespace gatehouse::govern
