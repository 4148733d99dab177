#pragma once

#include "gatehouse/async/abort.h"
#include "gatehouse/async/loop.h"
#include "gatehouse/async/timer_wheel.h"
#include "gatehouse/base/clock.h"

namespace gatehouse::pipeline {

// Aborts calls that are made for a request when their own time is up, or the request is aborted. One loop's thread;
// both outlive it.
class CallLimit final : public async::AbortListener, public async::TimerWheel::Entry {
 public:
  CallLimit(async::Loop& loop, base::Duration in, async::AbortSource& request) : request_(request) {
    loop.arm(*this, in);
    request_.listen(*this);
  }
  async::AbortSource& source() { return source_; }

 private:
  void on_due() override { source_.abort(async::AbortReason::deadline); }
  void on_abort() override { source_.abort(request_.reason()); }
  async::AbortSource& request_;
  async::AbortSource source_;
};

}  // namespace gatehouse::pipeline
