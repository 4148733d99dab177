#pragma once

#include <cstdint>
#include <string_view>

#include "gatehouse/llm/operation.h"
#include "gatehouse/llm/segment.h"

// Which values of OpenAI's requests hold what: the table under segments.cc. For this room only. After OpenAI's
// published OpenAPI document (version 2.3.0), and what servers like it and the clients of Mistral, OpenRouter and
// DeepSeek send besides.
namespace gatehouse::dialects::openai_chat {

// A place in a request. What may stand there, string, object or array, is one row of the table.
enum class Place : std::uint8_t {
  // Values
  nothing,    // certainly no text
  word,       // out of the API's list; what is inside, too
  id,         // of something
  reference,  // id of a text or file that the provider has stored
  opaque,     // encrypted by the provider
  other,
  free,  // other, with names that the caller invents
  url,
  file_name,
  blob,   // base64 of a file
  media,  // URL of an image, a file, audio, or an object with it
  media_reference,
  role,
  item_type,
  bias,  // logit_bias: names are numbers
  // Parts
  content,  // of a message: a string, a part, a list of parts
  user_content,
  system_content,
  assistant_content,
  tool_content,
  documents,
  document,
  reasoning,
  refusal,
  annotations,
  // Chat
  messages,
  message,
  calls,
  arguments,
  action,  // arguments of a shape that the API defines
  tools,
  detail,  // of a tool of the provider's own
  definition,
  schema,
  properties,
  format,
  // Responses
  items,
  item,
  stored_prompt,
  variables,
  // Completions, embeddings, moderations
  inputs,
  input,
  // Bodies
  chat,
  completions,
  embeddings,
  responses,
  moderations,
  images,
  audio,
  rerank,
  any,
};
inline constexpr std::size_t kPlaceCount = static_cast<std::size_t>(Place::any) + 1;

enum class Strings : std::uint8_t { none, text, word, id, reference, opaque, url, blob, role, item_type };
// Which names are texts: none, those that are more than an identifier, all (in objects whose names the caller invents).
enum class Names : std::uint8_t { none, unusual, all };
// What the elements of an array there are; a string in its place is one, too, where they are messages.
enum class Counts : std::uint8_t { none, messages, tools };

struct PlaceRule {
  Strings strings = Strings::text;
  llm::SegmentKind kind = llm::SegmentKind::other;
  bool inherits_kind = false;  // `kind` is what the place around says
  bool sets_kind = false;      // ... and for all places inside that inherit it
  bool sets_role = false;
  llm::Role role = llm::Role::none;
  Names names = Names::unusual;
  Counts counts = Counts::none;
  Place element = Place::nothing;  // of an array; itself if it says `nothing`
  Place members = Place::nothing;  // whose members an object there has; its own if it says `nothing`
  Place unknown = Place::other;    // of members not named in the table
  bool tokens = false;             // numbers stand for text
  bool is_media = false;
};

const PlaceRule& rule(Place place);
// Where the member `key` of an object at `place` leads; `known` tells whether the API defines it.
Place member_place(Place place, std::string_view key, bool& known);
Place body_place(llm::Operation operation);

}  // namespace gatehouse::dialects::openai_chat
