#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "gatehouse/base/money.h"
#include "gatehouse/govern/admission/demand.h"

namespace gatehouse::govern {

class Admission;
class Books;
struct Counter;

// What a settlement found out.
struct Settled {
  bool over_hold = false;   // more was used than was held on some limit; it is charged all the same
  bool over_limit = false;  // and so a limit stands above its amount now
};

// What a request holds on every limit above it, from admission to settlement. A move-only value, owned by the request,
// used by one thread at a time (any thread); it must not outlive its Admission. Ends in exactly one of three ways:
//   settle   charged with what was used, the rest freed
//   cancel   never forwarded: as if it had not been asked
//   dropped  destroyed: the holds are freed; what is counted by the request goes back only if it was not `forwarded`
// After any of these it is empty and further calls do nothing. Holds on up to kInlineLines limits are kept in place.
// Default-constructed, or where nothing is limited, it is free: nothing to settle, extensions are granted.
class Reservation {
 public:
  static constexpr std::size_t kInlineLines = 10;

  Reservation() = default;
  Reservation(Reservation&& other) noexcept;
  Reservation& operator=(Reservation&& other) noexcept;
  ~Reservation();

  // It has holds to settle.
  bool active() const { return admission_ != nullptr; }
  // The completion tokens that are paid for: send it on as the request's bound, extend before going beyond.
  std::int64_t completion_tokens() const { return completion_; }

  // Holds `more` completion tokens besides, on every limit or on none. False: some limit has no room; the answer must
  // end at the bound it has. Runs before those who wait: what is under way comes first.
  bool extend(std::int64_t more, Moment now);
  // The request goes out: from here on it counts as a request whatever becomes of it.
  void forwarded() { forwarded_ = true; }
  // Charges what was used to the windows of `now`, also beyond what was held.
  Settled settle(const Actual& actual, Moment now);
  void cancel(Moment now);

 private:
  friend class Admission;
  friend class Books;
  struct Line {
    Counter* counter;
    std::int64_t held;
    std::int64_t stamp;  // the window in which a request was counted
  };
  Line* lines() { return spilled_ ? spilled_.get() : inline_.data(); }
  void take(Reservation& other) noexcept;

  Admission* admission_ = nullptr;
  std::uint32_t shards_ = 0;  // the locks of its limits
  std::uint32_t count_ = 0;
  bool forwarded_ = false;
  std::int64_t prompt_ = 0;
  std::int64_t completion_ = 0;
  base::Money base_;
  std::int64_t picodollars_ = 0;
  std::array<Line, kInlineLines> inline_;  // NOLINT: the first `count_` are set
  std::unique_ptr<Line[]> spilled_;        // instead of inline_, where there are more
};

}  // namespace gatehouse::govern
