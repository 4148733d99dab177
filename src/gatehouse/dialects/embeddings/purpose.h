#pragma once

#include <optional>
#include <string_view>

#include "gatehouse/dialects/embeddings.h"

namespace gatehouse::dialects {

// The words for what vectors are for. Gemini's taskType.
std::string_view task_type(EmbeddingPurpose purpose);
// Cohere's input_type, which it always wants: documents are to be found where nothing is told.
std::string_view input_type(EmbeddingPurpose purpose);
// Either's, in any case, and what others call them (NVIDIA's passage and query, Jina's retrieval.query).
EmbeddingPurpose purpose_from_name(std::string_view name);

}  // namespace gatehouse::dialects
