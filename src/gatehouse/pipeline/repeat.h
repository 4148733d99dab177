#pragma once

#include <string_view>

#include "gatehouse/base/error.h"
#include "gatehouse/pipeline/exchange.h"
#include "gatehouse/pipeline/stage.h"

namespace gatehouse::pipeline {

// Makes the request's call once more, to the target that answered it, with its conversation continued by `follow_up` of
// the exchange. The new answer comes past on_repeat of all stages and on_answer of those that stand before `asker`, the
// stage that holds the answer in hand. That one must have been read to its end and its source be gone; its call must be
// closed (Accounting::go_on). What it told of itself is forgotten here: whoever may want it back keeps it before.
// Errors: what a refusal of ours would tell; upstream_broken for an answer with a status of 400 or more.
// The exchange outlives the task.
Task<Result<Answer>> repeat(Exchange& exchange, std::string_view asker);

}  // namespace gatehouse::pipeline
