#pragma once

namespace CLI {
class App;
}

namespace gatehouse::app {

// `gatehouse key new`, which needs nobody, and `gatehouse key create|list|revoke|rotate|block|unblock`, which ask the
// admin API of a running gateway. Adds the command to `app`; when it was chosen, `exit_code` is set when the command
// line is parsed: 0 done, 1 refused by the gateway, 2 not asked at all. Both must outlive the parsing.
void add_key_command(CLI::App& app, int& exit_code);

}  // namespace gatehouse::app
