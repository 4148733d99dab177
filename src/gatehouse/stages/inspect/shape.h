#pragma once

#include <string>

#include "gatehouse/base/error.h"
#include "gatehouse/pipeline/exchange.h"

namespace gatehouse::stages {

// Whether the request holds no more than its policies allow. Errors: too_large, saying what and how much.
Result<> check_shape(const pipeline::Exchange& exchange, const pipeline::Inspection& inspection);

// In which the tokens that stand for this request's values hold: its conversation, of this caller's alone.
std::string scope_of(const pipeline::Exchange& exchange);

}  // namespace gatehouse::stages
