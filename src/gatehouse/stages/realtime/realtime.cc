#include "gatehouse/stages/realtime/realtime.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "gatehouse/base/ids.h"
#include "gatehouse/base/strings.h"
#include "gatehouse/http/content_coding.h"
#include "gatehouse/http/head_writer.h"
#include "gatehouse/http/websocket.h"
#include "gatehouse/pipeline/governance.h"
#include "gatehouse/providers/plan.h"
#include "gatehouse/providers/request_head.h"
#include "gatehouse/stages/realtime/session.h"

namespace gatehouse::stages {
namespace {

using pipeline::Exchange;
using pipeline::Refuse;
using pipeline::Verdict;

constexpr std::string_view kProtocol = "realtime";

// What of its policies a session cannot be given: it is refused by name, never opened without. Empty: nothing.
std::string_view unmet(const pipeline::Inspection& inspection) {
  const guard::Rules& rules = *inspection.rules;
  if (!rules.callouts().empty()) return "external guards";
  if (!rules.conversations().empty()) return "following conversations";
  if (!rules.schemas().empty()) return "answers of a schema";
  if (rules.spotlight() != config::Spotlight::none) return "marking foreign text";
  if (rules.canary()) return "canaries";
  const config::InputLimits& limits = rules.limits();
  if ((limits.messages | limits.tools | limits.media | limits.depth | limits.message_characters | limits.total_tokens |
       limits.system_tokens | limits.user_tokens | limits.tool_tokens) != 0) {
    return "limits of what is said";
  }
  return {};
}

void log_failure(Exchange& exchange, const Error& error) {
  if (error.source() != base::Source::upstream) return;
  exchange.worker.metrics.upstream_error(exchange.provider->name, error.code);
  exchange.worker.log.warn(async::Loop::now(), "upstream_failed",
                           {{"request", base::view(exchange.id)},
                            {"provider", exchange.provider->name},
                            {"error", error.slug()},
                            {"detail", error.detail}});
}

bool may_try_another(const Error& error) {
  return error.code == Code::upstream_unreachable || error.code == Code::upstream_tls;
}

// The provider did not open a session: what it answered instead.
Result<Verdict> pass_refusal(Exchange& exchange, std::unique_ptr<providers::UpstreamAnswer> from) {
  const http::ResponseHead& head = from->head();
  if (head.status == 401) {
    return fail(Code::upstream_credentials, "The provider did not accept the gateway's credentials");
  }
  if (head.status < 300) return fail(Code::upstream_protocol, "The provider did not open a WebSocket");
  auto decoder = http::make_content_decoder(head.fields.value("content-encoding"));
  if (!decoder) return fail(Code::upstream_protocol, "The provider's answer is coded in a way that is not known");
  pipeline::Answer answer;
  answer.status = head.status;
  for (const auto& field : head.fields) {
    if (!providers::passes_to_caller(field.name) || base::equals_ignore_case(field.name, "content-encoding")) continue;
    if (http::nominated_by_connection(head.fields, field.name)) continue;
    http::append_field(answer.fields, field.name, field.value);
  }
  const auto& limits = exchange.config().limits;
  answer.body = pipeline::make_source(std::move(from), pipeline::Form::whole, std::move(*decoder),
                                      {.whole = limits.answer_bytes, .event = limits.event_bytes});
  return Verdict(pipeline::Reply{std::move(answer)});
}

Task<Verdict> open(Exchange& exchange) {
  const auto& head = exchange.head();
  auto asked = http::read_websocket_request(head);
  if (!asked) {
    co_return Refuse{.error = {std::move(asked.error())}, .fields = std::string(http::WebSocketRequest::kVersionField)};
  }
  if (exchange.inspection != nullptr) {
    if (const auto what = unmet(*exchange.inspection); !what.empty()) {
      co_return pipeline::refuse(Code::forbidden,
                                 "Policy asks for what a realtime session cannot be given: " + std::string(what));
    }
  }
  std::string protocol;
  if (std::ranges::find(asked->protocols, kProtocol) != asked->protocols.end()) protocol = kProtocol;
  dialects::ApiError last(Code::internal, "The plan is empty");
  for (const auto& attempt : exchange.plan) {
    const auto plan =
        providers::plan_call(*exchange.runtime->profiles[attempt.provider], {.operation = exchange.operation,
                                                                             .dialect = exchange.dialect,
                                                                             .model = attempt.model,
                                                                             .stream = true,
                                                                             .path = "/realtime"});
    if (!plan) {
      last = plan.error();
      continue;
    }
    if (!exchange.accounting.take_capacity(exchange, attempt.provider)) {
      last = Error(Code::overloaded, "Every provider of this model is at its limit");
      continue;
    }
    exchange.provider = &exchange.config().providers[attempt.provider];
    exchange.model_sent = attempt.model;
    ++exchange.attempts;
    std::array<std::uint8_t, 16> random{};
    base::random_bytes(random.data(), random.size());
    const std::string key = http::websocket_key(random);
    std::string fields;
    http::append_websocket_request(key, fields);
    const providers::UpstreamRequest request{.method = head.method,
                                             .method_text = head.method_text,
                                             .path = plan->target(),
                                             .fields = &head.fields,
                                             .body = {},
                                             .body_length = {},
                                             .inspected = true,
                                             .upgrade = fields,
                                             .plan = &*plan};
    const auto before = async::Loop::now();
    auto answered = co_await exchange.runtime->upstreams[attempt.provider]->send(request, exchange.in.abort());
    exchange.upstream_time += async::Loop::now() - before;
    if (answered || !may_try_another(answered.error())) {
      exchange.accounting.reached_out = true;
      exchange.accounting.reservation.forwarded();
    }
    Error failed;
    if (answered) {
      exchange.accounting.provider_status = (*answered)->head().status;
      if ((*answered)->duplex() == nullptr) {
        auto verdict = pass_refusal(exchange, std::move(*answered));
        if (verdict) co_return std::move(*verdict);
        failed = std::move(verdict.error());
      } else if (auto agreed = http::check_websocket_answer((*answered)->head(), key); agreed) {
        // From here on what is charged is what the session tells.
        exchange.told_usage.emplace();
        exchange.told_usage->known = true;
        co_return pipeline::Takeover{std::make_unique<RealtimeSession>(exchange, std::move(*answered),
                                                                       std::string(asked->key), std::move(protocol))};
      } else {
        failed = std::move(agreed.error());
      }
    } else {
      failed = std::move(answered.error());
    }
    log_failure(exchange, failed);
    const bool another = may_try_another(failed);
    last = std::move(failed);
    if (!another) break;
  }
  co_return Refuse{.error = std::move(last), .fields = {}};
}

}  // namespace

Eventually<Verdict> Realtime::on_request(Exchange& exchange) const {
  if (exchange.operation != llm::Operation::realtime) return Verdict(pipeline::Continue{});
  if (exchange.head().path != "/v1/realtime") {
    // Secrets for a provider's own clients would lead past keys, budgets and policies.
    return Verdict(pipeline::refuse(Code::unsupported,
                                    "Of the Realtime API only GET /v1/realtime is served, with a "
                                    "key of the gateway's"));
  }
  return open(exchange);
}

}  // namespace gatehouse::stages
