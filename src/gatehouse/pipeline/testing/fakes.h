#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gatehouse/async/event.h"
#include "gatehouse/http/testing/session.h"
#include "gatehouse/observe/gateway_metrics.h"
#include "gatehouse/observe/log.h"
#include "gatehouse/pipeline/pipeline.h"
#include "gatehouse/providers/upstream.h"

// For the tests of this room and of stages: providers that play what they are told, and a worker without a thread.
namespace gatehouse::pipeline::testing {

// One step of an answer's body. A pause makes the consumer wait a turn of the loop for it; `hangs` makes it wait until
// it is aborted.
struct Step {
  std::string bytes{};
  bool last = false;
  bool pause = false;
  bool hangs = false;
  Code error = Code::internal;
  bool fails = false;
};

struct FakeReply {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> fields{};
  std::vector<Step> steps{};
};

// A body as an SSE stream or JSON that ends in order.
inline FakeReply json_reply(std::string body, int status = 200) {
  return {.status = status,
          .fields = {{"content-type", "application/json"}},
          .steps = {{.bytes = std::move(body), .last = true}}};
}

class FakeAnswer final : public providers::UpstreamAnswer {
 public:
  FakeAnswer(async::Loop& loop, FakeReply reply, async::AbortSource* abort, int* alive = nullptr)
      : loop_(loop), abort_(abort), reply_(std::move(reply)), alive_(alive) {
    if (alive_ != nullptr) ++*alive_;
    head_.status = reply_.status;
    for (const auto& [name, value] : reply_.fields) head_.fields.add({name, value});
  }
  ~FakeAnswer() override {
    if (alive_ != nullptr) --*alive_;
  }
  const http::ResponseHead& head() const override { return head_; }
  Eventually<Result<http::Piece>> next() override {
    const Step& step = reply_.steps.at(at_++);
    if (step.pause || step.hangs) return later(step);
    return told(step);
  }

 private:
  // The bytes lie in a buffer that the next call overwrites, as those of a connection do.
  Result<http::Piece> told(const Step& step) {
    if (step.fails) return fail(step.error, "told to fail");
    held_ = std::make_unique<std::string>(step.bytes);
    return http::Piece{*held_, step.last};
  }
  Task<Result<http::Piece>> later(const Step& step) {
    if (step.hangs) {
      async::Event never(loop_);
      co_await never.wait(abort_);
      co_return std::unexpected(abort_->error());
    }
    co_await loop_.after_ready();
    co_return told(step);
  }

  async::Loop& loop_;
  async::AbortSource* abort_;
  FakeReply reply_;
  int* alive_;
  http::ResponseHead head_;
  std::unique_ptr<std::string> held_;
  std::size_t at_ = 0;
};

// A provider: answers each call with the next of what it was given, and keeps a ledger of what it received.
class FakeUpstream final : public providers::Upstream {
 public:
  explicit FakeUpstream(async::Loop& loop) : loop_(loop) {}
  Task<Result<std::unique_ptr<providers::UpstreamAnswer>>> send(providers::UpstreamRequest request,
                                                                async::AbortSource& abort) override {
    Call call{.method = std::string(request.method_text),
              .path = std::string(request.path),
              .body = {},
              .inspected = request.inspected,
              .length = request.body_length};
    for (const auto piece : request.body) call.body.append(piece);
    if (request.body_source != nullptr && !replies.empty() && replies.front()) {
      auto body = co_await http::testing::read_pieces(*request.body_source);
      if (!body) co_return std::unexpected(body.error());
      call.body = *body;
    }
    calls.push_back(std::move(call));
    if (replies.empty()) co_return fail(Code::internal, "not told what to answer");
    auto reply = std::move(replies.front());
    replies.pop_front();
    if (!reply) co_return std::unexpected(std::move(reply.error()));
    co_return std::make_unique<FakeAnswer>(loop_, std::move(*reply), &abort, &alive);
  }

  struct Call {
    std::string method;
    std::string path;
    std::string body;
    bool inspected;
    std::optional<std::uint64_t> length;
  };
  std::vector<Call> calls;
  std::deque<Result<FakeReply>> replies;
  int alive = 0;  // answers that were not destroyed yet

 private:
  async::Loop& loop_;
};

// A key for tests; its node must outlive the view.
struct TestKey {
  std::string key;
  std::string name;
  const govern::Node* node;
  govern::Traits traits{};
  std::optional<base::WallTime> expires_at{};
};

// What a directory would publish, keyed with "secret".
inline std::shared_ptr<const govern::DirectoryView> view_of(std::vector<TestKey> keys) {
  govern::ViewBuilder builder;
  crypto::HmacSha256 hash("secret");
  for (auto& key : keys) {
    builder.put(std::make_shared<const govern::Credential>(
        govern::Credential::Parts{.digest = hash(key.key),
                                  .node = key.node,
                                  .user = nullptr,
                                  .traits = std::make_shared<const govern::Traits>(std::move(key.traits)),
                                  .name = std::move(key.name),
                                  .metadata = {},
                                  .expires_at = key.expires_at}));
  }
  return builder.build();
}

// A worker and its pipeline on one loop.
class Bench {
 public:
  Bench(async::Loop& loop, std::shared_ptr<const config::Snapshot> snapshot, Stages stages,
        std::shared_ptr<const govern::DirectoryView> keys = std::make_shared<const govern::DirectoryView>())
      : ids(observe::GatewayMetricIds::register_in(registry, "test")),
        metrics(registry, ids),
        log({}, [this](std::string_view line) { logged.emplace_back(line); }),
        limited(log, 100),
        worker{.loop = loop,
               .clock = clock,
               .metrics = metrics,
               .log = limited,
               .random = base::Random(1),
               .date = {},
               .records = nullptr},
        runtime(std::make_shared<Runtime>(Runtime{.snapshot = std::move(snapshot),
                                                  .upstreams = {},
                                                  .profiles = {},
                                                  .stages = std::make_shared<const Stages>(std::move(stages))})) {
    for (std::size_t i = 0; i < runtime->snapshot->providers.size(); ++i) {
      auto fake = std::make_unique<FakeUpstream>(loop);
      upstreams.push_back(fake.get());
      runtime->upstreams.push_back(std::move(fake));
      runtime->profiles.push_back(providers::Profile::make(runtime->snapshot->providers[i]));
    }
    worker.key_hash = std::make_unique<crypto::HmacSha256>("secret");
    worker.identities = std::make_shared<const Identities>(Identities{
        .keys = std::move(keys), .nodes = std::make_shared<const NodeIndex>(), .tokens = {}, .issuer_keys = {}});
    pipeline.emplace(worker, runtime);
  }
  std::string metrics_text() const {
    std::string text;
    registry.write_prometheus(text);
    return text;
  }

  base::ManualClock clock;
  observe::Registry registry;
  observe::GatewayMetricIds ids;
  observe::WorkerMetrics metrics;
  std::vector<std::string> logged;
  observe::Log log;
  observe::LimitedLog limited;
  Worker worker;
  std::shared_ptr<Runtime> runtime;
  std::vector<FakeUpstream*> upstreams;
  std::optional<Pipeline> pipeline;
};

// A client's connection to a bench's pipeline. `over` must be awaited before it dies.
class Caller {
 public:
  static Task<std::unique_ptr<Caller>> open(async::Loop& loop, Bench& bench) {
    auto pair = co_await net::testing::tcp_pair(loop);
    co_return std::unique_ptr<Caller>(new Caller(loop, std::move(pair), bench));
  }
  Task<void> over() {
    client.close();
    co_await scope_.join();
  }
  http::testing::Peer client;

 private:
  Caller(async::Loop& loop, net::testing::TcpPair pair, Bench& bench)
      : client(std::move(pair.client)),
        scope_(loop, net::testing::rethrow),
        session_(std::make_unique<http::ServerSession>(std::move(pair.server), options_, *bench.pipeline)) {
    scope_.spawn(serve());
  }
  Task<void> serve() {
    co_await session_->run();
    session_.reset();
  }
  http::ServerOptions options_;
  async::TaskScope scope_;
  std::unique_ptr<http::ServerSession> session_;
};

// One request on a connection of its own.
inline Task<http::testing::Received> ask(async::Loop& loop, Bench& bench, std::string_view wire) {
  auto caller = co_await Caller::open(loop, bench);
  co_await caller->client.send(wire);
  auto got = co_await caller->client.answer();
  co_await caller->over();
  co_return got;
}

inline std::string post_json(std::string_view path, std::string_view body, std::string_view more_fields = {}) {
  return "POST " + std::string(path) + " HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n" +
         std::string(more_fields) + "content-length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

}  // namespace gatehouse::pipeline::testing
