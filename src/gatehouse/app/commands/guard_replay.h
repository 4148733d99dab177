#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/config/snapshot.h"
#include "gatehouse/ml/service/service.h"

namespace gatehouse::app {

struct GuardOptions;

// What a candidate's policies would have done with recorded requests, beside what the live ones would. Only detectors
// and policies in mode enforce: callouts are not asked, limits, schemas and conversations not held to. Keeps no text.
// One thread's.
class GuardReplay {
 public:
  // The models of the two outlive it; null: none are asked. Errors: configuration, saying which of the two.
  static Result<std::unique_ptr<GuardReplay>> make(const config::Snapshot& live, const config::Snapshot& candidate,
                                                   ml::Service* live_models = nullptr,
                                                   ml::Service* candidate_models = nullptr);
  ~GuardReplay();
  GuardReplay(const GuardReplay&) = delete;
  GuardReplay& operator=(const GuardReplay&) = delete;

  // One line: the JSON body of a request, or {"request": {...}, "response": {...}} with who asked for what: "team",
  // "user", "project", "unit", "org", "key", "model", "operation", "tags" ("k=v,k=v"), each as it may be missing. True:
  // something would change. Errors: invalid_request for what is no such line; then it counts as not read.
  Result<bool> add(std::size_t number, std::string_view line, base::WallTime now);

  std::uint64_t requests() const { return requests_; }
  std::uint64_t changed() const { return changed_; }
  // Each changed request with what is lost (-) and gained (+), then counts by verdict before and after.
  std::string to_text() const;
  std::string to_json() const;  // one object

  static constexpr std::size_t kMostTold = 10'000;  // changed requests; further ones are counted

 private:
  struct Side;
  struct Found;
  struct Change;
  struct Judged;
  struct Row;
  GuardReplay();

  std::unique_ptr<Side> live_;
  std::unique_ptr<Side> candidate_;
  std::uint64_t requests_ = 0;
  std::uint64_t unread_ = 0;
  std::uint64_t changed_ = 0;
  // By verdict: allow, flag, redact, block.
  std::array<std::array<std::uint64_t, 4>, 4> counts_{};  // [before][after]
  std::vector<Change> changes_;
};

// `gatehouse guard replay`. Exit code 0; 1 where something would change; 2 where it could not run.
int run_guard_replay(const GuardOptions& options);

}  // namespace gatehouse::app
