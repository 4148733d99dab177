#pragma once

#include <cstddef>
#include <exception>
#include <functional>

#include "gatehouse/async/abort.h"
#include "gatehouse/async/event.h"
#include "gatehouse/async/loop.h"
#include "gatehouse/async/task.h"

namespace gatehouse::async {

// Owns the tasks that nobody awaits: counts them, tells them to stop, waits for their end. One loop. The owner calls
// `join` before the scope dies; tasks listen to `abort_source()` or to sources of their own.
class TaskScope {
 public:
  // `on_defect` hears of an exception that left a task; it must not throw.
  TaskScope(Loop& loop, std::function<void(std::exception_ptr)> on_defect);
  ~TaskScope();
  TaskScope(const TaskScope&) = delete;
  TaskScope& operator=(const TaskScope&) = delete;

  void spawn(Task<void> task);
  std::size_t running() const { return running_; }
  AbortSource& abort_source() { return abort_; }
  // Waits until no task runs.
  Task<void> join();

 private:
  Loop& loop_;
  std::function<void(std::exception_ptr)> on_defect_;
  AbortSource abort_;
  Event empty_;
  std::size_t running_ = 0;
};

// Starts a task on the loop and calls `done` at its end; for main and for tests.
void start(Loop& loop, Task<void> task, std::function<void(std::exception_ptr)> done);

}  // namespace gatehouse::async
