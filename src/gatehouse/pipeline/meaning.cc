#include "gatehouse/pipeline/meaning.h"

#include <memory>

#include "gatehouse/pipeline/inspection.h"
#include "gatehouse/pipeline/told.h"

namespace gatehouse::pipeline {

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
