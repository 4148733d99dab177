#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gatehouse/llm/chat/block.h"

namespace gatehouse::llm {

// Who speaks. System texts stay where they stand among the messages; dialects that have one place for them gather those
// in front and decide about later ones.
enum class Author : std::uint8_t { system, developer, user, assistant, tool };

struct Message {
  Author author = Author::user;
  std::vector<Block> blocks{};
  std::string name{};    // of one among several users
  std::string id{};      // of the item, where the dialect has one
  bool prefill = false;  // the last message, an assistant's that the model is to continue
  Extras extras{};
};

struct Tool {
  ToolKind kind = ToolKind::function;
  std::string name{};
  std::string description{};
  std::string schema{};  // of the arguments: JSON Schema; empty: none
  std::optional<bool> strict{};
  std::optional<CacheHint> cache{};
  Verbatim verbatim{};  // all of a custom or provider tool as it was written
};

struct ToolChoice {
  enum class Mode : std::uint8_t { automatic, none, required, named };
  Mode mode = Mode::automatic;
  bool given = false;                  // the caller said so; else it is the dialect's default
  std::string name{};                  // of `named`
  std::vector<std::string> allowed{};  // automatic or required among these only; empty: among all
};

struct OutputFormat {
  enum class Kind : std::uint8_t { text, json_object, json_schema };
  Kind kind = Kind::text;
  std::string name{};
  std::string description{};
  std::string schema{};  // of json_schema
  std::optional<bool> strict{};
};

// How much the model should think before it answers. Dialects wish in words or in tokens; `budget_of` and `effort_of`
// (reasoning.h) go from one to the other.
enum class Effort : std::uint8_t { unset, none, minimal, low, medium, high, xhigh, max };
struct ReasoningWish {
  Effort effort = Effort::unset;
  std::optional<std::uint64_t> budget{};  // tokens; 0: none
  bool adaptive = false;                  // the model decides
  bool between_tools = false;
  std::optional<bool> show{};  // thoughts are part of the answer
  std::string summary{};       // "auto", "concise", "detailed", "omitted"; empty: not told
  bool asked() const { return effort != Effort::unset || budget.has_value() || adaptive || between_tools; }
};

// A call to a model that generates, whatever the dialect. What was not given is empty.
struct ChatRequest {
  Dialect dialect = Dialect::openai_chat;  // that it was read from, and of `extras`
  std::string model{};                     // as the caller wrote it
  bool stream = false;
  bool include_usage = false;  // the caller wants the usage of a stream told (OpenAI's chat; else always)

  std::vector<Message> messages{};
  std::vector<Tool> tools{};
  ToolChoice tool_choice{};
  std::optional<bool> parallel_tool_calls{};
  bool legacy_functions = false;  // OpenAI's deprecated `functions`: a call is answered as `function_call`
  OutputFormat format{};
  ReasoningWish reasoning{};

  std::optional<std::uint64_t> max_tokens{};
  std::optional<double> temperature{};
  std::optional<double> top_p{};
  std::optional<std::uint64_t> top_k{};
  std::optional<double> min_p{};
  std::optional<double> frequency_penalty{};
  std::optional<double> presence_penalty{};
  std::optional<double> repetition_penalty{};
  std::optional<std::int64_t> seed{};
  std::vector<std::string> stop{};
  std::uint32_t n = 1;
  bool logprobs = false;
  std::optional<std::uint32_t> top_logprobs{};
  std::string logit_bias{};  // JSON object

  std::string user{};  // the caller's own name for its user
  std::string safety_identifier{};
  std::string prompt_cache_key{};
  std::string metadata{};                 // JSON object
  std::string service_tier{};             // OpenAI's words: "auto", "default", "flex", "priority" ...
  std::string verbosity{};                // "low", "medium", "high"
  std::vector<std::string> modalities{};  // "text", "audio", "image"
  std::string audio;                      // JSON: how sound is wanted (OpenAI's)
  std::string prediction{};               // JSON
  std::string web_search{};               // JSON: OpenAI's web_search_options
  std::optional<bool> store{};
  std::string previous_id{};         // an answer that the provider has stored, and that this one follows
  std::optional<CacheHint> cache{};  // of all of the prompt
  Extras extras{};                   // members of the body that are not known
};

}  // namespace gatehouse::llm
