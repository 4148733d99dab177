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
#include <utility>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/guard/conversation/memory.h"
#include "gatehouse/store/database.h"
#include "gatehouse/store/migrations.h"

namespace gatehouse::guard {

struct ConversationBookOptions;

// The rows of the store's component "conversation". One thread's (the writer's). All calls block. Times are
// milliseconds since 1970.
//   conversation_states  one row a name: numbers and hashes as they are, texts only sealed
class ConversationRows {
 public:
  static const store::Component& component();
  // Errors of all: of the store.
  static Result<std::unique_ptr<ConversationRows>> open(std::unique_ptr<store::Database> database);
  ~ConversationRows();

  // All or nothing.
  Result<> write(const std::vector<SharedConversation>& kept);
  // Those that have not expired, the latest first, until `more` says no.
  Result<> read(std::int64_t now, const std::function<bool(SharedConversation)>& more);
  // At most `limit` of them; again while it gives as many.
  Result<std::int64_t> erase_tenant(std::string_view tenant, std::int64_t limit);
  Result<std::int64_t> erase_expired(std::int64_t now, std::int64_t limit);

 private:
  struct Statements;
  ConversationRows(std::unique_ptr<store::Database> database, std::unique_ptr<Statements> statements);

  std::unique_ptr<store::Database> database_;
  std::unique_ptr<Statements> sql_;
};

// The thread that uses the book's store. Of a name that is written again before it was, only the newest is written. The
// queue is bounded by number: what finds no place is not written, and counted. Owner: the book. push and job are for
// any thread and never wait for the store.
class ConversationWriter {
 public:
  ConversationWriter(std::unique_ptr<ConversationRows> rows, const ConversationBookOptions& options);
  ~ConversationWriter();  // writes what waits, once
  ConversationWriter(const ConversationWriter&) = delete;
  ConversationWriter& operator=(const ConversationWriter&) = delete;

  void push(SharedConversation kept);
  // After all that was pushed before: called with no error then, or with the store's when that could not be written.
  using Job = std::function<void(ConversationRows&, const Result<>&)>;
  void job(Job job);

  std::uint64_t waiting() const { return waiting_.load(std::memory_order_relaxed); }
  std::uint64_t written() const { return written_.load(std::memory_order_relaxed); }
  std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }
  std::uint64_t failures() const { return failures_.load(std::memory_order_relaxed); }

 private:
  using Key = std::pair<std::string, ConversationName>;
  using Pending = std::map<Key, SharedConversation>;
  void run();
  Result<> write(Pending& pending);

  const std::size_t most_;
  const std::chrono::milliseconds every_;
  const std::chrono::milliseconds retry_;
  std::unique_ptr<ConversationRows> rows_;
  std::atomic<std::uint64_t> waiting_{0};
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

}  // namespace gatehouse::guard
