#pragma once

#include <string>

namespace gatehouse::app::commands {

struct ImportLitellm {
  std::string input;
  std::string output;  // empty: standard output
  bool as_json = false;
};

// `gatehouse import litellm CONFIG.yaml [-o FILE] [--json]`: writes the configuration and, on standard error (with
// --json: all in one object on standard output), what became of every setting. Returns 0, or 1 when something important
// was not carried over, or 2 when it could not run. An existing output file is not overwritten.
int import_litellm(const ImportLitellm& options);

}  // namespace gatehouse::app::commands
