#include "gatehouse/pipeline/callouts.h"

#include <algorithm>
#include <array>
#include <exception>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "gatehouse/async/task_scope.h"
#include "gatehouse/base/strings.h"
#include "gatehouse/pipeline/call_limit.h"
#include "gatehouse/pipeline/exchange.h"

namespace gatehouse::pipeline {
namespace {

using guard::Action;
using guard::CalloutText;
using guard::CalloutVerdict;
using guard::Direction;

// One call under way.
struct Asked {
  const CalloutLine* line = nullptr;
  std::string body;
  Result<CalloutVerdict> verdict = fail(Code::internal, "failed");
};

Task<Result<std::string>> post(const CalloutLine& line, std::string_view body, async::AbortSource& abort) {
  const http::Fields none;
  const std::array<std::string_view, 1> pieces{body};
  auto sent = co_await line.upstream->send({.method = http::Method::post,
                                            .method_text = "POST",
                                            .path = line.path,
                                            .fields = &none,
                                            .body = pieces,
                                            .body_source = nullptr,
                                            .body_length = std::nullopt,
                                            .inspected = true},
                                           abort);
  if (!sent) {
    if (sent.error().code == Code::overloaded) co_return std::unexpected(std::move(sent.error()));
    co_return fail(sent.error().code, "could not be reached");
  }
  const http::ResponseHead& head = (*sent)->head();
  if (head.status < 200 || head.status > 299) {
    co_return fail(Code::upstream_protocol, fmt::format("answered with status {}", head.status));
  }
  const http::Field* const coding = head.fields.find("content-encoding");
  if (coding != nullptr && !base::equals_ignore_case(coding->value, "identity")) {
    co_return fail(Code::upstream_protocol, "encoded its answer, which was not asked for");
  }
  std::string answer;
  for (bool last = false; !last;) {
    auto e = (*sent)->next();
    auto piece = e.ready() ? e.take() : co_await e.task();
    if (!piece) co_return fail(piece.error().code, "broke off its answer");
    if (answer.size() + piece->bytes.size() > guard::kMostCalloutAnswer) {
      co_return fail(Code::upstream_too_large, "gave too long an answer");
    }
    answer.append(piece->bytes);
    last = piece->last;
  }
  co_return answer;
}

Task<void> ask(async::Loop& loop, Asked& asked, std::span<const CalloutText> texts, async::AbortSource& request) {
  const CalloutLine& line = *asked.line;
  CallLimit limit(loop, line.settings->timeout, request);
  const auto answer = co_await post(line, asked.body, limit.source());
  // Who left says nothing about the callout.
  if (request.aborted()) co_return;
  if (!answer) {
    asked.verdict = limit.source().aborted() ? fail(Code::upstream_timeout, "did not answer in time")
                                             : Result<CalloutVerdict>(std::unexpected(answer.error()));
  } else {
    asked.verdict = guard::read_callout_verdict(*line.settings, *answer, texts);
    if (!asked.verdict) asked.verdict = fail(Code::upstream_protocol, "gave an answer that cannot be read");
  }
  if (asked.verdict) {
    line.breaker->succeeded();
  } else if (asked.verdict.error().code == Code::overloaded) {
    asked.verdict = fail(Code::overloaded, "has as many calls as it may have");
  } else {
    line.breaker->failed(async::Loop::now());
  }
}

class Notes {
 public:
  Notes(Exchange& exchange, Direction direction, std::span<const CalloutText> texts)
      : inspection_(*exchange.inspection),
        direction_(direction),
        texts_(texts),
        capture_(exchange.config().guard.capture) {}

  // False: it must not go on.
  bool take(const CalloutLine& line, Result<CalloutVerdict> verdict, CalloutOutcome& outcome) {
    if (!verdict) {
      const bool closed = line.settings->on_failure == config::GuardFailure::closed;
      // Its own words are kept by the request: the decisions only refer to them.
      inspection_.decisions.add_failure(keep(line.detector + " " + verdict.error().detail), closed);
      add(line, {.text = 0, .entity = "unavailable", .score = 0}, Action::log, {});
      return !closed;
    }
    for (const auto& objection : verdict->objections) add(line, objection, verdict->action, verdict->reason);
    for (auto& replacement : verdict->replacements) outcome.replacements.push_back(std::move(replacement));
    return verdict->action != Action::block;
  }

 private:
  std::string_view keep(std::string text) { return inspection_.owned.emplace_back(std::move(text)); }

  void add(const CalloutLine& line, const guard::CalloutObjection& objection, Action action,
           const std::string& reason) {
    if (texts_.empty()) return;
    const CalloutText& text = texts_[objection.text];
    guard::Decision decision{.finding = {.family = guard::Family::callout,
                                         .entity = keep(objection.entity),
                                         .detector = line.detector,
                                         .begin = 0,
                                         .end = text.text.size(),
                                         .score = objection.score},
                             .ruling = {.action = action, .monitored = action, .shadow = action},
                             .direction = direction_,
                             .role = text.role,
                             .kind = text.kind,
                             .place = text.place,
                             .value = {}};
    // Its reason may quote the text.
    if (capture_) decision.value = reason.substr(0, guard::Decision::kMostShown);
    inspection_.decisions.add(decision);
  }

  Inspection& inspection_;
  Direction direction_;
  std::span<const CalloutText> texts_;
  bool capture_;
};

// Several may have redacted: what overlaps becomes one.
void join(std::vector<guard::CalloutReplacement>& list) {
  std::ranges::sort(list, [](const auto& a, const auto& b) {
    return a.text != b.text ? a.text < b.text : a.edit.begin < b.edit.begin;
  });
  std::vector<guard::CalloutReplacement> joined;
  for (auto& next : list) {
    if (!joined.empty() && joined.back().text == next.text && next.edit.begin < joined.back().edit.end) {
      joined.back().edit.end = std::max(joined.back().edit.end, next.edit.end);
    } else {
      joined.push_back(std::move(next));
    }
  }
  list = std::move(joined);
}

}  // namespace

Task<CalloutOutcome> ask_callouts(Exchange& exchange, Direction direction, std::vector<const CalloutLine*> lines,
                                  std::vector<CalloutText> texts) {
  CalloutOutcome outcome;
  if (texts.empty()) co_return outcome;
  std::vector<std::string_view> policies;
  for (const config::Policy* policy : exchange.inspection->rules->policies()) policies.emplace_back(policy->name);
  const guard::CalloutQuestion question{
      .id = base::view(exchange.id), .direction = direction, .policies = policies, .texts = texts};
  async::Loop& loop = exchange.worker.loop;
  async::AbortSource& abort = exchange.in.abort();
  std::vector<Asked> asked(lines.size());
  // An exception leaves its call as it was set up: failed.
  async::TaskScope calls(loop, [](const std::exception_ptr&) {});
  for (std::size_t i = 0; i < lines.size(); ++i) {
    asked[i].line = lines[i];
    auto body = guard::callout_body(*lines[i]->settings, question);
    if (!body) {
      asked[i].verdict = fail(Code::too_large, "is not shown so much text");
    } else if (!lines[i]->breaker->allows(async::Loop::now())) {
      asked[i].verdict = fail(Code::overloaded, "is not asked for a while after it failed");
    } else {
      asked[i].body = std::move(*body);
      calls.spawn(ask(loop, asked[i], texts, abort));
    }
  }
  co_await calls.join();
  if (abort.aborted()) co_return outcome;
  Notes notes(exchange, direction, texts);
  for (Asked& each : asked) {
    if (!notes.take(*each.line, std::move(each.verdict), outcome)) outcome.refused = true;
  }
  join(outcome.replacements);
  co_return outcome;
}

}  // namespace gatehouse::pipeline
