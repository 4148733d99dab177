#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/config/snapshot.h"

namespace gatehouse::config {

// Something wrong, and where. Never holds the value of a secret; a value that came from the environment or from a file
// is shown by its reference (`${NAME}`).
struct Problem {
  std::string file;
  int line = 0;  // from 1; 0 where there is no place in the file
  int column = 0;
  std::string path{};  // models[0].targets[1].provider
  std::string message{};

  std::string to_string() const;  // file:line:column: path: message
};

struct Loaded {
  std::shared_ptr<const Snapshot> snapshot;  // null when there are problems
  std::vector<Problem> problems;             // all of them, in the order of the files
  std::vector<Problem> warnings;             // the snapshot is served all the same
};

// Looks up a variable; nothing when it is not set.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;
Environment process_environment();

// Reads a file, or every *.yaml of a directory in the order of their names, merged: maps merge, lists append, and a
// scalar set twice is a problem. Blocks on the disk; call it from no event loop.
Loaded load(const std::string& file_or_directory, const Environment& env);
// The same from memory. Relative paths in it are taken from the folder of `file_name`.
Loaded load_text(std::string_view yaml, std::string_view file_name, const Environment& env);
// What runs with no configuration: the sandbox provider on loopback, no key asked for. The warnings say so.
Loaded defaults();

// JSON Schema 2020-12 of the file and the reference tables of docs/configuration.md, both from the field tables.
std::string json_schema();
std::string reference_markdown();

}  // namespace gatehouse::config
