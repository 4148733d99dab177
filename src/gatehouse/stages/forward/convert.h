#pragma once

#include "gatehouse/dialects/api_error.h"
#include "gatehouse/pipeline/exchange.h"
#include "gatehouse/pipeline/stage.h"
#include "gatehouse/providers/plan.h"

namespace gatehouse::stages {

// Operations that are no conversation (vectors, reranking), asked of a provider that has other words for them: whole
// bodies both ways, in as many calls as the provider needs for them, one after the other. The exchange outlives the
// task. Errors: as of forwarding; unsupported, where that provider cannot be asked so.
Task<dialects::ApiResult<pipeline::Verdict>> convert(pipeline::Exchange& exchange, const pipeline::Attempt& attempt,
                                                     const providers::Plan& plan);

// How many tokens the caller's prompt is, counted by the gateway, for providers whose own count cannot be asked for in
// the caller's words. The field x-gatehouse-token-count tells whether it is exact or estimated.
pipeline::Verdict count_here(pipeline::Exchange& exchange, const pipeline::Attempt& attempt);

}  // namespace gatehouse::stages
