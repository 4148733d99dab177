#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gatehouse/admin/admin_handler.h"
#include "gatehouse/admin/api/api.h"
#include "gatehouse/app/configured.h"
#include "gatehouse/app/credential_keeper.h"
#include "gatehouse/app/file_watch.h"
#include "gatehouse/app/governing.h"
#include "gatehouse/app/jwks_keeper.h"
#include "gatehouse/app/limit_events.h"
#include "gatehouse/app/outbound.h"
#include "gatehouse/app/semantics_keeper.h"
#include "gatehouse/app/state_keeper.h"
#include "gatehouse/app/usage_pages.h"
#include "gatehouse/app/vault_keeper.h"
#include "gatehouse/app/webhook_sender.h"
#include "gatehouse/app/worker_thread.h"
#include "gatehouse/async/signals.h"
#include "gatehouse/config/load.h"

namespace gatehouse::app {

// The whole gateway: workers, admin port, reload, drain. Made and run by main on the main thread.
class Server {
 public:
  struct Options {
    std::string config_path;  // empty: config::defaults()
    std::string store;        // instead of the configuration's, where not empty
    config::Environment environment;
    // Called for each configuration that is loaded, before it is used; may be empty.
    std::function<void(config::Snapshot&)> adjust{};
    // Called once everything listens.
    std::function<void(Server&)> on_listening;
  };

  explicit Server(Options options);
  ~Server();

  // Serves until SIGTERM or SIGINT and the drain after it. 0: ended in order; 2: could not run (said on the log).
  int run();

  const std::vector<net::Endpoint>& api() const { return api_; }
  const std::vector<net::Endpoint>& admin() const { return admin_; }
  const config::Snapshot& snapshot() const { return *configured_->snapshot; }
  bool configured_by_default() const { return options_.config_path.empty(); }
  // What the first owner signs in with; once, and only where nobody is owner yet.
  std::optional<base::Secret> first_owner();

 private:
  std::shared_ptr<const config::Snapshot> load();
  bool open();
  Result<void> apply(std::shared_ptr<const config::Snapshot> snapshot);
  void register_governing();
  void take_models(SemanticsKeeper::Plan plan);
  Result<void> apply_outbound(const Configured& configured);
  void reload(std::string_view why);
  void on_signal(int number);
  void on_tick();
  void watch_files();
  void say_warnings(const std::vector<std::string>& warnings);

  Options options_;
  base::SystemClock clock_;
  std::unique_ptr<observe::Log> log_;
  observe::Registry registry_;
  observe::GatewayMetricIds ids_;
  std::shared_ptr<const llm::Catalogue> catalogue_;
  std::shared_ptr<const Configured> configured_;
  std::unique_ptr<observe::RecordWriter> records_;
  async::Loop loop_;
  Outbound outbound_{loop_};
  std::unique_ptr<WebhookSender> webhooks_;
  std::unique_ptr<JwksKeeper> jwks_;
  std::unique_ptr<CredentialKeeper> credentials_;
  std::unique_ptr<LimitEvents> events_;
  std::unique_ptr<Governing> governing_;  // outlives the workers
  std::unique_ptr<VaultKeeper> vault_;
  std::unique_ptr<StateKeeper> state_;
  std::unique_ptr<ConversationKeeper> conversations_;
  std::unique_ptr<SemanticsKeeper> semantics_;  // outlives the workers
  std::vector<std::unique_ptr<WorkerThread>> workers_;

  std::unique_ptr<observe::LimitedLog> admin_log_;
  std::unique_ptr<observe::WorkerMetrics> metrics_;
  std::atomic<bool> ready_{false};
  std::unique_ptr<UsagePages> usage_;
  std::unique_ptr<admin::Api> api_handler_;
  std::unique_ptr<admin::AdminHandler> admin_handler_;
  std::unique_ptr<Connections> admin_connections_;
  std::unique_ptr<async::Signals> signals_;
  FileWatch watch_;
  std::vector<net::Endpoint> api_;
  std::vector<net::Endpoint> admin_;

  std::optional<base::SteadyTime> draining_since_;
  bool aborted_ = false;
  unsigned ticks_ = 0;
};

}  // namespace gatehouse::app
