#include "gatehouse/guard/vault/vault_writer.h"

#include <algorithm>
#include <utility>

#include "gatehouse/guard/vault/vault.h"

namespace gatehouse::guard {
namespace {

constexpr std::size_t kBatch = 512;  // writes in a transaction

}  // namespace

VaultWriter::VaultWriter(std::unique_ptr<VaultRows> rows, SealedCache& cache, const VaultOptions& options)
    : most_puts_(options.queue),
      most_bytes_(options.queue_bytes),
      every_(options.write_every),
      retry_(options.retry_every),
      cache_(cache),
      rows_(std::move(rows)),
      thread_([this] { run(); }) {}

VaultWriter::~VaultWriter() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

bool VaultWriter::reserve(std::size_t bytes) {
  if (waiting_.fetch_add(1, std::memory_order_relaxed) >= most_puts_) {
    waiting_.fetch_sub(1, std::memory_order_relaxed);
    return false;
  }
  if (waiting_bytes_.fetch_add(bytes, std::memory_order_relaxed) + bytes > most_bytes_) {
    release(bytes);
    return false;
  }
  return true;
}

void VaultWriter::release(std::size_t bytes) {
  waiting_.fetch_sub(1, std::memory_order_relaxed);
  waiting_bytes_.fetch_sub(bytes, std::memory_order_relaxed);
}

void VaultWriter::push(Put put) {
  const std::lock_guard lock(mutex_);
  incoming_.push_back({.put = std::move(put), .job = nullptr});
}

bool VaultWriter::read(Read read, std::size_t most) {
  {
    const std::lock_guard lock(mutex_);
    if (reads_.size() >= most) return false;
    reads_.push_back(std::move(read));
  }
  wake_.notify_one();
  return true;
}

void VaultWriter::job(Job job) {
  {
    const std::lock_guard lock(mutex_);
    incoming_.push_back({.put = {}, .job = std::move(job)});
    urgent_ = true;
  }
  wake_.notify_one();
}

void VaultWriter::run() {
  auto retry_at = std::chrono::steady_clock::time_point::min();
  std::deque<Operation> taken;
  std::deque<Read> reads;
  for (;;) {
    bool stop = false;
    bool urgent = false;
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, every_, [this] { return stop_ || urgent_ || !reads_.empty(); });
      taken.swap(incoming_);
      reads.swap(reads_);
      stop = stop_;
      urgent = std::exchange(urgent_, false);
    }
    for (const Read& read : reads) read(*rows_);
    reads.clear();
    std::ranges::move(taken, std::back_inserter(backlog_));
    taken.clear();
    // A store that failed is left alone for a while, unless somebody waits to hear how it is.
    if (!backlog_.empty() && (stop || urgent || std::chrono::steady_clock::now() >= retry_at) && !work()) {
      retry_at = std::chrono::steady_clock::now() + retry_;
    }
    if (stop) return;
  }
}

bool VaultWriter::work() {
  while (!backlog_.empty()) {
    if (backlog_.front().job) {
      backlog_.front().job(*rows_, {});
      backlog_.pop_front();
      continue;
    }
    const auto next_job = std::ranges::find_if(backlog_, [](const Operation& at) { return at.job != nullptr; });
    const auto puts = static_cast<std::size_t>(next_job - backlog_.begin());
    std::size_t count = std::min(puts, kBatch);
    auto wrote = write_front(count);
    if (!wrote && wrote.error().code == Code::invalid_request && count > 1) {
      // One of them cannot be written; it must not hold the others up.
      count = 1;
      wrote = write_front(count);
    }
    if (!wrote && wrote.error().code == Code::invalid_request) {
      failures_.fetch_add(1, std::memory_order_relaxed);
      backlog_.front().put.write.taken = true;
      done(1);
      continue;
    }
    if (!wrote) {
      failures_.fetch_add(1, std::memory_order_relaxed);
      fail_jobs(wrote.error());
      return false;
    }
    done(count);
  }
  return true;
}

Result<> VaultWriter::write_front(std::size_t count) {
  std::vector<VaultRows::Write*> writes;
  writes.reserve(count);
  for (std::size_t i = 0; i < count; ++i) writes.push_back(&backlog_[i].put.write);
  return rows_->write(writes);
}

void VaultWriter::done(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const Put& put = backlog_.front().put;
    if (put.write.taken) {
      collisions_.fetch_add(1, std::memory_order_relaxed);
      cache_.dropped(put.key, put.write.entry);
    } else {
      written_.fetch_add(1, std::memory_order_relaxed);
      cache_.written(put.key, put.write.entry);
    }
    release(put.bytes);
    backlog_.pop_front();
  }
}

void VaultWriter::fail_jobs(const Error& error) {
  std::deque<Operation> left;
  for (Operation& operation : backlog_) {
    if (operation.job) {
      operation.job(*rows_, std::unexpected(error));
    } else {
      left.push_back(std::move(operation));
    }
  }
  backlog_.swap(left);
}

}  // namespace gatehouse::guard
