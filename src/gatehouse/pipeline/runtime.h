#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/async/loop.h"
#include "gatehouse/base/clock.h"
#include "gatehouse/base/ids.h"
#include "gatehouse/config/snapshot.h"
#include "gatehouse/crypto/hmac.h"
#include "gatehouse/govern/key_store.h"
#include "gatehouse/govern/node.h"
#include "gatehouse/http/head_writer.h"
#include "gatehouse/llm/catalogue/price_book.h"
#include "gatehouse/observe/gateway_metrics.h"
#include "gatehouse/observe/log.h"
#include "gatehouse/observe/record_writer.h"
#include "gatehouse/providers/upstream.h"

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
  observe::RecordLane* records = nullptr;  // null: no access log
  Governance* governance = nullptr;        // null: nobody is limited and nothing is counted
  UsageLane* usage = nullptr;              // null: no usage ledger
};

// Tags and end users that have limits of their own, by kind and id.
class SideNodes {
 public:
  void add(const govern::Node& node) { nodes_[static_cast<std::size_t>(node.kind)].emplace(node.id, &node); }
  const govern::Node* find(govern::NodeKind kind, std::string_view id) const {
    const auto& nodes = nodes_[static_cast<std::size_t>(kind)];
    const auto found = nodes.find(id);
    return found == nodes.end() ? nullptr : found->second;
  }

 private:
  std::array<std::map<std::string, const govern::Node*, std::less<>>, govern::kNodeKindCount> nodes_;
};

// What one configuration makes for one worker. Immutable but for what belongs to the worker's thread alone (the key
// hash's context, the upstreams). A request holds on to the one that it began with, so a reload changes nothing under
// it. Each worker has its own, so that counting references touches no other core's cache.
struct Runtime {
  std::shared_ptr<const config::Snapshot> snapshot;
  std::shared_ptr<const govern::KeyStore> keys;
  crypto::HmacSha256 key_hash;
  std::vector<std::unique_ptr<providers::Upstream>> upstreams;  // as snapshot->providers
  std::shared_ptr<const Stages> stages;
  std::shared_ptr<const llm::PriceBook> prices{};     // never null where the worker has Governance
  std::vector<const govern::Node*> provider_nodes{};  // as snapshot->providers, or empty
  std::shared_ptr<const SideNodes> side_nodes{};      // may be null
};

}  // namespace gatehouse::pipeline
