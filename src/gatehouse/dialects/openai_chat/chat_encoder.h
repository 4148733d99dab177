#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/dialects/codec.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::dialects::openai_chat {

// Writes an answer as the chunks of a chat stream. One answer's, one thread's; what `writing` points to outlives it.
//
// The role comes first in each choice. Tool calls are numbered per choice in the order in which they begin, and keep
// their numbers however their pieces interleave. What a provider tells besides goes along with the next chunk. The
// usage has a chunk of its own behind the last choice, if the caller asked for it. An error ends the stream without
// [DONE], which would say that the answer is whole.
//
// Lists (reasoning_details, annotations, images) come whole and once, before the finish_reason: of what comes in pieces
// some clients join them, others (openai for Node, 7.55) keep the last alone, and a signature beside a part of what it
// signs is worse than none. Only these are held back, within bounds; thoughts are streamed as reasoning_content
// meanwhile.
class ChatEncoder final : public EventEncoder {
 public:
  explicit ChatEncoder(const Writing& writing) : writing_(writing) {}

  void write(const llm::ChatEvent& event, std::string& out) override;

  static constexpr std::size_t kMostImages = std::size_t{32} << 20;   // bytes, as written; further ones are left out
  static constexpr std::size_t kMostThoughts = std::size_t{4} << 20;  // bytes of thoughts that are signed
  static constexpr std::size_t kMostAnnotations = std::size_t{1} << 20;

 private:
  struct Block {
    std::uint32_t number = 0;
    llm::BlockKind kind = llm::BlockKind::text;
    std::size_t place = 0;   // of tool calls and thoughts: their index in the choice
    std::size_t points = 0;  // code points of the choice's texts before it
    bool summary = false;
    bool sound = false;
    bool custom = false;
    bool grown = false;
    bool lost = false;  // more than can be held
    std::string id;
    std::string data;  // of an image, or a thought
    llm::Opaque signature;
    llm::Opaque encrypted;
  };
  struct Choice {
    std::uint32_t index = 0;
    bool role = false;
    bool thought = false;  // some text of a thought was told
    std::size_t calls = 0;
    std::size_t thoughts = 0;
    std::size_t points = 0;
    std::vector<Block> open;
    // Entries of lists that are told at the end, with commas between.
    std::string details;
    bool state = false;  // there is something in the details that has to come back
    std::string annotations;
    std::string images;
  };

  Choice& choice(std::uint32_t index);
  Block* block(const llm::ChatEvent& event);
  void begin(const llm::ChatEvent& event, std::string& out);
  void grow(const llm::ChatEvent& event, std::string& out);
  void state(const llm::ChatEvent& event, std::string& out);
  void end(const llm::ChatEvent& event, std::string& out);
  void finish(const llm::ChatEvent& event, std::string& out);
  void last(std::string& out);
  void thought(Choice& of, const Block& block);
  void lists(Choice& of, std::string& out);
  static void image(Choice& of, const llm::Media& media, std::string_view data);
  void write_call(Block& block, json::Writer& delta, std::string_view arguments);

  // A chunk of one choice whose delta `fill` writes.
  template <class Fill>
  void chunk(std::uint32_t index, std::string& out, Fill&& fill);
  void head(std::string& out);
  void tail(std::string& out) const;
  static void error(const llm::ChatError& error, std::string& out);

  const Writing writing_;
  std::string head_;   // of every chunk: "data: {...", before what changes
  std::string extra_;  // members for the next chunk, each with a comma in front
  std::deque<Choice> choices_;
  llm::Usage usage_;
  std::size_t held_ = 0;  // of thoughts
  bool failed_ = false;   // a choice ended with an error
  bool over_ = false;
};

}  // namespace gatehouse::dialects::openai_chat
