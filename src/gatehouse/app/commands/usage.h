#pragma once

namespace CLI {
class App;
}

namespace gatehouse::app {

// `gatehouse usage` and `gatehouse usage report`: what was used and what it cost, read from the store beside a running
// gateway. Adds the command to `app`; when it was chosen, `exit_code` is set when the command line is parsed. Both must
// outlive the parsing.
void add_usage_command(CLI::App& app, int& exit_code);

}  // namespace gatehouse::app
