#include "gatehouse/stages/route/route.h"

#include <utility>

#include "gatehouse/route/weighted.h"

namespace gatehouse::stages {
namespace {

using pipeline::Verdict;

// Whether the caller's key may be sent there.
bool may_reach(const pipeline::Exchange& exchange, std::uint32_t provider) {
  const auto* principal = exchange.principal;
  if (principal == nullptr) return true;
  const auto& at = exchange.config().providers[provider];
  return principal->providers.admits(at.name) && principal->regions.admits(at.region);
}

}  // namespace

Eventually<Verdict> Route::on_request(pipeline::Exchange& exchange) const {
  const auto& config = exchange.config();
  if (exchange.match) {
    const auto& targets = exchange.match.model->targets;
    if (targets.size() == 1) {
      exchange.plan.push_back(
          {.provider = targets.front().provider, .model = targets.front().resolve(exchange.match.matched)});
      return Verdict(pipeline::Continue{});
    }
    exchange.plan.reserve(targets.size());
    for (const auto at : route::weighted_order(targets, exchange.worker.random)) {
      if (!may_reach(exchange, targets[at].provider)) continue;
      exchange.plan.push_back({.provider = targets[at].provider, .model = targets[at].resolve(exchange.match.matched)});
    }
  } else if (config.passthrough || config.providers.size() == 1) {
    const std::uint32_t provider = config.passthrough ? config.passthrough->provider : 0;
    if (may_reach(exchange, provider)) exchange.plan.push_back({.provider = provider, .model = {}});
  } else {
    return Verdict(pipeline::refuse(Code::unknown_route,
                                    "This request names no model, and no provider is configured for such requests "
                                    "(passthrough.provider)"));
  }
  if (!exchange.plan.empty()) return Verdict(pipeline::Continue{});
  return Verdict(pipeline::refuse(Code::forbidden,
                                  "This API key may not use any provider or region that could answer this request"));
}

}  // namespace gatehouse::stages
