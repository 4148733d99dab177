#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "gatehouse/app/semantics_keeper.h"
#include "gatehouse/base/error.h"
#include "gatehouse/config/snapshot.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::app {

// Which models a `gatehouse guard` command asks.
struct GuardModels {
  std::string folder;      // --models; empty: those of the configuration, by default the bundled ones where they are
  bool none = false;       // --no-models
  bool no_linear = false;  // --no-linear: the encoder reads what the linear model would have settled
};

// Whose wishes decide what is loaded.
enum class ModelsFor : std::uint8_t {
  everything,  // all verdicts that guards ask for
  policies,    // what the configuration's own policies want
};

// The models of a command, loaded; with a null `service()` where there are none, which is said on standard error unless
// nobody was to be asked. Errors: configuration: what was named cannot be loaded.
Result<std::unique_ptr<SemanticsKeeper>> open_guard_models(const config::Snapshot& snapshot, const GuardModels& models,
                                                           ModelsFor whom = ModelsFor::everything);

// The member `models` of an object: name, version, hash and verdicts of each.
void write_models(json::Writer& writer, const SemanticsKeeper& keeper);

struct GuardOptions;
// `gatehouse guard latency`: what the encoder takes at 32, 128 and 512 tokens on one thread, how much a batch brings,
// how long loading took and what memory it cost. Exit code 0, 2 where there is no model.
int run_guard_latency(const GuardOptions& options);

}  // namespace gatehouse::app
