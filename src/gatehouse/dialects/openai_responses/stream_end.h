#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/dialects/openai_chat/errors.h"
#include "gatehouse/llm/usage.h"

namespace gatehouse::dialects::openai_responses {

// Ends a stream of the responses API before its provider does, as OpenAI ends one that it stops itself: what is open is
// closed with what was said so far, then comes `response.incomplete` with the reason, numbers of the sequence going on.
// Fed with every event that went out to the caller; one a stream, one thread's. Without a `response.created` the ending
// is made of what is known. Keeps the response's head and the text of open items, kKept bytes of each at most; of what
// is larger the ending says less, not more.
class StreamEnd {
 public:
  static constexpr std::size_t kKept = std::size_t{256} * 1024;

  void on_event(std::string_view data);

  // Complete server-sent events. `usage` as far as it is known: what is charged for.
  std::string cut_short(const llm::Usage& usage) const { return ending("max_output_tokens", usage); }
  std::string blocked_ending(const llm::Usage& usage) const { return ending("content_filter", usage); }
  // An `error` event in place of an ending.
  std::string error_ending(const openai_chat::ApiError& error) const;

  // A response.completed, .incomplete or .failed went out: nothing may follow.
  bool ended() const { return ended_; }

 private:
  struct Item {
    std::uint64_t index = 0;
    std::uint64_t content = 0;  // content_index of its text
    std::string id;
    std::string text;
    bool part_open = false;  // a content part that is not done
    bool open = true;
    bool message = false;
    bool dropped = false;  // its text is larger than what is kept
  };
  std::string ending(std::string_view reason, const llm::Usage& usage) const;
  Item* find(std::uint64_t index);

  std::string head_;  // members of the response object that are repeated, each with a comma behind it
  std::vector<Item> items_;
  std::uint64_t next_number_ = 0;
  bool ended_ = false;
};

}  // namespace gatehouse::dialects::openai_responses
