#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/ml/service/counters.h"
#include "gatehouse/ml/service/mailbox.h"
#include "gatehouse/ml/service/reading_memory.h"
#include "gatehouse/ml/service/text_job.h"
#include "gatehouse/ml/service/window_queue.h"

namespace gatehouse::ml {

// The threads that run models. Each time round a thread cuts a text that came, or reads one batch of windows, or, with
// nothing else to do, lets the shadow model read what was read before; it never waits for a batch to fill. One lock
// over the books, never held while a model works. Any thread may call; owner: the service, which ends it after all
// inquiries.
class Pool {
 public:
  // What it borrows outlives it.
  Pool(std::string_view key, const ServiceOptions& options, ReadingMemory& memory, Counters& counters);
  ~Pool();  // waits for what is in progress
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  struct Job;
  // To leave by. Empty where the question was answered at once.
  using Ticket = std::weak_ptr<Job>;
  struct Sent {
    TextQuestion question{};
    std::uint32_t slot = 0;
    Ticket ticket{};  // out
  };
  // A question for a text that is in the works already joins it. What memory knows by now, or there is no room for, is
  // answered before it returns. Taken from: the questions.
  void ask(const std::shared_ptr<const ModelSet>& models, std::span<Sent> questions,
           const std::shared_ptr<Mailbox>& answers);
  // `answers` no longer waits for it. What nobody waits for is not begun any more. The linear model's word, where the
  // pool has asked for it.
  LinearWord leave(const Ticket& ticket, const Mailbox* answers);

  static constexpr std::string_view kFull = "too many texts wait for the models";
  static constexpr std::string_view kFailed = "a model failed";

 private:
  struct Unit {
    std::shared_ptr<Job> job{};
    std::uint32_t pass = 0;
    std::uint32_t window = 0;
  };
  using Queue = WindowQueue<Unit>;
  using Cuts = std::map<std::pair<std::uint64_t, std::uint64_t>, std::shared_ptr<Job>>;
  struct Shadow {
    std::shared_ptr<const Model> model{};
    std::string context{};
    std::string text{};
    float score = 0;
  };

  void run(std::size_t number);
  void cut(std::unique_lock<std::mutex>& lock, WindowNames& names);
  void read(std::unique_lock<std::mutex>& lock, WindowNames& names);
  void shadow(std::unique_lock<std::mutex>& lock);
  // With the lock held.
  bool cut_is_due(std::size_t cuts_before) const;
  void queue_windows(const std::shared_ptr<Job>& job);
  void unqueue(Job& job);
  void forget(const std::shared_ptr<Job>& job);
  void abandon(const std::shared_ptr<Job>& job);
  // These let go of the lock for a while.
  void complete(std::unique_lock<std::mutex>& lock, const std::shared_ptr<Job>& job);
  void fail_job(std::unique_lock<std::mutex>& lock, const std::shared_ptr<Job>& job);
  void wake();

  const ServiceOptions options_;
  const std::string key_;
  ReadingMemory& memory_;
  Counters& counters_;
  const base::SystemClock clock_{};

  std::mutex mutex_;
  std::condition_variable work_;
  bool stopping_ = false;
  std::size_t idle_ = 0;
  std::unordered_multimap<TextKey, std::shared_ptr<Job>, TextKey::Hash> jobs_;  // waiting or in progress
  std::size_t text_bytes_ = 0;                                                  // of theirs
  Cuts cuts_;
  std::uint64_t next_cut_ = 0;
  Queue windows_;
  std::deque<Shadow> shadows_;
  std::vector<std::thread> threads_;  // last: they use all of the above
};

}  // namespace gatehouse::ml
