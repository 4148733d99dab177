#include "gatehouse/dialects/anthropic/event_texts.h"

#include <string_view>

#include "gatehouse/json/value.h"

namespace gatehouse::dialects::anthropic {
namespace {

using json::Cursor;
using llm::SegmentKind;
using Context = AnswerWalk::Context;

struct Head {
  std::string_view type;  // as written, without quotes
  std::uint64_t index = 0;
};

// What an event says of itself, wherever in it that stands.
Head head_of(std::string_view data) {
  Head head;
  Cursor cursor(data);
  if (cursor.first() != '{') return head;
  (void)cursor.object([&](const Cursor::String& key) {
    if (key.inside == "type" && cursor.first() == '"') {
      Cursor::String type;
      if (!cursor.string(type)) return false;
      head.type = type.inside;
      return true;
    }
    const std::size_t begin = cursor.offset();
    if (!cursor.skip()) return false;
    if (key.inside == "index") head.index = json::read_count(cursor.since(begin)).value_or(0);
    return true;
  });
  return head;
}

Context loose(std::uint32_t index, std::string_view name) {
  return {.choice = index, .part = unknown_part(hash_name(name))};
}

// A content block, or what grows of one: members that are known grow by their names, all else comes whole.
bool block(AnswerWalk& walk, std::uint32_t index, bool whole) {
  Cursor& cursor = walk.cursor();
  if (cursor.first() != '{') return walk.visit(Place::block, {.choice = index, .whole = whole});
  const std::size_t first = walk.mark();
  std::string_view type;
  const bool read = cursor.object([&](const Cursor::String& key) {
    const std::string_view name = walk.name_of(key);
    const bool string = cursor.first() == '"';
    if (name == "type" && string) {
      const std::size_t begin = cursor.offset();
      if (!walk.visit(Place::word, loose(index, name))) return false;
      type = cursor.since(begin);
      return true;
    }
    if (name == "text" && string) return walk.text(SegmentKind::text, {.choice = index, .whole = whole});
    if (name == "thinking" && string) return walk.text(SegmentKind::reasoning, {.choice = index, .whole = whole});
    if (name == "partial_json" && string) {
      return walk.text(SegmentKind::tool_arguments, {.choice = index, .whole = whole});
    }
    if (name == "citations" || name == "citation") return walk.visit(Place::annotations, loose(index, name));
    // Of a compaction, what was said so far in fewer words.
    if (name == "content" && string) return walk.text(SegmentKind::text, {.choice = index, .whole = whole});
    Context context = loose(index, name);
    bool known = false;
    const Place place = walk.member(Place::block, name, known);
    // What a tool gave; it stands for itself.
    if (place == Place::block) context.kind = SegmentKind::document;
    // A string of a kind of delta that is not known grows.
    if (!known && string) context.whole = whole;
    return walk.visit(place, context);
  });
  const bool document = type.ends_with("result\"") || type == "\"document\"";
  for (std::size_t i = first; document && i < walk.mark(); ++i) {
    if (walk.out()[i].kind == SegmentKind::text) walk.out()[i].kind = SegmentKind::document;
  }
  return read;
}

}  // namespace

bool read_message_texts(AnswerWalk& walk, bool whole) {
  Cursor& cursor = walk.cursor();
  if (cursor.first() != '{') return walk.visit(Place::other, {});
  return cursor.object([&](const Cursor::String& key) {
    const std::string_view name = walk.name_of(key);
    const Context context = loose(0, name);
    if (name == "content" && cursor.first() == '[') {
      std::uint32_t index = 0;
      return cursor.array([&] { return block(walk, index++, whole); });
    }
    if (name == "model") return walk.visit(Place::nothing, context);
    if (name == "id" || name == "request_id") return walk.visit(Place::id, context);
    if (name == "type" || name == "role" || name == "stop_reason" || name == "usage") {
      return walk.visit(Place::word, context);
    }
    // {"type":"refusal","category","explanation"}; {"id","expires_at"}
    return walk.visit(Place::other, context);
  });
}

bool read_event_texts(std::string_view data, AnswerWalk& walk) {
  Cursor& cursor = walk.cursor();
  if (cursor.first() != '{') return walk.visit(Place::other, {});
  const Head head = head_of(data);
  const auto index = static_cast<std::uint32_t>(head.index);
  const bool block_delta = head.type == "content_block_delta";
  return cursor.object([&](const Cursor::String& key) {
    const std::string_view name = walk.name_of(key);
    const bool object = cursor.first() == '{';
    if (name == "delta" && object && block_delta) return block(walk, index, false);
    // Where a text begins.
    if (name == "content_block" && object) return block(walk, index, false);
    if (name == "message" && object) return read_message_texts(walk, false);
    const Context context = loose(index, name);
    if (name == "type" || name == "usage") return walk.visit(Place::word, context);
    bool known = false;
    return walk.visit(walk.member(Place::other, name, known), context);
  });
}

}  // namespace gatehouse::dialects::anthropic
