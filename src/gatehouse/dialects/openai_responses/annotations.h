#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "gatehouse/json/writer.h"
#include "gatehouse/llm/chat/block.h"

// Parts of texts that are written in requests and in answers. For the codec alone.
namespace gatehouse::dialects::openai_responses {

// Code points of UTF-8, as annotations count them.
std::uint64_t code_points(std::string_view text);

// A citation as an annotation of `text`: as it was written where it comes from this dialect; else a url_citation, or a
// file_citation of the document.
void write_annotation(json::Writer& out, const llm::Citation& citation, std::uint64_t length);
void write_annotation(json::Writer& out, const llm::Citation& citation, std::string_view text);

void write_logprob(json::Writer& out, const llm::TokenLogprob& token);

}  // namespace gatehouse::dialects::openai_responses
