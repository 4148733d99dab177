#pragma once

#include <cstdint>

#include "gatehouse/async/task.h"
#include "gatehouse/ml/service/service.h"
#include "gatehouse/pipeline/exchange.h"

namespace gatehouse::pipeline {

enum class Answered : std::uint8_t {
  in_time,
  late,     // what was not answered is given up
  aborted,  // the request is; given up, too
};

// Sends what `inquiry` noted to the models and waits for their answers, on the request's loop, which serves others
// meanwhile; at most for the budget of the exchange's guarding. Both outlive it.
Task<Answered> await_answers(Exchange& exchange, ml::Inquiry& inquiry);

}  // namespace gatehouse::pipeline
