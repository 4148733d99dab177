#include "gatehouse/stages/forward/forward.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gatehouse/base/find.h"
#include "gatehouse/base/recycled.h"
#include "gatehouse/base/strings.h"
#include "gatehouse/dialects/continuation.h"
#include "gatehouse/dialects/gemini/state.h"
#include "gatehouse/http/content_coding.h"
#include "gatehouse/http/head_writer.h"
#include "gatehouse/pipeline/governance.h"
#include "gatehouse/providers/plan.h"
#include "gatehouse/providers/request_head.h"
#include "gatehouse/stages/forward/convert.h"
#include "gatehouse/stages/forward/provider_answer.h"
#include "gatehouse/stages/forward/translate.h"
#include "gatehouse/stages/forward/translated_answer.h"
#include "gatehouse/stages/forward/upload.h"

namespace gatehouse::stages {
namespace {

using pipeline::Exchange;
using pipeline::Form;
using pipeline::Refuse;
using pipeline::Verdict;

// An upload, no larger than allowed.
class BoundedUpload final : public http::BodySource {
 public:
  // `room`: bytes that it may have; `limit`: what is told of them.
  BoundedUpload(http::Incoming& in, std::uint64_t room, std::uint64_t limit) : in_(in), room_(room), limit_(limit) {}

  Eventually<Result<http::Piece>> next() override {
    auto e = in_.next();
    if (!e.ready()) return later(e.task());
    return checked(e.take());
  }

 private:
  Task<Result<http::Piece>> later(Task<Result<http::Piece>> task) { co_return checked(co_await std::move(task)); }
  Result<http::Piece> checked(Result<http::Piece> piece) const {
    if (piece && in_.body_bytes() > room_) {
      return fail(Code::too_large, "The upload is larger than the " + std::to_string(limit_) + " bytes allowed");
    }
    return piece;
  }
  http::Incoming& in_;
  std::uint64_t room_;
  std::uint64_t limit_;
};

// Whether anything reads the answer's body, so that it must come uncoded.
bool is_inspected(const Exchange& exchange) { return exchange.call_read || exchange.inspection != nullptr; }

Form form_of(const Exchange& exchange, const http::ResponseHead& head) {
  const auto type = head.fields.value("content-type");
  if (media_type_is(type, "text/event-stream")) return Form::events;
  if (is_inspected(exchange) && (media_type_is(type, "application/json") || head.status >= 400)) return Form::whole;
  return llm::is_read(exchange.operation) ? Form::whole : Form::opaque;
}

// What stands behind the version of "/v1/chat/completions" or "/v1beta/models/...", with its query. In the request's
// target the two stand together.
std::string_view below_version(const http::RequestHead& head) {
  const std::string_view path = head.path.substr(std::min(head.path.find('/', 1), head.path.size()));
  if (head.query.empty()) return path;
  return {path.data(), static_cast<std::size_t>(head.query.data() + head.query.size() - path.data())};
}

// The member that bounds a completion, as this provider knows it in the caller's dialect.
std::string_view bound_name(const Exchange& exchange, const llm::Quirks& quirks) {
  switch (exchange.operation) {
    case llm::Operation::chat_completions:
      return quirks.max_tokens;
    case llm::Operation::completions:
    case llm::Operation::messages:
      return "max_tokens";
    case llm::Operation::responses:
      return "max_output_tokens";
    default:
      return {};
  }
}

// The caller's body with what policy changes in it, and what continues it; the pieces live in the exchange and in
// `texts`.
std::span<const std::string_view> body_for(Exchange& exchange, const pipeline::Attempt& attempt,
                                           const llm::Quirks& quirks, std::span<const json::Edit> texts) {
  auto& accounting = exchange.accounting;
  const auto& provider = exchange.config().providers[attempt.provider];
  dialects::BodyEdits edits;
  if (exchange.has_model) edits.model = attempt.model;
  if (accounting.send_bound) {
    edits.max_tokens = static_cast<std::uint64_t>(accounting.completion_bound()) / accounting.answers;
    edits.max_tokens_name = bound_name(exchange, quirks);
  }
  const bool streams = exchange.call.stream && (exchange.operation == llm::Operation::chat_completions ||
                                                exchange.operation == llm::Operation::completions);
  accounting.ask_usage = streams && provider.stream_usage && !exchange.call.include_usage &&
                         (accounting.ticket || accounting.reservation.active()) &&
                         !quirks.refuses_any(llm::Quirks::stream_options);
  edits.ask_usage = accounting.ask_usage;
  edits.text = texts;
  return exchange.edited.build(exchange.body, exchange.call, edits);
}

bool may_try_another(const Error& error) {
  return error.code == Code::upstream_unreachable || error.code == Code::upstream_tls;
}

// What the source of the answer's body needs to live as long as it does.
class HoldingAnswer final : public base::Recycled<HoldingAnswer>, public providers::UpstreamAnswer {
 public:
  std::unique_ptr<BoundedUpload> upload;
  std::string path;
  std::unique_ptr<providers::UpstreamAnswer> answer;  // dies first: it borrows the others

  const http::ResponseHead& head() const override { return answer->head(); }
  Eventually<Result<http::Piece>> next() override { return answer->next(); }
};

// Statuses other than 401 with which some providers say that they do not know a key: Google 400, Amazon 403.
bool may_tell_of_credentials(int status) { return status == 400 || status == 403; }

// A whole error in the dialect that it came in.
Task<Result<Verdict>> pass_error(Exchange& exchange, std::unique_ptr<HoldingAnswer> from) {
  const http::ResponseHead& head = from->head();
  auto decoder = decoder_of(head);
  if (!decoder) co_return std::unexpected(std::move(decoder.error()));
  pipeline::Answer answer;
  answer.status = head.status;
  append_provider_fields(head, *decoder != nullptr, false, answer.fields);
  const int status = head.status;
  const auto& limits = exchange.config().limits;
  auto body = pipeline::make_source(std::move(from), Form::whole, std::move(*decoder),
                                    {.whole = limits.answer_bytes, .event = limits.event_bytes});
  auto e = body->next();
  auto whole = e.ready() ? e.take() : co_await e.task();
  if (!whole) co_return std::unexpected(std::move(whole.error()));
  const auto* codec = dialects::back_codec(exchange.dialect);
  if (codec != nullptr && codec->read_error(status, whole->bytes).kind == llm::ErrorKind::authentication) {
    co_return std::unexpected(credentials_refused());
  }
  answer.body = std::make_unique<pipeline::TextSource>(std::string(whole->bytes));
  co_return Verdict(pipeline::Reply{std::move(answer)});
}

// The answer in the dialect that it came in.
Result<Verdict> pass(Exchange& exchange, std::unique_ptr<HoldingAnswer> from) {
  const http::ResponseHead& head = from->head();
  if (head.status == 401) return std::unexpected(credentials_refused());
  const Form form = form_of(exchange, head);
  std::unique_ptr<http::ContentDecoder> decoder;
  if (form != Form::opaque) {
    auto made = decoder_of(head);
    if (!made) return std::unexpected(std::move(made.error()));
    decoder = std::move(*made);
  }
  pipeline::Answer answer;
  answer.status = head.status;
  append_provider_fields(head, decoder != nullptr, false, answer.fields);
  if (auto told = append_upload_address(exchange, head, answer.fields); !told) {
    return std::unexpected(std::move(told.error()));
  }
  // As where a translation goes without something.
  if (exchange.edited.without_thinking()) http::append_field(answer.fields, "x-gatehouse-dropped", "thinking");
  if (form == Form::opaque) {
    if (head.framing == http::Framing::length) answer.length = head.content_length;
    // The answer to HEAD has no body but may tell its length.
    if (exchange.head().method == http::Method::head)
      answer.length = base::parse_u64(head.fields.value("content-length"));
  }
  answer.ends_by_close = head.framing == http::Framing::until_close;
  const auto& limits = exchange.config().limits;
  answer.body = pipeline::make_source(std::move(from), form, std::move(decoder),
                                      {.whole = limits.answer_bytes, .event = limits.event_bytes});
  return Verdict(pipeline::Reply{std::move(answer)});
}

// The answer in the caller's dialect. A whole body is waited for where it tells an error, for hints in it belong in
// the head.
Task<Result<Verdict>> translate(Exchange& exchange, std::unique_ptr<HoldingAnswer> from, providers::Framing framing) {
  const http::ResponseHead& head = from->head();
  if (head.status == 401) co_return std::unexpected(credentials_refused());
  auto decoder = decoder_of(head);
  if (!decoder) co_return std::unexpected(std::move(decoder.error()));
  pipeline::Translation& translation = *exchange.translation;
  const auto& limits = exchange.config().limits;
  const pipeline::AnswerLimits bounds{.whole = limits.answer_bytes, .event = limits.event_bytes};
  pipeline::Answer answer;
  answer.status = head.status;
  append_provider_fields(head, true, true, answer.fields);
  if (const auto dropped = joined(translation.losses); !dropped.empty()) {
    http::append_field(answer.fields, "x-gatehouse-dropped", dropped);
  }
  if (head.status >= 400) {
    const int status = head.status;
    auto body = pipeline::make_source(std::move(from), Form::whole, std::move(*decoder), bounds);
    auto e = body->next();
    auto whole = e.ready() ? e.take() : co_await e.task();
    if (!whole) co_return std::unexpected(std::move(whole.error()));
    const llm::ChatError error = translation.back->read_error(status, whole->bytes);
    if (error.kind == llm::ErrorKind::authentication) co_return std::unexpected(credentials_refused());
    append_retry_after(error, answer.fields);
    http::append_field(answer.fields, "content-type", "application/json");
    answer.body = std::make_unique<pipeline::TextSource>(translation.front.write_error(error));
    co_return Verdict(pipeline::Reply{std::move(answer)});
  }
  const auto type = head.fields.value("content-type");
  const bool whole = media_type_is(type, "application/json") || media_type_is(type, "text/json");
  const bool streams = exchange.call.stream;
  http::append_field(answer.fields, "content-type", streams ? "text/event-stream" : "application/json");
  auto body = pipeline::make_source(std::move(from), whole ? Form::whole : Form::opaque, std::move(*decoder), bounds);
  answer.body = whole ? translate_whole(std::move(body), translation, streams)
                      : translate_stream(std::move(body), make_framer(framing, limits.event_bytes), translation,
                                         streams, limits.answer_bytes);
  co_return Verdict(pipeline::Reply{std::move(answer)});
}

// Whether the caller brings back state that the gateway made of another provider's for this dialect: no provider of the
// dialect can read that, so the body does not pass as it is.
bool holds_wrapped_state(const Exchange& exchange) {
  if (!exchange.call_read || !llm::is_chat(exchange.operation)) return false;
  const bool gemini = exchange.dialect == llm::Dialect::gemini;
  // The beginning of a JSON string: words about it do not count.
  const std::string mark = "\"" + std::string(gemini ? dialects::gemini::kWrappedState : llm::kWrappedOpaque);
  return base::holds(exchange.body, mark, mark.find(gemini ? 'J' : '1'));
}

// Edits of the caller's body for a call in his own dialect.
class TextEdits {
 public:
  // False: the conversation that the exchange is to be continued by does not fit into it.
  bool make(const Exchange& exchange) {
    if (!exchange.follow_up) {
      if (exchange.inspection != nullptr) list_ = exchange.inspection->edits;
      return true;
    }
    continuation_ = dialects::Continuation::of(exchange.operation, exchange.body, exchange.follow_up->answered,
                                               exchange.follow_up->asked);
    if (!continuation_) return false;
    continued_ = continuation_->with(exchange.inspection->edits);
    list_ = continued_;
    return true;
  }
  std::span<const json::Edit> list() const { return list_; }

 private:
  std::optional<dialects::Continuation> continuation_;
  std::vector<json::Edit> continued_;
  std::span<const json::Edit> list_;
};

// To the first of the targets that can be reached.
Task<Verdict> send(Exchange& exchange, std::size_t from, std::size_t to) {
  const auto& head = exchange.head();
  auto held = std::make_unique<HoldingAnswer>();
  std::optional<std::uint64_t> length;
  const bool pulled = !exchange.call_read && head.framing != http::Framing::none;
  if (pulled || exchange.upload) {
    const auto room = room_for_upload(exchange);
    if (!room) co_return Refuse{.error = {room.error()}, .fields = {}};
    if (pulled && head.framing == http::Framing::length) length = head.content_length;
    if (pulled) {
      held->upload = std::make_unique<BoundedUpload>(exchange.in, *room, exchange.config().limits.upload_bytes);
    }
  }
  dialects::ApiError last(Code::internal, "The plan is empty");
  async::AbortSource& abort = exchange.follow_up ? *exchange.follow_up->abort : exchange.in.abort();
  TextEdits texts;
  for (std::size_t position = from; position < to; ++position) {
    const auto& attempt = exchange.plan[position];
    const auto& profile = *exchange.runtime->profiles[attempt.provider];
    auto plan = providers::plan_call(
        profile,
        {.operation = exchange.operation,
         .dialect = exchange.dialect,
         .model = attempt.model,
         .stream = exchange.call.stream,
         .path = below_version(head),
         .upload = exchange.upload.has_value(),
         .session = exchange.upload_session ? std::string_view(exchange.upload_session->target) : std::string_view()});
    if (exchange.operation == llm::Operation::count_tokens && (!plan || !plan->same)) {
      co_return count_here(exchange, attempt);
    }
    if (!plan) {
      last = plan.error();
      continue;
    }
    if (!plan->same && !llm::is_chat(exchange.operation)) {
      auto converted = co_await convert(exchange, attempt, *plan);
      if (converted) co_return std::move(*converted);
      last = std::move(converted.error());
      if (exchange.accounting.reached_out) break;
      continue;
    }
    std::array<std::string_view, 1> translated;
    std::span<const std::string_view> body;
    const bool rewritten = !plan->same || holds_wrapped_state(exchange);
    if (rewritten) {
      // Another target may be able to say what this one cannot.
      if (auto written = translate_for(exchange, attempt, *plan); !written) {
        last = std::move(written.error());
        continue;
      }
      translated = {exchange.translation->body};
      body = translated;
    } else if (exchange.call_read) {
      if (!texts.make(exchange)) co_return pipeline::refuse(Code::unsupported, "The conversation cannot be continued");
      body = body_for(exchange, attempt, profile.quirks(), texts.list());
    }
    if (!exchange.accounting.take_capacity(exchange, attempt.provider)) {
      last = Error(Code::overloaded, "Every provider of this model is at its limit");
      continue;
    }
    held->path = std::move(plan->path);
    exchange.provider = &exchange.config().providers[attempt.provider];
    exchange.model_sent = attempt.model;
    exchange.planned = position;
    ++exchange.attempts;
    const providers::UpstreamRequest request{.method = head.method,
                                             .method_text = head.method_text,
                                             .path = plan->given.empty() ? std::string_view(held->path) : plan->given,
                                             .fields = &head.fields,
                                             .body = body,
                                             .body_source = held->upload.get(),
                                             .body_length = length,
                                             .inspected = is_inspected(exchange),
                                             .plan = &*plan};
    const auto before = async::Loop::now();
    auto answered = co_await exchange.runtime->upstreams[attempt.provider]->send(request, abort);
    exchange.upstream_time += async::Loop::now() - before;
    if (answered || !may_try_another(answered.error())) {
      exchange.accounting.reached_out = true;
      exchange.accounting.reservation.forwarded();
    }
    Error failed;
    if (answered) {
      exchange.accounting.provider_status = (*answered)->head().status;
      held->answer = std::move(*answered);
      Result<Verdict> verdict;
      const auto& answered_with = held->head();
      const bool is_error = answered_with.status >= 400;
      const bool is_json = media_type_is(answered_with.fields.value("content-type"), "application/json");
      // An error has nothing in it that would have to be rewritten for a caller of the same dialect.
      const bool passes = !rewritten || (plan->same && is_error);
      if (passes && is_json && may_tell_of_credentials(answered_with.status)) {
        verdict = co_await pass_error(exchange, std::move(held));
      } else if (passes) {
        verdict = pass(exchange, std::move(held));
      } else {
        verdict = co_await translate(exchange, std::move(held), plan->framing);
      }
      if (verdict) co_return std::move(*verdict);
      failed = std::move(verdict.error());
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

Eventually<Verdict> Forward::on_request(Exchange& exchange) const { return send(exchange, 0, exchange.plan.size()); }

Eventually<Verdict> Forward::on_repeat(Exchange& exchange) const {
  return send(exchange, exchange.planned, exchange.planned + 1);
}

}  // namespace gatehouse::stages
