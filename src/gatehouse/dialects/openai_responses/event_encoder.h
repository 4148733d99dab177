#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/dialects/codec.h"

namespace gatehouse::dialects::openai_responses {

// Writes the events of a response, and the response they amount to. For the codec alone.
//
// Texts and refusals that follow each other are the parts of one message, which is done when another item begins. An
// item begins with what is first said of it, so that an empty block leaves no trace. The signature of a text or a call
// of another provider becomes a reasoning item of its own behind it (opaque_words.h): clients bring those back.
class ResponseEncoder final : public EventEncoder {
 public:
  // `quiet`: no events, for a whole answer.
  explicit ResponseEncoder(const Writing& writing, bool quiet = false);

  void write(const llm::ChatEvent& event, std::string& out) override;

  void tier(std::string_view tier) { tier_ = tier; }
  // The response object as it is by now; after `ended` the whole of it.
  std::string response() const;

  // Bytes of output that the response at the end repeats; an answer beyond fails.
  static constexpr std::size_t kMostBytes = std::size_t{32} << 20;
  static constexpr std::size_t kMostBlocks = 4096;

 private:
  struct Item {
    std::string id;
    std::string json;  // when it is done
    // Of a message.
    std::string phase;
    std::string source;              // its id at the provider
    std::vector<std::string> parts;  // as JSON, empty until they are done
    std::uint32_t open = 0;          // parts that grow
    bool done = false;
  };
  // A block that is being told.
  struct Open {
    llm::BlockKind kind = llm::BlockKind::text;
    llm::ToolKind tool_kind = llm::ToolKind::function;
    bool summary = false;       // how its text is shown
    bool said_summary = false;  // what it was at the provider
    std::optional<std::size_t> item;
    std::uint32_t part = 0;
    std::string id, item_id, name, extras, phase;
    std::string text;          // as JSON, without the quotes
    std::uint64_t points = 0;  // code points of the text
    std::string head;          // of its delta events
    std::string annotations, logprobs;
    std::uint32_t annotation_count = 0;
    std::vector<llm::Citation> late;  // whose range is the whole text
    std::string pending;              // text that waits for its logprobs, as JSON
    std::string pending_logprobs;
    llm::Opaque signature, encrypted;
    llm::Media media;
    bool ended = false;
  };

  void started(const llm::ChatEvent& event, std::string& out);
  void block_started(const llm::ChatEvent& event, std::string& out);
  void text(Open& at, std::string_view text, std::string& out);
  void citation(Open& at, const llm::Citation& citation, std::string& out);
  void annotate(Open& at, const llm::Citation& citation, std::string& out);
  void logprobs(Open& at, const std::vector<llm::TokenLogprob>& tokens, std::string& out);
  void flush(Open& at, std::string& out);
  void delta(Open& at, std::string_view json, std::string_view logprobs, std::string& out);
  void block_ended(Open& at, const llm::ChatEvent& event, std::string& out);
  void end_text(Open& at, std::string& out);
  void end_reasoning(Open& at, std::string& out);
  void end_call(Open& at, std::string& out);
  void end_media(Open& at, const llm::ChatEvent& event, std::string& out);
  void end_foreign(const llm::ChatEvent& event, std::string& out);
  void say_text(std::string_view words, std::string& out);
  void state_item(std::string_view encrypted, std::string& out);
  void failed(const llm::ChatEvent& event, std::string& out);
  void ended(std::string& out);

  void open_text(Open& at, std::string& out);
  void open_reasoning(Open& at, std::string& out);
  void open_call(Open& at, std::string& out);
  std::size_t new_item(std::string_view prefix, std::string_view id, std::string& out);
  void added(std::size_t index, std::string_view item, std::string& out);
  void done(std::size_t index, std::string item, std::string& out);
  void close_message(std::string& out);
  void finish_message(std::size_t index, std::string& out);
  void place(std::string& data, const Open& at, std::string_view index_name, std::uint64_t index) const;

  // One event: `type`, then `members` (each behind a comma), then its number.
  void emit(std::string_view type, std::string_view members, std::string& out);
  void emit_response(std::string_view type, std::string& out);
  Open* at(const llm::ChatEvent& event);

  const Writing writing_;
  const bool quiet_;
  const std::string echo_;
  std::string id_, model_, tier_, status_ = "in_progress", reason_, error_;
  std::int64_t created_ = 0;
  std::deque<Open> blocks_;
  std::deque<Item> items_;
  std::optional<std::size_t> message_;  // the item that is open for parts
  llm::Usage usage_;
  llm::FinishReason finish_ = llm::FinishReason::unknown;
  bool refused_ = false;
  std::uint64_t number_ = 0;
  std::size_t kept_ = 0;
  bool over_ = false;
  std::string members_;
};

}  // namespace gatehouse::dialects::openai_responses
