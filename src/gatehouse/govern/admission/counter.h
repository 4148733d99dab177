#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "gatehouse/govern/admission/demand.h"
#include "gatehouse/govern/admission/zone.h"
#include "gatehouse/govern/limit.h"
#include "gatehouse/govern/node.h"

namespace gatehouse::govern {

// Wall time in nanoseconds since 1970: what counters compare.
using Nanos = std::int64_t;
inline constexpr Nanos kNever = std::numeric_limits<Nanos>::max();
// No limit in this direction.
inline constexpr std::int64_t kAny = std::numeric_limits<std::int64_t>::max();

inline Nanos nanos(base::WallTime time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}
inline base::WallTime wall_time(Nanos at) {
  return base::WallTime(std::chrono::duration_cast<base::WallTime::duration>(std::chrono::nanoseconds(at)));
}

inline std::int64_t add_up(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return a > 0 ? std::numeric_limits<std::int64_t>::max() : std::numeric_limits<std::int64_t>::min();
}
inline std::int64_t take_off(std::int64_t a, std::int64_t b) {
  std::int64_t rest = 0;
  if (!__builtin_sub_overflow(a, b, &rest)) return rest;
  return a > 0 ? std::numeric_limits<std::int64_t>::max() : std::numeric_limits<std::int64_t>::min();
}

// What a demand needs of one resource with so many completion tokens. Money is rounded up to whole nanodollars.
std::int64_t need(Resource resource, const Demand& demand, std::int64_t completion);
// The largest number of completion tokens with which the demand needs at most `room`; -1: not even none; kAny: any.
std::int64_t fit(Resource resource, const Demand& demand, std::int64_t room);

// A checked limit with its zone. Immutable and shared by all counters of a template.
struct ZonedLimit {
  Limit limit;
  Zone zone;
};

// A rolling window in parts: the part that is running and the `parts` before it count, so what was charged stays
// counted for at least the whole window and at most one part longer. Any true window of that length lies inside.
struct Parts {
  explicit Parts(Period period);
  Nanos width;
  std::int64_t parts;
  std::int64_t current = std::numeric_limits<std::int64_t>::min();  // number of the running part
  std::vector<std::int64_t> used;                                   // parts + 1, by number modulo
  std::int64_t& at(std::int64_t number) { return used[static_cast<std::size_t>(number) % used.size()]; }
};

// The count of one limit on one account. Plain data under the lock of its shard, but for what never changes.
struct Counter {
  Counter(std::shared_ptr<const ZonedLimit> limit, NodeKind kind, const Node* node, std::uint8_t shard);

  bool counts(std::string_view model) const { return all_models || info->limit.models.admits(model); }
  // Brings the window up to `now`; a time before the current window changes nothing.
  void roll(Nanos now) {
    if (now >= turns) turn(now);
  }
  std::int64_t room() const { return take_off(take_off(amount, used), held); }
  void charge(std::int64_t use);
  // Takes back what was charged under `stamp`, if that is still counted.
  void give_back(std::int64_t use, std::int64_t stamp);
  // Names the window, or the part of it, that `charge` charges now.
  std::int64_t stamp() const { return parts ? parts->current : starts; }
  // Adds what was used at a time before, if the window of `now` still has it. After roll(now).
  void restore(Nanos time, std::int64_t use);
  // When at most `level` of what is used now will still be counted; kNever: it never will.
  Nanos falls_to(std::int64_t level) const;
  // When nothing that is used now will be counted any more.
  Nanos empties() const;
  // The stretch that counts now.
  Span window() const;
  bool soft_passed() const { return (resource == Resource::concurrency ? held : used) >= soft_amount; }

  std::int64_t amount = 0;
  std::int64_t used = 0;
  std::int64_t held = 0;
  Nanos turns = kNever;  // from then on the window has to be looked at
  Counter* next = nullptr;
  std::int64_t soft_amount = kAny;
  std::uint32_t pins = 0;     // reservations that hold it
  std::uint32_t waiters = 0;  // in the queue of this limit
  Resource resource;
  bool all_models = true;
  bool barrier = false;    // somebody in its queue has been overtaken for long enough
  bool retired = false;    // the limit is gone; freed with the last pin and waiter
  bool soft_told = false;  // in this window
  bool hard_told = false;
  NodeKind kind;
  std::uint8_t shard;
  const Node* node;  // null: a member's
  Nanos starts = std::numeric_limits<Nanos>::min();
  std::unique_ptr<Parts> parts;  // rolling
  std::shared_ptr<const ZonedLimit> info;

  // Makes this the counter of a changed limit that has the same id, resource and window.
  void replace(std::shared_ptr<const ZonedLimit> limit);

 private:
  void turn(Nanos now);
};

}  // namespace gatehouse::govern
