#pragma once

#include <memory>
#include <string>

#include "gatehouse/store/database.h"

namespace gatehouse::store {

// The embedded store: SQLite in WAL mode, so that readers and the one writer do not wait for each other. The file is
// made with mode 0600 and carries Gatehouse's application id; a database of another program, or one whose format is
// newer than this version knows, is refused. Foreign keys are on.
Result<std::unique_ptr<Database>> open_sqlite(const std::string& path, const OpenOptions& options);

}  // namespace gatehouse::store
