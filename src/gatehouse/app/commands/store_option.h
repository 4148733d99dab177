#pragma once

#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "gatehouse/base/error.h"
#include "gatehouse/config/load.h"

namespace gatehouse::app {

// Which store a command works on: named itself, or by a configuration.
struct StoreOption {
  std::string store;
  std::string config;

  void add_to(CLI::App& command) {
    auto* named = command.add_option("--store", store, "the store: sqlite:FILE");
    command.add_option("-c,--config", config, "a configuration that names it")->excludes(named);
  }
  // Code::configuration: neither was given, or the configuration cannot be read or names none.
  Result<std::string> url() const {
    if (!store.empty()) return store;
    if (config.empty()) return fail(Code::configuration, "give --store sqlite:FILE, or --config");
    const auto loaded = config::load(config, config::process_environment());
    if (!loaded.snapshot) {
      return fail(Code::configuration, loaded.problems.empty() ? config : loaded.problems.front().to_string());
    }
    if (loaded.snapshot->store.empty()) return fail(Code::configuration, config + " names no `store`");
    return loaded.snapshot->store;
  }
};

}  // namespace gatehouse::app
