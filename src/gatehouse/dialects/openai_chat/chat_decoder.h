#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/dialects/codec.h"
#include "gatehouse/dialects/openai_chat/wire.h"
#include "gatehouse/dialects/schema/unwrap.h"
#include "gatehouse/json/cursor.h"

namespace gatehouse::dialects::openai_chat {

// Reads the chunks of a chat stream, of OpenAI's and of all that imitate it; a whole answer is one chunk whose deltas
// are messages. One answer's, one thread's. The events' views point into the chunk and into the decoder: both must be
// there until the events have been dealt with.
//
// Texts, refusals and thoughts are blocks one after the other. Tool calls stay open until the end, since servers may
// let them grow side by side. The end of a choice is told at the end of the stream: some send citations, usage or an
// empty delta behind their finish_reason.
class ChatDecoder final : public EventDecoder {
 public:
  // `whole`: the one chunk is a whole answer, and `message` counts where there is a `delta` too (Perplexity).
  explicit ChatDecoder(const Reading& reading, bool whole = false) : reading_(reading), whole_(whole) {}

  void on_event(std::string_view name, std::string_view data, std::vector<llm::ChatEvent>& out) override;
  void on_end(std::vector<llm::ChatEvent>& out) override;

  // Members of a choice that are not known; null: none. As they were last told.
  const llm::Extras* extras_of(std::uint32_t choice) const;

  // Of arguments and transcripts that can only be told whole, together.
  static constexpr std::size_t kMostHeld = std::size_t{16} << 20;

 private:
  using Events = std::vector<llm::ChatEvent>;
  struct Call {
    std::optional<std::uint64_t> index;  // the server's
    std::uint32_t block = 0;
    std::string id;
    std::string name;  // as the caller has it
    std::string held;  // arguments that cannot go yet
    bool begun = false;
    bool whole = false;  // its arguments go in one piece
    llm::ToolKind kind = llm::ToolKind::function;
  };
  struct Choice {
    std::uint32_t index = 0;
    std::uint32_t blocks = 0;
    // The text, refusal or thought that grows; at most one.
    bool open = false;
    llm::BlockKind open_kind = llm::BlockKind::text;
    std::uint32_t open_block = 0;
    std::optional<std::uint64_t> detail;  // its index in reasoning_details
    bool summary = false;
    bool signed_or_encrypted = false;
    bool plain_thought = false;     // thoughts came in a plain member
    bool detailed_thought = false;  // thoughts came in reasoning_details

    std::deque<Call> calls;
    std::optional<std::uint32_t> audio;  // its block
    llm::Media sound;
    bool said = false;  // anything
    bool cited = false;
    bool finished = false;
    std::string finish;  // the server's word
    std::string native;  // its own upstream's word
    std::string stop_sequence;
    llm::Extras extras;
    Unwrapper unwrap;
  };
  struct RawChoice;
  struct RawDelta;

  void chunk(std::string_view data, Events& out);
  bool choices(json::Cursor& cursor, Events& out);
  void choice(const RawChoice& raw, Events& out);
  void delta(Choice& to, std::string_view raw, Events& out);
  void content(Choice& to, std::string_view raw, Events& out);
  void reasoning(Choice& to, const RawDelta& raw, Events& out);
  bool detail(Choice& to, std::string_view raw, Events& out);
  void thinking(Choice& to, std::string_view pieces, std::string_view signature, Events& out);
  void tool_calls(Choice& to, std::string_view raw, Events& out);
  void tool_call(Choice& to, std::string_view raw, Events& out);
  Call& find_call(Choice& to, const std::optional<std::uint64_t>& index, std::string_view id, bool named);
  void begin_call(Choice& to, Call& call, Events& out);
  void arguments(Choice& to, Call& call, std::string_view raw, Events& out);
  void audio(Choice& to, std::string_view raw, Events& out);
  void images(Choice& to, std::string_view raw, Events& out);
  void annotations(Choice& to, std::string_view raw, Events& out);
  void foreign(Choice& to, std::string type, std::string_view json, Events& out);
  void extra(std::string_view name, std::string_view raw);
  void usage(std::string_view raw, Events& out);

  void start(Events& out);
  void open(Choice& to, llm::BlockKind kind, Events& out, std::string_view id = {}, bool summary = false);
  void close(Choice& to, Events& out);
  std::uint32_t next_block(Choice& to);
  void grow(Choice& to, std::uint32_t block, llm::BlockKind kind, std::string_view text, Events& out);
  void text_or_refusal(Choice& to, llm::BlockKind kind, std::string_view raw, Events& out);
  void tell_probabilities(Choice& to, Events& out);
  void end_call(Choice& to, Call& call, Events& out);
  void cite_sources(Choice& to, Events& out);
  void finish(Events& out);
  void fail(llm::ChatError error, Events& out);
  bool hold(std::string& to, std::string_view text);
  llm::ChatEvent& push(Events& out, llm::ChatEvent::Kind kind, const Choice& of, std::uint32_t block,
                       llm::BlockKind block_kind);
  std::string& buffer();
  std::string_view text(std::string_view raw);  // decoded; holds until the next event
  Choice* choice_at(std::uint64_t index);

  Reading reading_;
  bool whole_;
  bool started_ = false;
  bool over_ = false;
  std::string id_, model_;
  std::int64_t created_ = 0;
  std::deque<Choice> choices_;
  llm::Extras told_;       // as last told
  llm::Extras untold_;     // of this event, or until `started`
  std::string citations_;  // top-level lists (Perplexity, xAI), raw
  std::string search_results_;
  std::size_t held_ = 0;
  std::optional<llm::ChatError> trouble_;  // to be told at the end of this event

  // What the events of one call point to.
  std::deque<std::string> buffers_;
  std::size_t buffers_used_ = 0;
  std::deque<std::vector<llm::TokenLogprob>> logprobs_;
  const std::vector<llm::TokenLogprob>* probabilities_ = nullptr;  // of the text of the choice that is being read
  std::deque<llm::Citation> citations_told_;
  std::deque<llm::Media> media_;
  std::deque<llm::Foreign> foreign_;
  llm::Extras extras_;
  llm::Usage usage_;
  llm::ChatError error_;
};

}  // namespace gatehouse::dialects::openai_chat
