#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "gatehouse/base/intrusive_list.h"
#include "gatehouse/govern/admission/account.h"
#include "gatehouse/govern/admission/admission.h"
#include "gatehouse/govern/admission/counter.h"
#include "gatehouse/govern/admission/lock.h"

namespace gatehouse::govern {

// Who asks for room, and what he does where there is none.
struct Asker {
  enum class Kind : std::uint8_t {
    passing,  // takes what is there or leaves; only a barrier holds him up
    first,    // may wait, so he does not pass anybody who does; is only told that he would have to
    joining,  // the same, and is counted as waiting if he has to
    waiting,  // in the queue of `queue`
  };
  Kind kind = Kind::passing;
  const Counter* queue = nullptr;
  bool overtaken = false;       // for so long that barriers of other queues do not hold him up
  base::SteadyTime deadline{};  // not passing: a window that turns later does not help
  bool clamp = false;           // take a smaller bound now
};

// What stands in the way of somebody who may wait.
struct Blocked {
  Counter* counter = nullptr;  // null: he need not or must not wait, the outcome is final
  Nanos look_again = kNever;   // a window turns that may help
  bool starving = false;       // others may take what he waits for, so they must not do so for ever
};

// Every account, in shards: a top of the tree and all below it belong to one shard, and whoever touches several locks
// them in ascending order. Any thread; a lock is held for the arithmetic of one demand. Counters are freed when nobody
// holds them any more and nobody waits for them.
class Books {
 public:
  // So many that two tops seldom share one; a set of them is a word.
  static constexpr std::size_t kShards = 32;
  using ShardSet = std::uint32_t;
  // Limits where somebody waits and something may have come free. To be looked up before they are followed.
  struct Kick {
    Counter* counter;
    bool reopened;  // also for those who were waiting for the window to turn
  };
  using Kicks = std::vector<Kick>;

  Books(const AdmissionOptions& options, Admission& owner) : max_members_(options.max_members), owner_(owner) {}
  ~Books();
  Books(const Books&) = delete;
  Books& operator=(const Books&) = delete;

  // Checks and takes all of it, or nothing. Fills `out`, unless the asker is to wait: then he has been counted among
  // the waiters of the limit that is named, if he was not (asker.queue).
  Blocked attempt(const Demand& demand, const Asker& asker, Moment now, Outcome& out);
  bool extend(Reservation& reservation, std::int64_t more, Moment now);
  Settled settle(Reservation& reservation, const Actual& actual, Moment now, Kicks& kicks);
  void release(Reservation& reservation, bool give_back_requests, Kicks& kicks);

  // One waiter less; may free the counter.
  void drop_waiter(Counter& counter);
  // All its places are taken: no demand fits, however small. (Of concurrency only: elsewhere a window may matter.)
  bool is_full(Counter& counter);
  // Of a counter with waiters.
  void set_barrier(Counter& counter, bool barrier);

  Result<> set_limits(const Node& node, std::vector<Limit> limits, Moment now, Kicks& kicks);
  Result<> set_template(NodeKind kind, std::vector<Limit> limits, Moment now, Kicks& kicks);
  // Of the node, or of the member where that is null.
  Result<> restore(const Node* node, const Member& member, std::string_view limit_id, std::span<const DatedUse> used,
                   Moment now);
  std::vector<LimitState> snapshot(const Node* node, const Member& member, Moment now);

  std::uint64_t members() const { return members_.load(std::memory_order_relaxed); }
  std::uint64_t overflowed() const { return overflowed_.load(std::memory_order_relaxed); }
  std::uint64_t over_holds() const { return over_holds_.load(std::memory_order_relaxed); }

 private:
  using Infos = std::vector<std::shared_ptr<const ZonedLimit>>;
  struct Name {
    NodeKind kind;
    std::string_view id;
    const Node* parent;
  };
  struct NameHash {
    using is_transparent = void;
    std::size_t operator()(const Name& name) const;
    std::size_t operator()(const Account* account) const;
  };
  struct NameEqual {
    using is_transparent = void;
    bool operator()(const Account* a, const Account* b) const { return a == b; }
    bool operator()(const Name& name, const Account* account) const;
    bool operator()(const Account* account, const Name& name) const { return (*this)(name, account); }
  };
  struct alignas(64) Shard {
    ShortLock lock;
    std::uint64_t visit = 0;                // of demands, so that each meets an account once
    base::IntrusiveList<Account> accounts;  // of nodes with limits of their own
    std::map<std::pair<const Node*, NodeKind>, std::unique_ptr<MemberGroup>> groups;
    std::unordered_set<Account*, NameHash, NameEqual> named;  // the members among the groups' accounts
  };
  // The shards of a set, locked while it lives. Ascending, always: no two can wait for each other.
  class Guard {
   public:
    Guard(Books& books, ShardSet set) : books_(books), set_(set) {
      for (ShardSet rest = set; rest != 0; rest &= rest - 1) at(rest).lock.lock();
    }
    ~Guard() {
      for (ShardSet rest = set_; rest != 0; rest &= rest - 1) at(rest).lock.unlock();
    }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

   private:
    Shard& at(ShardSet rest) { return books_.shards_[static_cast<std::size_t>(std::countr_zero(rest))]; }
    Books& books_;
    const ShardSet set_;
  };
  struct Sheet;

  static Result<Infos> check(std::vector<Limit> limits);
  static std::size_t shard_of(const Node* top);
  bool has_template(NodeKind kind) const {
    return ((template_kinds_.load(std::memory_order_acquire) >> static_cast<unsigned>(kind)) & 1U) != 0;
  }
  ShardSet shards_of(const Demand& demand) const;
  // The counters that the demand is counted on, rolled to now. False: too many.
  bool gather(const Demand& demand, ShardSet set, Nanos now, Sheet& sheet);
  bool add(Account& account, const Demand& demand, Nanos now, Sheet& sheet);
  void take(Sheet& sheet, const Demand& demand, std::int64_t completion, ShardSet set, Outcome& out);
  void report(const Sheet& sheet, Nanos now, Outcome& out);
  Account* template_account(Shard& shard, const Node* node, const Name& name, const Node* top, Nanos now);
  bool evict(Shard& shard, MemberGroup& group, Nanos now);
  void remove_member(Shard& shard, Account& account);
  static void reconcile(Account& account, const Infos& infos, Nanos now, Kicks& kicks);
  Account* find(Shard& shard, const Node* node, const Member& member, Nanos now, bool make);

  const std::size_t max_members_;
  Admission& owner_;
  std::atomic<std::uint32_t> template_kinds_{0};
  std::array<Infos, kNodeKindCount> templates_;  // written with every shard locked
  std::array<Shard, kShards> shards_;
  std::atomic<std::uint64_t> members_{0};
  std::atomic<std::uint64_t> overflowed_{0};
  std::atomic<std::uint64_t> over_holds_{0};
};

}  // namespace gatehouse::govern
