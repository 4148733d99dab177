#include "gatehouse/dialects/gemini/event_texts.h"

#include <string_view>

namespace gatehouse::dialects::gemini {
namespace {

using json::Cursor;
using llm::SegmentKind;
using Context = AnswerWalk::Context;

constexpr std::uint32_t kPathBits = DeltaReader::kPathPart - 1;

Context loose(std::string_view name) { return {.part = unknown_part(hash_name(name))}; }

class AnswerTexts {
 public:
  AnswerTexts(AnswerWalk& walk, bool body) : walk_(walk), cursor_(walk.cursor()), body_(body) {}

  bool run() {
    if (cursor_.first() != '{') return walk_.visit(Place::other, loose({}));
    return cursor_.object([&](const Cursor::String& key) {
      const std::string_view name = walk_.name_of(key);
      if (name == "candidates" && cursor_.first() == '[') return candidates();
      if (name == "usageMetadata") return walk_.visit(Place::word, loose(name));
      if (name == "modelVersion") return walk_.visit(Place::nothing, loose(name));
      if (name == "responseId" || name == "createTime") return walk_.visit(Place::id, loose(name));
      return walk_.visit(name == "promptFeedback" ? Place::annotations : Place::other, loose(name));
    });
  }

 private:
  bool candidates() {
    std::uint64_t position = 0;
    return cursor_.array([&] {
      const std::uint64_t index = position++;
      if (cursor_.first() != '{') return walk_.visit(Place::other, loose({}));
      return candidate(index);
    });
  }

  // Which it is may be told last.
  bool candidate(std::uint64_t index) {
    const std::size_t first = walk_.mark();
    const std::size_t first_logprobs = walk_.logprobs_mark();
    const bool read = cursor_.object([&](const Cursor::String& key) {
      const std::string_view name = walk_.name_of(key);
      if (name == "index") return walk_.number(index);
      if (name == "content" && cursor_.first() == '{') return content();
      if (name == "finishReason") return walk_.visit(Place::word, loose(name));
      // What searches found, and the answer's words that rest on it once more.
      for (const std::string_view about :
           {"safetyRatings", "citationMetadata", "groundingMetadata", "urlContextMetadata"}) {
        if (name == about) return walk_.visit(Place::annotations, loose(name));
      }
      if (name == "logprobsResult") return walk_.logprobs(0, 0, "null");
      return walk_.visit(Place::other, loose(name));
    });
    const auto number = static_cast<std::uint32_t>(index);
    for (std::size_t i = first; i < walk_.mark(); ++i) walk_.out()[i].choice = number;
    for (std::size_t i = first_logprobs; i < walk_.logprobs_mark(); ++i) walk_.logprobs_list()[i].choice = number;
    return read;
  }

  bool content() {
    return cursor_.object([&](const Cursor::String& key) {
      const std::string_view name = walk_.name_of(key);
      if (name == "role") return walk_.visit(Place::word, loose(name));
      if (name == "parts" && cursor_.first() == '[') {
        return cursor_.array([&] { return cursor_.first() == '{' ? part() : walk_.visit(Place::part, {}); });
      }
      return walk_.visit(Place::other, loose(name));
    });
  }

  bool part() {
    const std::size_t first = walk_.mark();
    bool thought = false;
    const bool read = cursor_.object([&](const Cursor::String& key) {
      const std::string_view name = walk_.name_of(key);
      if (name == "text") return walk_.text(SegmentKind::text, {.whole = body_});
      if (name == "thought") {
        thought = cursor_.first() == 't';
        return walk_.visit(Place::word, loose(name));
      }
      if (name == "functionCall" && cursor_.first() == '{') return call();
      bool known = false;
      const Place place = walk_.member(Place::part, name, known);
      Context context = loose(name);
      if (place == Place::response) context.kind = SegmentKind::document;
      return walk_.visit(place, context);
    });
    for (std::size_t i = first; thought && i < walk_.mark(); ++i) {
      if (walk_.out()[i].kind == SegmentKind::text) walk_.out()[i].kind = SegmentKind::reasoning;
    }
    return read;
  }

  bool call() {
    return cursor_.object([&](const Cursor::String& key) {
      const std::string_view name = walk_.name_of(key);
      if (name == "partialArgs" && cursor_.first() == '[') {
        return cursor_.array(
            [&] { return cursor_.first() == '{' ? partial_argument() : walk_.visit(Place::arguments, loose(name)); });
      }
      bool known = false;
      Context context = loose(name);
      context.kind = SegmentKind::tool_arguments;
      return walk_.visit(walk_.member(Place::calls, name, known), context);
    });
  }

  // {"jsonPath":"$.city","stringValue":"Par","willContinue":true}
  bool partial_argument() {
    const std::size_t first = walk_.mark();
    std::uint32_t part = DeltaReader::kPathPart;
    const bool read = cursor_.object([&](const Cursor::String& key) {
      const std::string_view name = walk_.name_of(key);
      const Context grows{.part = part, .kind = SegmentKind::tool_arguments, .whole = body_};
      if (name == "stringValue" && cursor_.first() == '"') return walk_.text(SegmentKind::tool_arguments, grows);
      Context context = loose(name);
      context.kind = SegmentKind::tool_arguments;
      if (name != "jsonPath" || cursor_.first() != '"') return walk_.visit(Place::arguments, context);
      const std::size_t begin = cursor_.offset();
      if (!walk_.text(SegmentKind::tool_arguments, context)) return false;
      part = DeltaReader::kPathPart | (hash_name(cursor_.since(begin)) & kPathBits);
      return true;
    });
    for (std::size_t i = first; i < walk_.mark(); ++i) {
      if ((walk_.out()[i].part & DeltaReader::kUnknownPart) == 0) walk_.out()[i].part = part;
    }
    return read;
  }

  AnswerWalk& walk_;
  Cursor& cursor_;
  bool body_;
};

}  // namespace

bool read_answer_texts(AnswerWalk& walk, bool body) { return AnswerTexts(walk, body).run(); }

}  // namespace gatehouse::dialects::gemini
