#include "gatehouse/dialects/openai_responses/event_texts.h"

#include <algorithm>
#include <array>
#include <string>

#include "gatehouse/json/value.h"

namespace gatehouse::dialects::openai_responses {
namespace {

using json::Cursor;
using llm::SegmentKind;
using Context = AnswerWalk::Context;

constexpr std::string_view kNoLogprobs = "[]";

// What an event says of itself, wherever in it that stands.
struct Head {
  std::string type;
  std::uint64_t item = 0;
  std::uint64_t content = 0;
  std::uint64_t summary = 0;
  std::uint64_t command = 0;
  std::uint64_t block = 0;  // "index", of servers with other ideas
};

Head head_of(std::string_view data) {
  Head head;
  Cursor cursor(data);
  const auto number = [&cursor](std::uint64_t& out) {
    const std::size_t begin = cursor.offset();
    if (!cursor.skip()) return false;
    if (const auto count = json::read_count(cursor.since(begin))) out = *count;
    return true;
  };
  if (cursor.first() != '{') return head;
  (void)cursor.object([&](const Cursor::String& key) {
    if (key.inside == "type" && cursor.first() == '"') {
      Cursor::String type;
      if (!cursor.string(type)) return false;
      head.type.clear();
      if (type.length < 200) json::append_decoded(type, head.type);
      return true;
    }
    if (key.inside == "output_index") return number(head.item);
    if (key.inside == "content_index") return number(head.content);
    if (key.inside == "summary_index") return number(head.summary);
    if (key.inside == "command_index") return number(head.command);
    if (key.inside == "index") return number(head.block);
    return cursor.skip();
  });
  return head;
}

std::uint32_t small(std::uint64_t number) { return static_cast<std::uint32_t>(number & 0xFFFF); }

// "response.output_text.delta": a text that grows is called "output_text".
struct EventName {
  std::string_view text;
  std::string_view stage;  // "delta", "done", "added" ...
};
EventName split(std::string_view type) {
  if (type.starts_with("response.")) type.remove_prefix(9);
  const auto dot = type.rfind('.');
  if (dot == std::string_view::npos) return {type, {}};
  return {type.substr(0, dot), type.substr(dot + 1)};
}

Context channel_of(std::string_view text, const Head& head) {
  Context channel{.choice = static_cast<std::uint32_t>(head.item)};
  const auto is = [text](std::initializer_list<std::string_view> names) {
    return std::ranges::find(names, text) != names.end();
  };
  channel.part = small(head.content);
  if (is({"output_text", "text"})) return channel;
  if (is({"refusal"})) {
    channel.kind = SegmentKind::refusal;
  } else if (is({"reasoning_text", "reasoning"})) {
    channel.kind = SegmentKind::reasoning;
  } else if (is({"reasoning_summary_text", "reasoning_summary", "reasoning_summary_part"})) {
    channel.kind = SegmentKind::reasoning;
    channel.part = DeltaReader::kSummaryPart + small(head.summary);
  } else if (is({"function_call_arguments", "mcp_call_arguments", "mcp_call.arguments", "custom_tool_call_input",
                 "code_interpreter_call_code", "code_interpreter_call.code", "shell_call_command",
                 "apply_patch_call_operation_diff"})) {
    channel.kind = SegmentKind::tool_arguments;
    channel.part = small(head.command);
  } else if (is({"audio.transcript", "audio_transcript", "output_audio_transcript"})) {
    channel.part = DeltaReader::kTranscriptPart;
  } else if (is({"shell_call_output_content"})) {
    channel.kind = SegmentKind::document;
    channel.part = 2 * small(head.command);
  } else {
    channel.kind = SegmentKind::other;
    channel.part = unknown_part(hash_name(text) + small(head.content) + small(head.block) * 8191);
  }
  return channel;
}

// Whether events of their own tell the texts of an item, so that what it has when it is added is a beginning.
bool has_deltas(std::string_view type) {
  constexpr std::array<std::string_view, 9> kTypes = {
      "\"apply_patch_call\"",      "\"message\"",          "\"reasoning\"",
      "\"function_call\"",         "\"custom_tool_call\"", "\"mcp_call\"",
      "\"code_interpreter_call\"", "\"shell_call\"",       "\"shell_call_output\""};
  return std::ranges::find(kTypes, type) != kTypes.end();
}

// Output items.
class ItemWalk {
 public:
  ItemWalk(AnswerWalk& walk, std::uint64_t index, bool whole)
      : walk_(walk), cursor_(walk.cursor()), index_(static_cast<std::uint32_t>(index)), whole_(whole) {}

  bool run() {
    if (cursor_.first() != '{') return walk_.visit(Place::other, loose("item"));
    const std::size_t first = walk_.mark();
    std::string_view type;
    const bool read = cursor_.object([&](const Cursor::String& key) {
      const std::string_view name = walk_.name_of(key);
      const bool string = cursor_.first() == '"';
      if (name == "type" && string) {
        const std::size_t begin = cursor_.offset();
        if (!walk_.visit(Place::word, loose(name))) return false;
        type = cursor_.since(begin);
        return true;
      }
      if (name == "content") return list(0, SegmentKind::text);
      if (name == "summary") return list(DeltaReader::kSummaryPart, SegmentKind::reasoning);
      if (name == "name" && string) return walk_.text(SegmentKind::other, grows(0, SegmentKind::other));
      if ((name == "arguments" || name == "input" || name == "code") && string) {
        return walk_.text(SegmentKind::tool_arguments, grows(0, SegmentKind::tool_arguments));
      }
      if ((name == "action" || name == "operation") && cursor_.first() == '{') return action();
      if (name == "output" && cursor_.first() == '[') return outputs();
      if (name == "output" && string) return walk_.text(SegmentKind::document, loose(name));
      if (name == "output" || name == "results" || name == "outputs" || name == "error") {
        Context context = loose(name);
        context.kind = SegmentKind::document;
        return walk_.visit(Place::content, context);
      }
      bool known = false;
      return walk_.visit(walk_.member(Place::item, name, known), loose(name));
    });
    const bool reasoning = type == "\"reasoning\"";
    const bool grows = has_deltas(type);
    for (std::size_t i = first; i < walk_.mark(); ++i) {
      llm::Delta& delta = walk_.out()[i];
      if (reasoning && delta.kind == SegmentKind::text) delta.kind = SegmentKind::reasoning;
      if (!grows) delta.whole = true;
    }
    return read;
  }

  // A content part.
  bool part(std::uint32_t number, SegmentKind kind) {
    if (cursor_.first() != '{') return walk_.visit(Place::content, grows(number, kind));
    const std::size_t first = walk_.mark();
    bool reasoning = false;
    bool summary = false;
    const bool read = cursor_.object([&](const Cursor::String& key) {
      const std::string_view name = walk_.name_of(key);
      const bool string = cursor_.first() == '"';
      if (name == "type" && string) {
        const std::size_t begin = cursor_.offset();
        if (!walk_.visit(Place::word, loose(name))) return false;
        reasoning = cursor_.since(begin) == "\"reasoning_text\"";
        summary = cursor_.since(begin) == "\"summary_text\"";
        return true;
      }
      if (name == "text" && string) return walk_.text(kind, grows(number, kind));
      if (name == "refusal" && string) return walk_.text(SegmentKind::refusal, grows(number, SegmentKind::refusal));
      if (name == "transcript" && string) {
        return walk_.text(SegmentKind::text, grows(DeltaReader::kTranscriptPart, SegmentKind::text));
      }
      if (name == "logprobs") return walk_.logprobs(index_, number, kNoLogprobs);
      Context context = loose(name);
      context.kind = kind;
      bool known = false;
      return walk_.visit(walk_.member(Place::content, name, known), context);
    });
    for (std::size_t i = first; (reasoning || summary) && i < walk_.mark(); ++i) {
      if (walk_.out()[i].kind == SegmentKind::text) walk_.out()[i].kind = SegmentKind::reasoning;
    }
    return read;
  }

 private:
  // Texts that have events of their own: what stands in an `added` event is their beginning.
  Context grows(std::uint32_t number, SegmentKind kind) const {
    return {.choice = index_, .part = number, .kind = kind, .whole = whole_};
  }
  Context loose(std::string_view name) const { return {.choice = index_, .part = unknown_part(hash_name(name))}; }

  bool list(std::uint32_t base, SegmentKind kind) {
    if (cursor_.first() != '[') return walk_.visit(Place::content, grows(base, kind));
    std::uint32_t number = base;
    return cursor_.array([&] { return part(number++, kind); });
  }

  // A shell's commands grow by their number, so does a patch; other actions come whole.
  bool action() {
    return cursor_.object([&](const Cursor::String& key) {
      const std::string_view name = walk_.name_of(key);
      if (name == "commands" && cursor_.first() == '[') {
        std::uint32_t number = 0;
        return cursor_.array(
            [&] { return walk_.text(SegmentKind::tool_arguments, grows(number++, SegmentKind::tool_arguments)); });
      }
      if (name == "diff" && cursor_.first() == '"') {
        return walk_.text(SegmentKind::tool_arguments, grows(0, SegmentKind::tool_arguments));
      }
      bool known = false;
      return walk_.visit(walk_.member(Place::action, name, known), loose(name));
    });
  }

  // Of a shell: {stdout, stderr} of each command. Of others a list of parts.
  bool outputs() {
    std::uint32_t number = 0;
    return cursor_.array([&] {
      const std::uint32_t own = 2 * number++;
      if (cursor_.first() != '{') return walk_.visit(Place::content, loose("output"));
      return cursor_.object([&](const Cursor::String& key) {
        const std::string_view name = walk_.name_of(key);
        const bool error = name == "stderr";
        if (error || name == "stdout") {
          return walk_.text(SegmentKind::document, grows(own + (error ? 1 : 0), SegmentKind::document));
        }
        Context context = loose(name);
        context.kind = SegmentKind::document;
        bool known = false;
        return walk_.visit(walk_.member(Place::content, name, known), context);
      });
    });
  }

  AnswerWalk& walk_;
  Cursor& cursor_;
  std::uint32_t index_;
  bool whole_;
};

// A `delta` that is an object: its strings grow side by side.
bool delta_object(AnswerWalk& walk, const EventName& event, const Context& channel) {
  Cursor& cursor = walk.cursor();
  return cursor.object([&](const Cursor::String& key) {
    const std::string_view name = walk.name_of(key);
    Context own = channel;
    own.whole = false;
    if (event.text == "shell_call_output_content") {
      if (name == "stderr") ++own.part;
      return walk.text(SegmentKind::document, own);
    }
    own.part = unknown_part(hash_name(name, channel.part));
    own.kind = SegmentKind::other;
    bool known = false;
    return walk.visit(walk.member(Place::other, name, known), own);
  });
}

bool is_text_member(std::string_view name) {
  constexpr std::array<std::string_view, 9> kTexts = {"text",    "refusal",    "arguments", "input", "code",
                                                      "command", "transcript", "delta",     "diff"};
  return std::ranges::find(kTexts, name) != kTexts.end();
}

}  // namespace

bool read_response_texts(AnswerWalk& walk, bool echo) {
  Cursor& cursor = walk.cursor();
  if (cursor.first() != '{') return walk.visit(Place::other, {});
  return cursor.object([&](const Cursor::String& key) {
    const std::string_view name = walk.name_of(key);
    Context context{.part = unknown_part(hash_name(name)), .echo = echo};
    if (name == "output" && cursor.first() == '[') {
      std::uint64_t index = 0;
      return cursor.array([&] { return ItemWalk(walk, index++, true).run(); });
    }
    if (name == "output" || name == "output_text") {
      context.echo = false;
      return walk.text(SegmentKind::other, context);
    }
    if (name == "usage" || name == "incomplete_details") return walk.visit(Place::word, context);
    if (name == "id" || name == "previous_response_id") return walk.visit(Place::id, context);
    if (name == "status" || name == "object") return walk.visit(Place::word, context);
    if (name == "error") return walk.visit(Place::other, context);
    // What is left repeats the request; what is not known may not.
    bool known = false;
    const Place place = walk.member(Place::responses, name, known);
    context.echo = echo || known;
    return walk.visit(place, context);
  });
}

bool read_event_texts(std::string_view data, AnswerWalk& walk) {
  Cursor& cursor = walk.cursor();
  if (cursor.first() != '{') return walk.visit(Place::other, {});
  const Head head = head_of(data);
  const EventName event = split(head.type);
  const bool grows = event.stage == "delta" || event.stage == "added" || head.type.ends_with("_delta");
  const bool done = event.stage == "done";
  const bool audio = event.text == "audio" || event.text == "output_audio" || event.text == "speech.audio";
  Context channel = channel_of(event.text, head);
  return cursor.object([&](const Cursor::String& key) {
    const std::string_view name = walk.name_of(key);
    const char first = cursor.first();
    const bool string = first == '"';
    const Context loose{.choice = static_cast<std::uint32_t>(head.item), .part = unknown_part(hash_name(name))};
    if (string && audio && name == "delta") return walk.visit(Place::blob, loose);
    if (string && (grows || done) && is_text_member(name)) {
      channel.whole = done;
      return walk.text(channel.kind, channel);
    }
    if (name == "delta" && first == '{' && grows) return delta_object(walk, event, channel);
    if (name == "name" && string && (grows || done)) {
      return walk.text(SegmentKind::other, {.choice = loose.choice, .whole = done});
    }
    if (name == "item" && first == '{') return ItemWalk(walk, head.item, !grows).run();
    if (name == "part" && first == '{') {
      const bool summary = event.text == "reasoning_summary_part";
      const auto number = summary ? DeltaReader::kSummaryPart + small(head.summary) : small(head.content);
      return ItemWalk(walk, head.item, !grows).part(number, summary ? SegmentKind::reasoning : SegmentKind::text);
    }
    if (name == "response" && first == '{') {
      const bool before =
          head.type == "response.created" || head.type == "response.in_progress" || head.type == "response.queued";
      return read_response_texts(walk, before);
    }
    if (name == "output" && first == '[' && done) {
      Context context = loose;
      context.kind = SegmentKind::document;
      return walk.visit(Place::content, context);
    }
    if (name == "logprobs") return walk.logprobs(loose.choice, channel.part, kNoLogprobs);
    if (name == "annotation") return walk.visit(Place::annotations, loose);
    if (name == "obfuscation") return walk.visit(Place::opaque, loose);
    if (name.ends_with("_b64") || name.ends_with("b64_json")) return walk.visit(Place::blob, loose);
    bool known = false;
    return walk.visit(walk.member(Place::other, name, known), loose);
  });
}

}  // namespace gatehouse::dialects::openai_responses
