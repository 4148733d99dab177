#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gatehouse/async/task.h"
#include "gatehouse/config/guards.h"
#include "gatehouse/guard/callout/breaker.h"
#include "gatehouse/guard/callout/callout.h"
#include "gatehouse/providers/upstream.h"

namespace gatehouse::pipeline {

class Exchange;

// An external guard as one worker reaches it. Its loop's only; `settings` are the snapshot's.
struct CalloutLine {
  const config::Callout* settings = nullptr;
  std::unique_ptr<providers::Upstream> upstream;
  std::shared_ptr<guard::CalloutBreaker> breaker;  // shared by the workers
  std::string path;                                // below the upstream's base, with the query
  std::string detector;                            // "callout.NAME"
};

// What external guards made of texts, all together.
struct CalloutOutcome {
  bool refused = false;  // one blocks, or failed and is closed
  // Of those that redact: ascending in text and place, not overlapping; what several want to replace goes whole.
  std::vector<guard::CalloutReplacement> replacements;
};

// Shows `texts` to all of `lines` at the same time, and puts what they say, and that they failed, into the decisions of
// the exchange's inspection. Ends when all have answered, their time is up, or the request is aborted: then nothing is
// noted, and the caller goes by the abort. The exchange, and what the texts refer to, outlive the task.
Task<CalloutOutcome> ask_callouts(Exchange& exchange, guard::Direction direction, std::vector<const CalloutLine*> lines,
                                  std::vector<guard::CalloutText> texts);

}  // namespace gatehouse::pipeline
