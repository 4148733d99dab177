#pragma once

#include <string>

#include <CLI/CLI.hpp>

namespace gatehouse::app {

// The option that all commands on the store share.
inline void add_store_option(CLI::App& command, std::string& store) {
  command.add_option("--store", store, "the store: sqlite:PATH")->required();
}

}  // namespace gatehouse::app
