#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/llm/chat/block.h"
#include "gatehouse/llm/usage.h"

namespace gatehouse::llm {

enum class FinishReason : std::uint8_t {
  unknown,
  stop,
  stop_sequence,
  length,          // the bound on the completion
  context_length,  // the model's context is full
  tool_calls,
  content_filter,  // stopped by the provider's (or our own) filter
  refusal,         // the model declined
  pause,           // the provider wants to be asked to go on (Anthropic's pause_turn)
  malformed,       // what the model wrote was no valid call
  error,
};

struct Choice {
  std::uint32_t index = 0;
  std::vector<Block> blocks{};
  FinishReason finish = FinishReason::unknown;
  std::string native_finish{};  // in the provider's word
  std::string stop_sequence{};  // the one that was met
  Extras extras{};
};

// A whole answer, whatever the dialect.
struct ChatAnswer {
  std::string id{};          // the provider's; empty: it gave none
  std::string model{};       // as the provider calls it
  std::int64_t created = 0;  // seconds since 1970; 0: not told
  std::vector<Choice> choices{};
  Usage usage{};
  std::string service_tier{};
  std::string fingerprint{};  // OpenAI's system_fingerprint
  Extras extras{};
};

// What an error is about, as the dialects tell it apart.
enum class ErrorKind : std::uint8_t {
  invalid_request,
  context_length,  // the prompt does not fit
  content_filter,
  authentication,
  permission,
  billing,
  not_found,
  conflict,
  too_large,
  rate_limit,
  timeout,
  overloaded,
  api,  // the provider's own fault
};

// An error that a provider told, with an HTTP status or in the middle of a stream.
struct ChatError {
  ErrorKind kind = ErrorKind::api;
  int status = 500;       // as the provider gave it, or as its kind would have it where it came after a 200
  std::string message{};  // the provider's own
  std::string type{};     // the provider's own words for it; empty: none
  std::string code{};
  std::string param{};
  std::optional<std::chrono::milliseconds> retry_after{};  // told in the body
};

// One step of an answer that is streamed, whatever the dialect.
//
// A well-formed run: `started` once and first; then blocks, numbered per choice from 0 in the order in which they
// begin, each `block_started`, then what it grows by, then `block_ended`; blocks may interleave; `finished` once a
// choice, behind its blocks; `usage` at any time with running totals, the last one counts; then `ended`, or `failed` at
// any time, and nothing after either. `told` is between.
//
// Views hold until the next call of the decoder that made the event.
struct ChatEvent {
  enum class Kind : std::uint8_t {
    started,        // id, model, created
    block_started,  // block_kind; of a tool call: id, name, tool_kind; of reasoning: id; of media: `media`; any:
                    // `extras`
    text,           // `text` grows the block: text, refusal, thinking, arguments of a tool call, base64 of media
    signature,      // `opaque` of the block: of thinking its signature, of a tool call or text a thought signature
    encrypted,      // `opaque`: the block is thinking that cannot be read
    citation,       // `citation`
    logprobs,       // `logprobs` of text that came just before or with the next one
    block_ended,    // `foreign` of a foreign block: all of it
    finished,       // finish, native_finish, stop_sequence
    usage,          // `usage`
    told,           // `extras`: what the provider says besides and only its own dialect knows; may be left out.
                    // `service_tier` and `system_fingerprint` (JSON strings) are the answer's members of that meaning
    failed,         // `error`
    ended,
  };
  Kind kind = Kind::told;
  std::uint32_t choice = 0;
  std::uint32_t block = 0;
  BlockKind block_kind = BlockKind::text;
  ToolKind tool_kind = ToolKind::function;
  bool summary = false;  // of reasoning: its text is a summary
  FinishReason finish = FinishReason::unknown;
  std::int64_t created = 0;
  std::string_view text{};
  std::string_view id{};
  std::string_view item_id{};  // of `block_started`: of the item that a text or a call is in, where the dialect has one
  std::string_view name{};     // of a tool; the model of `started`
  std::string_view native_finish{};
  std::string_view stop_sequence{};
  Opaque opaque{};
  const Citation* citation = nullptr;
  const std::vector<TokenLogprob>* logprobs = nullptr;
  const Media* media = nullptr;  // without its data, which comes as text
  const Foreign* foreign = nullptr;
  const Usage* usage = nullptr;
  const Extras* extras = nullptr;
  const ChatError* error = nullptr;
};

}  // namespace gatehouse::llm
