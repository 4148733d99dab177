#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/govern/admission/demand.h"
#include "gatehouse/govern/admission/outcome.h"
#include "gatehouse/govern/admission/reservation.h"
#include "gatehouse/govern/admission/waiter.h"
#include "gatehouse/govern/admission/weight_rules.h"
#include "gatehouse/govern/limit.h"
#include "gatehouse/govern/node.h"

namespace gatehouse::govern {

class Books;

struct AdmissionOptions {
  std::size_t max_waiting = 4096;             // in all
  std::size_t max_waiting_per_tenant = 1024;  // of these
  // A waiter that does not fit lets smaller ones of its own limit pass for so long, or so many of them; then nobody.
  base::Duration overtaken_for = std::chrono::seconds(1);
  std::uint32_t overtaken_by = 16;
  // Accounts that templates make, below one top of the tree. Past it newcomers of a kind share one account.
  std::size_t max_members = 100'000;
};

// Where one limit stands.
struct LimitState {
  std::shared_ptr<const Limit> limit;
  std::int64_t used = 0;  // in the current window
  std::int64_t held = 0;  // by requests in flight
  Span window{};          // calendar: its ends; rolling: the stretch that counts; lifetime: from the epoch to the end
  bool soft_passed = false;
  std::uint32_t waiting = 0;  // requests for which this limit is in the way
};

// So much was used at a time: what the ledger tells at start.
struct DatedUse {
  base::WallTime time{};
  std::int64_t amount = 0;
};

struct AdmissionStats {
  std::uint64_t waiting = 0;        // now
  std::uint64_t members = 0;        // accounts made by templates, now
  std::uint64_t overflowed = 0;     // demands counted on a shared account, because there was no room for their own
  std::uint64_t over_holds = 0;     // settlements above what was held
  std::uint64_t granted_later = 0;  // after waiting
  std::uint64_t timed_out = 0;
  std::uint64_t turned_away = 0;  // the queue was full
};

// Who may spend what, now: the counters of every limited node, and the queue of those who do not fit yet. One for the
// process; it outlives every reservation, waiter and request, and the nodes outlive it. Every function may be called
// from any thread. It never waits for anything but a short lock, and knows no clock: time is passed in.
//
// Exactness: a demand is checked and taken on all its limits at once, under the locks of the tops it hangs from
// (docs/adr/0005-admission-by-locked-tops.md), so that used + held never goes beyond an amount by admission, and nobody
// is refused for what somebody else merely tried.
class Admission {
 public:
  explicit Admission(AdmissionOptions options = {});
  ~Admission();
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;

  // The node's limits from now on; none: it is unlimited. A limit of the same id, resource and window goes on with its
  // count; others begin at zero. Reservations stay. Errors (Code::configuration; nothing has changed then): a zone that
  // nobody knows, an id twice, a negative amount, more than kMaxLimitsPerNode.
  static constexpr std::size_t kMaxLimitsPerNode = 32;
  Result<> set_limits(const Node& node, std::vector<Limit> limits, Moment now);
  // The limits for each node or member of a kind that has none of its own ("end_user:*", "key:*"). None: no template.
  Result<> set_template(NodeKind kind, std::vector<Limit> limits, Moment now);
  void set_weight_rules(WeightRules rules);

  // What was used before this process: added to the limit's count as far as it lies in what is now its window.
  // Code::configuration: no such limit.
  Result<> restore(const Node& node, std::string_view limit_id, std::span<const DatedUse> used, Moment now);
  Result<> restore(const Member& member, std::string_view limit_id, std::span<const DatedUse> used, Moment now);

  // Where the limits of one node stand, in the order they were given. Empty: none.
  std::vector<LimitState> snapshot(const Node& node, Moment now) const;
  std::vector<LimitState> snapshot(const Member& member, Moment now) const;

  // Held, or why not, at once. It passes those who wait, as long as they let others pass (AdmissionOptions).
  Outcome reserve(const Demand& demand, Moment now);

  // As reserve, but who does not fit waits where waiting can help before the deadline. The outcome, or nothing: then
  // the waiter is told later. `demand` and what it borrows must stay until then.
  std::optional<Outcome> admit(const Demand& demand, const Patience& patience, Waiter& waiter, Moment now);
  // The client is gone. True: it was waiting and will not be told. False: it has been told (the call is over), or never
  // waited; a reservation that it was given must be cancelled by its owner.
  bool cancel(Waiter& waiter, Moment now);

  // Windows that turned, deadlines that passed. Call it every 50 ms or so; two atomic reads when there is nothing to
  // do.
  void tick(Moment now);

  AdmissionStats stats() const;

 private:
  friend class Reservation;
  bool extend(Reservation& reservation, std::int64_t more, Moment now);
  Settled settle(Reservation& reservation, const Actual& actual, Moment now);
  void release(Reservation& reservation, bool give_back_requests, std::optional<Moment> now);

  std::unique_ptr<Books> books_;
  std::unique_ptr<WaitingRoom> room_;
};

}  // namespace gatehouse::govern
