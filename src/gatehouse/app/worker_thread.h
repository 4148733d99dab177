#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "gatehouse/app/configured.h"
#include "gatehouse/app/connections.h"
#include "gatehouse/app/conversation_keeper.h"
#include "gatehouse/app/credential_keeper.h"
#include "gatehouse/app/governing.h"
#include "gatehouse/app/semantics_keeper.h"
#include "gatehouse/app/state_keeper.h"
#include "gatehouse/app/vault_keeper.h"
#include "gatehouse/async/loop.h"
#include "gatehouse/base/clock.h"
#include "gatehouse/http/client.h"
#include "gatehouse/net/connector.h"
#include "gatehouse/net/dns.h"
#include "gatehouse/observe/gateway_metrics.h"
#include "gatehouse/observe/record_writer.h"
#include "gatehouse/pipeline/pipeline.h"

namespace gatehouse::app {

// One core of the data plane: a thread with its loop, its listeners, its sessions, its pool of upstream connections
// and its pipeline. Nothing of it is touched by another thread but through `post`ed work. Made, started and stopped by
// Server on the main thread.
class WorkerThread {
 public:
  // What all workers share, and outlives them. `records` and `usage` may be null.
  struct Shared {
    const base::Clock& clock;
    observe::Log& log;
    observe::Registry& metrics;
    const observe::GatewayMetricIds& ids;
    observe::RecordWriter* records;
    Governing& governing;
    govern::UnknownKids& unknown_kids;
    VaultKeeper& vault;
    StateKeeper& state;
    ConversationKeeper& conversations;
    CredentialKeeper& credentials;
    SemanticsKeeper& semantics;
  };
  WorkerThread(const Shared& shared, pipeline::UsageLane* usage);
  ~WorkerThread();

  // Before `start`, on the main thread.
  Result<net::Endpoint> listen(const net::Endpoint& at, int backlog) { return connections_.listen(at, backlog); }
  // What this worker will run a configuration with. Blocks on certificate files; main thread.
  Result<std::shared_ptr<pipeline::Runtime>> make_runtime(const Configured& configured);
  // Who may call, for requests that begin from then on.
  void identify(const pipeline::Identities& identities);
  // A provider's credential was renewed; main thread.
  void renew(const providers::TokenSource& source, const std::shared_ptr<const providers::Credential>& credential);
  // Takes it over, for requests that begin from then on.
  void apply(std::shared_ptr<const Configured> configured, std::shared_ptr<pipeline::Runtime> runtime);
  void start();
  // From the main thread: stop in order, see Connections.
  void drain();
  void abort();
  // Whether everything has ended.
  bool finished() const { return finished_.load(std::memory_order_acquire); }
  void join();

 private:
  struct UpstreamGauges {
    std::uint64_t key;
    observe::Gauge busy;
    observe::Gauge idle;
  };
  // Where the credential of one upstream lies. It is made here and handed to the worker; from then on only its loop
  // touches what is in it.
  struct Slot {
    providers::TokenSource source;
    std::weak_ptr<providers::CredentialSlot> slot;
  };
  void on_tick();
  void adopt(const Configured& configured, std::shared_ptr<pipeline::Runtime> runtime);
  Task<void> finish();

  const base::Clock& clock_;
  Governing& governing_;
  govern::UnknownKids& unknown_kids_;
  VaultKeeper& vault_;
  ConversationKeeper& conversations_;
  CredentialKeeper& credentials_;
  SemanticsKeeper& semantics_;
  std::vector<Slot> slots_;  // the main thread's
  async::Loop loop_;
  observe::LimitedLog log_;
  observe::WorkerMetrics metrics_;
  net::Resolver resolver_;
  net::Connector connector_;
  http::ClientPool pool_;
  govern::anomaly::Accumulator activity_;
  std::vector<govern::anomaly::Accumulator::Entry> activity_taken_;
  pipeline::Worker worker_;
  std::unique_ptr<pipeline::Pipeline> pipeline_;
  Connections connections_;
  std::vector<UpstreamGauges> upstream_gauges_;
  std::unique_ptr<async::TaskScope> finishing_;
  std::thread thread_;
  std::atomic<bool> finished_{false};
  bool started_ = false;
  unsigned ticks_ = 0;
};

}  // namespace gatehouse::app
