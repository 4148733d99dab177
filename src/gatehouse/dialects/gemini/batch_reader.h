#pragma once

#include "gatehouse/dialects/call.h"

namespace gatehouse::dialects::gemini {

// The body of batchGenerateContent or asyncBatchEmbedContent (ai.google.dev/api/batch-api): {"batch": {"displayName",
// "inputConfig": {"requests": {"requests": [{"request", "metadata"}]}}}}, or "fileName" in place of the requests; in
// both spellings that Google's parser takes. The model stands in the path; a batch that names one too, itself or in any
// of its requests, names one only, which `model` holds without "models/". `in_file`: its requests
// lie in a file of the provider's, where nobody here can read them.
//
// Errors (invalid_request, with `param`): neither requests nor a file, or both; no requests in the list, or more than
// kMostRequests; a member of the wrong type, given twice or in another case.
ApiResult<Call> read_batch(std::string_view body);

inline constexpr std::size_t kMostRequests = 100'000;

}  // namespace gatehouse::dialects::gemini
