#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "gatehouse/llm/dialect.h"
#include "gatehouse/llm/operation.h"
#include "gatehouse/llm/segment.h"

// Which values of requests and answers hold what: the tables under segments.cc and answer_walk.cc, one a dialect, in
// the words of one list of places. For this room only.
namespace gatehouse::dialects {

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
  // Anthropic's
  block,   // of a content, or a list of them
  source,  // a file: {type, media_type, data}, or {mimeType, data}
  // Gemini's
  turns,
  turn,
  system_turn,
  part,
  thought,     // a flag: the text beside it was thought, not said
  tool_value,  // what a tool gave, of whatever shape
  response,    // ... with its name
  toolbox,
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
  messages_body,
  batch_requests,  // of messages
  batch_params,
  generate_body,
  inner_requests,  // whole requests, or those of a batch of embeddings
};
inline constexpr std::size_t kPlaceCount = static_cast<std::size_t>(Place::inner_requests) + 1;

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
  bool tells_role = false;         // an object says whose it is, before or behind what it says
  bool tells_type = false;         // an object's type says what its texts are, likewise
  bool is_media = false;
};

// One dialect's places: what may stand at each and where the members of an object lead. Static, immutable; made by
// place_table.h.
class PlaceTable {
 public:
  static constexpr std::size_t kSlots = 2048;
  static constexpr std::uint8_t kUnknown = 255;

  constexpr PlaceTable(const PlaceRule* rules, const std::string_view* slots, const std::uint8_t* numbers,
                       const std::uint8_t* matrix, std::size_t width)
      : rules_(rules), slots_(slots), numbers_(numbers), matrix_(matrix), width_(width) {}

  const PlaceRule& rule(Place place) const { return rules_[static_cast<std::size_t>(place)]; }

  // Where the member `key` of an object at `place` leads; `known` tells whether the API defines it.
  Place member(Place place, std::string_view key, bool& known) const {
    const PlaceRule& own = rule(place);
    known = false;
    if (key.empty()) return own.unknown;
    std::size_t slot = hash_of(key);
    while (!slots_[slot].empty() && slots_[slot] != key) slot = (slot + 1) % kSlots;
    if (slots_[slot].empty()) return own.unknown;
    const Place table = own.members == Place::nothing ? place : own.members;
    const std::uint8_t to = matrix_[static_cast<std::size_t>(table) * width_ + numbers_[slot]];
    if (to == kUnknown) return own.unknown;
    known = true;
    return static_cast<Place>(to);
  }

  static constexpr std::size_t hash_of(std::string_view key) {
    const auto byte = [key](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(key[i])); };
    const std::size_t size = key.size();
    return (byte(0) * 31 + byte(size - 1) * 131 + byte(size / 2) * 521 + byte(size / 3) * 1031 + size * 7) % kSlots;
  }

 private:
  const PlaceRule* rules_;
  const std::string_view* slots_;  // names by their hash, kSlots
  const std::uint8_t* numbers_;    // of each slot's name
  const std::uint8_t* matrix_;     // kPlaceCount rows of `width_` places, by the name's number
  std::size_t width_;
};

// The dialect's table; OpenAI's for dialects that callers do not speak.
const PlaceTable& place_table(llm::Dialect dialect);
// What the whole body is.
Place body_place(llm::Dialect dialect, llm::Operation operation);

}  // namespace gatehouse::dialects
