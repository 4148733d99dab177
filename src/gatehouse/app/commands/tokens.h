#pragma once

#include <string>

namespace CLI {
class App;
}

namespace gatehouse::app {

// `gatehouse tokens`: counts the tokens of a text or of a chat request.
struct TokensOptions {
  std::string model;     // decides the encoding ...
  std::string encoding;  // ... unless one is named
  std::string file = "-";
  bool chat = false;
  bool ids = false;
  bool json = false;
};

// Adds the command to the command line; `options` must live as long as it. The command, to ask whether it was given.
CLI::App* add_tokens_command(CLI::App& app, TokensOptions& options);
// Exit code 0, or 2 if there is nothing to count. Writes to standard output.
int run_tokens_command(const TokensOptions& options);

}  // namespace gatehouse::app
