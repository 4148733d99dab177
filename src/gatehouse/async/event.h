#pragma once

#include <memory>

#include "gatehouse/async/abort.h"
#include "gatehouse/async/loop.h"
#include "gatehouse/async/task.h"

namespace gatehouse::async {

// A flag to wait for, on one loop. `set` wakes every waiter; it stays set until `reset`.
class Event {
 public:
  explicit Event(Loop& loop);
  ~Event();
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  void set();
  void reset() { set_ = false; }
  bool is_set() const { return set_; }
  // True when set; false when `abort` (may be null) was aborted first.
  Task<bool> wait(AbortSource* abort);
  // The same, for at most `longest` (microsecond precision): false then, too.
  Task<bool> wait_for(base::Duration longest, AbortSource* abort);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  bool set_ = false;
};

// Waits `duration` (microsecond precision). False when aborted first.
Task<bool> sleep(Loop& loop, base::Duration duration, AbortSource* abort);

}  // namespace gatehouse::async
