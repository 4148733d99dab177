#pragma once

#include <memory>
#include <string>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/config/snapshot.h"
#include "gatehouse/govern/directory/directory_store.h"
#include "gatehouse/state/opaque_memory.h"
#include "gatehouse/state/response_store.h"
#include "gatehouse/state/upload_tickets.h"

namespace gatehouse::app {

// What is remembered between calls: one for the process, made before the workers and outliving them. Without a store it
// lives as long as the process.
class StateKeeper {
 public:
  // `rows` keeps the installation's secret. Blocks. Errors: those of the store.
  static Result<std::unique_ptr<StateKeeper>> open(const config::Snapshot& snapshot, govern::DirectoryStore& rows,
                                                   const base::Clock& clock);

  state::OpaqueMemory& opaque() { return *opaque_; }
  state::ResponseStore& responses() { return *responses_; }
  const state::UploadTickets& uploads() const { return *uploads_; }
  // Forgets what has expired. Blocks for a moment; now and then, on the main thread.
  Result<std::uint64_t> forget(base::WallTime now) { return store_->erase_expired(now); }

 private:
  StateKeeper() = default;
  std::unique_ptr<state::SealedStore> store_;
  std::unique_ptr<state::OpaqueMemory> opaque_;
  std::unique_ptr<state::ResponseStore> responses_;
  std::unique_ptr<const state::UploadTickets> uploads_;
};

}  // namespace gatehouse::app
