#include "gatehouse/dialects/segments.h"

#include <utility>

#include "gatehouse/base/strings.h"
#include "gatehouse/dialects/places.h"
#include "gatehouse/dialects/text_rules.h"
#include "gatehouse/dialects/wire.h"
#include "gatehouse/json/cursor.h"

namespace gatehouse::dialects {
namespace {

using json::Cursor;
using llm::Role;
using llm::Segment;
using llm::SegmentKind;
using llm::SegmentList;

// No image, sound or document is shorter, in base64.
constexpr std::size_t kLeastFile = 64;

Role role_of(std::string_view word) {
  if (word == "user") return Role::user;
  if (word == "assistant" || word == "model") return Role::assistant;
  if (word == "system" || word == "developer") return Role::system;
  if (word == "tool" || word == "function") return Role::tool;
  return Role::none;
}

// Who an item of the responses API is from, where it has no role.
Role role_of_item(std::string_view type) {
  if (type.ends_with("_call") || type == "reasoning" || type == "compaction" || type == "mcp_approval_request") {
    return Role::assistant;
  }
  if (type.ends_with("_output") || type == "mcp_list_tools") return Role::tool;
  return Role::user;
}

// Whether what is beside this type, or media type, is a file.
bool says_file(std::string_view type) {
  return type.empty() || type == "base64" || (type.contains('/') && !is_text_type(base::to_lower(type)));
}

class Walk {
 public:
  Walk(const PlaceTable& table, std::string_view body, SegmentList& out) : table_(table), cursor_(body), out_(out) {}

  void run(Place place) {
    bool counted = false;
    visit(place, {.counted = &counted});
    out_.depth = static_cast<std::uint32_t>(cursor_.depth());
    if (cursor_.failed()) out_.complete = false;  // the body was not checked after all
  }

 private:
  // What is said of the places around.
  struct Context {
    Role role = Role::none;
    SegmentKind kind = SegmentKind::text;
    bool in_media = false;
    bool* counted = nullptr;  // whether the object around was counted as media
  };

  bool visit(Place place, Context context) {
    const PlaceRule& at = table_.rule(place);
    if (at.sets_role) context.role = at.role;
    if (at.sets_kind) context.kind = at.kind;
    switch (cursor_.first()) {
      case '"':
        // What a search found has the name of its source there, no file.
        if (place != Place::source) count_media(at, context);
        if (at.counts == Counts::messages) ++out_.messages;
        if (place == Place::items || place == Place::item) context.role = Role::user;
        if (place == Place::turns || place == Place::turn) context.role = Role::user;
        return string(at, context);
      case '{':
        count_media(at, context);
        return object(place, at, context);
      case '[':
        return array(place, at, context);
      case 't':
        if (place == Place::thought) thought_ = true;
        return cursor_.skip();
      case 'f':
      case 'n':
        return cursor_.skip();
      default:
        number_seen_ = true;
        return cursor_.skip();
    }
  }

  void count_media(const PlaceRule& at, Context& context) {
    if (!at.is_media) return;
    if (!context.in_media && !*context.counted) {
      ++out_.media;
      *context.counted = true;
    }
    context.in_media = true;
  }

  bool object(Place place, const PlaceRule& at, Context context) {
    bool counted = false;
    context.counted = &counted;
    if (at.tells_role) return message(place, at, context);
    if (at.tells_type) return block(place, at, context);
    return members(place, at, context);
  }

  bool members(Place place, const PlaceRule& at, const Context& context) {
    return cursor_.object([&](const Cursor::String& key) {
      bool known = false;
      const Place to = table_.member(place, key.escaped ? text_of(key, out_.decoded) : key.inside, known);
      if (!known) name(at, key, context);
      return visit(to, context);
    });
  }

  // Who says it may be told behind what is said.
  bool message(Place place, const PlaceRule& at, const Context& context) {
    const std::size_t first = out_.segments.size();
    role_ = Role::none;
    item_type_ = {};
    // One alone, where a list of them is meant.
    if (at.counts == Counts::messages) ++out_.messages;
    if (!members(place, at, context)) return false;
    Role role = role_;
    if (place == Place::item) {
      if (role == Role::none) role = role_of_item(item_type_);
      if (item_type_ == "item_reference") ++out_.references;
    }
    // Gemini's callers may leave the role out.
    if (at.members == Place::turn && role == Role::none) role = Role::user;
    const bool reasoning = item_type_ == "reasoning";
    for (std::size_t i = first; i < out_.segments.size(); ++i) {
      Segment& segment = out_.segments[i];
      if (segment.role == Role::none) segment.role = role;
      if (reasoning && segment.kind == SegmentKind::text) segment.kind = SegmentKind::reasoning;
    }
    return true;
  }

  // What a type says of the texts beside it, which it may stand behind.
  bool block(Place place, const PlaceRule& at, const Context& context) {
    const std::size_t first = out_.segments.size();
    const std::string_view outer = std::exchange(item_type_, {});
    const bool outer_thought = std::exchange(thought_, false);
    if (!members(place, at, context)) return false;
    const std::string_view type = std::exchange(item_type_, outer);
    const bool thought = std::exchange(thought_, outer_thought) || type == "thinking";
    const bool result = type.ends_with("tool_result");
    const bool document = type == "document" || type == "search_result";
    const bool is_file = says_file(type);
    for (std::size_t i = first; i < out_.segments.size(); ++i) {
      Segment& segment = out_.segments[i];
      if (place == Place::source) {
        if (segment.kind == SegmentKind::media && !is_file) reveal(segment);
        continue;
      }
      if (result && segment.role == Role::none) segment.role = Role::tool;
      if (segment.kind != SegmentKind::text) continue;
      if (document) segment.kind = SegmentKind::document;
      if (thought) segment.kind = SegmentKind::reasoning;
    }
    return true;
  }

  // A media type that says text is not taken back by another, nor by what stands beside it.
  void set_type(std::string_view type) {
    if (item_type_.contains('/') && !says_file(item_type_)) return;
    item_type_ = type;
  }

  // What looked like a file but says that it is text.
  void reveal(Segment& segment) {
    segment.kind = SegmentKind::document;
    if (!segment.escaped) return;
    segment.text = text_of({segment.offset, segment.length, segment.text, true}, out_.decoded);
  }

  bool array(Place place, const PlaceRule& at, const Context& context) {
    const Place element = at.element == Place::nothing ? place : at.element;
    const bool outer = std::exchange(number_seen_, false);
    const bool read = cursor_.array([&] {
      bool counted = false;
      Context own = context;
      if (!context.in_media) own.counted = &counted;
      const char first = cursor_.first();
      const bool value = first == '{' || first == '[' || first == '"';
      if (value && at.counts == Counts::messages) message_ = out_.messages++;
      if (first == '{' && at.counts == Counts::tools) ++out_.tools;
      return visit(element, own);
    });
    if (at.tokens && number_seen_) {
      ++out_.unread;
      if (at.counts == Counts::messages && out_.messages == 0) out_.messages = 1;
    }
    number_seen_ = outer;
    if (at.counts == Counts::messages) message_ = 0;
    return read;
  }

  bool string(const PlaceRule& at, const Context& context) {
    Cursor::String string;
    if (!cursor_.string(string)) return false;
    // Words and the like are not decoded: written with escapes they are looked at as texts.
    const bool plain = !string.escaped;
    switch (at.strings) {
      case Strings::none:
        return true;
      case Strings::role:
        role_ = role_of(plain ? string.inside : text_of(string, out_.decoded));
        if (plain && (role_ != Role::none || is_word(string.inside))) return true;
        break;
      case Strings::item_type:
        set_type(plain ? string.inside : text_of(string, out_.decoded));
        if (plain && is_word(string.inside)) return true;
        break;
      case Strings::word:
        if (plain && (string.inside.empty() || is_word(string.inside))) return true;
        break;
      case Strings::reference:
        ++out_.references;
        [[fallthrough]];
      case Strings::id:
        if (plain && (string.inside.empty() || is_id(string.inside))) return true;
        break;
      case Strings::opaque:
        if (is_opaque(string.inside)) return true;
        break;
      case Strings::url:
        add(string, kind_of_url(string), context);
        return true;
      case Strings::blob:
        add(string, kind_of_blob(string, kLeastFile), context);
        return true;
      case Strings::text:
        add(string, at.inherits_kind ? context.kind : at.kind, context);
        return true;
    }
    add(string, SegmentKind::other, context);
    return true;
  }

  void name(const PlaceRule& at, const Cursor::String& key, const Context& context) {
    if (at.names == Names::none) return;
    if (at.names == Names::unusual && !key.escaped && is_plain_name(key.inside)) return;
    const bool defined = at.kind == SegmentKind::tool_definition || at.kind == SegmentKind::tool_arguments;
    add(key, defined ? at.kind : SegmentKind::other, context);
    if (!out_.segments.empty() && out_.segments.back().offset == key.offset) out_.segments.back().length = 0;
  }

  void add(const Cursor::String& string, SegmentKind kind, const Context& context) {
    if (string.inside.empty()) return;
    if (out_.segments.size() == SegmentList::kMost) {
      out_.complete = false;
      return;
    }
    const bool decode = string.escaped && kind != SegmentKind::media;
    out_.segments.push_back({.role = context.role,
                             .kind = kind,
                             .message = message_,
                             .offset = string.offset,
                             .length = string.length,
                             .text = decode ? text_of(string, out_.decoded) : string.inside,
                             .escaped = string.escaped});
  }

  const PlaceTable& table_;
  Cursor cursor_;
  SegmentList& out_;
  std::uint32_t message_ = 0;
  Role role_ = Role::none;      // of the message in hand
  std::string_view item_type_;  // of the item or block in hand
  bool thought_ = false;        // of the part in hand
  bool number_seen_ = false;    // in the array in hand
};

}  // namespace

void read_segments(llm::Dialect dialect, llm::Operation operation, std::string_view body, SegmentList& out) {
  out.clear();
  if (out.segments.capacity() == 0) out.segments.reserve(32);
  Walk(place_table(dialect), body, out).run(body_place(dialect, operation));
}

void read_segments(llm::Operation operation, std::string_view body, SegmentList& out) {
  read_segments(dialect_of(operation), operation, body, out);
}

}  // namespace gatehouse::dialects
