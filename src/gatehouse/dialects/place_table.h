#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "gatehouse/dialects/places.h"

// What a dialect's places.cc makes its PlaceTable of, at compile time. For those files only.
namespace gatehouse::dialects {

constexpr std::size_t place_at(Place place) { return static_cast<std::size_t>(place); }

// What may stand at a place, the same in every dialect but for what its own table changes.
constexpr std::array<PlaceRule, kPlaceCount> common_rules() {
  std::array<PlaceRule, kPlaceCount> rules{};
  const auto set = [&rules](Place place, const PlaceRule& value) { rules[place_at(place)] = value; };
  set(Place::nothing, {.strings = Strings::none, .element = Place::other});
  set(Place::word, {.strings = Strings::word, .unknown = Place::word});
  set(Place::id, {.strings = Strings::id, .unknown = Place::id});
  set(Place::reference, {.strings = Strings::reference, .unknown = Place::id});
  set(Place::opaque, {.strings = Strings::opaque});
  set(Place::other, {});
  set(Place::free, {.names = Names::all, .unknown = Place::free});
  set(Place::url, {.strings = Strings::url, .members = Place::content});
  set(Place::file_name, {.kind = llm::SegmentKind::file_name});
  set(Place::blob, {.strings = Strings::blob, .is_media = true});
  set(Place::media, {.strings = Strings::url, .members = Place::content, .is_media = true});
  set(Place::media_reference, {.strings = Strings::reference, .is_media = true});
  set(Place::role, {.strings = Strings::role});
  set(Place::item_type, {.strings = Strings::item_type});
  set(Place::bias, {.names = Names::none});

  const PlaceRule text{.kind = llm::SegmentKind::text, .inherits_kind = true, .members = Place::content};
  const auto said_by = [text](llm::Role role) {
    PlaceRule value = text;
    value.sets_role = true;
    value.role = role;
    return value;
  };
  set(Place::content, text);
  set(Place::user_content, said_by(llm::Role::user));
  set(Place::system_content, said_by(llm::Role::system));
  set(Place::assistant_content, said_by(llm::Role::assistant));
  set(Place::tool_content, said_by(llm::Role::tool));
  PlaceRule document = said_by(llm::Role::user);
  document.kind = llm::SegmentKind::document;
  document.inherits_kind = false;
  document.sets_kind = true;
  set(Place::document, document);
  document.counts = Counts::messages;
  document.element = Place::document;
  set(Place::documents, document);
  PlaceRule reasoning = said_by(llm::Role::assistant);
  reasoning.kind = llm::SegmentKind::reasoning;
  reasoning.inherits_kind = false;
  reasoning.sets_kind = true;
  reasoning.members = Place::reasoning;
  set(Place::reasoning, reasoning);
  set(Place::refusal, {.kind = llm::SegmentKind::refusal, .sets_role = true, .role = llm::Role::assistant});
  set(Place::annotations, {});

  set(Place::messages, {.kind = llm::SegmentKind::text, .counts = Counts::messages, .element = Place::message});
  set(Place::message, {.kind = llm::SegmentKind::text, .tells_role = true});
  set(Place::calls, {.kind = llm::SegmentKind::tool_arguments});
  set(Place::arguments, {.kind = llm::SegmentKind::tool_arguments, .names = Names::all, .unknown = Place::arguments});
  const PlaceRule defined{.kind = llm::SegmentKind::tool_definition, .names = Names::all, .unknown = Place::definition};
  set(Place::action, {.kind = llm::SegmentKind::tool_arguments, .unknown = Place::action});
  set(Place::detail, {.kind = llm::SegmentKind::tool_definition, .unknown = Place::detail});
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

  value = said_by(llm::Role::user);
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
  value.tells_role = true;
  set(Place::item, value);
  value = text;
  value.tells_type = true;
  value.members = Place::block;
  set(Place::block, value);
  set(Place::part, value);
  set(Place::source, {.strings = Strings::url, .tells_type = true, .is_media = true});
  value = {.kind = llm::SegmentKind::text, .members = Place::turn, .tells_role = true};
  set(Place::turn, value);
  value.counts = Counts::messages;
  value.element = Place::turn;
  set(Place::turns, value);
  value = said_by(llm::Role::system);
  value.members = Place::turn;
  set(Place::system_turn, value);
  set(Place::thought, {.strings = Strings::word, .unknown = Place::word});
  value = said_by(llm::Role::tool);
  value.names = Names::all;
  value.members = Place::nothing;
  value.unknown = Place::tool_value;
  set(Place::tool_value, value);
  set(Place::response, {.sets_role = true, .role = llm::Role::tool});
  set(Place::toolbox, {.kind = llm::SegmentKind::tool_definition});
  set(Place::stored_prompt, {.strings = Strings::reference});
  set(Place::variables, {.names = Names::all, .unknown = Place::user_content});

  return rules;
}

// Members of objects at `in` that lead to `to`. A later row wins.
struct PlaceRow {
  Place in;
  Place to;
  std::initializer_list<std::string_view> keys;
};

// Rows of every dialect. Compile-time only: the lists of names live no longer.
template <class Visit>
constexpr void each_common_row(const Visit& visit) {
  using Row = PlaceRow;
  using enum Place;
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
}

// JSON Schema, in the spellings of all who take one. Compile-time only.
template <class Visit>
constexpr void each_schema_row(const Visit& visit) {
  using Row = PlaceRow;
  using enum Place;
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
}

// Names are looked up once, by a hash; what they mean at a place is a row of a matrix.
struct PlaceNames {
  std::array<std::string_view, PlaceTable::kSlots> slots{};
  std::array<std::uint8_t, PlaceTable::kSlots> numbers{};
  std::size_t count = 0;

  constexpr std::size_t find(std::string_view key) const {
    std::size_t slot = PlaceTable::hash_of(key);
    while (!slots[slot].empty() && slots[slot] != key) slot = (slot + 1) % PlaceTable::kSlots;
    return slot;
  }
};

// `Rows` has a static `each(visit)` that gives all of its rows.
template <class Rows>
struct PlaceTableData {
  static constexpr auto names = [] {
    PlaceNames made;
    Rows::each([&made](const PlaceRow& row) {
      for (const std::string_view key : row.keys) {
        const std::size_t slot = made.find(key);
        if (!made.slots[slot].empty()) continue;
        made.slots[slot] = key;
        made.numbers[slot] = static_cast<std::uint8_t>(made.count++);
      }
    });
    return made;
  }();
  static_assert(names.count < PlaceTable::kUnknown);

  static constexpr auto matrix = [] {
    std::array<std::uint8_t, names.count * kPlaceCount> made{};
    made.fill(PlaceTable::kUnknown);
    Rows::each([&made](const PlaceRow& row) {
      for (const std::string_view key : row.keys) {
        made[place_at(row.in) * names.count + names.numbers[names.find(key)]] = static_cast<std::uint8_t>(row.to);
      }
    });
    return made;
  }();

  static constexpr std::array<PlaceRule, kPlaceCount> rules = Rows::rules();

  static constexpr PlaceTable table() {
    return {rules.data(), names.slots.data(), names.numbers.data(), matrix.data(), names.count};
  }
};

}  // namespace gatehouse::dialects
