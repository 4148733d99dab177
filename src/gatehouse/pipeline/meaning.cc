#include "gatehouse/pipeline/meaning.h"

#include <memory>

#include "gatehouse/async/event.h"
#include "gatehouse/pipeline/inspection.h"

namespace gatehouse::pipeline {
namespace {

// Told on a thread of the models' pool, awaited on the request's.
class Told final : public std::enable_shared_from_this<Told> {
 public:
  explicit Told(async::Loop& loop) : loop_(loop), event_(loop) {}
  void done() {
    loop_.post([self = shared_from_this()] { self->event_.set(); });
  }
  async::Event& event() { return event_; }

 private:
  async::Loop& loop_;
  async::Event event_;
};

}  // namespace

Task<Answered> await_answers(Exchange& exchange, ml::Inquiry& inquiry) {
  const auto told = std::make_shared<Told>(exchange.worker.loop);
  inquiry.send([told] { told->done(); });
  async::AbortSource& abort = exchange.in.abort();
  const bool in_time = co_await told->event().wait_for(exchange.inspection->guarding.semantic_budget, &abort);
  if (abort.aborted()) {
    inquiry.give_up();
    co_return Answered::aborted;
  }
  if (in_time) co_return Answered::in_time;
  inquiry.give_up();
  co_return Answered::late;
}

}  // namespace gatehouse::pipeline
