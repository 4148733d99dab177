#pragma once

#include <functional>
#include <memory>

#include "gatehouse/async/task.h"
#include "gatehouse/async/timer_wheel.h"
#include "gatehouse/base/clock.h"

namespace gatehouse::async {

// One thread's event loop with its timer wheel. `run` is called by the one thread that owns it; everything else but
// `post` and `stop` belongs to that thread.
class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Runs until `stop`, or until nothing is left to wait for once `drain_and_return` was called.
  void run();
  // From any thread: run returns soon; what is under way is destroyed with the loop.
  void stop();
  // From any thread: calls `f` on the loop's thread.
  void post(std::function<void()> f);
  // Gives up the loop's own wish to live: run returns when all tasks have ended.
  void release();

  Executor executor() { return context_.get_executor(); }
  boost::asio::io_context& context() { return context_; }
  TimerWheel& wheel() { return wheel_; }
  // Now, read from the machine.
  static base::SteadyTime now() { return std::chrono::steady_clock::now(); }
  void arm(TimerWheel::Entry& entry, base::Duration in) { wheel_.arm(entry, now() + in); }

  // Called on the loop's thread at every turn of the wheel (50 ms): for coarse work that must not wake a thread.
  void on_tick(std::function<void()> f);

 private:
  struct Ticker;
  void tick();

  boost::asio::io_context context_{1};
  TimerWheel wheel_;
  std::unique_ptr<Ticker> ticker_;
  std::function<void()> on_tick_;
};

}  // namespace gatehouse::async
