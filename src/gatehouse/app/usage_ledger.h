#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/config/snapshot.h"
#include "gatehouse/govern/ledger/ledger_writer.h"
#include "gatehouse/pipeline/usage_lane.h"
#include "gatehouse/store/journal.h"

namespace gatehouse::app {

// The usage ledger of a running gateway: the journal that workers write into and the writer that carries it to the
// store. Made and closed on the main thread; each lane belongs to one worker's thread and must not be used after
// `close`.
class UsageLedger {
 public:
  // `url` is a store that was migrated. The journal lies beside it, in FILE.journal/. What a process before left there
  // is settled now. Errors: those of the store and the journal.
  static Result<std::unique_ptr<UsageLedger>> open(const std::string& url, const std::string& journal_folder,
                                                   const config::Ledger& options);
  ~UsageLedger();

  Result<pipeline::UsageLane*> make_lane();
  void start() { journal_->start(); }
  void close() { journal_->close(); }
  // Waits until what was settled before is in the store.
  Result<> flush() { return journal_->flush(); }

  const store::JournalRecovery& recovered() const { return journal_->recovered(); }
  store::JournalStats stats() const { return journal_->stats(); }

 private:
  class Lane;
  UsageLedger() = default;

  std::unique_ptr<govern::LedgerWriter> writer_;
  std::unique_ptr<store::Journal> journal_;
  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace gatehouse::app
