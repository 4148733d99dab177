#include "gatehouse/app/webhook_sender.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <utility>

#include "gatehouse/async/task_scope.h"
#include "gatehouse/crypto/encoding.h"
#include "gatehouse/http/head_writer.h"

namespace gatehouse::app {

// The url and the secret belong to the loop's thread; `listening` is what other threads see of them.
struct WebhookSender::State {
  State(Outbound& o, observe::Log& l, const base::Clock& c) : outbound(o), log(l), clock(c) {}

  Outbound& outbound;
  observe::Log& log;
  const base::Clock& clock;
  base::Random random = base::Random::from_device();
  http::FetchUrl url;
  base::Secret secret;
  base::Duration deadline{};
  govern::webhook::Outbox outbox;
  std::atomic<bool> listening{false};
  bool failing = false;  // said so already
  async::AbortSource abort;
};

WebhookSender::WebhookSender(Outbound& outbound, observe::Log& log, const base::Clock& clock)
    : state_(std::make_shared<State>(outbound, log, clock)) {}

WebhookSender::~WebhookSender() { state_->abort.abort(async::AbortReason::shutdown); }

Result<> WebhookSender::configure(Options options) {
  if (options.url.empty()) {
    state_->listening.store(false, std::memory_order_relaxed);
    return {};
  }
  auto url = http::FetchUrl::parse(options.url);
  if (!url) return fail(Code::configuration, "the webhook's url " + url.error().detail);
  if (url->tls) {
    if (auto made = state_->outbound.prepare_tls(); !made) return made;
  }
  state_->url = *std::move(url);
  state_->secret = std::move(options.secret);
  state_->deadline = options.deadline;
  state_->listening.store(true, std::memory_order_relaxed);
  return {};
}

void WebhookSender::tick(base::SteadyTime now) {
  if (!state_->listening.load(std::memory_order_relaxed)) return;
  auto message = state_->outbox.next(now);
  if (!message) return;
  http::FetchRequest request;
  request.url = state_->url;
  request.method = http::Method::post;
  request.body = message->body;
  request.content_type = "application/json";
  request.deadline = state_->deadline;
  request.max_answer = 64UL * 1024;
  if (!state_->secret.empty()) {
    // Anew for each try: a receiver refuses a time that is long past.
    http::append_field(request.further_fields, govern::webhook::kSignatureHeader,
                       govern::webhook::sign(state_->secret, request.body, state_->clock.wall()));
  }
  async::start(state_->outbound.loop(), post(state_, *std::move(message), std::move(request)),
               [state = state_](std::exception_ptr error) {
                 if (error) state->log.error("webhook_defect");
               });
}

Task<void> WebhookSender::post(std::shared_ptr<State> state, govern::webhook::Outbox::Message message,
                               http::FetchRequest request) {
  const auto answer = co_await state->outbound.fetch(std::move(request), state->abort);
  if (state->abort.aborted()) co_return;
  const int status = answer ? answer->status : 0;
  const bool good = status >= 200 && status < 300;
  if (!good && !state->failing) {
    state->log.warn("webhook_failed", {{"attempt", message.attempt},
                                       {"status", status},
                                       {"detail", answer ? "the receiver refused it" : answer.error().to_string()}});
  }
  if (good && state->failing) state->log.info("webhook_recovered");
  state->failing = !good;
  const auto now = async::Loop::now();
  state->outbox.done(message.ticket, status, now, state->random);
}

void WebhookSender::send(std::string body) {
  if (state_->listening.load(std::memory_order_relaxed)) state_->outbox.push(std::move(body));
}

std::string WebhookSender::new_event_id() {
  std::array<std::uint8_t, 16> bytes{};
  base::random_bytes(bytes.data(), bytes.size());
  return "evt_" + crypto::to_hex(bytes);
}

govern::webhook::Outbox::Counts WebhookSender::counts() const { return state_->outbox.counts(); }

}  // namespace gatehouse::app
