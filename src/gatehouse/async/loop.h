#pragma once

#include <functional>
#include <memory>

#include "gatehouse/async/poller.h"
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
  Poller& poller() { return poller_; }
  // Now, read from the machine.
  static base::SteadyTime now() { return std::chrono::steady_clock::now(); }
  // Reckoned from the last turn of the wheel plus a tick, which spares a look at the clock and is never too early.
  void arm(TimerWheel::Entry& entry, base::Duration in) {
    wheel_.arm(entry, wheel_.turned_to() + TimerWheel::kTick + in);
  }

  // Comes back when everything that was ready with this event has been looked at. Whoever is about to send, and is not
  // alone, waits for it: the sends of many requests then follow each other closely, and a receiver on another core is
  // woken once for all of them and not once for each (docs/performance.md: a wake-up costs as much as the request).
  bool others_at_work() const { return at_work_ > 1; }
  Task<void> after_ready();

  // Counts a request that is being worked at, for as long as it lives.
  class AtWork {
   public:
    explicit AtWork(Loop& loop) : loop_(loop) { ++loop_.at_work_; }
    AtWork(const AtWork&) = delete;
    AtWork& operator=(const AtWork&) = delete;
    ~AtWork() { --loop_.at_work_; }

   private:
    Loop& loop_;
  };

  // Called on the loop's thread at every turn of the wheel (50 ms): for coarse work that must not wake a thread.
  void on_tick(std::function<void()> f);

 private:
  struct Ticker;
  void tick();

  // What dies with the context (coroutines and their streams) still takes leave of the poller and the wheel.
  Poller poller_;
  TimerWheel wheel_;
  boost::asio::io_context context_{1};
  std::unique_ptr<Ticker> ticker_;
  std::function<void()> on_tick_;
  unsigned at_work_ = 0;
};

}  // namespace gatehouse::async
