#pragma once

namespace gatehouse::app {

struct GuardOptions;

// `gatehouse guard eval`: rows whose answer is known, judged by detectors and models; a table, and at the end one JSON
// object on a line. Exit code 0, 2 where it could not run.
int run_guard_eval(const GuardOptions& options);

}  // namespace gatehouse::app
