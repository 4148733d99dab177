#pragma once

#include <cstdint>
#include <string_view>

namespace gatehouse::llm {

// Where a server of some dialect differs from the dialect's owner. One constant a kind of provider (providers/), read
// by the codecs; a plain server has none. A flag says what the server is like, not what to do about it.
struct Quirks {
  // --- OpenAI's chat
  // Names of members.
  std::string_view max_tokens = "max_tokens";  // that bounds the completion
  std::string_view seed = "seed";              // empty: there is none
  std::string_view reasoning =
      "reasoning_content";  // of thinking, in messages and deltas; reading takes any of the known
  enum class SendReasoning : std::uint8_t {
    never,    // what was thought before is not sent back
    field,    // in the member above
    details,  // as reasoning_details (OpenRouter)
    extra,    // as extra_content of tool calls (Gemini's OpenAI front)
    chunks,   // as a chunk `thinking` of the content (Mistral)
    loop,     // in the member above, and only what was thought since the user spoke last (DeepSeek)
  };
  SendReasoning send_reasoning = SendReasoning::field;
  enum class AskReasoning : std::uint8_t {
    effort,    // reasoning_effort
    object,    // reasoning: {effort | max_tokens} (OpenRouter)
    thinking,  // thinking: {type: enabled|disabled} (DeepSeek, Z.ai)
    none,
  };
  AskReasoning ask_reasoning = AskReasoning::effort;
  bool effort_too = false;    // reasoning_effort beside `thinking` (Z.ai)
  std::uint32_t efforts = 0;  // that it knows, bits 1 << Effort; others become the nearest of them. 0: all

  // What it refuses; a member of a request that it does not take is dropped and told, or refused where the caller wants
  // strictness. Bits of `Member`.
  std::uint32_t refuses = 0;
  enum Member : std::uint32_t {
    logprobs = 1U << 0,
    logit_bias = 1U << 1,
    names = 1U << 2,  // messages[].name
    n = 1U << 3,      // other than 1
    stop = 1U << 4,
    penalties = 1U << 5,  // frequency_penalty, presence_penalty
    seeds = 1U << 6,
    parallel_tool_calls = 1U << 7,
    service_tier = 1U << 8,
    user = 1U << 9,
    tools = 1U << 10,
    required_tool = 1U << 11,  // tool_choice other than auto and none
    json_schema = 1U << 12,    // response_format of that type; json_object with the schema in words takes its place
    strict_tools = 1U << 13,
    developer = 1U << 14,    // as a role: it becomes system
    late_system = 1U << 15,  // system messages behind the first: they become a user's
    stream_options = 1U << 16,
    top_k = 1U << 17,
    metadata = 1U << 18,
    store = 1U << 19,
    temperature = 1U << 20,  // and top_p
    images = 1U << 21,
    json_object = 1U << 22,
    prediction = 1U << 23,
    verbosity = 1U << 24,
    cache_key = 1U << 25,
    video = 1U << 26,
    audio = 1U << 27,      // in and out
    documents = 1U << 28,  // other than as text
    custom_tools = 1U << 29,
    web_search = 1U << 30,         // web_search_options
    format_with_tools = 1U << 31,  // response_format beside tools; the schema goes in words
  };
  bool refuses_any(std::uint32_t any_of) const { return (refuses & any_of) != 0; }

  bool zero_temperature = true;         // takes temperature 0; else it is sent as 1e-8 (Groq)
  bool required_is_any = false;         // tool_choice "required" is called "any" (Mistral)
  bool alternates = false;              // user and assistant take turns strictly (Perplexity): neighbours are merged
  bool content_parts = true;            // messages may be lists of parts; else texts are joined
  std::uint8_t tool_id_length = 0;      // ids of tool calls are exactly so many letters and digits (Mistral: 9); 0: any
  bool reasoning_beside_total = false;  // completion_tokens leaves reasoning_tokens out (xAI), told by total_tokens
  bool audio_as_data_url = false;       // input_audio.data is a data: URL (DashScope)
  bool usage_always = false;            // streams tell their usage unasked
  // Of the body as a whole (watsonx).
  std::string_view model_member = "model";  // that names the model
  std::string_view body_members = {};       // JSON members that every body has besides: "project_id":"p-1"; empty: none
  bool stream_in_path = false;              // the path says whether it streams; no member does
  // tool_choice takes only a tool by its name; auto, none and required stand in a member tool_choice_option.
  bool tool_choice_option = false;
  bool refusals = false;          // an assistant's message has a member refusal (OpenAI); else it is a text
  bool allowed_tools = false;     // tool_choice of that type; else only the allowed ones are offered
  std::uint8_t tool_id_most = 0;  // characters of a tool call's id (OpenAI: 40); longer ones are hashed; 0: any
  std::uint8_t most_stops = 0;    // stop sequences that it takes; 0: any
  bool document_url = false;      // documents are parts of that name, by URL or data: URL (Mistral)
  bool file_urls = false;         // file_data may be a URL of the web (OpenRouter)
  bool audio_as_text = false;     // input_audio is the base64 itself, no object (Mistral)
  std::string_view prefill = {};  // member that marks an assistant's message to be continued ("prefix")
  enum class CacheHints : std::uint8_t {
    none,           // no way to say so
    automatic,      // it keeps prompts by itself: a hint is not missed
    cache_control,  // Anthropic's member on parts and tools (OpenRouter)
  };
  CacheHints cache_hints = CacheHints::none;

  // --- Anthropic's Messages where somebody else hosts it
  std::string_view version_in_body = {};  // anthropic_version, and no model and no stream in the body (Vertex, Bedrock)
};

}  // namespace gatehouse::llm
