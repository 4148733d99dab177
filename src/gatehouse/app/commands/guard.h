#pragma once

#include <memory>
#include <string>

#include "gatehouse/app/commands/guard_models.h"
#include "gatehouse/base/error.h"
#include "gatehouse/config/snapshot.h"

namespace CLI {
class App;
}

namespace gatehouse::app {

// `gatehouse guard`: what guards find, tried without a gateway running.
struct GuardOptions {
  std::string config;  // policies and entities of one's own; empty: all detectors, no policy
  bool json = false;
  GuardModels models;  // test, eval, latency
  // test
  std::string file = "-";
  std::string team;
  std::string model;
  std::string role = "user";
  bool response = false;
  bool request = false;  // the input is the body of a request
  // eval
  std::string rows;
  double threshold = -1;  // below 0: the one that is shipped
  std::string family;     // eval: of rows with a label, what is looked for; empty: injection
  bool list_wrong = false;
  bool embedding = false;  // rows are pairs of questions
  bool replay = false;     // rows are dialogues, which come in turn by turn
  // replay, of `rows` too
  std::string candidate;  // the configuration to compare with
};

// Adds the command with its subcommands; `options` must live as long as it.
CLI::App* add_guard_command(CLI::App& app, GuardOptions& options);
// Exit code 0, 1 where `test` found something that is redacted or blocked or `replay` something that would change, 2
// where it could not run.
int run_guard_command(const CLI::App& command, const GuardOptions& options);

// The configuration that was named, or one without policies. Errors: configuration, the first problem.
Result<std::shared_ptr<const config::Snapshot>> load_guard_config(const std::string& path);

}  // namespace gatehouse::app
