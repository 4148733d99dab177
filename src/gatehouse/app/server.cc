#include "gatehouse/app/server.h"

#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <thread>
#include <utility>

#include "gatehouse/app/onnx_loader.h"
#include "gatehouse/app/semantic_metrics.h"
#include "gatehouse/govern/webhook/event.h"

namespace gatehouse::app {
namespace {

constexpr unsigned kTicksPerLook = 20;            // 1 s
constexpr unsigned kTicksPerForgetting = 12'000;  // 10 min

observe::LogLevel level_of(config::LogLevel level) {
  switch (level) {
    case config::LogLevel::debug:
      return observe::LogLevel::debug;
    case config::LogLevel::info:
      return observe::LogLevel::info;
    case config::LogLevel::warn:
      return observe::LogLevel::warn;
    case config::LogLevel::error:
      break;
  }
  return observe::LogLevel::error;
}

// Every connection is a descriptor; the soft limit of a shell is far below what the hard one allows.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

// What a running process cannot change.
bool needs_restart(const config::Snapshot& a, const config::Snapshot& b) {
  return a.listen.api != b.listen.api || a.listen.admin != b.listen.admin || a.workers.threads != b.workers.threads ||
         a.access_log.path != b.access_log.path || a.listen.backlog != b.listen.backlog || a.store != b.store;
}

}  // namespace

Server::Server(Options options)
    : options_(std::move(options)),
      log_(std::make_unique<observe::Log>(observe::Log::Options{})),
      ids_(observe::GatewayMetricIds::register_in(registry_, GATEHOUSE_VERSION)),
      catalogue_(llm::Catalogue::built_in()) {}

Server::~Server() = default;

std::shared_ptr<const config::Snapshot> Server::load() {
  const auto loaded =
      options_.config_path.empty() ? config::defaults() : config::load(options_.config_path, options_.environment);
  for (const auto& warning : loaded.warnings) log_->warn("configuration_warning", {{"detail", warning.to_string()}});
  for (const auto& problem : loaded.problems) log_->error("configuration_problem", {{"detail", problem.to_string()}});
  if (!loaded.snapshot || (options_.store.empty() && !options_.adjust)) return loaded.snapshot;
  auto changed = std::make_shared<config::Snapshot>(*loaded.snapshot);
  if (!options_.store.empty()) changed->store = options_.store;
  if (options_.adjust) options_.adjust(*changed);
  return changed;
}

Result<void> Server::apply(std::shared_ptr<const config::Snapshot> snapshot) {
  auto made = configure(std::move(snapshot), catalogue_, clock_.wall());
  if (!made) return std::unexpected(std::move(made.error()));
  auto plan = governing_->check(*(*made)->snapshot);
  if (!plan) return std::unexpected(std::move(plan.error()));
  // Before the workers' runtimes, which are given the service that it makes. Reads files of megabytes where they are
  // new.
  auto models = semantics_->check(*(*made)->snapshot);
  if (!models) return std::unexpected(std::move(models.error()));
  std::vector<std::shared_ptr<pipeline::Runtime>> runtimes;
  for (auto& worker : workers_) {
    auto runtime = worker->make_runtime(**made);
    if (!runtime) return std::unexpected(std::move(runtime.error()));
    runtimes.push_back(std::move(*runtime));
  }
  if (auto out = apply_outbound(**made); !out) return out;
  // From here on nothing can fail: all workers take it, or none did.
  configured_ = std::move(*made);
  take_models(*std::move(models));
  for (const auto& warning : governing_->apply(std::move(*plan))) {
    log_->warn("configuration_warning", {{"detail", warning}});
  }
  for (std::size_t i = 0; i < workers_.size(); ++i) workers_[i]->apply(configured_, std::move(runtimes[i]));
  admin_connections_->set_options({.tls = configured_->admin_tls}, configured_->server_options);
  for (const auto& warning : configured_->warnings) log_->warn("configuration_warning", {{"detail", warning}});
  log_->set_level(level_of(configured_->snapshot->log.level));
  watch_files();
  return {};
}

void Server::take_models(SemanticsKeeper::Plan plan) {
  const auto before = semantics_->status();
  for (const auto& warning : plan.warnings) log_->warn("configuration_warning", {{"detail", warning}});
  semantics_->apply(std::move(plan));
  const auto& now = semantics_->status();
  const auto tell = [this](const SemanticsKeeper::Model& model, bool loaded) {
    metrics_->semantic_model(model.name, model.version, model.hash, model.verdicts, loaded);
  };
  for (const auto& model : before.models) {
    if (std::ranges::find(now.models, model) == now.models.end()) tell(model, false);
  }
  for (const auto& model : now.models) {
    if (std::ranges::find(before.models, model) != before.models.end()) continue;
    tell(model, true);
    log_->info("model_loaded",
               {{"model", model.name}, {"version", model.version}, {"hash", model.hash}, {"verdicts", model.verdicts}});
  }
  if (!now.missing.empty() && now.missing != before.missing) {
    log_->warn("models_missing", {{"detail", now.missing}});
  }
}

void Server::watch_files() {
  std::vector<std::string> paths;
  if (!options_.config_path.empty()) paths.push_back(options_.config_path);
  const auto& snapshot = *configured_->snapshot;
  for (const auto* tls : {&snapshot.listen.tls, &snapshot.listen.admin_tls}) {
    if (!*tls) continue;
    for (const auto& path : {(*tls)->cert, (*tls)->key, (*tls)->client_ca}) {
      if (!path.empty()) paths.push_back(path);
    }
  }
  for (const auto& provider : snapshot.providers) {
    if (!provider.ca_file.empty()) paths.push_back(provider.ca_file);
  }
  // A model whose files were exchanged is another model.
  std::ranges::move(semantics_->files(), std::back_inserter(paths));
  watch_.watch(std::move(paths));
}

// What is read when somebody scrapes. Before the workers.
void Server::register_governing() {
  using Kind = observe::Registry::Kind;
  const auto count = [](std::uint64_t n) { return static_cast<double>(n); };
  registry_.sampled(Kind::gauge, "gatehouse_queue_waiting", "Requests that wait for a limit or a provider's capacity.",
                    [this, count] { return count(governing_->admission().stats().waiting); });
  registry_.sampled(Kind::counter, "gatehouse_queue_timed_out_total", "Requests that waited as long as they could.",
                    [this, count] { return count(governing_->admission().stats().timed_out); });
  registry_.sampled(Kind::counter, "gatehouse_over_holds_total", "Settlements above what was held.",
                    [this, count] { return count(governing_->admission().stats().over_holds); });
  registry_.sampled(Kind::gauge, "gatehouse_webhooks_waiting", "Events that the webhook's receiver has not taken yet.",
                    [this, count] { return count(webhooks_->counts().waiting); });
  registry_.sampled(Kind::gauge, "gatehouse_credentials_failing", "Credentials of providers whose last renewal failed.",
                    [this, count] { return count(credentials_ ? credentials_->counts().failing : 0); });
  registry_.sampled(Kind::counter, "gatehouse_credential_failures_total", "Renewals of credentials that failed.",
                    [this, count] { return count(credentials_ ? credentials_->counts().failures : 0); });
  if (governing_->ledger() == nullptr) return;
  registry_.sampled(Kind::gauge, "gatehouse_ledger_backlog", "Rows in the journal that are not in the store yet.",
                    [this, count] {
                      const auto stats = governing_->ledger()->stats();
                      return count(stats.appended - std::min(stats.applied, stats.appended));
                    });
  registry_.sampled(Kind::counter, "gatehouse_ledger_refused_total", "Requests refused because the journal was full.",
                    [this, count] { return count(governing_->ledger()->stats().refused); });
  registry_.sampled(Kind::counter, "gatehouse_ledger_failures_total", "Commits that the store refused; tried again.",
                    [this, count] { return count(governing_->ledger()->stats().failures); });
}

// Whom the gateway itself asks and tells.
Result<void> Server::apply_outbound(const Configured& configured) {
  const config::Snapshot& snapshot = *configured.snapshot;
  std::vector<govern::JwksSource> sources;
  bool tls = false;
  for (const auto& issuer : snapshot.auth.jwt) {
    tls = tls || issuer.jwks_url.starts_with("https:");
    sources.push_back({.issuer = issuer.issuer, .url = issuer.jwks_url});
  }
  WebhookSender::Options webhook;
  if (snapshot.webhook) {
    webhook.url = snapshot.webhook->url;
    webhook.secret = snapshot.webhook->secret;
    tls = tls || webhook.url.starts_with("https:");
  }
  if (tls) {
    if (auto prepared = outbound_.prepare_tls(); !prepared) return prepared;
  }
  if (auto taken = webhooks_->configure(std::move(webhook)); !taken) return taken;
  if (auto set = jwks_->set_sources(std::move(sources)); !set) return set;
  std::vector<providers::TokenSource> tokens;
  for (const auto& source : configured.token_sources) {
    if (source) tokens.push_back(*source);
  }
  if (auto set = credentials_->set_sources(std::move(tokens)); !set) return set;
  credentials_->tick(async::Loop::now());
  return {};
}

std::optional<base::Secret> Server::first_owner() {
  auto made = governing_->first_owner();
  if (made) return std::move(*made);
  log_->error("no_first_owner", {{"detail", made.error().detail}});
  return std::nullopt;
}

bool Server::open() {
  auto snapshot = load();
  if (!snapshot) return false;
  const auto failed = [this](const Error& error) {
    log_->error("cannot_start", {{"detail", error.detail}});
    return false;
  };
  log_->set_level(level_of(snapshot->log.level));
  if (!snapshot->access_log.path.empty()) {
    observe::RecordWriter::Options options;
    options.path = snapshot->access_log.path;
    auto records = observe::RecordWriter::open(std::move(options));
    if (!records) return failed(records.error());
    records_ = std::move(*records);
    observe::register_record_writer(registry_, *records_);
  }
  auto governing = Governing::open(*snapshot, clock_, *log_, [this](const pipeline::Identities& identities) {
    for (auto& worker : workers_) worker->identify(identities);
  });
  if (!governing) return failed(governing.error());
  governing_ = std::move(*governing);
  auto vault = VaultKeeper::open(*snapshot, governing_->directory_store(), clock_);
  if (!vault) return failed(vault.error());
  vault_ = std::move(*vault);
  auto state = StateKeeper::open(*snapshot, governing_->directory_store(), clock_);
  if (!state) return failed(state.error());
  state_ = std::move(*state);
  auto conversations = ConversationKeeper::open(*snapshot, vault_->shared_keys(), clock_);
  if (!conversations) return failed(conversations.error());
  conversations_ = std::move(*conversations);
  const std::string program = SemanticsKeeper::program_folder();
  semantics_ = std::make_unique<SemanticsKeeper>(make_onnx_loader(program), program);
  webhooks_ = std::make_unique<WebhookSender>(outbound_, *log_, clock_);
  register_governing();
  register_semantics(registry_, *semantics_);
  events_ = std::make_unique<LimitEvents>(*webhooks_, clock_);
  governing_->governance().events = events_.get();
  governing_->on_alert([this](const govern::anomaly::Alert& alert) {
    if (configured_->snapshot->anomalies.notify != config::Notify::webhook) return;
    webhooks_->send(govern::webhook::to_json(alert, WebhookSender::new_event_id(), clock_.wall()));
  });
  jwks_ = std::make_unique<JwksKeeper>(outbound_, *log_, [this](std::shared_ptr<const govern::IssuerKeys> keys) {
    governing_->issuer_keys(std::move(keys));
  });
  credentials_ =
      std::make_unique<CredentialKeeper>(outbound_, *log_, clock_, [this](const auto& source, const auto& credential) {
        for (auto& worker : workers_) worker->renew(source, credential);
      });
  const auto cores = std::max(1U, std::thread::hardware_concurrency());
  const auto threads = snapshot->workers.threads == 0 ? cores : snapshot->workers.threads;
  for (std::uint32_t i = 0; i < threads; ++i) {
    auto lane = governing_->make_lane();
    if (!lane) return failed(lane.error());
    const WorkerThread::Shared shared{.clock = clock_,
                                      .log = *log_,
                                      .metrics = registry_,
                                      .ids = ids_,
                                      .records = records_.get(),
                                      .governing = *governing_,
                                      .unknown_kids = jwks_->unknown_kids(),
                                      .vault = *vault_,
                                      .state = *state_,
                                      .conversations = *conversations_,
                                      .credentials = *credentials_,
                                      .semantics = *semantics_};
    workers_.push_back(std::make_unique<WorkerThread>(shared, *lane));
  }
  metrics_ = std::make_unique<observe::WorkerMetrics>(registry_, ids_);
  admin_log_ = std::make_unique<observe::LimitedLog>(*log_, 5);
  if (auto* ledger = governing_->ledger()) usage_ = std::make_unique<UsagePages>(governing_->database(), *ledger);
  api_handler_ = std::make_unique<admin::Api>(admin::ApiServices{.store = governing_->directory_store(),
                                                                 .directory = governing_->directory(),
                                                                 .access = governing_->access(),
                                                                 .limits = governing_->limits(),
                                                                 .usage = usage_.get(),
                                                                 .vault = &vault_->vault(),
                                                                 .clock = clock_,
                                                                 .snapshot = [this] { return configured_->snapshot; }},
                                              admin::Api::Options{.host_names = {}, .version = GATEHOUSE_VERSION});
  admin_handler_ = std::make_unique<admin::AdminHandler>(registry_, ready_, clock_, api_handler_.get(),
                                                         [this] { return semantics_->status().lacking; });
  admin_connections_ = std::make_unique<Connections>(loop_, *admin_handler_, *admin_log_, [](int) {});
  if (auto applied = apply(snapshot); !applied) return failed(applied.error());
  const auto backlog = static_cast<int>(snapshot->listen.backlog);
  for (const auto& address : snapshot->listen.api) {
    // The first worker lets the kernel choose the port where 0 is asked for; the others join it there.
    net::Endpoint at = address;
    for (auto& worker : workers_) {
      auto bound = worker->listen(at, backlog);
      if (!bound) return failed(bound.error());
      at = *bound;
    }
    api_.push_back(at);
  }
  for (const auto& address : snapshot->listen.admin) {
    auto bound = admin_connections_->listen(address, backlog);
    if (!bound) return failed(bound.error());
    admin_.push_back(*bound);
  }
  return true;
}

int Server::run() {
  raise_descriptor_limit();
  ::signal(SIGPIPE, SIG_IGN);
  if (!open()) return 2;
  signals_ = std::make_unique<async::Signals>(loop_, std::initializer_list<int>{SIGTERM, SIGINT, SIGHUP},
                                              [this](int number) { on_signal(number); });
  governing_->start();
  for (auto& worker : workers_) worker->start();
  admin_connections_->start();
  loop_.on_tick([this] { on_tick(); });
  ready_.store(true, std::memory_order_relaxed);
  log_->info("started", {{"version", GATEHOUSE_VERSION}, {"workers", workers_.size()}});
  if (options_.on_listening) options_.on_listening(*this);
  loop_.run();
  for (auto& worker : workers_) worker->join();
  governing_->close();
  if (records_) records_->close();
  log_->info("stopped");
  return 0;
}

void Server::on_signal(int number) {
  if (number == SIGHUP) {
    if (records_) records_->reopen();
    reload("signal");
    return;
  }
  if (draining_since_) {
    // Asked twice: now.
    if (!aborted_) {
      aborted_ = true;
      for (auto& worker : workers_) worker->abort();
    }
    return;
  }
  log_->info("draining", {{"seconds", configured_->snapshot->timeouts.drain.count() / 1000}});
  draining_since_ = async::Loop::now();
  ready_.store(false, std::memory_order_relaxed);
  for (auto& worker : workers_) worker->drain();
}

void Server::reload(std::string_view why) {
  if (options_.config_path.empty() || draining_since_) return;
  const auto snapshot = load();
  Result<void> applied = snapshot ? Result<void>() : fail(Code::configuration, "it has problems");
  const auto before = configured_->snapshot;
  if (snapshot) applied = apply(snapshot);
  metrics_->config_reloaded(applied.has_value());
  if (!applied) {
    watch_files();
    log_->error("reload_failed", {{"why", why}, {"detail", applied.error().detail}, {"serving", "the old one"}});
    return;
  }
  if (needs_restart(*before, *snapshot)) {
    log_->warn("restart_needed", {{"detail", "listen, workers, store and access_log take effect after a restart"}});
  }
  log_->info("reloaded", {{"why", why}});
}

void Server::on_tick() {
  governing_->tick();
  if (ticks_ % kTicksPerForgetting == 0) {
    conversations_->book().forget_expired(clock_.wall());
    if (const auto gone = state_->forget(clock_.wall()); !gone) {
      log_->warn("state_not_forgotten", {{"detail", gone.error().to_string()}});
    }
  }
  if (++ticks_ % kTicksPerLook == 0) {
    jwks_->tick(async::Loop::now());
    credentials_->tick(async::Loop::now());
    webhooks_->tick(async::Loop::now());
    admin_log_->flush(async::Loop::now());
    if (watch_.changed()) reload("files changed");
  }
  if (!draining_since_) return;
  if (std::ranges::all_of(workers_, [](const auto& worker) { return worker->finished(); })) {
    // The probes and metrics were there to the end. Their sessions must be over before what they refer to goes.
    admin_connections_->drain();
    admin_connections_->abort();
    if (admin_connections_->finished()) loop_.stop();
    return;
  }
  if (!aborted_ && async::Loop::now() - *draining_since_ > configured_->snapshot->timeouts.drain) {
    aborted_ = true;
    log_->warn("drain_timed_out");
    for (auto& worker : workers_) worker->abort();
  }
}

}  // namespace gatehouse::app
