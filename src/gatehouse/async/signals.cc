#include "gatehouse/async/signals.h"

#include <utility>

#include <boost/asio/signal_set.hpp>

namespace gatehouse::async {

struct Signals::Impl : std::enable_shared_from_this<Impl> {
  Impl(Loop& loop, std::function<void(int)> f) : set(loop.context()), call(std::move(f)) {}
  void wait() {
    set.async_wait([self = shared_from_this()](const boost::system::error_code& error, int number) {
      if (error || self->gone) return;
      self->call(number);
      if (!self->gone) self->wait();
    });
  }
  boost::asio::signal_set set;
  std::function<void(int)> call;
  bool gone = false;
};

Signals::Signals(Loop& loop, std::initializer_list<int> numbers, std::function<void(int)> f)
    : impl_(std::make_shared<Impl>(loop, std::move(f))) {
  for (const int number : numbers) impl_->set.add(number);
  impl_->wait();
}

Signals::~Signals() {
  impl_->gone = true;
  boost::system::error_code ignored;
  impl_->set.cancel(ignored);
}

}  // namespace gatehouse::async
