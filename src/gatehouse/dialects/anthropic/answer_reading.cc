#include "gatehouse/dialects/anthropic/answer_reading.h"

#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"
#include "gatehouse/llm/usage_reader.h"

namespace gatehouse::dialects::anthropic {
namespace {

using json::Kind;
using json::Member;

// In the words of chat.
std::string_view finish_reason(std::string_view told) {
  if (told == "\"end_turn\"" || told == "\"stop_sequence\"" || told == "\"pause_turn\"") return "stop";
  if (told == "\"max_tokens\"" || told == "\"model_context_window_exceeded\"") return "length";
  if (told == "\"tool_use\"") return "tool_calls";
  if (told == "\"refusal\"") return "content_filter";
  return {};
}

void read_reason(const Member& member, AnswerFacts& facts) {
  if (member.key != "stop_reason" || member.kind != Kind::string) return;
  if (const auto known = finish_reason(member.value); !known.empty()) {
    facts.finish_reason = known;
  } else {
    facts.finish_reason = json::read_string(member.value).value_or("");
  }
}

void read_usage(const Member& member, AnswerFacts& facts, bool final) {
  const llm::Usage told = llm::read_usage(llm::UsageApi::anthropic, member.value);
  if (!told.known) return;
  facts.usage = facts.usage.known ? llm::merge_usage(facts.usage, told) : told;
  facts.usage_is_final = facts.usage_is_final || final;
}

bool is_said(std::string_view block) {
  bool said = false;
  json::walk_object(block, [&said](const Member& member) {
    const bool text = member.key == "text" || member.key == "thinking" || member.key == "partial_json";
    if (text && member.kind == Kind::string && member.value.size() > 2) said = true;
    if (member.key == "type" && member.value.ends_with("tool_use\"")) said = true;
  });
  return said;
}

// A message, whole or as a stream begins one.
void read_message(std::string_view message, AnswerFacts& facts, bool whole) {
  json::walk_object(message, [&](const Member& member) {
    read_reason(member, facts);
    if (member.key == "usage" && member.kind == Kind::object) read_usage(member, facts, whole);
    if (member.key == "content" && member.kind == Kind::array && !facts.content_seen) {
      json::walk_array(member.value, [&](const json::Element& block) {
        if (block.kind == Kind::object && is_said(block.value)) facts.content_seen = true;
      });
    }
  });
}

void append_input(const Member& member, std::string& out) {
  // An empty one is told by what comes after it.
  if (member.kind == Kind::object && member.value.size() > 2) out.append(member.value);
}

// A block, where it begins or whole; or what comes to one.
void append_block(std::string_view block, std::string& out) {
  std::string_view type;
  std::string_view text;
  std::string_view name;
  json::walk_object(block, [&](const Member& member) {
    if (member.key == "type") type = member.value;
    if (member.key == "name" && member.kind == Kind::string) name = member.value;
    if (member.kind == Kind::string &&
        (member.key == "text" || member.key == "thinking" || member.key == "partial_json" || member.key == "content")) {
      text = member.value;
    }
  });
  if (type.ends_with("tool_use\"")) {
    json::append_string(name, out);
    json::walk_object(block, [&out](const Member& member) {
      if (member.key == "input") append_input(member, out);
    });
    return;
  }
  const bool written = type == "\"text\"" || type == "\"thinking\"" || type == "\"text_delta\"" ||
                       type == "\"thinking_delta\"" || type == "\"input_json_delta\"" || type == "\"compaction\"" ||
                       type == "\"compaction_delta\"";
  if (written && !text.empty()) json::append_string(text, out);
}

}  // namespace

bool tells_something(std::string_view data) {
  constexpr std::string_view kDelta = "{\"type\":\"content_block_delta\"";
  return !data.starts_with(kDelta);
}

void read_answer(std::string_view json, AnswerFacts& facts) {
  std::string_view type;
  std::string_view message;
  std::string_view delta;
  const auto scanned = json::scan_object(json, [&](const Member& member) {
    if (member.key == "type") type = member.value;
    if (member.key == "message" && member.kind == Kind::object) message = member.value;
    if ((member.key == "delta" || member.key == "content_block") && member.kind == Kind::object) delta = member.value;
  });
  if (!scanned) return;
  if (type == "\"message\"") return read_message(json, facts, true);
  if (type == "\"message_start\"") return read_message(message, facts, false);
  if (type == "\"error\"") facts.error_seen = true;
  if (type == "\"message_stop\"") facts.done = true;
  if (type == "\"message_delta\"") {
    json::walk_object(delta, [&](const Member& member) { read_reason(member, facts); });
    json::walk_object(json, [&](const Member& member) {
      if (member.key == "usage" && member.kind == Kind::object) read_usage(member, facts, true);
    });
  } else if (!facts.content_seen && !delta.empty()) {
    facts.content_seen = is_said(delta);
  }
}

void append_delivered(std::string_view json, std::string& out) {
  const std::size_t before = out.size();
  const auto scanned = json::scan_object(json, [&](const Member& member) {
    if ((member.key == "delta" || member.key == "content_block") && member.kind == Kind::object) {
      append_block(member.value, out);
    } else if (member.key == "content" && member.kind == Kind::array) {
      json::walk_array(member.value, [&](const json::Element& block) {
        if (block.kind == Kind::object) append_block(block.value, out);
      });
    }
  });
  if (!scanned) out.resize(before);
}

}  // namespace gatehouse::dialects::anthropic
