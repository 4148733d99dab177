#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/money.h"
#include "gatehouse/govern/node.h"

namespace gatehouse::govern {

// One moment on both clocks: waiting and deadlines go by the steady one, windows by the wall. Reading the two is the
// caller's business; a wall clock that steps back never opens a window a second time.
struct Moment {
  base::SteadyTime steady{};
  base::WallTime wall{};
  static Moment of(const base::Clock& clock) { return {clock.now(), clock.wall()}; }
};

// Somebody who has no node in the tree and is met by name: an end user, a tag. Limited only where a template for its
// kind is (Admission::set_template). The same name below two parents is two members.
struct Member {
  NodeKind kind = NodeKind::end_user;
  std::string_view id;
  const Node* parent = nullptr;  // the key's team, say; null: of the whole gateway
};

// Bounds of one demand; what is beyond them is refused, never left uncounted.
inline constexpr std::size_t kMaxDemandLeaves = 32;
inline constexpr std::size_t kMaxDemandLimits = 128;

// What one request may cost at worst, and who pays. A plain value that borrows: what the spans and views point to must
// stay as long as the call, and until the decision where the request waits.
struct Demand {
  // Each of these and everything above it is charged, each node once however often it is met. Nulls are skipped.
  std::span<const Node* const> leaves;
  std::span<const Member> members;  // their parents' chains are not charged on their account
  std::string_view model;           // as the caller asked for it: limits may be for some models only

  // Tokens, zero or more. The bound that is granted lies between the minimum and what is wanted; a minimum above what
  // is wanted is read as what is wanted.
  std::int64_t prompt_tokens = 0;
  std::int64_t completion_wanted = 0;
  std::int64_t completion_min = 0;
  // Money that is due whatever comes back (the prompt, the price of a call), and that of a completion token in 1e-12
  // dollars: a price of 0.6 dollars a million is 600,000.
  base::Money base;
  std::int64_t picodollars_per_completion_token = 0;

  // Take a smaller bound, if it fits at once, even while others hold what might come free.
  bool clamp_at_once = false;
};

// What a request turned out to use. The money is the whole price, `base` included.
struct Actual {
  std::int64_t prompt_tokens = 0;
  std::int64_t completion_tokens = 0;
  base::Money cost;
};

}  // namespace gatehouse::govern
