#pragma once

#include "gatehouse/async/loop.h"
#include "gatehouse/base/clock.h"
#include "gatehouse/config/snapshot.h"
#include "gatehouse/providers/upstream.h"

namespace gatehouse::providers {

// The sandbox provider as an upstream: plays a sandbox::Script with the loop's time. No network.
class SandboxUpstream final : public Upstream {
 public:
  // `loop` and `clock` outlive it.
  SandboxUpstream(async::Loop& loop, const base::Clock& clock, const config::Sandbox& options)
      : loop_(loop), clock_(clock), options_(options) {}

  Task<Result<std::unique_ptr<UpstreamAnswer>>> send(UpstreamRequest request, async::AbortSource& abort) override;

 private:
  async::Loop& loop_;
  const base::Clock& clock_;
  config::Sandbox options_;
};

}  // namespace gatehouse::providers
