#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace gatehouse::app {

// `gatehouse selftest`: asks a gateway's models in every dialect and says what comes of it (docs/selftest.md).
struct SelftestOptions {
  std::string url;     // of a running gateway; empty: one is started for the run ...
  std::string config;  // ... of this configuration; empty: the sandbox
  std::string key;
  std::vector<std::string> models;  // empty: all that the key may use, without wildcards
  std::vector<std::string> fronts;  // names of dialects; empty: all four
  unsigned timeout = 60;            // seconds, a request
  std::uint64_t max_tokens = 64;
  bool json = false;
};

// Adds the command; `options` must live as long as it.
CLI::App* add_selftest_command(CLI::App& app, SelftestOptions& options);
// Exit code 0 all right, 1 something failed, 2 could not run. While the process has one thread.
int run_selftest_command(const SelftestOptions& options);

// The models of an answer to GET /v1/models that can be asked for by name.
std::vector<std::string> models_of(const std::string& listing);

}  // namespace gatehouse::app
