#pragma once

#include <memory>
#include <span>
#include <vector>

#include "gatehouse/async/loop.h"
#include "gatehouse/base/clock.h"
#include "gatehouse/base/ids.h"
#include "gatehouse/config/snapshot.h"
#include "gatehouse/crypto/hmac.h"
#include "gatehouse/govern/key_store.h"
#include "gatehouse/http/head_writer.h"
#include "gatehouse/observe/gateway_metrics.h"
#include "gatehouse/observe/log.h"
#include "gatehouse/observe/record_writer.h"
#include "gatehouse/providers/upstream.h"

namespace gatehouse::pipeline {

class Stage;
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
};

}  // namespace gatehouse::pipeline
