#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/json/splice.h"
#include "gatehouse/llm/segment.h"
#include "gatehouse/pipeline/exchange.h"

namespace gatehouse::stages {

// What a client of a realtime session sends, event by event: judged by the policies that hold for it as a request's
// body is, and held to the model that it was let in for. One session's, one loop's thread; the exchange outlives it.
//
// Every string of an event is looked at but for short ids and words, and sound: `audio` of an
// input_audio_buffer.append that holds nothing else. What is said in it is judged where the provider writes it down
// (server_events.h).
class ClientEvents {
 public:
  explicit ClientEvents(pipeline::Exchange& exchange) : exchange_(exchange) {}

  // The event as it may go on: itself, or an edited one that holds until the next call. Errors: content_blocked;
  // invalid_request (no JSON object, where somebody looks), forbidden (another model).
  Result<std::string_view> judge(std::string_view event);
  // The `event_id` of the last one, for an answer to it; empty: it has none.
  const std::string& event_id() const { return event_id_; }

  static constexpr std::size_t kMostId = 128;

 private:
  bool read(std::string_view event);
  Result<> check_model(std::string_view object, std::size_t offset);
  void adopt(std::size_t shift);
  void add_object(std::string_view object, std::size_t offset);
  void add_item(std::string_view item, std::size_t offset);
  void add_value(std::string_view value, std::size_t offset);

  pipeline::Exchange& exchange_;
  std::string event_id_;
  llm::SegmentList segments_;
  llm::SegmentList part_;
  std::deque<std::string> made_;  // what segments view
  std::deque<std::string> said_;  // instructions, for as long as the session lasts
  std::size_t said_bytes_ = 0;
  std::vector<json::Edit> edits_;
  std::deque<std::string> owned_;
  std::string out_;
};

}  // namespace gatehouse::stages
