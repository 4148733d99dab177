#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gatehouse/base/error.h"
#include "gatehouse/llm/chat/block.h"
#include "gatehouse/llm/dialect.h"
#include "gatehouse/llm/operation.h"
#include "gatehouse/llm/quirks.h"
#include "gatehouse/providers/profile.h"

namespace gatehouse::providers {

// How the events of a streamed answer are told apart on the provider's wire.
enum class Framing : std::uint8_t {
  sse,               // server-sent events
  ndjson,            // a JSON object a line
  aws_event_stream,  // Amazon's binary frames
};

// What a caller asks for. The path outlives the plan, the other views need to hold during plan_call only.
struct Asked {
  llm::Operation operation = llm::Operation::passthrough;
  llm::Dialect dialect = llm::Dialect::openai_chat;  // the caller's
  std::string_view model;                            // as the provider calls it; empty where the call names none
  bool stream = false;
  // The caller's own path below its version (/v1, /v1beta), with the query: "/chat/completions", "/files/f-1?x=y",
  // "/models/gemini-2.5-pro:countTokens". Credentials in the query (Gemini's `key`) go no further.
  std::string_view path;
  // A step of a resumable upload, in Gemini's way; `session`: where it goes on, as upload_target gave it
  // (upload_address.h). Empty: its first step. Nothing of the caller's query goes along.
  bool upload = false;
  std::string_view session{};
};

// How one call is put to one provider.
struct Plan {
  llm::Dialect dialect = llm::Dialect::openai_chat;  // in which the provider is spoken to
  // The caller's bytes pass, spliced: the dialect is the caller's and the body needs nothing but policy's edits. False
  // with the same dialect: the body has another shape there (Claude on Vertex: llm::Quirks::version_in_body; watsonx).
  bool same = true;
  bool upload = false;             // fields that drive an upload pass (request_head.h)
  Framing framing = Framing::sse;  // of a streamed answer
  // The target below the base URL (behind Profile::root), with the query: UpstreamRequest::path. A Gemini provider is
  // always asked with alt=sse for a stream; who was asked without makes the JSON array of the events.
  std::string path;
  // The caller's own path, where it goes on as it is: `path` is empty then. A view into Asked::path, which outlives the
  // plan.
  std::string_view given;
  std::string_view target() const { return given.empty() ? std::string_view(path) : given; }
  const llm::Quirks* quirks = nullptr;     // the profile's
  llm::Origin origin = llm::Origin::none;  // whose opaque state it writes and can read
};

// Error: unsupported, naming provider and operation, where the provider has no such operation or it would have to be
// translated and cannot be. Conversations go in the caller's own dialect where the provider speaks it, else in its main
// one; embeddings, reranking and counts of tokens in the dialect that has them there. Everything else passes in the
// caller's own dialect or not at all. invalid_request: a model's name that no path can carry, a path that leads out of
// the base URL.
Result<Plan> plan_call(const Profile& profile, const Asked& asked);

}  // namespace gatehouse::providers
