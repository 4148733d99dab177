#include "gatehouse/dialects/openai_chat/chunk_texts.h"

#include <string_view>

namespace gatehouse::dialects::openai_chat {
namespace {

using json::Cursor;
using llm::SegmentKind;
using Context = AnswerWalk::Context;

// Parts of members that say the same under several names (Together sends `text` beside `delta`, OpenRouter all kinds of
// reasoning), and of the legacy call.
constexpr std::uint32_t kChoiceTextPart = 1;
constexpr std::uint32_t kReasoningContentPart = 1;
constexpr std::uint32_t kReasoningDetailsPart = 2;  // + index
constexpr std::uint32_t kFunctionCallPart = 0x4'0000;
// What repeats the text so far does not end it: it is set apart.
constexpr std::uint32_t kSnapshotPart = 0x4000'0000;

// Chunks and bodies of chat and completions.
class ChatWalk {
 public:
  ChatWalk(AnswerWalk& walk, bool body) : walk_(walk), cursor_(walk.cursor()), body_(body) {}

  bool run() {
    if (cursor_.first() != '{') return walk_.visit(Place::other, {.part = unknown_part(0)});
    return cursor_.object([&](const Cursor::String& key) {
      const std::string_view name = walk_.name_of(key);
      if (name == "choices" && cursor_.first() == '[') return choices();
      if (name == "id" || name == "system_fingerprint") return walk_.visit(Place::id, {});
      if (name == "object" || name == "service_tier") return walk_.visit(Place::word, {});
      if (name == "model") return walk_.visit(Place::nothing, {});
      if (name == "obfuscation") return walk_.visit(Place::opaque, {});
      if (name == "usage") return walk_.visit(Place::word, {.part = unknown_part(hash_name(name))});
      // A server of its own kind, which streams without choices.
      if (name == "content" && cursor_.first() == '"') return walk_.text(SegmentKind::text, {.whole = body_});
      const bool links = name == "citations" && cursor_.first() == '[';
      return walk_.visit(links ? Place::url : Place::other, {.part = unknown_part(hash_name(name))});
    });
  }

 private:
  bool choices() {
    std::uint64_t position = 0;
    return cursor_.array([&] {
      const std::uint64_t index = position++;
      if (cursor_.first() != '{') return walk_.visit(Place::other, {.part = unknown_part(0)});
      return choice(index);
    });
  }

  // Which choice it is may be told last.
  bool choice(std::uint64_t index) {
    const std::size_t first = walk_.mark();
    const std::size_t first_logprobs = walk_.logprobs_mark();
    const bool read = cursor_.object([&](const Cursor::String& key) {
      const std::string_view name = walk_.name_of(key);
      if (name == "index") return walk_.number(index);
      // In a stream a `message` beside the delta repeats all that was said so far (Perplexity).
      if (name == "delta" && cursor_.first() == '{') return message(body_);
      if (name == "message" && cursor_.first() == '{') {
        const std::size_t begin = walk_.mark();
        const bool whole = message(true);
        for (std::size_t i = begin; !body_ && i < walk_.mark(); ++i) walk_.out()[i].part |= kSnapshotPart;
        return whole;
      }
      if (name == "text") return walk_.visit(Place::content, {.part = kChoiceTextPart, .whole = body_});
      if (name == "logprobs") return walk_.logprobs(0, 0, "null");
      if (name == "finish_reason" || name == "native_finish_reason") return walk_.visit(Place::word, {});
      return walk_.visit(Place::other, {.part = unknown_part(hash_name(name))});
    });
    const auto number = static_cast<std::uint32_t>(index);
    for (std::size_t i = first; i < walk_.mark(); ++i) walk_.out()[i].choice = number;
    for (std::size_t i = first_logprobs; i < walk_.logprobs_mark(); ++i) walk_.logprobs_list()[i].choice = number;
    return read;
  }

  bool message(bool whole) {
    return cursor_.object([&](const Cursor::String& key) {
      const std::string_view name = walk_.name_of(key);
      const Context grows{.whole = whole};
      if (name == "content") return walk_.visit(Place::content, grows);
      if (name == "role") return walk_.visit(Place::word, grows);
      if (name == "refusal") return walk_.visit(Place::refusal, grows);
      if (name == "reasoning") return walk_.visit(Place::reasoning, grows);
      if (name == "reasoning_content") {
        return walk_.visit(Place::reasoning, {.part = kReasoningContentPart, .whole = whole});
      }
      if (name == "tool_calls" && cursor_.first() == '[') return indexed(Place::calls, 0, whole);
      if (name == "reasoning_details" && cursor_.first() == '[') {
        return indexed(Place::reasoning, kReasoningDetailsPart, whole);
      }
      if (name == "function_call") return walk_.visit(Place::calls, {.part = kFunctionCallPart, .whole = whole});
      if (name == "audio") return walk_.visit(Place::content, {.part = DeltaReader::kTranscriptPart, .whole = whole});
      if (name == "annotations") {
        return walk_.visit(Place::annotations, {.part = unknown_part(hash_name(name))});
      }
      bool known = false;
      const Place place = walk_.member(Place::message, name, known);
      // A list or object of a server's own comes whole, so far as was seen (Groq's executed_tools).
      const bool grows_too = !whole && !known && cursor_.first() == '"';
      return walk_.visit(place, {.part = unknown_part(hash_name(name)), .whole = !grows_too});
    });
  }

  // A list whose elements grow by their "index", or by their position where they have none.
  bool indexed(Place place, std::uint32_t base, bool whole) {
    std::uint64_t position = 0;
    return cursor_.array([&] {
      std::uint64_t index = position++;
      const std::size_t first = walk_.mark();
      const Context grows{.whole = whole};
      const bool read =
          cursor_.first() != '{' ? walk_.visit(place, grows) : cursor_.object([&](const Cursor::String& key) {
            const std::string_view name = walk_.name_of(key);
            if (name == "index") return walk_.number(index);
            bool known = false;
            Context own = grows;
            own.kind = walk_.rule(place).kind;
            return walk_.visit(walk_.member(place, name, known), own);
          });
      const std::uint32_t part = base + static_cast<std::uint32_t>(index & 0xFFFF);
      for (std::size_t i = first; i < walk_.mark(); ++i) walk_.out()[i].part = part;
      return read;
    });
  }

  AnswerWalk& walk_;
  Cursor& cursor_;
  bool body_;
};

}  // namespace

bool read_chunk_texts(AnswerWalk& walk, bool body) { return ChatWalk(walk, body).run(); }

}  // namespace gatehouse::dialects::openai_chat
