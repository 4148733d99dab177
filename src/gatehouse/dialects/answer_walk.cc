#include "gatehouse/dialects/answer_walk.h"

#include <utility>

#include "gatehouse/json/value.h"

namespace gatehouse::dialects {

using json::Cursor;
using llm::SegmentKind;

bool AnswerWalk::visit(Place place, Context context) {
  const PlaceRule& at = rule(place);
  if (at.sets_kind) context.kind = at.kind;
  switch (cursor_.first()) {
    case '"':
      return string(at, context);
    case '{':
      // Arguments come in pieces as a string only.
      if (place == Place::arguments) context.whole = true;
      return cursor_.object([&](const Cursor::String& key) {
        bool known = false;
        const Place to = member(place, key.escaped ? name_of(key) : key.inside, known);
        const bool told = known || at.names == Names::none ||
                          (at.names == Names::unusual && !key.escaped && is_plain_name(key.inside));
        if (!told) {
          // A name comes whole, whatever its value does.
          Context own = context;
          own.whole = true;
          add(key, at.kind == SegmentKind::tool_arguments ? at.kind : SegmentKind::other, own);
        }
        return visit(to, context);
      });
    case '[': {
      const Place element = at.element == Place::nothing ? place : at.element;
      return cursor_.array([&] { return visit(element, context); });
    }
    default:
      return cursor_.skip();
  }
}

bool AnswerWalk::text(SegmentKind kind, const Context& context) {
  if (cursor_.first() != '"') return visit(Place::other, context);
  Cursor::String string;
  if (!cursor_.string(string)) return false;
  add(string, kind, context);
  return true;
}

bool AnswerWalk::number(std::uint64_t& out) {
  const std::size_t begin = cursor_.offset();
  if (!cursor_.skip()) return false;
  if (const auto count = json::read_count(cursor_.since(begin))) out = *count;
  return true;
}

bool AnswerWalk::string(const PlaceRule& at, Context context) {
  Cursor::String string;
  if (!cursor_.string(string)) return false;
  const bool plain = !string.escaped;
  SegmentKind kind = SegmentKind::other;
  switch (at.strings) {
    case Strings::none:
      return true;
    case Strings::role:
    case Strings::item_type:
    case Strings::word:
      if (plain && is_word(string.inside)) return true;
      break;
    case Strings::reference:
    case Strings::id:
      if (plain && is_id(string.inside)) return true;
      break;
    case Strings::opaque:
      if (is_opaque(string.inside)) return true;
      break;
    case Strings::url:
      kind = kind_of_url(string);
      break;
    case Strings::blob:
      kind = kind_of_blob(string, 0);  // sound comes in slices of any size
      break;
    case Strings::text:
      kind = at.inherits_kind ? context.kind : at.kind;
      break;
  }
  // What is something else by its look comes whole: half of it might look otherwise.
  if (at.strings != Strings::text) context.whole = true;
  if (kind != SegmentKind::media) add(string, kind, context);
  return true;
}

void AnswerWalk::add(const Cursor::String& string, SegmentKind kind, const Context& context) {
  if (string.inside.empty()) return;
  if (out_.size() - first_ == DeltaReader::kMost) {
    overflow_ = true;
    return;
  }
  // Names of functions and the like come in one piece; to wait for more of them would hold back what follows.
  const bool name = kind == SegmentKind::other && (context.part & DeltaReader::kUnknownPart) == 0;
  out_.push_back({.choice = context.choice,
                  .kind = kind,
                  .part = context.part,
                  .offset = string.offset,
                  .length = string.length,
                  .text = text_of(string, decoded_),
                  .escaped = string.escaped,
                  .whole = context.whole || name,
                  .echo = context.echo});
}

// Chat: {"content": [{"token"}], "refusal": [...]}; completions: {"tokens": [...], ...}; responses: [{"token"}];
// Gemini:
// {"chosenCandidates": [{"token"}]}. The alternatives beside a token are not part of the text.
bool AnswerWalk::tokens(std::string& text) {
  switch (cursor_.first()) {
    case '[':
      return cursor_.array([&] { return tokens(text); });
    case '{':
      return cursor_.object([&](const Cursor::String& key) {
        const std::string_view name = name_of(key);
        if (name == "top_logprobs" || name == "topCandidates") return cursor_.skip();
        if (name == "token" || name == "tokens" || name == "content" || name == "refusal" ||
            name == "chosenCandidates") {
          return tokens(text);
        }
        return cursor_.skip();
      });
    case '"': {
      Cursor::String string;
      if (!cursor_.string(string)) return false;
      json::append_decoded(string, text);
      return true;
    }
    default:
      return cursor_.skip();
  }
}

bool AnswerWalk::logprobs(std::uint32_t choice, std::uint32_t part, std::string_view nothing) {
  const char first = cursor_.first();
  if (first != '{' && first != '[') return visit(Place::other, {.choice = choice, .part = part});
  const std::size_t begin = cursor_.offset();
  std::string text;
  if (!tokens(text)) return false;
  const std::size_t length = cursor_.offset() - begin;
  if (length <= 2) return true;
  if (logprobs_.size() == DeltaReader::kMost) {
    overflow_ = true;
    return true;
  }
  logprobs_.push_back({.choice = choice,
                       .part = part,
                       .offset = begin,
                       .length = length,
                       .text = decoded_.emplace_back(std::move(text)),
                       .nothing = nothing});
  return true;
}

}  // namespace gatehouse::dialects
