#pragma once

#include <vector>

#include "gatehouse/guard/request_guard.h"
#include "gatehouse/pipeline/exchange.h"

namespace gatehouse::stages {

// Turns what was judged into edits of the request's body, and adds what policies put in: marks around texts that nobody
// vouches for (spotlighting), and a canary in the system's words.
void edit_body(pipeline::Exchange& exchange, pipeline::Inspection& inspection,
               const std::vector<guard::RequestJudgement::Edited>& all_edited);

}  // namespace gatehouse::stages
