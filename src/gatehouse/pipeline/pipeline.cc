#include "gatehouse/pipeline/pipeline.h"

#include <algorithm>
#include <array>
#include <utility>

#include "gatehouse/base/strings.h"
#include "gatehouse/dialects/errors.h"
#include "gatehouse/dialects/routes.h"
#include "gatehouse/http/head_writer.h"
#include "gatehouse/pipeline/governance.h"
#include "gatehouse/pipeline/json_array_source.h"

namespace gatehouse::pipeline {
namespace {

// Bytes of a model's name that a field may hold. Clients refuse answers with large heads.
constexpr std::size_t kShownModel = 256;

observe::Finish finish_of(const Error& error) {
  switch (error.code) {
    case Code::client_closed:
      return observe::Finish::client_closed;
    case Code::upstream_timeout:
      return observe::Finish::timeout;
    case Code::upstream_broken:
    case Code::upstream_protocol:
    case Code::upstream_too_large:
      return observe::Finish::upstream_broken;
    default:
      return observe::Finish::refused;
  }
}

void note(Exchange& exchange, const Error& error) {
  exchange.outcome.failed = true;
  exchange.outcome.error = error.code;
  exchange.outcome.finish = finish_of(error);
}

// The answer, or what came of it, could not be sent.
void note_unsent(Exchange& exchange, const Error& error) {
  note(exchange, error);
  if (error.code != Code::client_closed) return;
  // Nobody is there to see a status; the record keeps the one that is customary for that.
  if (!exchange.in.head_sent() || exchange.outcome.status == 0) exchange.outcome.status = 499;
}

// Of what came of a request line: METHOD TARGET VERSION.
std::string_view target_of(std::string_view line) {
  line = line.substr(0, line.find_first_of("\r\n"));
  const auto space = line.find(' ');
  if (space == std::string_view::npos) return {};
  line.remove_prefix(space + 1);
  return line.substr(0, line.find_first_of(" ?"));
}

// The provider's error instead of its answer.
void tell(Answer& answer, ToldError told) {
  answer.status = told.status;
  http::replace_field(answer.fields, "content-type", "application/json");
  if (!told.retry_after.empty()) http::replace_field(answer.fields, "retry-after", told.retry_after);
  answer.length.reset();
  answer.ends_by_close = false;
  answer.body = std::make_unique<TextSource>(std::move(told.body));
}

std::int64_t micros(base::Duration duration) {
  return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

}  // namespace

Pipeline::Pipeline(Worker& worker, std::shared_ptr<Runtime> runtime) : worker_(worker), runtime_(std::move(runtime)) {}

std::string_view Pipeline::date() { return worker_.date.at(worker_.clock.wall()); }

Task<void> Pipeline::handle(http::Incoming& incoming) {
  // Not in the coroutine's own memory, which would make that too large to be reused by the next request.
  const auto owned = std::make_unique<Exchange>(incoming, worker_, runtime_);
  Exchange& exchange = *owned;
  exchange.deadline(exchange.config().timeouts.request);
  worker_.metrics.in_flight.add();

  Verdict verdict = Continue{};
  for (const auto& stage : *exchange.runtime->stages) {
    auto e = stage->on_request(exchange);
    if (e.ready()) {
      verdict = e.take();
    } else {
      verdict = co_await e.task();
    }
    if (!std::holds_alternative<Continue>(verdict)) break;
  }
  if (auto* takeover = std::get_if<Takeover>(&verdict)) {
    co_await takeover->session->run(exchange);
    takeover->session.reset();
    for (const auto& stage : *exchange.runtime->stages) stage->on_finish(exchange);
    worker_.metrics.in_flight.sub();
    co_return;
  }
  Answer answer;
  if (auto* reply = std::get_if<Reply>(&verdict)) {
    answer = std::move(reply->answer);
  } else if (auto* refused = std::get_if<Refuse>(&verdict)) {
    answer = refusal(exchange, std::move(*refused));
  } else {
    answer = refusal(exchange, refuse(Code::internal, "No stage answered the request"));
  }
  for (const auto& stage : *exchange.runtime->stages) stage->on_answer(exchange, answer);
  if (exchange.as_array && answer.body->form() == Form::events) {
    answer.body = std::make_unique<JsonArraySource>(std::move(answer.body));
    http::replace_field(answer.fields, "content-type", "application/json; charset=UTF-8");
  }
  co_await send(exchange, std::move(answer));
  for (const auto& stage : *exchange.runtime->stages) stage->on_finish(exchange);
  worker_.metrics.in_flight.sub();
}

Answer Pipeline::refusal(Exchange& exchange, Refuse refused) {
  note(exchange, refused.error.error);
  Answer answer;
  answer.status = refused.error.error.http_status();
  answer.fields = std::move(refused.fields);
  http::append_field(answer.fields, "content-type", "application/json");
  if (refused.error.error.retry() == base::Retry::later && answer.fields.find("retry-after:") == std::string::npos) {
    // A stage that knows when says so itself.
    http::append_field(answer.fields, "retry-after", "1");
  }
  if (!refused.error.allow.empty()) http::append_field(answer.fields, "allow", refused.error.allow);
  answer.body = std::make_unique<TextSource>(dialects::error_body(exchange.dialect, refused.error));
  return answer;
}

void Pipeline::write_head(Exchange& exchange, const Answer& answer) {
  exchange.outcome.status = answer.status;
  std::string& head = exchange.in.begin_head(answer.status);
  head.append(answer.fields);
  // A provider's answer brings its own.
  if (exchange.provider == nullptr || exchange.outcome.failed) http::append_field(head, "date", date());
  http::append_field(head, "x-gatehouse-request-id", base::view(exchange.id));
  // A wildcard lets callers choose part of the name: only what can stand in a field is shown.
  if (!exchange.model_sent.empty() && exchange.model_sent.size() <= kShownModel &&
      http::valid_field_value(exchange.model_sent)) {
    http::append_field(head, "x-gatehouse-model", exchange.model_sent);
  }
  if (exchange.provider != nullptr) {
    http::append_field(head, "x-gatehouse-provider", exchange.provider->name);
    http::append_field(head, "x-gatehouse-attempts", std::uint64_t{exchange.attempts});
  }
  if (exchange.inspection != nullptr) http::append_field(head, "x-gatehouse-guard", exchange.inspection->verdict());
  if (exchange.worker.governance != nullptr) exchange.accounting.append_fields(head);
  exchange.outcome.first_byte = async::Loop::now();
  const auto overhead = micros(exchange.outcome.first_byte - exchange.started - exchange.upstream_time);
  http::append_field(head, "x-gatehouse-overhead-us", static_cast<std::uint64_t>(std::max<std::int64_t>(overhead, 0)));
}

// Sends the answer. What goes wrong before its first byte is out becomes a refusal instead.
Task<void> Pipeline::send(Exchange& exchange, Answer answer) {
  Result<Batch> first;
  {
    auto e = answer.body->next();
    if (e.ready()) {
      first = e.take();
    } else {
      const auto before = async::Loop::now();
      first = co_await e.task();
      exchange.upstream_time += async::Loop::now() - before;
    }
  }
  if (!first) {
    if (first.error().code == Code::client_closed) {
      note_unsent(exchange, first.error());
      co_return;
    }
    if (exchange.translation != nullptr && exchange.translation->told) {
      note(exchange, first.error());
      tell(answer, std::move(*exchange.translation->told));
    } else {
      answer = refusal(exchange, Refuse{.error = std::move(first.error()), .fields = {}});
    }
    first = Batch{};
    auto e = answer.body->next();
    first = e.take();
  }
  const Form form = answer.body->form();
  exchange.streamed = form == Form::events;
  write_head(exchange, answer);
  std::string().swap(answer.fields);  // they are in the head; sending may wait
  if (form == Form::whole) {
    const std::array<std::string_view, 1> pieces{first->bytes};
    auto e = exchange.in.send_whole(pieces);
    const Result<void> sent = e.ready() ? e.take() : co_await e.task();
    if (!sent) note_unsent(exchange, sent.error());
    co_return;
  }
  exchange.in.send_head(answer.length);
  if (exchange.streamed) worker_.metrics.streams_open.add();
  co_await send_pieces(exchange, *answer.body, form, *first);
  if (exchange.streamed) worker_.metrics.streams_open.sub();
}

Task<void> Pipeline::send_pieces(Exchange& exchange, EventSource& source, Form form, Batch first) {
  Result<Batch> batch = first;
  for (;;) {
    Eventually<Result<void>> w = batch->last ? exchange.in.write_last(batch->bytes) : exchange.in.write(batch->bytes);
    Result<void> written;
    if (w.ready()) {
      written = w.take();
    } else {
      written = co_await w.task();
    }
    if (!written) {
      note_unsent(exchange, written.error());
      co_return;
    }
    if (batch->last) co_return;
    auto e = source.next();
    if (e.ready()) {
      batch = e.take();
    } else {
      const auto before = async::Loop::now();
      batch = co_await e.task();
      exchange.upstream_time += async::Loop::now() - before;
    }
    if (!batch) {
      co_await end_with_error(exchange, form, std::move(batch.error()));
      co_return;
    }
  }
}

// The 200 is out already. An event stream says what happened; then the connection is broken off, so that nobody takes
// what came for the whole answer.
Task<void> Pipeline::end_with_error(Exchange& exchange, Form form, Error error) {
  if (error.code == Code::client_closed) {
    note_unsent(exchange, error);
    co_return;
  }
  note(exchange, error);
  exchange.in.close_after();
  if (form != Form::events) co_return;
  const std::string event =
      exchange.as_array ? json_array_error(dialects::error_body(exchange.dialect, error), exchange.in.bytes_sent() > 0)
                        : dialects::error_event(exchange.dialect, error);
  auto e = exchange.in.write(event);
  const Result<void> written = e.ready() ? e.take() : co_await e.task();
  if (!written && written.error().code == Code::client_closed) note_unsent(exchange, written.error());
}

std::string Pipeline::refuse_malformed(const Error& error, int status, const net::Endpoint& client,
                                       std::string_view begun) {
  observe::AccessRecord record;
  const auto id = base::new_request_id(worker_.clock.wall(), worker_.random);
  record.request_id = base::view(id);
  record.time = worker_.clock.wall();
  const std::string ip = client.address.to_string();
  record.client_ip = ip;
  record.status = status;
  record.error = error.slug();
  record.finish = observe::Finish::refused;
  worker_.metrics.request_finished(record, {});
  if (worker_.records != nullptr) (void)worker_.records->append(record);
  return dialects::error_body(dialects::dialect_of_path(target_of(begun)), error);
}

}  // namespace gatehouse::pipeline
