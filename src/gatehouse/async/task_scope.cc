#include "gatehouse/async/task_scope.h"

#include <cassert>
#include <utility>

#include <boost/asio/co_spawn.hpp>

namespace gatehouse::async {

TaskScope::TaskScope(Loop& loop, std::function<void(std::exception_ptr)> on_defect)
    : loop_(loop), on_defect_(std::move(on_defect)), empty_(loop) {
  empty_.set();
}

TaskScope::~TaskScope() = default;

void TaskScope::spawn(Task<void> task) {
  if (running_++ == 0) empty_.reset();
  boost::asio::co_spawn(loop_.executor(), std::move(task), [this](std::exception_ptr error) {
    if (error) on_defect_(error);
    if (--running_ == 0) empty_.set();
  });
}

Task<void> TaskScope::join() {
  while (running_ > 0) co_await empty_.wait(nullptr);
}

void start(Loop& loop, Task<void> task, std::function<void(std::exception_ptr)> done) {
  boost::asio::co_spawn(loop.executor(), std::move(task), std::move(done));
}

}  // namespace gatehouse::async
