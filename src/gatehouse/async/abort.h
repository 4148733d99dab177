#pragma once

#include <cstdint>
#include <utility>

#include "gatehouse/base/error.h"
#include "gatehouse/base/intrusive_list.h"

namespace gatehouse::async {

enum class AbortReason : std::uint8_t { none, client_gone, deadline, shutdown };

inline Error abort_error(AbortReason reason) {
  switch (reason) {
    case AbortReason::client_gone:
      return Error(Code::client_closed, "The client closed the connection");
    case AbortReason::deadline:
      return Error(Code::upstream_timeout, "The request did not finish in the time allowed");
    case AbortReason::shutdown:
      return Error(Code::shutting_down, "The gateway is shutting down");
    case AbortReason::none:
      break;
  }
  return Error(Code::cancelled);
}

class AbortSource;

// While it lives, `on_abort` is called once if the source is aborted. Derive from it where the work can be stopped.
class AbortListener : private base::ListNode {
 public:
  bool listening() const { return linked(); }
  void stop_listening() { unlink(); }

 protected:
  AbortListener() = default;
  ~AbortListener() = default;
  virtual void on_abort() = 0;

 private:
  friend class AbortSource;
  template <class T>
  friend class base::IntrusiveList;
};

// Tells the work of one request (or one scope) to stop, and remembers why. The first reason stays. One thread.
class AbortSource {
 public:
  bool aborted() const { return reason_ != AbortReason::none; }
  AbortReason reason() const { return reason_; }
  Error error() const { return abort_error(reason_); }

  void abort(AbortReason reason) {
    if (aborted()) return;
    reason_ = reason;
    while (!listeners_.empty()) {
      AbortListener& listener = listeners_.front();
      listener.unlink();
      listener.on_abort();
    }
  }
  // Ready for the next request; nobody may be listening.
  void reset() { reason_ = AbortReason::none; }
  // Calls back at once if the source was aborted before.
  void listen(AbortListener& listener) {
    if (aborted()) {
      listener.on_abort();
    } else {
      listeners_.push_back(listener);
    }
  }

 private:
  base::IntrusiveList<AbortListener> listeners_;
  AbortReason reason_ = AbortReason::none;
};

// A listener that calls a function object.
template <class F>
class AbortCallback final : public AbortListener {
 public:
  AbortCallback(AbortSource& source, F f) : f_(std::move(f)) { source.listen(*this); }

 private:
  void on_abort() override { f_(); }
  F f_;
};

}  // namespace gatehouse::async
