#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "gatehouse/async/eventually.h"
#include "gatehouse/dialects/api_error.h"
#include "gatehouse/pipeline/event_source.h"
#include "gatehouse/pipeline/exchange.h"

namespace gatehouse::pipeline {

// The answer to a request: a status, complete field lines ("name: value\r\n", without framing or connection fields)
// and a body to be pulled.
struct Answer {
  int status = 200;
  std::string fields;
  std::unique_ptr<EventSource> body;
  std::optional<std::uint64_t> length;  // of a body that comes in pieces, where it is known
  bool ends_by_close = false;           // nothing but the end of the connection tells that the provider was done
};

struct Continue {};
// The request is answered; later stages are not asked.
struct Reply {
  Answer answer;
};
// The request is refused, in the caller's dialect. `fields` as in Answer (retry-after and the like).
struct Refuse {
  dialects::ApiError error;
  std::string fields;
};
// A connection that goes on in another protocol: what runs in place of an answer, with metering and policy of its own.
// Made by a stage once the provider has agreed. Dies when `run` is over, before on_finish.
class Session {
 public:
  virtual ~Session() = default;
  // Answers 101 itself; sets the exchange's outcome. Must not throw; the exchange outlives it.
  virtual Task<void> run(Exchange& exchange) = 0;
};
// The request becomes a session. Later stages are not asked and on_answer is skipped, for there is no answer that they
// could wrap; on_finish is as ever.
struct Takeover {
  std::unique_ptr<Session> session;
};
// What a stage decided. A value, so that there is one way out and nothing happens after it.
using Verdict = std::variant<Continue, Reply, Refuse, Takeover>;

inline Refuse refuse(Code code, std::string detail, std::string param = {}) {
  return Refuse{.error = {code, std::move(detail), std::move(param)}, .fields = {}};
}

// One step of a request's way. Immutable and shared by all workers, made once for each configuration; what belongs to
// one request lives in the Exchange. The order of the stages is one list in app/builtin_stages.cc.
class Stage {
 public:
  virtual ~Stage() = default;
  virtual std::string_view name() const = 0;
  // On the request, in the list's order, until one does not say Continue. Must not throw; `exchange` outlives the task.
  virtual Eventually<Verdict> on_request(Exchange&) const { return Verdict(Continue{}); }
  // The call is made once more, continued by `follow_up` of the exchange (repeat.h): of the stages that make it.
  virtual Eventually<Verdict> on_repeat(Exchange&) const { return Verdict(Continue{}); }
  // On the answer, in the list's order, whoever made it (refusals too): may wrap its body.
  virtual void on_answer(Exchange&, Answer&) const {}
  // Once, at the end, whatever happened.
  virtual void on_finish(Exchange&) const {}
};

}  // namespace gatehouse::pipeline
