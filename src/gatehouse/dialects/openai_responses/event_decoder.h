#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/dialects/codec.h"
#include "gatehouse/dialects/openai_responses/item_reader.h"
#include "gatehouse/dialects/openai_responses/response_reader.h"
#include "gatehouse/dialects/schema/unwrap.h"

namespace gatehouse::dialects::openai_responses {

// Reads the events of a response. For the codec alone.
//
// What grows is taken from the deltas. An item that is done says the rest: what had no deltas (many servers stream
// texts only), state, citations; and the response at the end has the items that no event told. Items of the provider's
// own tools become a block when they are done, their own events say nothing. Items are known by output_index, or where
// a server has none by id.
class ResponseDecoder final : public EventDecoder {
 public:
  explicit ResponseDecoder(const Reading& reading) : reading_(reading) {}

  void on_event(std::string_view name, std::string_view data, std::vector<llm::ChatEvent>& out) override;
  void on_end(std::vector<llm::ChatEvent>& out) override;

  static constexpr std::size_t kMostItems = 4096;
  static constexpr std::size_t kMostPartsOfItem = 1024;

 private:
  struct Fields;
  // A block that is being told.
  struct Part {
    std::uint64_t index = 0;  // content_index
    llm::BlockKind kind = llm::BlockKind::text;
    bool summary = false;
    std::uint32_t block = 0;
    std::uint64_t sub = 0;  // summary_index, or content_index, of reasoning: where one ends and the next begins
    bool said = false;
    std::size_t citations = 0;
    bool logprobs = false;
    bool open = true;
    Unwrapper unwrapper;
  };
  struct Item {
    std::uint64_t index = 0;
    std::string id;
    llm::Extras extras;  // of a message
    std::vector<Part> parts;
    bool done = false;
  };
  using Events = std::vector<llm::ChatEvent>;

  Item* item(const Fields& fields);
  Item* make_item(std::uint64_t index, std::string_view id);
  void start(const Fields* fields, Events& out);
  void on_text(const Fields& fields, llm::BlockKind kind, bool summary, Events& out);
  void on_added(const Fields& fields, Events& out);
  void on_done(const Fields& fields, Events& out);
  void finish_item(Item& at, std::string_view raw, Events& out);
  void on_response_end(const Fields& fields, Events& out);
  void on_annotation(const Fields& fields, Events& out);
  Part& begin(Item& at, llm::ChatEvent event, std::uint64_t index, Events& out);
  void say(Part& part, std::string_view text, Events& out);
  void close(Part& part, Events& out);
  void top_up(Item& at, std::size_t position, const llm::Block& block, std::string_view data, Events& out);
  void fail(llm::ChatError error, Events& out);
  void fail(std::string message, Events& out);
  std::string_view hold(std::string text);

  const Reading reading_;
  std::deque<Item> items_;
  Item* last_ = nullptr;  // the one that grew last
  std::uint32_t blocks_ = 0;
  bool started_ = false;
  bool ended_ = false;
  bool calls_ = false;
  // What the events of one call refer to.
  std::deque<std::string> texts_;
  std::string scratch_;
  std::deque<openai_responses::Item> read_;
  std::vector<llm::TokenLogprob> logprobs_;
  llm::Citation citation_;
  llm::Usage usage_;
  llm::Extras told_;
  llm::ChatError error_;
  ResponseHead begun_, head_;
};

}  // namespace gatehouse::dialects::openai_responses
