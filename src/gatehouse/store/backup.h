#pragma once

#include <string>
#include <string_view>

#include "gatehouse/base/error.h"

namespace gatehouse::store {

// Copies the store into `file` (new, mode 0600) while a gateway may be writing to it, then opens the copy and lets the
// engine check it. What a running gateway still has in its journal (at most the last writer interval) is not in it.
// Errors: configuration (no such store, the file exists); io, also when the copy is not sound, which is then removed.
Result<> back_up(std::string_view url, const std::string& file);

}  // namespace gatehouse::store
