#include "gatehouse/async/event.h"

#include <optional>
#include <vector>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/redirect_error.hpp>

namespace gatehouse::async {
namespace {

using Timer = boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                                boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;

struct CancelTimer {
  Timer* timer;
  void operator()() const { timer->cancel(); }
};

}  // namespace

// A timer that never comes due stands for the flag: cancelling it wakes the waiters.
struct Event::Impl {
  explicit Impl(Loop& loop) : timer(loop.context(), std::chrono::steady_clock::time_point::max()) {}
  Timer timer;
  std::vector<Timer*> limited;  // of those who wait for a time
};

Event::Event(Loop& loop) : impl_(std::make_unique<Impl>(loop)) {}
Event::~Event() = default;

void Event::set() {
  set_ = true;
  impl_->timer.cancel();
  for (Timer* timer : impl_->limited) timer->cancel();
}

Task<bool> Event::wait(AbortSource* abort) {
  std::optional<AbortCallback<CancelTimer>> on_abort;
  if (abort != nullptr) on_abort.emplace(*abort, CancelTimer{&impl_->timer});
  while (!set_ && (abort == nullptr || !abort->aborted())) {
    boost::system::error_code ignored;
    co_await impl_->timer.async_wait(boost::asio::redirect_error(kAwait, ignored));
  }
  co_return set_;
}

Task<bool> Event::wait_for(base::Duration longest, AbortSource* abort) {
  Timer timer(impl_->timer.get_executor(), longest);
  struct Listed {
    std::vector<Timer*>& list;
    Timer* timer;
    ~Listed() { std::erase(list, timer); }
  };
  impl_->limited.push_back(&timer);
  const Listed listed{impl_->limited, &timer};
  std::optional<AbortCallback<CancelTimer>> on_abort;
  if (abort != nullptr) on_abort.emplace(*abort, CancelTimer{&timer});
  const auto until = timer.expiry();
  while (!set_ && (abort == nullptr || !abort->aborted()) && Timer::clock_type::now() < until) {
    boost::system::error_code ignored;
    co_await timer.async_wait(boost::asio::redirect_error(kAwait, ignored));
  }
  co_return set_;
}

Task<bool> sleep(Loop& loop, base::Duration duration, AbortSource* abort) {
  if (abort != nullptr && abort->aborted()) co_return false;
  Timer timer(loop.context(), duration);
  std::optional<AbortCallback<CancelTimer>> on_abort;
  if (abort != nullptr) on_abort.emplace(*abort, CancelTimer{&timer});
  boost::system::error_code ignored;
  co_await timer.async_wait(boost::asio::redirect_error(kAwait, ignored));
  co_return abort == nullptr || !abort->aborted();
}

}  // namespace gatehouse::async
