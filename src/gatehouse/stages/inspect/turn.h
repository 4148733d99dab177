#pragma once

#include <string_view>

#include "gatehouse/base/error.h"
#include "gatehouse/guard/request_guard.h"
#include "gatehouse/pipeline/exchange.h"

namespace gatehouse::stages {

// Where a policy follows conversations: finds out which one a request belongs to and what is known of it; from then on
// tokens hold in that conversation. Once the texts are read. Errors: invalid_request (the field
// x-gatehouse-conversation).
Result<> begin_turn(pipeline::Exchange& exchange, pipeline::Inspection& inspection);

// What RequestGuard::rule says of texts that were looked at, with what the request's conversation adds to it: stricter
// rulings, and what its texts complete. The conversation's new state is kept. `unread`: why models did not answer.
guard::RequestJudgement rule_in_turn(guard::RequestGuard& guard, pipeline::Inspection& inspection,
                                     std::string_view unread, bool capture);

}  // namespace gatehouse::stages
