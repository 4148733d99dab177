#pragma once

namespace gatehouse::app {

// The command line. Returns the exit code: 0 ok, 1 found something, 2 could not run.
int run_cli(int argc, char** argv);

}  // namespace gatehouse::app
