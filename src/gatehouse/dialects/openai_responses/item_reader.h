#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/dialects/api_error.h"
#include "gatehouse/dialects/openai_responses/opaque_words.h"
#include "gatehouse/json/cursor.h"
#include "gatehouse/llm/chat/request.h"

// Items of a request's input and of an answer's output, read in one walk. For the codec alone.
namespace gatehouse::dialects::openai_responses {

// One item, brought to what it means.
struct Item {
  enum class Kind : std::uint8_t {
    message,
    reasoning,
    call,
    result,
    foreign,
    state,  // nothing but a signature that belongs to another block: `state`
  };
  Kind kind = Kind::foreign;
  llm::Author author = llm::Author::assistant;
  std::string id;
  std::string name;  // of a message
  std::vector<llm::Block> blocks;
  llm::Extras extras;  // of a message
  ItemState state;
};

// Reads one item or content after the other from the cursor it is given. Faults are the caller's doing (a member of a
// wrong type, one that is missing) and say where; after one nothing more can be read. One thread's.
class ItemReader {
 public:
  enum class Side : std::uint8_t { request, answer };
  // `origin`: whose the encrypted reasoning of an answer is. A request's says so itself.
  explicit ItemReader(Side side, llm::Origin origin = llm::Origin::openai) : side_(side), origin_(origin) {}

  // The item where the cursor stands. False: a fault, or no JSON.
  bool item(json::Cursor& cursor, Item& out);
  // An array of items, or a string (a user's message), as messages.
  bool input(json::Cursor& cursor, std::vector<llm::Message>& out);

  // Nothing where the walk failed without one: the document is no JSON.
  const std::optional<ApiError>& fault() const { return fault_; }
  // Items are numbered in faults: "input[3]".
  void at(std::size_t position) { position_ = position; }

 private:
  struct Fields;
  struct PartFields;

  bool text(json::Cursor& cursor, std::string_view member, std::optional<json::Cursor::String>& out);
  bool content(json::Cursor& cursor, std::string_view member, std::vector<llm::Block>& out);
  bool part(json::Cursor& cursor, std::vector<llm::Block>& out);
  bool texts_of(json::Cursor& cursor, std::string& out);
  bool finish_part(PartFields& part, std::string_view raw, std::vector<llm::Block>& out);
  static bool knows_content(const Fields& fields, std::string_view member);
  bool read_content(Fields& fields, std::string_view member, json::Cursor& cursor);
  bool finish_item(Fields& fields, std::string_view raw, Item& out);
  bool finish_message(Fields& fields, Item& out);
  void finish_reasoning(Fields& fields, Item& out);
  bool finish_call(Fields& fields, Item& out, llm::ToolKind kind);
  bool finish_result(Fields& fields, Item& out, llm::ToolKind kind);
  bool fail(std::string message, std::string member = {});
  std::string place(std::string_view member) const;
  void put(Item&& item, std::vector<llm::Message>& messages) const;

  Side side_;
  llm::Origin origin_;
  std::size_t position_ = 0;
  std::optional<std::size_t> part_;
  std::optional<ApiError> fault_;
};

// The members of an annotation, as a citation; the annotation itself is kept.
llm::Citation read_annotation(std::string_view raw);
// Appends what a list of `logprobs` holds.
void read_logprobs(std::string_view raw, std::vector<llm::TokenLogprob>& out);

}  // namespace gatehouse::dialects::openai_responses
