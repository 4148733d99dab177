#pragma once

namespace CLI {
class App;
}

namespace gatehouse::app {

// `gatehouse backup FILE`: copies the store beside a running gateway. Adds the command to `app`; when it was chosen,
// `exit_code` is set when the command line is parsed. Both must outlive the parsing.
void add_backup_command(CLI::App& app, int& exit_code);

}  // namespace gatehouse::app
