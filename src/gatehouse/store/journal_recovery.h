#pragma once

#include <cstddef>
#include <string>

#include "gatehouse/base/error.h"
#include "gatehouse/store/journal.h"

namespace gatehouse::store {

// Applies what lanes of earlier processes hold to the sink and removes them. A crash at any point of it is recovered
// from by doing it again: a lane's last batch holds its open intents and closes it.
Result<JournalRecovery> recover_lanes(const std::string& folder, std::size_t batch, JournalSink& sink);

}  // namespace gatehouse::store
