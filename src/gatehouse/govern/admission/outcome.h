#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>

#include "gatehouse/base/clock.h"
#include "gatehouse/govern/admission/reservation.h"
#include "gatehouse/govern/limit.h"
#include "gatehouse/govern/node.h"

namespace gatehouse::govern {

// How a demand ended.
enum class Verdict : std::uint8_t {
  held,       // forward it
  busy,       // others hold what it needs; it would fit once they settle
  spent,      // used up until the window turns (Outcome::retry_after), for good in a lifetime's
  never,      // more than a whole limit allows
  full,       // it would have to wait and too many wait already
  timed_out,  // it waited as long as it could
};

// Which limit stands in the way, or was passed. `limit` is shared, so it may be kept; `node` is null for a Member.
struct LimitRef {
  std::shared_ptr<const Limit> limit;
  NodeKind kind = NodeKind::org;
  const Node* node = nullptr;
  std::int64_t used = 0;  // in the current window, at that moment
  bool notify = false;    // the limit wants the webhook told, and this is the first time in its window
};

// Limits of a chain whose use has reached their soft share. The first few; the rest is left out.
struct SoftPassed {
  static constexpr std::size_t kMost = 4;
  std::array<LimitRef, kMost> limits;
  std::size_t count = 0;
};

// The tightest limit of a kind on the chain, after the demand: for x-ratelimit-{limit,remaining,reset}-*.
struct Rate {
  bool known = false;
  std::int64_t limit = 0;
  std::int64_t remaining = 0;    // not below zero
  base::Duration reset_after{};  // until the window turns; a rolling one: until all of it is free again
};

struct Outcome {
  Verdict verdict = Verdict::held;
  Reservation reservation;  // held only; its completion_tokens() is the bound that was granted
  bool clamped = false;     // held with less than was wanted
  LimitRef obstacle;        // not held: the limit in the way, none where the queue or the demand itself is
  // spent: from now until the demand's minimum fits, others' holds aside. Nothing: no window will turn.
  std::optional<base::Duration> retry_after;
  base::Duration waited{};  // in the queue
  SoftPassed soft;
  Rate requests;
  Rate tokens;
  // Held: what the tightest limit of tokens, and of money in nanodollars, has left after the demand.
  std::int64_t room_tokens = std::numeric_limits<std::int64_t>::max();
  std::int64_t room_nanos = std::numeric_limits<std::int64_t>::max();
};

}  // namespace gatehouse::govern
