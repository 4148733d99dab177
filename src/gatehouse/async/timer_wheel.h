#pragma once

#include <array>
#include <cstddef>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/intrusive_list.h"

namespace gatehouse::async {

// Coarse deadlines: a ring of slots, one a tick. Setting and clearing is a few writes; a deadline fires within one
// tick after it is due, never before. Pure: somebody else turns it. Not thread-safe.
class TimerWheel {
 public:
  static constexpr base::Duration kTick = std::chrono::milliseconds(50);
  static constexpr std::size_t kSlots = 512;

  // Derive from it (or keep it as a member of a derived class). Dies unlinked.
  class Entry : public base::ListNode {
   public:
    virtual void on_due() = 0;
    bool armed() const { return linked(); }
    void disarm() { unlink(); }

   protected:
    Entry() = default;
    ~Entry() = default;

   private:
    friend class TimerWheel;
    base::SteadyTime due_{};
  };

  explicit TimerWheel(base::SteadyTime now) : turned_to_(now) {}

  // Sets or moves the entry's deadline. `due` in the past fires at the next turn.
  void arm(Entry& entry, base::SteadyTime due);
  // Fires everything due at `now`. An entry may arm itself or others, or destroy others, while it fires.
  void turn(base::SteadyTime now);
  base::SteadyTime turned_to() const { return turned_to_; }

 private:
  std::array<base::IntrusiveList<Entry>, kSlots> slots_;
  base::SteadyTime turned_to_;
};

}  // namespace gatehouse::async
