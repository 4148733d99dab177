#include "gatehouse/dialects/openai_chat/segment_places.h"

#include <array>
#include <cstring>
#include <initializer_list>
#include <span>

namespace gatehouse::dialects::openai_chat {
namespace {

using llm::Role;
using llm::SegmentKind;

constexpr std::size_t at(Place place) { return static_cast<std::size_t>(place); }

constexpr auto kRules = [] {
  std::array<PlaceRule, kPlaceCount> rules{};
  const auto set = [&rules](Place place, const PlaceRule& value) { rules[at(place)] = value; };
  const auto body = [&](Place place) { set(place, {.strings = Strings::text}); };
  set(Place::nothing, {.strings = Strings::none, .element = Place::other});
  set(Place::word, {.strings = Strings::word, .unknown = Place::word});
  set(Place::id, {.strings = Strings::id, .unknown = Place::id});
  set(Place::reference, {.strings = Strings::reference, .unknown = Place::id});
  set(Place::opaque, {.strings = Strings::opaque});
  set(Place::other, {});
  set(Place::free, {.names = Names::all, .unknown = Place::free});
  set(Place::url, {.strings = Strings::url, .members = Place::content});
  set(Place::file_name, {.kind = SegmentKind::file_name});
  set(Place::blob, {.strings = Strings::blob, .is_media = true});
  set(Place::media, {.strings = Strings::url, .members = Place::content, .is_media = true});
  set(Place::media_reference, {.strings = Strings::reference, .is_media = true});
  set(Place::role, {.strings = Strings::role});
  set(Place::item_type, {.strings = Strings::item_type});
  set(Place::bias, {.names = Names::none});

  const PlaceRule text{.kind = SegmentKind::text, .inherits_kind = true, .members = Place::content};
  const auto said_by = [text](Role role) {
    PlaceRule value = text;
    value.sets_role = true;
    value.role = role;
    return value;
  };
  set(Place::content, text);
  set(Place::user_content, said_by(Role::user));
  set(Place::system_content, said_by(Role::system));
  set(Place::assistant_content, said_by(Role::assistant));
  set(Place::tool_content, said_by(Role::tool));
  PlaceRule document = said_by(Role::user);
  document.kind = SegmentKind::document;
  document.inherits_kind = false;
  document.sets_kind = true;
  set(Place::document, document);
  document.counts = Counts::messages;
  document.element = Place::document;
  set(Place::documents, document);
  PlaceRule reasoning = said_by(Role::assistant);
  reasoning.kind = SegmentKind::reasoning;
  reasoning.inherits_kind = false;
  reasoning.sets_kind = true;
  reasoning.members = Place::reasoning;
  set(Place::reasoning, reasoning);
  set(Place::refusal, {.kind = SegmentKind::refusal, .sets_role = true, .role = Role::assistant});
  set(Place::annotations, {});

  set(Place::messages, {.kind = SegmentKind::text, .counts = Counts::messages, .element = Place::message});
  set(Place::message, {.kind = SegmentKind::text});
  set(Place::calls, {.kind = SegmentKind::tool_arguments});
  set(Place::arguments, {.kind = SegmentKind::tool_arguments, .names = Names::all, .unknown = Place::arguments});
  const PlaceRule defined{.kind = SegmentKind::tool_definition, .names = Names::all, .unknown = Place::definition};
  set(Place::action, {.kind = SegmentKind::tool_arguments, .unknown = Place::action});
  set(Place::detail, {.kind = SegmentKind::tool_definition, .unknown = Place::detail});
  PlaceRule value = defined;
  set(Place::definition, value);
  value.names = Names::unusual;
  set(Place::schema, value);
  value.counts = Counts::tools;
  set(Place::tools, value);
  value = defined;
  value.unknown = Place::schema;
  set(Place::properties, value);
  value = defined;
  value.names = Names::unusual;
  value.strings = Strings::word;
  set(Place::format, value);

  value = said_by(Role::user);
  value.counts = Counts::messages;
  value.element = Place::input;
  value.tokens = true;
  set(Place::inputs, value);
  value.counts = Counts::none;
  set(Place::input, value);
  // The role of an item is told by the item.
  value = text;
  value.counts = Counts::messages;
  value.element = Place::item;
  value.members = Place::item;
  set(Place::items, value);
  value.counts = Counts::none;
  set(Place::item, value);
  set(Place::stored_prompt, {.strings = Strings::reference});
  set(Place::variables, {.names = Names::all, .unknown = Place::user_content});

  for (const Place place : {Place::chat, Place::completions, Place::embeddings, Place::responses, Place::moderations,
                            Place::images, Place::audio, Place::rerank, Place::any}) {
    body(place);
  }
  return rules;
}();

struct Row {
  Place in;
  Place to;
  std::initializer_list<std::string_view> keys;
};

// Compile-time only: the lists of names live no longer.
template <class Visit>
constexpr void each_row(const Visit& visit) {
  using enum Place;
  for (const Place body : {chat, completions, embeddings, responses, moderations, images, audio, rerank, any}) {
    visit(Row{body, nothing, {"model"}});
    visit(Row{body, other, {"user", "safety_identifier", "prompt_cache_key", "stop", "stop_sequences"}});
    visit(Row{body, free, {"metadata"}});
    visit(Row{body,
              word,
              {"service_tier",
               "reasoning_effort",
               "verbosity",
               "modalities",
               "prompt_cache_retention",
               "prompt_cache_options",
               "stream_options",
               "tool_choice",
               "function_call",
               "object",
               "voice",
               "size",
               "quality",
               "style",
               "background",
               "moderation",
               "output_format",
               "encoding_format",
               "input_type",
               "truncation",
               "truncate",
               "include",
               "parallel_tool_calls",
               "stream",
               "temperature",
               "top_p",
               "top_k",
               "max_tokens",
               "max_completion_tokens",
               "max_output_tokens",
               "max_tool_calls",
               "n",
               "seed",
               "logprobs",
               "top_logprobs",
               "frequency_penalty",
               "presence_penalty",
               "repetition_penalty",
               "store",
               "strict",
               "response_mime_type",
               "input_fidelity",
               "partial_images",
               "output_compression",
               "stream_format",
               "speed",
               "dimensions",
               "best_of",
               "echo",
               "top_n",
               "return_documents",
               "rank_fields",
               "max_chunks_per_doc",
               "endpoint",
               "completion_window",
               "purpose",
               "type"}});
    visit(Row{body, bias, {"logit_bias"}});
    visit(Row{body, format, {"response_format"}});
  }
  visit(Row{chat, messages, {"messages"}});
  for (const Place body : {chat, responses}) visit(Row{body, tools, {"tools", "functions"}});
  visit(Row{chat, assistant_content, {"prediction"}});
  visit(Row{chat, word, {"audio", "thinking", "reasoning", "enable_thinking"}});
  visit(Row{completions, inputs, {"prompt"}});
  visit(Row{completions, user_content, {"suffix"}});
  visit(Row{embeddings, inputs, {"input"}});
  visit(Row{moderations, inputs, {"input"}});
  visit(Row{responses, items, {"input"}});
  visit(Row{responses, system_content, {"instructions"}});
  visit(Row{responses, reference, {"previous_response_id", "conversation"}});
  visit(Row{responses, stored_prompt, {"prompt"}});
  visit(Row{responses, format, {"text"}});
  visit(Row{responses, word, {"reasoning", "context_management"}});
  visit(Row{images, user_content, {"prompt", "negative_prompt"}});
  visit(Row{images, media, {"image", "images", "mask"}});
  visit(Row{audio, user_content, {"input", "prompt"}});
  visit(Row{audio, system_content, {"instructions"}});
  visit(Row{rerank, user_content, {"query"}});
  visit(Row{rerank, documents, {"documents", "texts"}});
  visit(Row{any, id, {"id", "input_file_id"}});

  // Whatever stands inside something that is not known.
  for (const Place loose : {other, url, file_name, blob, media, media_reference, bias, nothing, opaque, refusal}) {
    visit(Row{loose,
              word,
              {"stop_reason", "finish_reason", "type", "role", "object", "status", "detail", "media_type", "mime_type",
               "cache_control"}});
    visit(Row{loose, id, {"event_id", "response_id", "id", "call_id", "tool_call_id", "item_id"}});
    visit(Row{loose, opaque, {"signature", "thought_signature", "encrypted_content"}});
  }
  for (const Place known : {action, detail}) visit(Row{known, word, {"type", "syntax"}});
  visit(Row{action, url, {"url", "image_url"}});

  visit(Row{content,
            word,
            {"type", "detail", "format", "status", "media_type", "mime_type", "cache_control", "object", "outcome",
             "prompt_cache_breakpoint", "exit_code", "score", "index"}});
  visit(Row{content, word, {"role"}});
  visit(Row{content, id, {"id", "call_id", "tool_use_id"}});
  visit(Row{content, media_reference, {"file_id"}});
  visit(Row{
      content, content, {"text", "document", "content", "value", "transcript", "logs", "stdout", "stderr", "output"}});
  visit(Row{content, reasoning, {"thinking", "reasoning", "summary"}});
  visit(Row{content, refusal, {"refusal"}});
  visit(Row{
      content, media, {"image_url", "video_url", "audio_url", "image", "input_audio", "file", "source", "file_url"}});
  visit(Row{content, url, {"url"}});
  visit(Row{content, blob, {"data", "file_data", "b64_json"}});
  visit(Row{content, file_name, {"filename", "file_name"}});
  visit(Row{content, opaque, {"signature", "encrypted_content", "thought_signature"}});
  visit(Row{content, annotations, {"annotations"}});
  visit(Row{content, free, {"attributes"}});

  visit(Row{reasoning, word, {"type", "format", "index", "closed", "status"}});
  visit(Row{reasoning, id, {"id"}});
  visit(Row{reasoning, opaque, {"data", "signature", "encrypted_content", "thought_signature"}});
  visit(Row{reasoning, reasoning, {"text", "summary", "content", "thinking", "reasoning"}});

  visit(Row{annotations, word, {"type", "index", "start_index", "end_index"}});
  visit(Row{annotations, id, {"id", "file_id", "container_id"}});
  visit(Row{annotations, url, {"url"}});
  visit(Row{annotations, file_name, {"filename"}});
  visit(Row{annotations, annotations, {"url_citation", "file_citation", "file_path", "container_file_citation"}});

  visit(Row{message, role, {"role"}});
  visit(Row{message, content, {"content"}});
  visit(Row{message, other, {"name", "tool_name"}});
  visit(Row{message, word, {"channel", "type", "status", "phase", "object", "cache_control", "prefix", "partial"}});
  visit(Row{message, id, {"id", "tool_call_id", "call_id"}});
  visit(Row{message, calls, {"tool_calls", "function_call"}});
  visit(Row{message, refusal, {"refusal"}});
  visit(Row{message, reasoning, {"reasoning", "reasoning_content", "reasoning_details", "thinking"}});
  visit(Row{message, opaque, {"reasoning_signature", "thought_signature", "encrypted_content", "signature"}});
  visit(Row{message, content, {"audio"}});
  visit(Row{message, annotations, {"annotations"}});
  visit(Row{message, blob, {"images"}});

  visit(Row{calls, word, {"type", "index", "status"}});
  visit(Row{calls, id, {"id", "call_id"}});
  visit(Row{calls, calls, {"function", "custom"}});
  visit(Row{calls, other, {"name", "namespace", "extra_content"}});
  visit(Row{calls, arguments, {"arguments", "input", "parameters"}});

  visit(Row{tools,
            word,
            {"type", "strict", "syntax", "search_context_size", "quality", "size", "background", "output_format",
             "moderation", "input_fidelity", "execution", "require_approval", "defer_loading", "cache_control",
             "environment_type", "display_width", "display_height", "environment"}});
  visit(Row{tools, tools, {"function", "custom", "tools", "functions"}});
  visit(Row{tools, schema, {"parameters", "input_schema", "output_schema", "schema"}});
  visit(Row{tools, definition, {"name", "description", "server_description", "server_label", "definition"}});
  visit(Row{tools, detail, {"allowed_tools", "filters", "user_location", "format", "annotations", "container"}});
  visit(Row{tools, url, {"server_url"}});
  visit(Row{tools, id, {"vector_store_ids", "file_ids", "connector_id", "id"}});
  visit(Row{tools, free, {"headers"}});
  visit(Row{tools, other, {"authorization"}});

  visit(Row{schema,
            word,
            {"type", "format", "required", "contentEncoding", "minimum", "maximum", "minLength", "maxLength",
             "minItems", "maxItems", "uniqueItems", "multipleOf", "nullable"}});
  visit(Row{schema, id, {"$ref", "$schema", "$id", "$anchor", "$dynamicRef", "$dynamicAnchor"}});
  visit(Row{schema, properties, {"properties", "$defs", "definitions", "patternProperties", "dependentSchemas"}});
  visit(Row{schema,
            schema,
            {"items", "additionalProperties", "anyOf", "allOf", "oneOf", "not", "if", "then", "else", "prefixItems",
             "contains", "propertyNames", "unevaluatedProperties", "unevaluatedItems"}});
  visit(Row{schema, definition, {"description", "title", "enum", "const", "default", "examples", "pattern"}});

  visit(Row{format, word, {"type", "verbosity", "syntax", "strict"}});
  visit(Row{format, format, {"json_schema", "format"}});
  visit(Row{format, schema, {"schema"}});
  visit(Row{format, definition, {"name", "description", "definition"}});

  visit(Row{item, item_type, {"type"}});
  visit(Row{item, role, {"role"}});
  visit(Row{item, content, {"content"}});
  visit(Row{item, word, {"status", "phase", "execution", "object", "approve", "max_output_length", "cache_control"}});
  visit(Row{item, id, {"id", "call_id", "approval_request_id", "container_id"}});
  visit(Row{item,
            other,
            {"name", "namespace", "server_label", "caller", "environment", "pending_safety_checks",
             "acknowledged_safety_checks"}});
  visit(Row{item, arguments, {"arguments", "input", "code"}});
  visit(Row{item, action, {"queries", "action", "actions", "operation"}});
  visit(Row{item, tool_content, {"output", "results", "outputs", "error"}});
  visit(Row{item, reasoning, {"summary"}});
  visit(Row{item, opaque, {"encrypted_content", "signature"}});
  visit(Row{item, tools, {"tools"}});
  visit(Row{item, user_content, {"reason"}});
  visit(Row{item, blob, {"result"}});
  visit(Row{item, content, {"text", "refusal"}});
  visit(Row{item, media, {"image_url", "file_url", "input_audio"}});
  visit(Row{item, media_reference, {"file_id"}});
  visit(Row{item, blob, {"file_data"}});
  visit(Row{item, file_name, {"filename"}});

  visit(Row{stored_prompt, reference, {"id"}});
  visit(Row{stored_prompt, word, {"version"}});
  visit(Row{stored_prompt, variables, {"variables"}});
}

// --- Names are looked up once, by a hash; what they mean at a place is a row of a matrix.

constexpr std::size_t kSlots = 2048;

constexpr std::size_t hash_of(std::string_view key) {
  const auto byte = [key](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(key[i])); };
  const std::size_t size = key.size();
  return (byte(0) * 31 + byte(size - 1) * 131 + byte(size / 2) * 521 + byte(size / 3) * 1031 + size * 7) % kSlots;
}

struct NameIndex {
  std::array<std::string_view, kSlots> slots{};
  std::array<std::uint8_t, kSlots> numbers{};
  std::size_t count = 0;

  constexpr std::size_t find(std::string_view key) const {
    std::size_t slot = hash_of(key);
    while (!slots[slot].empty() && slots[slot] != key) slot = (slot + 1) % kSlots;
    return slot;
  }
};

constexpr auto kNames = [] {
  NameIndex names;
  each_row([&names](const Row& row) {
    for (const std::string_view key : row.keys) {
      const std::size_t slot = names.find(key);
      if (!names.slots[slot].empty()) continue;
      names.slots[slot] = key;
      names.numbers[slot] = static_cast<std::uint8_t>(names.count++);
    }
  });
  return names;
}();
static_assert(kNames.count < 255);

constexpr std::uint8_t kUnknown = 255;
constexpr auto kMatrix = [] {
  std::array<std::array<std::uint8_t, kNames.count>, kPlaceCount> matrix{};
  for (auto& row : matrix) row.fill(kUnknown);
  each_row([&matrix](const Row& row) {
    for (const std::string_view key : row.keys) {
      matrix[at(row.in)][kNames.numbers[kNames.find(key)]] = static_cast<std::uint8_t>(row.to);
    }
  });
  return matrix;
}();

}  // namespace

const PlaceRule& rule(Place place) { return kRules[at(place)]; }

Place member_place(Place place, std::string_view key, bool& known) {
  const PlaceRule& own = kRules[at(place)];
  known = false;
  if (key.empty()) return own.unknown;
  const std::size_t slot = kNames.find(key);
  if (kNames.slots[slot].empty()) return own.unknown;
  const Place table = own.members == Place::nothing ? place : own.members;
  const std::uint8_t to = kMatrix[at(table)][kNames.numbers[slot]];
  if (to == kUnknown) return own.unknown;
  known = true;
  return static_cast<Place>(to);
}

Place body_place(llm::Operation operation) {
  switch (operation) {
    case llm::Operation::chat_completions:
      return Place::chat;
    case llm::Operation::completions:
      return Place::completions;
    case llm::Operation::embeddings:
      return Place::embeddings;
    case llm::Operation::responses:
      return Place::responses;
    case llm::Operation::moderations:
      return Place::moderations;
    case llm::Operation::images:
      return Place::images;
    case llm::Operation::audio:
      return Place::audio;
    case llm::Operation::rerank:
      return Place::rerank;
    default:
      return Place::any;
  }
}

}  // namespace gatehouse::dialects::openai_chat
