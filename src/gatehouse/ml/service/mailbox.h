#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "gatehouse/ml/reading.h"
#include "gatehouse/ml/service/pieces.h"

namespace gatehouse::ml {

// Where the pool leaves an inquiry's answers. Shared by the inquiry, on its thread, and the questions in the pool; it
// outlives whichever goes first.
class Mailbox {
 public:
  struct Answer {
    std::uint32_t slot = 0;  // the inquiry's own number for the question
    std::shared_ptr<const Reading> reading{};
    std::string_view failure{};  // static; where there is no reading
    LinearWord word{};
  };

  // The inquiry's side. Between begin() and end() questions are sent: `done` is not called before end(), and by end()
  // itself, without a lock, where all were answered by then.
  void begin(std::size_t questions, std::function<void()> done) {
    const std::scoped_lock lock(mutex_);
    outstanding_ += questions + 1;
    if (done) done_.push_back(std::move(done));
  }
  void end() {
    std::vector<std::function<void()>> done;
    {
      const std::scoped_lock lock(mutex_);
      if (--outstanding_ == 0) done.swap(done_);
    }
    for (const auto& call : done) call();
  }
  bool fresh() const { return fresh_.load(std::memory_order_acquire); }
  void take(std::vector<Answer>& out) {
    const std::scoped_lock lock(mutex_);
    out.swap(answers_);
    fresh_.store(false, std::memory_order_relaxed);
  }
  // Nothing is called or left after it.
  void close() {
    std::vector<std::function<void()>> done;
    const std::scoped_lock lock(mutex_);
    closed_ = true;
    done.swap(done_);
  }

  // The pool's side. False: nobody wants it any more. Else `counted` is one more before anybody is told.
  bool deliver(Answer answer, std::atomic<std::uint64_t>& counted) {
    std::vector<std::function<void()>> done;  // freed after the lock
    const std::scoped_lock lock(mutex_);
    if (closed_) return false;
    counted.fetch_add(1, std::memory_order_relaxed);
    answers_.push_back(std::move(answer));
    fresh_.store(true, std::memory_order_release);
    if (--outstanding_ == 0) {
      done.swap(done_);
      // Under the lock, so that close() returns only when no call is in progress.
      for (const auto& call : done) call();
    }
    return true;
  }

 private:
  std::mutex mutex_;
  std::atomic<bool> fresh_{false};
  std::vector<Answer> answers_;
  std::vector<std::function<void()>> done_;
  std::size_t outstanding_ = 0;
  bool closed_ = false;
};

}  // namespace gatehouse::ml
