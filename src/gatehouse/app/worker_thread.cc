#include "gatehouse/app/worker_thread.h"

#include <array>
#include <exception>
#include <map>
#include <tuple>
#include <utility>

#include "gatehouse/providers/http_upstream.h"
#include "gatehouse/providers/sandbox_upstream.h"

namespace gatehouse::app {
namespace {

constexpr unsigned kWarningsPerSecond = 5;
constexpr unsigned kTicksPerHandOver = 2;  // 100 ms
constexpr std::size_t kJudgedTexts = 16'384;
constexpr unsigned kTicksPerSweep = 20;  // 1 s

// The upstreams of a configuration with the TLS contexts that they use.
struct TlsRuntime final : pipeline::Runtime {
  std::map<std::pair<std::string, bool>, std::unique_ptr<net::TlsClientContext>> tls;

  // One for all that trust the same. Blocks on its files.
  Result<net::TlsClientContext*> context(const std::string& ca_file, bool insecure) {
    auto& made = tls[{ca_file, insecure}];
    if (!made) {
      auto loaded = net::TlsClientContext::load({.ca_file = ca_file, .insecure = insecure});
      if (!loaded) return std::unexpected(std::move(loaded.error()));
      made = std::move(*loaded);
    }
    return made.get();
  }
};

config::Provider provider_of(const CalloutPlan& callout) {
  const config::Callout& settings = *callout.settings;
  config::Provider provider;
  // A name that no provider can have: its connections are never shared with one's.
  provider.name = "callouts/" + settings.name;
  provider.base_url = {.tls = callout.url.tls, .host = callout.url.host, .port = callout.url.port, .path = {}};
  provider.api_key = settings.key;
  provider.headers = {{.name = "content-type", .value = base::Secret("application/json")},
                      {.name = "accept", .value = base::Secret("application/json")},
                      {.name = "user-agent", .value = base::Secret("gatehouse")}};
  provider.timeouts = {.connect = settings.timeout, .first_byte = settings.timeout, .between_bytes = settings.timeout};
  return provider;
}

}  // namespace

WorkerThread::WorkerThread(const Shared& shared, pipeline::UsageLane* usage)
    : clock_(shared.clock),
      governing_(shared.governing),
      unknown_kids_(shared.unknown_kids),
      vault_(shared.vault),
      conversations_(shared.conversations),
      credentials_(shared.credentials),
      semantics_(shared.semantics),
      log_(shared.log, kWarningsPerSecond),
      metrics_(shared.metrics, shared.ids),
      resolver_(loop_, {}),
      connector_(loop_, resolver_),
      worker_{.loop = loop_,
              .clock = clock_,
              .metrics = metrics_,
              .log = log_,
              .random = base::Random::from_device(),
              .date = {},
              .records = shared.records == nullptr ? nullptr : &shared.records->make_lane(),
              .key_hash = std::make_unique<crypto::HmacSha256>(governing_.hash_secret().reveal()),
              .auth_backoff = &governing_.auth_backoff(),
              .governance = &governing_.governance(),
              .activity = &activity_,
              .usage = usage,
              .opaque = &shared.state.opaque(),
              .responses = &shared.state.responses(),
              .uploads = &shared.state.uploads()},
      pipeline_(std::make_unique<pipeline::Pipeline>(worker_, nullptr)),
      connections_(loop_, *pipeline_, log_, [this](int by) { metrics_.connections.add(by); }) {}

WorkerThread::~WorkerThread() {
  if (thread_.joinable()) {
    loop_.stop();
    thread_.join();
  }
}

Result<std::shared_ptr<pipeline::Runtime>> WorkerThread::make_runtime(const Configured& configured) {
  auto runtime =
      std::make_shared<TlsRuntime>(TlsRuntime{{.snapshot = configured.snapshot,
                                               .upstreams = {},
                                               .profiles = {},
                                               .stages = configured.stages,
                                               .prices = configured.prices,
                                               .provider_nodes = governing_.provider_nodes(*configured.snapshot)},
                                              {}});
  if (const auto& guards = configured.guards; guards.detectors) {
    std::array<char, 32> key{};
    base::random_bytes(key.data(), key.size());
    runtime->guarding.reset(
        new pipeline::Guarding{.policies = guard::PolicySet(guards.policies, guards.detectors),
                               .inspector = guard::Inspector(guards.detectors),
                               .judged = guard::JudgedTexts(std::string_view(key.data(), key.size()), kJudgedTexts),
                               .keys = &vault_.keys(),
                               .vault = &vault_.vault(),
                               .book = &conversations_.book(),
                               .namer = conversations_.make_namer(),
                               .semantics = semantics_.service(),
                               .semantic_budget = configured.snapshot->semantic.budget});
  }
  for (const CalloutPlan& callout : configured.guards.callouts) {
    // An external guard is reached as a provider is: over connections of its own that are kept.
    const config::Provider provider = provider_of(callout);
    net::TlsClientContext* tls = nullptr;
    if (callout.url.tls) {
      auto context = runtime->context({}, false);
      if (!context) return std::unexpected(std::move(context.error()));
      tls = *context;
    }
    runtime->guarding->callouts.push_back(
        {.settings = callout.settings,
         .upstream = std::make_unique<providers::HttpUpstream>(provider, pool_, connector_, tls,
                                                               base::Duration(callout.settings->timeout)),
         .breaker = callout.breaker,
         .path = callout.url.target,
         .detector = "callout." + callout.settings->name});
  }
  std::erase_if(slots_, [](const Slot& slot) { return slot.slot.expired(); });
  for (std::size_t i = 0; i < runtime->snapshot->providers.size(); ++i) {
    const auto& provider = runtime->snapshot->providers[i];
    runtime->profiles.push_back(providers::Profile::make(provider));
    if (provider.kind == config::ProviderKind::sandbox) {
      runtime->upstreams.push_back(
          std::make_unique<providers::SandboxUpstream>(loop_, clock_, runtime->snapshot->sandbox));
      continue;
    }
    net::TlsClientContext* tls = nullptr;
    if (provider.base_url.tls) {
      auto context = runtime->context(provider.ca_file, provider.insecure_skip_verify);
      if (!context) return std::unexpected(std::move(context.error()));
      tls = *context;
    }
    providers::HttpUpstream::Access access{.profile = runtime->profiles.back()};
    if (const auto& source = configured.token_sources[i]) {
      auto slot = std::make_shared<providers::CredentialSlot>(credentials_.current(*source));
      slots_.push_back({.source = *source, .slot = slot});
      access.slot = std::move(slot);
      access.clock = &clock_;
      access.loop = &loop_;
    }
    runtime->upstreams.push_back(std::make_unique<providers::HttpUpstream>(
        provider, pool_, connector_, tls, runtime->snapshot->timeouts.tls_handshake, std::move(access)));
  }
  return std::shared_ptr<pipeline::Runtime>(std::move(runtime));
}

void WorkerThread::adopt(const Configured& configured, std::shared_ptr<pipeline::Runtime> runtime) {
  const auto& snapshot = *configured.snapshot;
  connections_.set_options({.tls = configured.api_tls,
                            .proxy_protocol = snapshot.listen.proxy_protocol == config::ProxyProtocol::required,
                            .max_connections = snapshot.limits.connections,
                            .tls_timeout = snapshot.timeouts.tls_handshake},
                           configured.server_options);
  upstream_gauges_.clear();
  for (const auto& provider : snapshot.providers) {
    if (provider.kind == config::ProviderKind::sandbox) continue;
    upstream_gauges_.push_back({.key = providers::HttpUpstream::pool_key(provider),
                                .busy = metrics_.upstream_connections(provider.name, "busy"),
                                .idle = metrics_.upstream_connections(provider.name, "idle")});
  }
  pipeline_->set_runtime(std::move(runtime));
}

void WorkerThread::identify(const pipeline::Identities& identities) {
  auto own = std::make_shared<pipeline::Identities>(identities);
  own->keys = govern::DirectoryView::own_handle(own->keys);
  const auto take_over = [this](const std::shared_ptr<const pipeline::Identities>& next) {
    // A new door: what tokens stood for may be another place by now. It refers to the rules, so it goes first.
    worker_.token_door.reset();
    worker_.identities = next;
    if (next->tokens) {
      worker_.token_door = std::make_unique<govern::JwtDoor>(*next->tokens, next->issuer_keys, unknown_kids_);
    }
  };
  if (!started_) {
    take_over(std::move(own));
    return;
  }
  loop_.post([take_over, own = std::move(own)] { take_over(own); });
}

void WorkerThread::renew(const providers::TokenSource& source,
                         const std::shared_ptr<const providers::Credential>& credential) {
  for (const Slot& known : slots_) {
    auto slot = known.slot.lock();
    if (!slot || !(known.source == source)) continue;
    if (!started_) {
      slot->set(credential);
    } else {
      loop_.post([slot = std::move(slot), credential] { slot->set(credential); });
    }
  }
}

void WorkerThread::apply(std::shared_ptr<const Configured> configured, std::shared_ptr<pipeline::Runtime> runtime) {
  if (!started_) {
    adopt(*configured, std::move(runtime));
    return;
  }
  loop_.post([this, configured = std::move(configured), runtime = std::move(runtime)] { adopt(*configured, runtime); });
}

void WorkerThread::start() {
  started_ = true;
  loop_.on_tick([this] { on_tick(); });
  connections_.start();
  thread_ = std::thread([this] {
    loop_.run();
    if (worker_.records != nullptr) worker_.records->hand_over();
  });
}

void WorkerThread::on_tick() {
  ++ticks_;
  if (worker_.records != nullptr && ticks_ % kTicksPerHandOver == 0) worker_.records->hand_over();
  if (ticks_ % kTicksPerSweep == 0) {
    pool_.sweep();
    log_.flush(async::Loop::now());
    activity_.take(activity_taken_);
    if (!activity_taken_.empty()) governing_.add_activity(activity_taken_);
    for (auto& gauges : upstream_gauges_) {
      const auto counts = pool_.counts(gauges.key);
      gauges.busy.set(counts.busy);
      gauges.idle.set(counts.idle);
    }
  }
}

Task<void> WorkerThread::finish() {
  co_await connections_.join();
  pool_.close();
  finished_.store(true, std::memory_order_release);
}

void WorkerThread::drain() {
  loop_.post([this] {
    connections_.drain();
    finishing_ = std::make_unique<async::TaskScope>(loop_, [](std::exception_ptr) {});
    finishing_->spawn(finish());
  });
}

void WorkerThread::abort() {
  loop_.post([this] { connections_.abort(); });
}

void WorkerThread::join() {
  loop_.stop();
  if (thread_.joinable()) thread_.join();
}

}  // namespace gatehouse::app
