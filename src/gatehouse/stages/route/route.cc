#include "gatehouse/stages/route/route.h"

#include <utility>

#include "gatehouse/route/weighted.h"

namespace gatehouse::stages {

using pipeline::Verdict;

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
      exchange.plan.push_back({.provider = targets[at].provider, .model = targets[at].resolve(exchange.match.matched)});
    }
    return Verdict(pipeline::Continue{});
  }
  if (config.passthrough || config.providers.size() == 1) {
    exchange.plan.push_back({.provider = config.passthrough ? config.passthrough->provider : 0, .model = {}});
    return Verdict(pipeline::Continue{});
  }
  return Verdict(pipeline::refuse(Code::unknown_route,
                                  "This request names no model, and no provider is configured for such requests "
                                  "(passthrough.provider)"));
}

}  // namespace gatehouse::stages
