#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/state/sealed_memory.h"
#include "gatehouse/store/database.h"
#include "gatehouse/store/migrations.h"

namespace gatehouse::state {

struct SealedStoreOptions;

// The rows of the store's component "state". One thread's (the writer's). All calls block.
//   state_entries  one row an entry: a keyed hash, and what is sealed
class StateRows {
 public:
  static const store::Component& component();
  // Errors of all: of the store.
  static Result<std::unique_ptr<StateRows>> open(std::unique_ptr<store::Database> database);
  ~StateRows();

  // What is to be of an entry; `sealed` empty: it is gone.
  Result<> write(const std::vector<SharedEntry>& entries);
  // Those that have not expired, the latest first, until `more` says no.
  Result<> read(std::int64_t now, const std::function<bool(SharedEntry)>& more);
  // At most `limit` of them; again while it gives as many.
  Result<std::int64_t> erase_tenant(std::string_view tenant, std::int64_t limit);
  Result<std::int64_t> erase_expired(std::int64_t now, std::int64_t limit);

 private:
  struct Statements;
  StateRows(std::unique_ptr<store::Database> database, std::unique_ptr<Statements> statements);

  std::unique_ptr<store::Database> database_;
  std::unique_ptr<Statements> sql_;
};

// The thread that uses the store. Of an entry that is written again before it was, only the newest is written. The
// queue is bounded by number and bytes: what finds no place is not written, and counted. push and job are for any
// thread and never wait for the store.
class SealedWriter {
 public:
  SealedWriter(std::unique_ptr<StateRows> rows, const SealedStoreOptions& options);
  ~SealedWriter();  // writes what waits, once
  SealedWriter(const SealedWriter&) = delete;
  SealedWriter& operator=(const SealedWriter&) = delete;

  void push(SharedEntry entry);
  // After all that was pushed before: called with no error then, or with the store's when that could not be written.
  using Job = std::function<void(StateRows&, const Result<>&)>;
  void job(Job job);

  std::uint64_t waiting() const { return waiting_.load(std::memory_order_relaxed); }
  std::uint64_t written() const { return written_.load(std::memory_order_relaxed); }
  std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }
  std::uint64_t failures() const { return failures_.load(std::memory_order_relaxed); }

 private:
  using Key = std::tuple<std::string, EntryKind, EntryName>;
  using Pending = std::map<Key, SharedEntry>;
  void run();
  Result<> write(Pending& pending);

  const std::size_t most_;
  const std::size_t most_bytes_;
  const std::chrono::milliseconds every_;
  const std::chrono::milliseconds retry_;
  std::unique_ptr<StateRows> rows_;
  std::atomic<std::uint64_t> waiting_{0};
  std::atomic<std::uint64_t> bytes_{0};  // of those that wait
  std::atomic<std::uint64_t> written_{0};
  std::atomic<std::uint64_t> dropped_{0};
  std::atomic<std::uint64_t> failures_{0};

  std::mutex mutex_;
  std::condition_variable wake_;
  Pending incoming_;
  std::deque<Job> jobs_;
  bool stop_ = false;

  Pending backlog_;  // the thread's
  std::thread thread_;
};

}  // namespace gatehouse::state
