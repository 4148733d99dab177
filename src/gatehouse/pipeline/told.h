#pragma once

#include <memory>

#include "gatehouse/async/event.h"

namespace gatehouse::pipeline {

// Told on any thread, awaited on a request's loop. Held by both sides (std::make_shared): whoever goes first. The loop
// outlives it.
class Told final : public std::enable_shared_from_this<Told> {
 public:
  explicit Told(async::Loop& loop) : loop_(loop), event_(loop) {}
  // Any thread.
  void done() {
    loop_.post([self = shared_from_this()] { self->event_.set(); });
  }
  // The loop's thread.
  async::Event& event() { return event_; }

 private:
  async::Loop& loop_;
  async::Event event_;
};

}  // namespace gatehouse::pipeline
