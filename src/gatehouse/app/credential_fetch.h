#pragma once

#include "gatehouse/app/outbound.h"
#include "gatehouse/providers/token_source.h"

namespace gatehouse::app {

// Gets one credential: asks whom the source says, step by step (an instance's metadata, then a role of it). Reads files
// that the source names: small, and on the main thread. All that is given by reference outlives the task; `abort` ends
// it with its own error. Errors besides those of http::fetch: upstream_credentials (an answer that gives none),
// configuration (a file that cannot be read, or has none).
Task<Result<providers::Credential>> fetch_credential(Outbound& outbound, providers::TokenSource source,
                                                     const base::Clock& clock, async::AbortSource& abort);

}  // namespace gatehouse::app
