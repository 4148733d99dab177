#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gatehouse/async/loop.h"
#include "gatehouse/base/clock.h"
#include "gatehouse/base/ids.h"
#include "gatehouse/config/snapshot.h"
#include "gatehouse/crypto/hmac.h"
#include "gatehouse/govern/anomaly/accumulator.h"
#include "gatehouse/govern/auth_backoff.h"
#include "gatehouse/govern/jwt_door.h"
#include "gatehouse/govern/node.h"
#include "gatehouse/http/head_writer.h"
#include "gatehouse/llm/catalogue/price_book.h"
#include "gatehouse/llm/tokens/model_tokens.h"
#include "gatehouse/observe/gateway_metrics.h"
#include "gatehouse/observe/log.h"
#include "gatehouse/observe/record_writer.h"
#include "gatehouse/pipeline/identities.h"
#include "gatehouse/pipeline/inspection.h"
#include "gatehouse/providers/profile.h"
#include "gatehouse/providers/upstream.h"
#include "gatehouse/state/opaque_memory.h"
#include "gatehouse/state/response_store.h"
#include "gatehouse/state/upload_tickets.h"

namespace gatehouse::pipeline {

class Stage;
struct Governance;
class UsageLane;
using Stages = std::vector<std::unique_ptr<const Stage>>;

// One thread's tools, the same for all requests that it serves. Made and owned by app's worker; used on its loop only.
struct Worker {
  async::Loop& loop;
  const base::Clock& clock;
  observe::WorkerMetrics& metrics;
  observe::LimitedLog& log;
  base::Random random;
  http::DateCache date;
  observe::RecordLane* records = nullptr;          // null: no access log
  std::shared_ptr<const Identities> identities{};  // never null while it serves
  // Keyed with the directory's hash secret. The worker's own, as its context is changed by each use.
  std::unique_ptr<crypto::HmacSha256> key_hash{};
  std::unique_ptr<govern::JwtDoor> token_door{};     // over `identities`; null: no tokens are taken
  govern::AuthBackoff* auth_backoff = nullptr;       // null: failures are not slowed down
  Governance* governance = nullptr;                  // null: nobody is limited and nothing is counted
  govern::anomaly::Accumulator* activity = nullptr;  // null: nobody is watched
  UsageLane* usage = nullptr;                        // null: no usage ledger
  state::OpaqueMemory* opaque = nullptr;             // null: clients have to bring all state back
  state::ResponseStore* responses = nullptr;         // null: none are stored here
  const state::UploadTickets* uploads = nullptr;     // null: nobody may upload in steps
};

// Prices that were looked up before: a look-up by name costs a microsecond, and a worker asks for the same few models.
// One worker's. At most kMost models a provider; further ones are looked up each time.
class PriceCache {
 public:
  static constexpr std::size_t kMost = 1024;

  llm::ModelPrice find(const llm::PriceBook& book, const config::Snapshot& snapshot, std::uint32_t provider,
                       std::string_view model) {
    if (provider == last_provider_ && last_ != nullptr && model == last_->first) return last_->second;
    if (known_.size() <= provider) known_.resize(snapshot.providers.size());
    auto& prices = known_[provider];
    if (const auto there = prices.find(model); there != prices.end()) {
      last_provider_ = provider;
      last_ = &*there;
      return there->second;
    }
    const auto& at = snapshot.providers[provider];
    auto price = book.find(at.name, config::to_string(at.kind), at.base_url.host, model);
    if (prices.size() < kMost) prices.emplace(model, price);
    return price;
  }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  using Prices = std::unordered_map<std::string, llm::ModelPrice, Hash, std::equal_to<>>;
  std::vector<Prices> known_;
  // Asked several times a request. Prices are never taken out, and maps keep their nodes when they grow or move.
  const Prices::value_type* last_ = nullptr;
  std::uint32_t last_provider_ = 0;
};

// How the tokens of a model are counted, looked up before: asked several times a request. One worker's; bounded as
// above.
class TokensCache {
 public:
  static constexpr std::size_t kMost = 1024;

  llm::ModelTokens find(std::string_view model) {
    if (model == last_) return last_tokens_;
    const auto there = known_.find(model);
    if (there == known_.end()) {
      const auto tokens = llm::tokens_of_model(model);
      if (known_.size() < kMost) known_.emplace(model, tokens);
      return tokens;
    }
    last_ = there->first;
    last_tokens_ = there->second;
    return last_tokens_;
  }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  std::unordered_map<std::string, llm::ModelTokens, Hash, std::equal_to<>> known_;
  std::string_view last_;  // a key of known_, which are never taken out
  llm::ModelTokens last_tokens_ = llm::tokens_of_model({});
};

// What one configuration makes for one worker. Immutable but for what belongs to the worker's thread alone (the
// upstreams). A request holds on to the one that it began with, so a reload changes nothing under
// it. Each worker has its own, so that counting references touches no other core's cache.
struct Runtime {
  std::shared_ptr<const config::Snapshot> snapshot;
  std::vector<std::unique_ptr<providers::Upstream>> upstreams;        // as snapshot->providers
  std::vector<std::shared_ptr<const providers::Profile>> profiles{};  // the same
  std::shared_ptr<const Stages> stages;
  std::shared_ptr<const llm::PriceBook> prices{};  // never null where the worker has Governance
  PriceCache price_cache{};
  TokensCache tokens_cache{};
  std::unique_ptr<Guarding> guarding{};               // null: no policy looks at what is said
  std::vector<const govern::Node*> provider_nodes{};  // as snapshot->providers, or empty
};

}  // namespace gatehouse::pipeline
