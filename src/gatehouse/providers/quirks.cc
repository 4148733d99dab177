#include "gatehouse/providers/quirks.h"

#include <array>
#include <cstdint>

#include "gatehouse/llm/chat/request.h"

// Sources: the providers' own API references, and where those are silent what their SDKs and recorded traffic show. A
// flag that is missing costs a refusal by the provider; one too many costs a caller's wish, which the caller is told.
namespace gatehouse::providers {
namespace quirks {

using Q = llm::Quirks;
using Send = Q::SendReasoning;
using Ask = Q::AskReasoning;

constexpr std::uint32_t effort(llm::Effort effort) { return 1U << static_cast<std::uint32_t>(effort); }
constexpr std::uint32_t kThreeEfforts =
    effort(llm::Effort::low) | effort(llm::Effort::medium) | effort(llm::Effort::high);

// What only OpenAI itself has.
constexpr std::uint32_t kOpenAiOnly = Q::service_tier | Q::store | Q::metadata | Q::prediction | Q::verbosity |
                                      Q::cache_key | Q::custom_tools | Q::web_search;
constexpr std::uint32_t kNoFiles = Q::video | Q::audio | Q::documents;

constinit const Q kPlain{};

// Members that it does not know are an error; it never takes thoughts back in chats.
constinit const Q kOpenAi{.max_tokens = "max_completion_tokens",
                          .send_reasoning = Send::never,
                          .refuses = Q::top_k | Q::video,
                          .allowed_tools = true,
                          .tool_id_most = 40,
                          .most_stops = 4,
                          .cache_hints = Q::CacheHints::automatic};

constinit const Q kMistral{.seed = "random_seed",
                           .send_reasoning = Send::chunks,
                           .refuses = Q::logprobs | Q::logit_bias | Q::user | Q::service_tier | Q::store |
                                      Q::verbosity | Q::stream_options | Q::top_k | Q::developer | Q::custom_tools |
                                      Q::web_search | Q::video,
                           .required_is_any = true,
                           .tool_id_length = 9,
                           .usage_always = true,
                           .document_url = true,
                           .audio_as_text = true,
                           .prefill = "prefix"};

constinit const Q kGroq{.max_tokens = "max_completion_tokens",
                        .reasoning = "reasoning",
                        .efforts = kThreeEfforts | effort(llm::Effort::none),
                        .refuses = Q::logprobs | Q::logit_bias | Q::names | Q::n | Q::top_k | Q::store | Q::metadata |
                                   Q::prediction | Q::verbosity | Q::cache_key | Q::custom_tools | Q::web_search |
                                   Q::format_with_tools | kNoFiles,
                        .zero_temperature = false,
                        .most_stops = 4,
                        .cache_hints = Q::CacheHints::automatic};

constinit const Q kXai{.max_tokens = "max_completion_tokens",
                       .send_reasoning = Send::never,
                       .refuses = Q::stop | Q::penalties | Q::logit_bias | Q::top_k | kOpenAiOnly | kNoFiles,
                       .reasoning_beside_total = true,
                       .cache_hints = Q::CacheHints::automatic};

constinit const Q kDeepSeek{.send_reasoning = Send::loop,
                            .ask_reasoning = Ask::thinking,
                            .refuses = Q::logit_bias | Q::n | Q::seeds | Q::parallel_tool_calls | Q::user |
                                       Q::json_schema | Q::developer | Q::top_k | kOpenAiOnly | kNoFiles,
                            .cache_hints = Q::CacheHints::automatic};

constinit const Q kPerplexity{.send_reasoning = Send::never,
                              .refuses = Q::stop | Q::seeds | Q::logprobs | Q::logit_bias | Q::n | Q::tools |
                                         Q::parallel_tool_calls | Q::required_tool | Q::user | Q::names | Q::developer |
                                         Q::late_system | Q::top_k | Q::json_object | Q::stream_options | kOpenAiOnly |
                                         kNoFiles,
                              .alternates = true};

constinit const Q kOpenRouter{.reasoning = "reasoning",
                              .send_reasoning = Send::details,
                              .ask_reasoning = Ask::object,
                              .refuses = Q::store | Q::service_tier | Q::custom_tools,
                              .file_urls = true,
                              .cache_hints = Q::CacheHints::cache_control};

constinit const Q kTogether{.reasoning = "reasoning",
                            .refuses = Q::developer | Q::user | Q::audio | Q::documents | kOpenAiOnly};

constinit const Q kFireworks{.refuses = Q::developer | Q::service_tier | Q::store | Q::verbosity | Q::metadata |
                                        Q::custom_tools | Q::web_search | Q::documents};

constinit const Q kCerebras{.max_tokens = "max_completion_tokens",
                            .reasoning = "reasoning",
                            .efforts = kThreeEfforts,
                            .refuses = Q::penalties | Q::logit_bias | Q::parallel_tool_calls | Q::top_k |
                                       Q::format_with_tools | kOpenAiOnly | kNoFiles};

constinit const Q kSambaNova{.refuses = Q::logprobs | Q::logit_bias | Q::n | Q::penalties | Q::seeds | Q::user |
                                        Q::developer | kOpenAiOnly | Q::video | Q::documents};

constinit const Q kNvidia{.refuses = Q::developer | Q::user | Q::documents | kOpenAiOnly};

constinit const Q kDatabricks{.refuses = Q::developer | Q::user | Q::seeds | Q::video | Q::audio | kOpenAiOnly};

constinit const Q kWatsonx{
    .send_reasoning = Send::never,
    .refuses = Q::user | Q::developer | Q::top_k | Q::stream_options | Q::parallel_tool_calls | kOpenAiOnly | kNoFiles,
    .usage_always = true,
    .model_member = "model_id",
    .stream_in_path = true,
    .tool_choice_option = true};

constinit const Q kMoonshot{.ask_reasoning = Ask::thinking,
                            .refuses = Q::required_tool | Q::developer | Q::logit_bias | Q::top_k | Q::user | Q::audio |
                                       Q::documents | kOpenAiOnly,
                            .cache_hints = Q::CacheHints::automatic};

constinit const Q kZai{.ask_reasoning = Ask::thinking,
                       .effort_too = true,
                       .refuses = Q::required_tool | Q::json_schema | Q::developer | Q::logprobs | Q::logit_bias |
                                  Q::n | Q::penalties | Q::seeds | Q::parallel_tool_calls | Q::top_k | Q::audio |
                                  kOpenAiOnly,
                       .cache_hints = Q::CacheHints::automatic};

constinit const Q kDashScope{
    .ask_reasoning = Ask::none,
    .refuses = Q::required_tool | Q::developer | Q::logit_bias | Q::user | Q::documents | kOpenAiOnly,
    .audio_as_data_url = true};

// Of its OpenAI front: what it reads over in silence.
constinit const Q kOllama{.reasoning = "reasoning",
                          .refuses = Q::logit_bias | Q::n | Q::user | Q::required_tool | Q::parallel_tool_calls |
                                     Q::names | Q::top_k | kOpenAiOnly | kNoFiles};

// Chat templates of open models want one system message, first, and know no role "developer".
constinit const Q kOwnServer{.reasoning = "reasoning",
                             .refuses = Q::developer | Q::late_system | Q::store | Q::verbosity | Q::prediction |
                                        Q::service_tier | Q::custom_tools | Q::web_search | Q::documents};

constinit const Q kVertex{.version_in_body = "vertex-2023-10-16"};

constinit const Q kMantle{.reasoning = "reasoning", .refuses = Q::developer | Q::top_k | Q::custom_tools | kNoFiles};

}  // namespace quirks

namespace {

using llm::Quirks;

constexpr std::array kMembers = {NamedMember{"logprobs", Quirks::logprobs},
                                 NamedMember{"logit_bias", Quirks::logit_bias},
                                 NamedMember{"name", Quirks::names},
                                 NamedMember{"n", Quirks::n},
                                 NamedMember{"stop", Quirks::stop},
                                 NamedMember{"penalties", Quirks::penalties},
                                 NamedMember{"seed", Quirks::seeds},
                                 NamedMember{"parallel_tool_calls", Quirks::parallel_tool_calls},
                                 NamedMember{"service_tier", Quirks::service_tier},
                                 NamedMember{"user", Quirks::user},
                                 NamedMember{"tools", Quirks::tools},
                                 NamedMember{"required_tool", Quirks::required_tool},
                                 NamedMember{"json_schema", Quirks::json_schema},
                                 NamedMember{"strict_tools", Quirks::strict_tools},
                                 NamedMember{"developer", Quirks::developer},
                                 NamedMember{"late_system", Quirks::late_system},
                                 NamedMember{"stream_options", Quirks::stream_options},
                                 NamedMember{"top_k", Quirks::top_k},
                                 NamedMember{"metadata", Quirks::metadata},
                                 NamedMember{"store", Quirks::store},
                                 NamedMember{"temperature", Quirks::temperature},
                                 NamedMember{"images", Quirks::images},
                                 NamedMember{"json_object", Quirks::json_object},
                                 NamedMember{"prediction", Quirks::prediction},
                                 NamedMember{"verbosity", Quirks::verbosity},
                                 NamedMember{"cache_key", Quirks::cache_key},
                                 NamedMember{"video", Quirks::video},
                                 NamedMember{"audio", Quirks::audio},
                                 NamedMember{"documents", Quirks::documents},
                                 NamedMember{"custom_tools", Quirks::custom_tools},
                                 NamedMember{"web_search", Quirks::web_search},
                                 NamedMember{"format_with_tools", Quirks::format_with_tools}};

constexpr std::array kNamed = {
    NamedQuirk{"max_completion_tokens", "the completion is bounded by `max_completion_tokens`",
               [](Quirks& q) { q.max_tokens = "max_completion_tokens"; }},
    NamedQuirk{"max_tokens", "it is bounded by `max_tokens`", [](Quirks& q) { q.max_tokens = "max_tokens"; }},
    NamedQuirk{"random_seed", "the seed is called `random_seed`", [](Quirks& q) { q.seed = "random_seed"; }},
    NamedQuirk{"reasoning_in_reasoning", "thoughts stand in `reasoning`", [](Quirks& q) { q.reasoning = "reasoning"; }},
    NamedQuirk{"reasoning_in_reasoning_content", "thoughts stand in `reasoning_content`",
               [](Quirks& q) { q.reasoning = "reasoning_content"; }},
    NamedQuirk{"send_no_reasoning", "what was thought before is not sent back",
               [](Quirks& q) { q.send_reasoning = Quirks::SendReasoning::never; }},
    NamedQuirk{"send_reasoning_details", "it is sent back as `reasoning_details`",
               [](Quirks& q) { q.send_reasoning = Quirks::SendReasoning::details; }},
    NamedQuirk{"ask_reasoning_object", "thinking is asked for with a member `reasoning`",
               [](Quirks& q) { q.ask_reasoning = Quirks::AskReasoning::object; }},
    NamedQuirk{"ask_thinking", "thinking is asked for with a member `thinking`",
               [](Quirks& q) { q.ask_reasoning = Quirks::AskReasoning::thinking; }},
    NamedQuirk{"ask_no_reasoning", "thinking cannot be asked for",
               [](Quirks& q) { q.ask_reasoning = Quirks::AskReasoning::none; }},
    NamedQuirk{"no_zero_temperature", "a temperature of 0 is refused", [](Quirks& q) { q.zero_temperature = false; }},
    NamedQuirk{"required_is_any", "`tool_choice` calls it `any` when some tool is required",
               [](Quirks& q) { q.required_is_any = true; }},
    NamedQuirk{"alternates", "user and assistant have to take turns", [](Quirks& q) { q.alternates = true; }},
    NamedQuirk{"no_content_parts", "a message is one text, never a list of parts",
               [](Quirks& q) { q.content_parts = false; }},
    NamedQuirk{"tool_ids_of_nine", "ids of tool calls have nine letters and digits",
               [](Quirks& q) { q.tool_id_length = 9; }},
    NamedQuirk{"reasoning_beside_total", "`completion_tokens` leaves reasoning out",
               [](Quirks& q) { q.reasoning_beside_total = true; }},
    NamedQuirk{"audio_as_data_url", "sound is sent as a `data:` URL", [](Quirks& q) { q.audio_as_data_url = true; }},
    NamedQuirk{"send_reasoning_in_loop", "only what was thought since the user spoke last is sent back",
               [](Quirks& q) { q.send_reasoning = Quirks::SendReasoning::loop; }},
    NamedQuirk{"effort_beside_thinking", "`reasoning_effort` goes beside `thinking`",
               [](Quirks& q) { q.effort_too = true; }},
    NamedQuirk{"allowed_tools", "`tool_choice` may be of type `allowed_tools`",
               [](Quirks& q) { q.allowed_tools = true; }},
    NamedQuirk{"cache_control", "parts and tools may have `cache_control`",
               [](Quirks& q) { q.cache_hints = Quirks::CacheHints::cache_control; }},
    NamedQuirk{"caches_by_itself", "it keeps prompts unasked",
               [](Quirks& q) { q.cache_hints = Quirks::CacheHints::automatic; }},
    NamedQuirk{"document_url", "documents are parts `document_url`", [](Quirks& q) { q.document_url = true; }},
    NamedQuirk{"file_urls", "`file_data` may be an address of the web", [](Quirks& q) { q.file_urls = true; }},
    NamedQuirk{"prefix", "an assistant's message is continued where it has `prefix`",
               [](Quirks& q) { q.prefill = "prefix"; }},
    NamedQuirk{"usage_always", "streams tell their usage unasked", [](Quirks& q) { q.usage_always = true; }},
};

}  // namespace

std::span<const NamedMember> quirk_members() { return kMembers; }
std::span<const NamedQuirk> named_quirks() { return kNamed; }

}  // namespace gatehouse::providers
