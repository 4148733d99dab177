#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/dialects/codec.h"
#include "gatehouse/dialects/schema/unwrap.h"
#include "gatehouse/json/cursor.h"

namespace gatehouse::dialects::anthropic {

// Reads the stream of one Message. What is kept of it is bounded: the words beside a tool that stands for the format
// (they are no part of an answer that came as its arguments), and blocks that only this dialect knows.
class StreamDecoder final : public EventDecoder {
 public:
  static constexpr std::size_t kMostHeld = std::size_t{8} << 20;  // bytes, all together; more is broken
  static constexpr std::size_t kMostBlocks = 4096;
  static constexpr std::size_t kMostOpen = 64;  // at once; the API has one

  explicit StreamDecoder(const Reading& reading) : reading_(reading) {}

  void on_event(std::string_view name, std::string_view data, std::vector<llm::ChatEvent>& out) override;
  void on_end(std::vector<llm::ChatEvent>& out) override;

 private:
  using Events = std::vector<llm::ChatEvent>;
  enum class Kind : std::uint8_t { text, held_text, thinking, redacted, tool, text_tool, json_answer, foreign };
  struct Open {
    std::uint64_t index = 0;   // the provider's
    std::uint32_t number = 0;  // ours
    Kind kind = Kind::text;
    bool grown = false;  // by a delta
    std::string held{};  // of a call: the input that it began with, or all of it; of a foreign block: its input or text
    std::string start{};  // of a foreign block: as it began
    std::string type{};
  };
  // One event's members, by their places in it.
  struct Event {
    std::string_view type;
    std::optional<std::uint64_t> index;
    std::string_view message, block, usage, error;
    std::string_view delta_type;
    json::Cursor::String text;  // of whichever delta has one
    bool has_text = false;
    std::string_view citation, stop_reason, stop_sequence, stop_details;
    llm::Extras told{};
  };

  bool parse(std::string_view data, Event& event);
  bool parse_delta(json::Cursor& cursor, Event& event);
  void start_message(std::string_view message, Events& out);
  void start_block(const Event& event, Events& out);
  void start_tool(Open& open, std::string_view block, Events& out);
  void grow_block(const Event& event, Events& out);
  void end_block(Open& open, Events& out);
  void say(std::string_view text, const Open& open, Events& out);
  void flush_held(Events& out);
  void tell_usage(std::string_view usage, Events& out);
  void end_content(const Event& event, Events& out);
  void whole_block(const llm::Block& block, Events& out);
  bool hold(std::string& to, std::string_view text);
  void fail(llm::ChatError error, Events& out);
  void broken(std::string_view why, Events& out);
  Open* find(std::uint64_t index);

  const Reading reading_;
  bool started_ = false;
  bool finished_ = false;
  bool over_ = false;
  bool json_answered_ = false;
  bool tools_called_ = false;
  std::uint32_t blocks_ = 0;
  std::size_t held_bytes_ = 0;
  std::vector<Open> open_;
  std::string held_text_;
  Unwrapper unwrap_;  // of the text that is open
  llm::Usage usage_;

  // What the events of the last call point to.
  std::string text_, id_, name_, finish_word_, stop_sequence_, tail_, said_;
  std::string refusal_;
  llm::Citation citation_;
  llm::Foreign foreign_;
  llm::Extras extras_;
  llm::ChatError error_;
  std::vector<llm::Block> preset_;
};

}  // namespace gatehouse::dialects::anthropic
