#include "gatehouse/stages/realtime/session.h"

#include <array>
#include <cstdlib>
#include <utility>

#include "gatehouse/base/ids.h"
#include "gatehouse/dialects/errors.h"
#include "gatehouse/http/head_writer.h"
#include "gatehouse/json/value.h"
#include "gatehouse/json/writer.h"
#include "gatehouse/llm/usage_reader.h"
#include "gatehouse/pipeline/governance.h"

namespace gatehouse::stages {
namespace {

using http::WebSocketClose;
using http::WebSocketOpcode;
using State = http::WebSocketReader::State;

constexpr base::Duration kLookEvery = std::chrono::milliseconds(250);
// For the other side's close, once ours is out.
constexpr base::Duration kCloseWithin = std::chrono::seconds(2);

void note(pipeline::Exchange& exchange, const Error& error, observe::Finish finish) {
  auto& outcome = exchange.outcome;
  if (outcome.failed) return;
  outcome.failed = true;
  outcome.error = error.code;
  outcome.finish = finish;
}

// Text that the model writes, piece by piece.
bool is_written(std::string_view type) {
  return type == "response.output_text.delta" || type == "response.text.delta" ||
         type == "response.output_audio_transcript.delta" || type == "response.audio_transcript.delta" ||
         type == "response.function_call_arguments.delta";
}

}  // namespace

// --- One side

http::WebSocketMask RealtimeSession::Side::mask() const {
  if (masks_ == http::WebSocketSide::client) return std::nullopt;
  std::array<std::uint8_t, 4> bytes{};
  base::random_bytes(bytes.data(), bytes.size());
  return bytes;
}

Task<bool> RealtimeSession::Side::send(WebSocketOpcode opcode, std::string_view payload) {
  std::string frame;
  frame.reserve(payload.size() + 14);
  http::append_websocket_frame(opcode, payload, mask(), frame);
  co_return co_await write(std::move(frame), false);
}

Task<bool> RealtimeSession::Side::close(std::uint16_t code, std::string_view reason) {
  if (closed_) co_return true;
  std::string frame;
  http::append_websocket_close(code, reason, mask(), frame);
  co_return co_await write(std::move(frame), true);
}

Task<bool> RealtimeSession::Side::write(std::string frame, bool closes) {
  while (busy_) {
    free_.reset();
    co_await free_.wait(nullptr);
  }
  if (closed_) co_return true;
  busy_ = true;
  const auto written = co_await duplex->write(frame);
  closed_ = closes;
  busy_ = false;
  free_.set();
  co_return written.has_value();
}

// --- The session

RealtimeSession::RealtimeSession(pipeline::Exchange& exchange, std::unique_ptr<providers::UpstreamAnswer> upstream,
                                 std::string key, std::string protocol)
    : exchange_(exchange),
      upstream_(std::move(upstream)),
      key_(std::move(key)),
      protocol_(std::move(protocol)),
      client_(exchange.worker.loop, http::WebSocketSide::client),
      server_(exchange.worker.loop, http::WebSocketSide::server),
      client_events_(exchange),
      scope_(exchange.worker.loop, [](std::exception_ptr) { std::abort(); }) {
  auto* inspection = exchange.inspection.get();
  if (inspection != nullptr && inspection->redaction &&
      (!inspection->rules->wanted(guard::Direction::response).empty() ||
       !inspection->rules->wanted(guard::Direction::request).empty() || inspection->restoring)) {
    server_events_.emplace(exchange);
  }
}

Task<void> RealtimeSession::run(pipeline::Exchange& exchange) {
  exchange.no_deadline();
  std::string& head = exchange.in.begin_head(101);
  http::append_websocket_answer(key_, protocol_, head);
  http::append_field(head, "x-gatehouse-request-id", base::view(exchange.id));
  http::append_field(head, "x-gatehouse-provider", exchange.provider->name);
  http::append_field(head, "x-gatehouse-attempts", std::uint64_t{exchange.attempts});
  if (exchange.worker.governance != nullptr) exchange.accounting.append_fields(head);
  exchange.outcome.status = 101;
  auto opened = co_await exchange.in.upgrade();
  if (!opened) {
    exchange.outcome.status = 499;
    note(exchange, opened.error(), observe::Finish::client_closed);
    co_return;
  }
  exchange.outcome.first_byte = async::Loop::now();
  exchange.streamed = true;
  client_.duplex = *opened;
  server_.duplex = upstream_->duplex();
  if (exchange.accounting.ticket || exchange.accounting.reservation.active()) exchange.accounting.follow(exchange);
  exchange.worker.metrics.streams_open.add();
  heard();
  scope_.spawn(from_server());
  scope_.spawn(watch());
  co_await from_client();
  client_.done = true;
  // The provider is told, and has a moment to say the last of it.
  if (exchange.in.abort().aborted()) server_.duplex->cancel();
  if (end_by_ == base::SteadyTime{}) end_by_ = async::Loop::now() + kCloseWithin;
  if (server_.done) over_.abort(async::AbortReason::shutdown);
  co_await scope_.join();
  exchange.worker.metrics.streams_open.sub();
}

Task<void> RealtimeSession::from_client() {
  for (;;) {
    auto got = co_await client_.duplex->read();
    if (!got || got->empty()) {
      // Who leaves without a word is gone: the provider's work ends with it.
      if (!ending_ && !client_.closed()) {
        ending_ = true;
        note(
            exchange_, got ? Error(Code::client_closed) : got.error(),
            got || got.error().code == Code::client_closed ? observe::Finish::client_closed : observe::Finish::refused);
      }
      exchange_.in.abort().abort(async::AbortReason::client_gone);
      co_return;
    }
    heard();
    std::string_view bytes = *got;
    while (!bytes.empty()) {
      const auto step = client_.reader.read(bytes);
      if (step.state == State::need_more) break;
      if (step.state == State::failed) {
        (void)co_await client_.close(step.code, step.reason);
        (void)co_await server_.close(WebSocketClose::kNormal, {});
        if (!ending_) note(exchange_, Error(Code::invalid_request), observe::Finish::refused);
        ending_ = true;
        co_return;
      }
      const auto& message = step.message;
      switch (message.opcode) {
        case WebSocketOpcode::close:
          // What the provider still says comes too late: both are closed.
          (void)co_await client_.close(message.code, {});
          (void)co_await server_.close(message.code, message.payload);
          ending_ = true;
          co_return;
        case WebSocketOpcode::text:
          if (!ending_) co_await on_client_text(message.payload);
          break;
        case WebSocketOpcode::binary:
          // Nothing of the API's; where policy holds nobody could tell what it says.
          if (!ending_ && exchange_.inspection != nullptr) {
            co_await tell_error(Error(Code::unsupported, "Events are text messages"), {});
          } else if (!ending_) {
            (void)co_await server_.send(message.opcode, message.payload);
          }
          break;
        default:
          if (!ending_) (void)co_await server_.send(message.opcode, message.payload);
          break;
      }
    }
  }
}

Task<void> RealtimeSession::on_client_text(std::string_view text) {
  auto judged = client_events_.judge(text);
  if (!judged) {
    co_await tell_error(judged.error(), client_events_.event_id());
    co_return;
  }
  (void)co_await server_.send(WebSocketOpcode::text, *judged);
}

Task<void> RealtimeSession::from_server() {
  for (;;) {
    auto got = co_await server_.duplex->read();
    if (!got || got->empty()) {
      if (!ending_) {
        const Error error = got ? Error(Code::upstream_broken, "The provider ended the session without a close")
                                : std::move(got.error());
        if (error.code != Code::client_closed) {
          const bool late = error.code == Code::upstream_timeout;
          co_await end(error, WebSocketClose::kInternal);
          exchange_.outcome.finish = late ? observe::Finish::timeout : observe::Finish::upstream_broken;
        }
      }
      break;
    }
    heard();
    std::string_view bytes = *got;
    bool over = false;
    while (!bytes.empty() && !over) {
      const auto step = server_.reader.read(bytes);
      if (step.state == State::need_more) break;
      if (step.state == State::failed) {
        (void)co_await server_.close(step.code, step.reason);
        if (!ending_) {
          co_await end(Error(Code::upstream_protocol, "The provider broke the rules of the WebSocket protocol"),
                       WebSocketClose::kInternal);
          exchange_.outcome.finish = observe::Finish::upstream_broken;
        }
        over = true;
        break;
      }
      const auto& message = step.message;
      switch (message.opcode) {
        case WebSocketOpcode::close: {
          if (server_events_ && !ending_) {
            std::vector<std::string> events;
            std::vector<ServerEvents::Blocked> blocked;
            server_events_->finish(events, blocked);
            co_await give(std::move(events));
            co_await tell_blocked(std::move(blocked));
          }
          (void)co_await server_.close(message.code, {});
          ending_ = true;
          if (end_by_ == base::SteadyTime{}) end_by_ = async::Loop::now() + kCloseWithin;
          // Reasons are the provider's own words about itself: they go no further where policy holds.
          const std::string reason(exchange_.inspection == nullptr ? message.payload : std::string_view());
          (void)co_await client_.close(message.code, reason);
          over = true;
          break;
        }
        case WebSocketOpcode::text:
          co_await on_server_text(message.payload);
          break;
        case WebSocketOpcode::binary:
          if (!ending_ && exchange_.inspection == nullptr) {
            (void)co_await client_.send(message.opcode, message.payload);
          }
          break;
        default:
          if (!ending_) (void)co_await client_.send(message.opcode, message.payload);
          break;
      }
    }
    if (over) break;
  }
  server_.done = true;
  if (client_.done) over_.abort(async::AbortReason::shutdown);
}

Task<void> RealtimeSession::on_server_text(std::string_view text) {
  // Usage counts whatever becomes of the session.
  const bool covered = meter(text);
  if (ending_) co_return;
  if (server_events_) {
    std::vector<std::string> events;
    std::vector<ServerEvents::Blocked> blocked;
    server_events_->push(text, events, blocked);
    co_await give(std::move(events));
    co_await tell_blocked(std::move(blocked));
  } else {
    (void)co_await client_.send(WebSocketOpcode::text, text);
  }
  if (!covered && !ending_) {
    exchange_.accounting.cut();
    co_await end(Error(Code::budget_exceeded, "The budget or limit of this session is used up"),
                 WebSocketClose::kPolicy);
  }
}

Task<void> RealtimeSession::give(std::vector<std::string> events) {
  for (const std::string& event : events) {
    if (ending_) co_return;
    (void)co_await client_.send(WebSocketOpcode::text, event);
  }
}

Task<void> RealtimeSession::tell_blocked(std::vector<ServerEvents::Blocked> blocked) {
  for (const auto& [response, item, spoken] : blocked) {
    if (ending_) co_return;
    const auto ask = [&](std::string_view type, std::string_view member, std::string_view id) {
      std::string event;
      json::Writer writer(event);
      writer.begin_object().key("type").string(type);
      if (!id.empty()) writer.key(member).string(id);
      writer.end_object();
      return event;
    };
    if (!response.empty() || spoken) {
      (void)co_await server_.send(WebSocketOpcode::text, ask("response.cancel", "response_id", response));
    }
    if (spoken && !item.empty()) {
      (void)co_await server_.send(WebSocketOpcode::text, ask("conversation.item.delete", "item_id", item));
    }
    const auto what = spoken ? "input" : "answer";
    co_await tell_error(Error(Code::content_blocked, exchange_.inspection->blocked_detail(what)), {});
  }
}

Task<void> RealtimeSession::tell_error(Error error, std::string_view event_id) {
  const std::string body = dialects::error_body(llm::Dialect::openai_chat, error);
  std::string event;
  json::Writer writer(event);
  writer.begin_object().key("type").string("error");
  writer.key("event_id").string("event_" + std::string(base::view(exchange_.id)) + "_" + std::to_string(++told_));
  std::string inner(json::find(body, "error"));
  // The same members as in an answer's error, and which event it is about.
  if (inner.ends_with('}')) {
    inner.pop_back();
    inner += ",\"event_id\":";
    if (event_id.empty()) {
      inner += "null";
    } else {
      json::append_quoted(inner, event_id);
    }
    inner += '}';
    writer.key("error").raw(inner);
  }
  writer.end_object();
  (void)co_await client_.send(WebSocketOpcode::text, event);
}

Task<void> RealtimeSession::end(Error error, std::uint16_t code) {
  if (ending_) co_return;
  ending_ = true;
  end_by_ = async::Loop::now() + kCloseWithin;
  note(exchange_, error, observe::Finish::refused);
  co_await tell_error(error, {});
  (void)co_await client_.close(code, error.slug());
  (void)co_await server_.close(WebSocketClose::kNormal, {});
}

// Counts what an event tells. False: it is more than can be paid for.
bool RealtimeSession::meter(std::string_view event) {
  const json::Value whole(event);
  const std::string type = whole["type"].string_or("");
  auto& accounting = exchange_.accounting;
  if (is_written(type)) {
    if (!accounting.follows()) return true;
    const auto text = whole["delta"].string();
    return !text || accounting.deliver(exchange_, *text);
  }
  std::string_view raw;
  if (type == "response.done") {
    raw = whole["response"]["usage"].raw();
  } else if (type == "conversation.item.input_audio_transcription.completed") {
    raw = whole["usage"].raw();
  } else {
    return true;
  }
  const llm::Usage usage = llm::read_usage(llm::UsageApi::realtime, raw);
  if (!usage.known || !exchange_.told_usage) return true;
  llm::add(*exchange_.told_usage, usage);
  return accounting.cover(exchange_);
}

std::optional<Error> RealtimeSession::why_end() const {
  const auto* principal = exchange_.principal;
  if (principal != nullptr) {
    const bool active = principal->node == nullptr || principal->node->is_active();
    const bool expired = principal->expires_at && exchange_.worker.clock.wall() >= *principal->expires_at;
    if (!active || expired) {
      return Error(Code::unauthenticated, "The API key was revoked or blocked while it was used");
    }
  }
  if (exchange_.in.draining()) return Error(Code::shutting_down, "The gateway is shutting down");
  const auto now = async::Loop::now();
  if (now - last_heard_ > base::Duration(exchange_.config().timeouts.request)) {
    return Error(Code::request_timeout, "Nothing was said for longer than a session may be silent");
  }
  if (now - exchange_.started > kLongest) return Error(Code::request_timeout, "The session lasted as long as it may");
  return std::nullopt;
}

Task<void> RealtimeSession::watch() {
  while (co_await async::sleep(exchange_.worker.loop, kLookEvery, &over_)) {
    if (client_.done && server_.done) co_return;
    if (end_by_ != base::SteadyTime{} && async::Loop::now() > end_by_) {
      client_.duplex->cancel();
      server_.duplex->cancel();
      co_return;
    }
    if (ending_) continue;
    if (const auto error = why_end()) {
      const auto code = error->code == Code::unauthenticated ? WebSocketClose::kPolicy : WebSocketClose::kGoingAway;
      // Not awaited: a client that takes nothing must not keep us from looking at the clock.
      scope_.spawn(end(*error, code));
    }
  }
}

}  // namespace gatehouse::stages
