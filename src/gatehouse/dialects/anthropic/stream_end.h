#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/llm/usage.h"

namespace gatehouse::dialects::anthropic {

// Ends a stream of messages before its provider does: texts and thoughts that are open are closed, then come
// message_delta with the reason and message_stop. A call that is open stays open: clients that make calls as soon as
// their block is closed do not make half a one, and the reason tells those that wait for the end. Fed with the data of
// every event that went out to the caller; one a stream, one thread's.
class StreamEnd {
 public:
  void on_event(std::string_view data);
  // One that did not go out: a message_start is kept, to begin the stream with where nothing did.
  void on_held(std::string_view data);

  // Complete server-sent events; `reason` as Anthropic calls it.
  std::string ending(std::string_view reason, const llm::Usage& usage) const;
  // A message_stop or an error went out: nothing may follow.
  bool ended() const { return ended_; }

 private:
  struct Block {
    std::uint64_t index = 0;
    bool call = false;
  };
  static constexpr std::size_t kMostOpen = 256;
  static constexpr std::size_t kMostHead = std::size_t{64} * 1024;

  std::vector<Block> open_;
  std::string held_start_;
  bool started_ = false;
  bool ended_ = false;
};

}  // namespace gatehouse::dialects::anthropic
