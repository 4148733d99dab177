#pragma once

#include <cstdint>
#include <string_view>

#include "gatehouse/llm/usage.h"

namespace gatehouse::llm {

// The ways in which providers tell what a call used. One a wire format, not one a provider.
enum class UsageApi : std::uint8_t {
  openai,      // chat, completions, embeddings, responses, images, transcriptions, and all who imitate them
  realtime,    // OpenAI's response.usage
  anthropic,   // Messages, also on Vertex and Bedrock's InvokeModel
  gemini,      // usageMetadata
  bedrock,     // Converse
  cohere,      // v2's `usage` and `meta`
  mistral_ocr  // usage_info
};
inline constexpr std::size_t kUsageApiCount = static_cast<std::size_t>(UsageApi::mistral_ocr) + 1;

// Where the usage object stands in a whole answer, as a path for json::find.
std::string_view usage_path(UsageApi api);

// The usage object of an answer (its raw JSON, checked as part of a document before), brought to Usage: counts that the
// provider leaves out of its sums are added, parts never exceed what they are parts of, sums saturate. `known` is
// false, and all is zero, where the text is not such an object. Pure, any thread; nothing is allocated; one walk of the
// text.
//
// A stream tells its usage in pieces with Anthropic (message_start, then message_delta with running totals): read each
// and keep what is greater, by `merge_usage`.
Usage read_usage(UsageApi api, std::string_view raw);

// Of two accounts of the same call the greater of every count: for streams whose later events repeat or leave out parts
// of the earlier.
Usage merge_usage(const Usage& earlier, const Usage& later);

}  // namespace gatehouse::llm
