#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gatehouse/dialects/codec.h"

namespace gatehouse::dialects::anthropic {

// A whole Message. Only the first choice can be said.
std::string write_message(const llm::ChatAnswer& answer, const Writing& writing);

// What whole answers and streams have in common.

// The provider's id where it is one of this dialect, else one made of the seed.
std::string message_id(std::string_view id, std::string_view seed);
std::string made_tool_id(std::string_view seed, std::uint32_t position);

// Where the state of thinking goes: beside the text, or as redacted thinking behind it. Either may be empty.
struct ThinkingState {
  std::string signature{};
  std::string redacted{};
};
ThinkingState thinking_state(const llm::Opaque& signature, const llm::Opaque& encrypted, std::string_view id,
                             bool summary, bool has_text);

// This dialect's answers hold no pictures: they become Markdown, "![](data:TYPE;base64," DATA ")", or a link.
std::string image_begin(std::string_view media_type);
std::string linked(llm::Media::Kind kind, std::string_view url);

// Of an answer that the provider ended with an error: the sentence for it.
std::string failed_words(llm::FinishReason finish);

}  // namespace gatehouse::dialects::anthropic
