#pragma once

#include <string>
#include <string_view>

#include "gatehouse/llm/chat/block.h"

namespace gatehouse::dialects::gemini {

// What a caller keeps for us in the place of a thoughtSignature, of thinking, a text or a call.
struct State {
  llm::Opaque signature;
  llm::Opaque encrypted;
  std::string id;      // of the item that the thinking was
  std::string text;    // of the thinking, where the caller did not want to see it
  bool apart = false;  // the part begins a block, whatever stands before it

  bool empty() const { return signature.empty() && encrypted.empty() && id.empty(); }
};

// A signature of Gemini's own goes as it is, all other in an envelope: base64 of a JSON object, since clients decode
// the place (protobuf's `bytes`) and encode it anew, some in the alphabet for URLs.
// With what such an envelope begins: base64 of the opening's first six bytes.
inline constexpr std::string_view kWrappedState = "eyJnaDEi";
std::string write_state(const State& state);
State read_state(std::string_view written);

}  // namespace gatehouse::dialects::gemini
