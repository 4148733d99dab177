#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/store/journal_lane.h"

namespace gatehouse::store {

// Where a lane's records have come to in the store.
struct JournalPosition {
  std::uint64_t lane = 0;
  std::uint64_t applied = 0;  // the number of the last record that the store has
  bool closed = false;        // the lane is done with, its open intents included
};

struct JournalBatch {
  struct Entry {
    std::string_view payload;  // of a settlement, or of the intent of one that the process did not survive
    bool interrupted = false;
  };
  std::span<const Entry> entries;              // each lane's in its order
  std::span<const JournalPosition> positions;  // to be kept in the same transaction as the entries
  std::span<const std::uint64_t> forget;       // lanes whose position is of no use any more
  // Found in the files of an earlier process. After a crash of the machine, what was applied before may come again;
  // what workers append comes once.
  bool recovered = false;
};

// What a journal is applied to. Called by one thread at a time: the opener's during recovery, the writer's afterwards.
class JournalSink {
 public:
  virtual ~JournalSink() = default;
  // What `commit` kept last for each lane.
  virtual Result<std::vector<JournalPosition>> positions() = 0;
  // All of it in one transaction, or an error and none of it; after an error it is called with the same again.
  virtual Result<> commit(const JournalBatch& batch) = 0;
};

struct JournalOptions {
  std::string folder{};                 // made if it is not there; of this journal alone
  std::size_t segment_bytes = 1 << 20;  // a multiple of 4096, 64 KiB to 256 MiB
  std::size_t segments = 16;            // a lane; 2 to 1024
  std::size_t slots = 4096;             // a lane: intents that may be open at once; 1 to 1048576
  std::size_t max_payload = 2304;       // bytes; 64 to 65536
  std::chrono::milliseconds every{50};  // the writer looks this often
  std::size_t batch = 4096;             // records in one transaction at most
  // How often the files are forced to the disk, for machine crashes: zero, before each commit; nothing, never. A
  // process that dies loses nothing in any case. A sync makes the kernel write-protect the pages, so that the workers'
  // next write to each is a page fault.
  std::optional<std::chrono::milliseconds> sync_every{};
};

struct JournalRecovery {
  std::size_t lanes = 0;        // that an earlier process had left
  std::size_t records = 0;      // applied now
  std::size_t interrupted = 0;  // intents without a settlement, handed to the sink
  std::size_t damaged = 0;      // holes: a machine crash, pages that did not reach the disk
};

struct JournalStats {
  std::uint64_t appended = 0;
  std::uint64_t applied = 0;
  std::uint64_t commits = 0;
  std::uint64_t failures = 0;  // commits that the sink refused; each is tried again
  std::uint64_t refused = 0;   // by lanes: full
};

// Carries what workers record into the store, each record exactly once, over any crash of the process (kill -9 at any
// moment included). Lanes write into mapped files; one thread reads them all and commits groups; the position of each
// lane is committed together with its records, so what is found in the files after a crash is either in the store
// or is applied at the next start.
//
// After a crash of the machine, records that were not yet committed are lost as far as their pages were not written
// back (see `sync_every`; the store's own durability is its own), and an intent that was settled may come back as
// interrupted: the sink must know its rows by a key of their own.
//
// Owner: the application; outlives the workers.
class Journal {
 public:
  // Takes the folder (configuration if another process has it), recovers what an earlier process left, in steps
  // that a crash may interrupt, and removes it. Errors: configuration for options out of range; io; the sink's.
  static Result<std::unique_ptr<Journal>> open(JournalOptions options, JournalSink& sink);
  // close()
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  const JournalRecovery& recovered() const;

  // At start-up, before start(): one a worker. Some 35 MiB of disk each with the default options. Errors: io.
  Result<JournalLane*> make_lane();
  // Begins the writer's thread.
  void start();
  // One round of the writer: what the lanes hold, at most a batch. The number of records applied. For tests, and for
  // whoever brings a thread of his own; not beside start().
  Result<std::size_t> drain();
  // Waits until what was appended before the call is in the store, or the sink has refused it. Any thread; after
  // start().
  Result<> flush();
  // Ends the thread and applies what is left; intents still open are found at the next start. No lane may be in use.
  void close();

  // Any thread.
  JournalStats stats() const;

 private:
  struct State;
  explicit Journal(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace gatehouse::store
