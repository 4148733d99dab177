#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/dialects/codec.h"
#include "gatehouse/dialects/gemini/answer_parts.h"
#include "gatehouse/dialects/gemini/state.h"
#include "gatehouse/dialects/gemini/text_places.h"

namespace gatehouse::dialects::gemini {

// Writes a stream for a caller, as server-sent events. One answer's, one thread's.
//
// A chunk for every piece of text, as its official clients want it: each with a content of at least one part. Calls and
// pictures go out whole, when their block ends; at most kMostPending bytes wait for that, else the stream fails. The
// reasons why it ended, and the usage, go out at the very end, so that a stream that breaks never looks whole.
class Encoder final : public EventEncoder {
 public:
  explicit Encoder(const Writing& writing);

  void write(const llm::ChatEvent& event, std::string& out) override;

 private:
  struct Block {
    std::uint32_t choice = 0;
    std::uint32_t block = 0;
    llm::BlockKind kind = llm::BlockKind::text;
    llm::ToolKind tool_kind = llm::ToolKind::function;
    std::string id;
    std::string name;
    std::string pending;  // arguments, data, thoughts that are not shown
    State state;
    bool said = false;  // some of it went out
    llm::Media media;
    TextPlaces places;
  };
  struct Choice {
    std::uint32_t index = 0;
    llm::FinishReason finish = llm::FinishReason::unknown;
    std::string malformed;
    std::vector<llm::TokenLogprob> logprobs;  // that wait for the next chunk
    Grounding grounding;
  };

  void start(const llm::ChatEvent& event);
  void begin(const llm::ChatEvent& event);
  void grow(const llm::ChatEvent& event, std::string& out);
  void end(const llm::ChatEvent& event, std::string& out);
  void finish(std::string& out);
  void fail(const llm::ChatError& error, std::string& out);
  bool wait(Block& block, std::string_view text, std::string& out);
  void text_chunk(std::uint32_t choice, std::string_view text, bool thought, std::string_view signature,
                  std::string& out);
  void open_chunk(std::string& out);
  void close_chunk(std::uint32_t choice, std::string& out);
  Block* find(const llm::ChatEvent& event);
  void erase(const llm::ChatEvent& event);
  Choice& choice(std::uint32_t index);

  const Writing writing_;
  const bool shows_thoughts_;
  std::string tail_;  // modelVersion and responseId
  std::list<Block> blocks_;
  std::vector<Choice> choices_;
  llm::Usage usage_;
  std::size_t pending_ = 0;
  std::size_t calls_ = 0;
  bool usage_waits_ = false;
  bool done_ = false;
};

}  // namespace gatehouse::dialects::gemini
