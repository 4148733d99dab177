#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gatehouse/llm/chat/block.h"

// What stands in the `encrypted_content` of a reasoning item: the dialect's one place for state, which has to hold
// everybody's. For the codec alone. Pure, any thread.
//
// Encrypted reasoning of a provider of this dialect is bound to its item's id there, so that an Opaque of it is
// "ID:CIPHERTEXT" and finds its id again after a way through dialects that know none. Any other state is wrapped
// (llm::wrap_opaque) and says in front what it was: "s:" the signature of the item's text, "e:" thinking that cannot be
// read, "x:" the signature of the text that stands before the item, "cN:ID" (N the length of ID) the one of a call. In
// capitals where the text was a summary there.
namespace gatehouse::dialects::openai_responses {

struct ItemState {
  enum class Kind : std::uint8_t { none, encrypted, signature, of_text, of_call };
  Kind kind = Kind::none;
  bool summary = false;
  llm::Opaque state;    // of `encrypted` that is native: with the id in front
  std::string call_id;  // of `of_call`
};

// Servers of OpenAI's models: they seal reasoning, and check it.
inline bool is_openai(llm::Origin origin) { return origin == llm::Origin::openai || origin == llm::Origin::azure; }

// "ID:CIPHERTEXT", and the two halves; a value without a colon has no id.
std::string with_item_id(std::string_view id, std::string_view ciphertext);
struct ItemCiphertext {
  std::string_view id;
  std::string_view ciphertext;
};
ItemCiphertext split_item_id(std::string_view value);

// As callers of this dialect get it and give it back. What is `native` belongs to OpenAI.
std::string write_item_state(const ItemState& item);
ItemState read_item_state(std::string_view item_id, std::string_view written);

}  // namespace gatehouse::dialects::openai_responses
