#include "gatehouse/stages/route/route.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "gatehouse/providers/upload_address.h"
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

std::uint32_t position_of(const config::Snapshot& config, std::string_view name) {
  const auto found = std::ranges::find(config.providers, name, &config::Provider::name);
  return static_cast<std::uint32_t>(found - config.providers.begin());
}

// Where files and batches lie is not to be told by their names: where callers of Gemini's dialect have them, unless it
// was said that it is a provider that has them too.
std::optional<std::uint32_t> holder_of_files(const pipeline::Exchange& exchange) {
  const auto& profiles = exchange.runtime->profiles;
  const auto holds = [&](std::uint32_t at) {
    return profiles[at]->find(exchange.dialect) != nullptr && profiles[at]->has(exchange.operation);
  };
  const auto& passthrough = exchange.config().passthrough;
  if (passthrough && holds(passthrough->provider)) return passthrough->provider;
  std::optional<std::uint32_t> only;
  for (std::uint32_t at = 0; at < profiles.size(); ++at) {
    if (!holds(at)) continue;
    if (only) return std::nullopt;
    only = at;
  }
  return only;
}

// The provider of a request that names no model.
std::optional<std::uint32_t> provider_of_unnamed(const pipeline::Exchange& exchange) {
  const auto& config = exchange.config();
  const bool stored = exchange.operation == llm::Operation::files || exchange.operation == llm::Operation::batches;
  if (stored && exchange.dialect == llm::Dialect::gemini) {
    if (const auto holder = holder_of_files(exchange)) return holder;
  }
  if (config.passthrough) return config.passthrough->provider;
  if (config.providers.size() == 1) return 0;
  return std::nullopt;
}

}  // namespace

Eventually<Verdict> Route::on_request(pipeline::Exchange& exchange) const {
  const auto& config = exchange.config();
  if (exchange.match) {
    const auto& targets = exchange.match.model->targets;
    const auto add = [&](const config::Target& target) {
      if (!may_reach(exchange, target.provider)) return;
      exchange.plan.push_back({.provider = target.provider, .model = target.resolve(exchange.match.matched)});
    };
    if (targets.size() == 1) {
      add(targets.front());  // nothing to draw
    } else {
      exchange.plan.reserve(targets.size());
      for (const auto at : route::weighted_order(targets, exchange.worker.random)) add(targets[at]);
    }
  } else if (const auto& upload = exchange.upload_session) {
    // Where it began, as long as that is still the same place.
    const auto provider = position_of(config, upload->provider);
    if (provider == config.providers.size() ||
        providers::origin_of(config.providers[provider].base_url) != upload->origin) {
      return Verdict(pipeline::refuse(Code::not_found, "The provider of this upload is gone; start it anew"));
    }
    if (may_reach(exchange, provider)) exchange.plan.push_back({.provider = provider, .model = {}});
  } else if (const auto unnamed = provider_of_unnamed(exchange)) {
    if (may_reach(exchange, *unnamed)) exchange.plan.push_back({.provider = *unnamed, .model = {}});
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
