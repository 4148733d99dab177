#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/guard/vault/sealed_cache.h"
#include "gatehouse/guard/vault/vault_rows.h"

namespace gatehouse::guard {

struct VaultOptions;

// The thread that uses the vault's store. Writes and jobs are done in the order they came; reads before them, because
// what is not written yet is in memory. The queue of writes is bounded by number and bytes: who wants to write reserves
// a place first, and having one cannot fail any more.
//
// Owner: the vault. reserve, release, push, read and job are for any thread and never wait for the store.
class VaultWriter {
 public:
  VaultWriter(std::unique_ptr<VaultRows> rows, SealedCache& cache, const VaultOptions& options);
  ~VaultWriter();  // writes what waits, once
  VaultWriter(const VaultWriter&) = delete;
  VaultWriter& operator=(const VaultWriter&) = delete;

  bool reserve(std::size_t bytes);
  void release(std::size_t bytes);
  struct Put {
    SealedCache::Key key;
    VaultRows::Write write;
    std::size_t bytes = 0;  // as reserved
  };
  void push(Put put);

  using Read = std::function<void(VaultRows&)>;
  // False: as many as may wait do.
  bool read(Read read, std::size_t most);
  // After all that was pushed before: called with no error then, or with the store's when that could not be written.
  using Job = std::function<void(VaultRows&, const Result<>&)>;
  void job(Job job);

  std::uint64_t waiting() const { return waiting_.load(std::memory_order_relaxed); }
  std::uint64_t written() const { return written_.load(std::memory_order_relaxed); }
  std::uint64_t failures() const { return failures_.load(std::memory_order_relaxed); }
  std::uint64_t collisions() const { return collisions_.load(std::memory_order_relaxed); }

 private:
  struct Operation {
    Put put;
    Job job;  // set: it is a job
  };
  void run();
  bool work();  // false: the store failed
  Result<> write_front(std::size_t count);
  void done(std::size_t count);
  void fail_jobs(const Error& error);

  const std::size_t most_puts_;
  const std::size_t most_bytes_;
  const std::chrono::milliseconds every_;
  const std::chrono::milliseconds retry_;
  SealedCache& cache_;
  std::unique_ptr<VaultRows> rows_;

  std::atomic<std::uint64_t> waiting_{0};
  std::atomic<std::uint64_t> waiting_bytes_{0};
  std::atomic<std::uint64_t> written_{0};
  std::atomic<std::uint64_t> failures_{0};
  std::atomic<std::uint64_t> collisions_{0};

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Operation> incoming_;
  std::deque<Read> reads_;
  bool urgent_ = false;  // somebody waits
  bool stop_ = false;

  std::deque<Operation> backlog_;  // the thread's
  std::thread thread_;
};

}  // namespace gatehouse::guard
