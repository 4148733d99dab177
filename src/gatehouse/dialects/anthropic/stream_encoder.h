#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/dialects/codec.h"

namespace gatehouse::dialects::anthropic {

// Writes the stream of one Message in the order that this dialect's clients insist on: message_start, then block after
// block, each with start, deltas and stop, then message_delta with the reason and all that was used, then message_stop.
// Blocks that grow side by side go out one behind the other; what has to wait is held, up to kMostHeld bytes. Beyond
// that, and after an error, the stream ends with an `error` event and nothing follows it. Only the first choice can be
// said.
class StreamEncoder final : public EventEncoder {
 public:
  static constexpr std::size_t kMostHeld = std::size_t{4} << 20;
  static constexpr std::size_t kMostWaiting = 1024;  // blocks

  explicit StreamEncoder(const Writing& writing) : writing_(writing) {}

  void write(const llm::ChatEvent& event, std::string& out) override;

 private:
  // A block that was begun and is not yet all out.
  struct Waiting {
    std::uint32_t number = 0;  // the run's
    llm::BlockKind kind = llm::BlockKind::text;
    llm::ToolKind tool_kind = llm::ToolKind::function;
    bool summary = false;
    bool open = false;   // content_block_start went out
    bool ended = false;  // nothing more comes
    std::string id{};
    std::string name{};
    std::string text{};                    // that waits
    std::vector<std::string> citations{};  // that wait, as JSON
    llm::Opaque signature{};
    llm::Opaque encrypted{};
    llm::Foreign foreign{};
    llm::Media::Kind media = llm::Media::Kind::image;
    std::string media_type{};
    std::string url{};
    bool media_open = false;
  };

  void begin(const llm::ChatEvent& event, std::string& out);
  void grow(const llm::ChatEvent& event, std::string& out);
  void advance(std::string& out);  // what can go out of what waits
  void flush(Waiting& block, std::string& out);
  void close(Waiting& block, std::string& out);
  void text_delta(Waiting& block, std::string_view text, std::string& out);
  void open(Waiting& block, std::string& out);
  void stop(std::string& out);
  void extra_block(std::string_view type, std::string_view member, std::string_view value, std::string& out);
  void end_media(Waiting& block, std::string& out);
  void message_start(std::string_view id, std::string_view model, std::string& out);
  void message_end(std::string& out);
  void fail(const llm::ChatError& error, std::string& out);
  bool hold(std::size_t bytes, std::string& out);
  Waiting* find(std::uint32_t number);

  const Writing writing_;
  bool started_ = false;
  bool over_ = false;
  bool called_tools_ = false;
  std::uint32_t index_ = 0;  // of the block that is open, or the next
  std::deque<Waiting> waiting_;
  std::size_t held_ = 0;
  llm::Usage usage_;
  llm::FinishReason finish_ = llm::FinishReason::unknown;
  std::string stop_sequence_;
};

}  // namespace gatehouse::dialects::anthropic
