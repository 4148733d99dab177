#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/dialects/api_error.h"
#include "gatehouse/llm/usage.h"

namespace gatehouse::dialects::openai_responses {

// Ends a stream of the responses API before its provider does, as OpenAI ends one that it stops itself: messages that
// are open are closed with what was said so far, then comes `response.incomplete` with the reason, numbers of the
// sequence going on. Calls of tools that are open stay out: nobody is to make half a call. Fed with the data of every
// event that went out to the caller; one a stream, one thread's. Keeps the response's head and its items, kKept bytes
// in all: of an answer larger than that the ending repeats less.
class StreamEnd {
 public:
  static constexpr std::size_t kKept = std::size_t{256} * 1024;

  void on_event(std::string_view data);

  // Complete server-sent events. `usage` as far as it is known: what is charged for.
  std::string cut_short(const llm::Usage& usage) const { return ending("max_output_tokens", usage); }
  std::string blocked_ending(const llm::Usage& usage) const { return ending("content_filter", usage); }
  // An `error` event in place of an ending.
  std::string error_ending(const ApiError& error) const;

  // A response.completed, .incomplete or .failed went out: nothing may follow.
  bool ended() const { return ended_; }

 private:
  struct Part {
    std::uint64_t index = 0;  // content_index
    std::string text;
    bool open = true;
  };
  struct Item {
    std::uint64_t index = 0;  // output_index
    std::string id;
    std::string whole;  // the item as JSON, when it is done
    std::vector<Part> parts;
    bool message = false;
    bool lost = false;  // too large to be repeated
  };
  std::string ending(std::string_view reason, const llm::Usage& usage) const;
  Item* item(std::uint64_t index);
  Part* part(std::uint64_t index, std::uint64_t content);
  bool keep(std::size_t bytes);
  void on_created(std::string_view response);

  std::string head_;  // members of the response object that are repeated, each with a comma behind it
  std::vector<Item> items_;
  std::size_t kept_ = 0;
  std::uint64_t next_number_ = 0;
  bool ended_ = false;
};

}  // namespace gatehouse::dialects::openai_responses
