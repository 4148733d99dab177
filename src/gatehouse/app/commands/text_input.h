#pragma once

#include <string>

#include "gatehouse/base/error.h"

namespace gatehouse::app {

// All of a file, or of standard input for "-": what commands work on. Errors: io; too_large past 256 MiB.
Result<std::string> read_input(const std::string& path);

}  // namespace gatehouse::app
