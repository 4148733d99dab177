#include "gatehouse/async/loop.h"

#include <utility>

#include <boost/asio/async_result.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

namespace gatehouse::async {

using Timer = boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                                boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;

struct Loop::Ticker {
  explicit Ticker(boost::asio::io_context& context) : timer(context), guard(context.get_executor()) {}
  Timer timer;
  boost::asio::executor_work_guard<Executor> guard;
  bool released = false;
};

Loop::Loop() : wheel_(now()), ticker_(std::make_unique<Ticker>(context_)) {
  poller_.attach(context_);
  tick();
}
Loop::~Loop() { poller_.shut_down(); }

void Loop::run() { context_.run(); }
void Loop::stop() { context_.stop(); }
void Loop::post(std::function<void()> f) { boost::asio::post(context_, std::move(f)); }
void Loop::on_tick(std::function<void()> f) { on_tick_ = std::move(f); }

Task<void> Loop::after_ready() {
  return boost::asio::async_initiate<const boost::asio::use_awaitable_t<Executor>, void()>(
      [](auto handler, Poller* poller) { poller->after_batch(std::move(handler)); }, kAwait, &poller_);
}

void Loop::release() {
  post([this] {
    ticker_->released = true;
    ticker_->guard.reset();
    ticker_->timer.cancel();
    poller_.release();
  });
}

void Loop::tick() {
  ticker_->timer.expires_after(TimerWheel::kTick);
  ticker_->timer.async_wait([this](const boost::system::error_code&) {
    wheel_.turn(now());
    if (on_tick_) on_tick_();
    if (!ticker_->released) tick();
  });
}

}  // namespace gatehouse::async
