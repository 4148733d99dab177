#include "gatehouse/dialects/answer_reader.h"

#include <algorithm>
#include <cstring>

#include "gatehouse/dialects/anthropic/answer_reading.h"
#include "gatehouse/dialects/gemini/answer_reading.h"
#include "gatehouse/dialects/wire.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"
#include "gatehouse/llm/usage_reader.h"

namespace gatehouse::dialects {
namespace {

using json::Kind;
using json::Member;

// Whether `name` (with its quotes) stands in the text other than as a member that is null: most chunks carry
// `"finish_reason":null`, many `"usage":null`, which are not worth a parse.
bool tells(std::string_view text, std::string_view name) {
  for (;;) {
    const void* hit = memmem(text.data(), text.size(), name.data(), name.size());
    if (hit == nullptr) return false;
    text.remove_prefix(static_cast<std::size_t>(static_cast<const char*>(hit) - text.data()) + name.size());
    const auto value = text.find_first_not_of(": \t\r\n");
    if (value == std::string_view::npos || text[value] != 'n') return true;
  }
}

// Whether a member of a delta or message is something for the user: text, reasoning or a tool call that is not empty.
// `role` and the like are not.
bool is_content(const Member& member) {
  constexpr std::string_view kText[] = {"content", "refusal", "reasoning", "reasoning_content"};
  for (const std::string_view key : kText) {
    if (member.key == key) {
      return (member.kind == Kind::string && member.value.size() > 2) ||
             (member.kind == Kind::array && json::Value(member.value).size() > 0);
    }
  }
  if (member.key == "tool_calls") return member.kind == Kind::array && json::Value(member.value).size() > 0;
  return (member.key == "function_call" || member.key == "audio") && member.kind == Kind::object;
}

// Whether the byte at `at` is escaped by the backslashes before it: then it is part of a string.
bool is_escaped(std::string_view text, std::size_t at) {
  std::size_t backslashes = 0;
  while (backslashes < at && text[at - 1 - backslashes] == '\\') ++backslashes;
  return backslashes % 2 == 1;
}

// The last `name` ("usage", "usageMetadata", with its quotes) in the text that begins before `end`, or npos. A search
// for its letter g, which is in few names of an answer's end.
std::size_t last_usage(std::string_view name, std::string_view text, std::size_t end) {
  constexpr std::size_t kLetterAt = std::string_view("\"usag").find('g');
  std::size_t before = std::min(text.size(), end + kLetterAt);
  while (before > 0) {
    const void* hit = memrchr(text.data(), 'g', before);
    if (hit == nullptr) break;
    before = static_cast<std::size_t>(static_cast<const char*>(hit) - text.data());
    if (before < kLetterAt) break;
    if (text.substr(before - kLetterAt).starts_with(name)) return before - kLetterAt;
  }
  return std::string_view::npos;
}

// The value of a top-level `name` in the last part of an object: the last place from which on the text reads as
// `name: value` and further members up to the closing bracket of the whole. A place inside a string or inside a
// nested object does not read so to the end.
std::string_view usage_at_end(std::string_view name, std::string_view tail) {
  // A server that fills its answer with the word gets no more of our time than this.
  constexpr int kAttempts = 8;
  auto at = last_usage(name, tail, tail.size());
  for (int attempt = 0; at != std::string_view::npos && attempt < kAttempts; ++attempt) {
    if (!is_escaped(tail, at)) {
      std::string_view value;
      const bool whole = json::walk_members(tail.substr(at), [&](const Member& member) {
        if (member.key == name.substr(1, name.size() - 2)) value = member.value;
      });
      if (whole) return value;
    }
    at = last_usage(name, tail, at);
  }
  return {};
}

}  // namespace

llm::Usage read_usage(std::string_view raw) { return llm::read_usage(llm::UsageApi::openai, raw); }

void AnswerReader::on_event(std::string_view data) {
  if (data == "[DONE]") {
    facts_.done = true;
    return;
  }
  // Until content was seen every event is read; from then on only those that may tell something.
  const auto dialect = dialect_of(operation_);
  if (dialect == llm::Dialect::anthropic) {
    if (!facts_.content_seen || anthropic::tells_something(data)) read(data, false);
  } else if (dialect == llm::Dialect::gemini) {
    // Every chunk tells what it came to so far.
    read(data, false);
  } else if (!facts_.content_seen || tells(data, "\"usage\"") || tells(data, "\"error\"") ||
             tells(data, "\"finish_reason\"")) {
    read(data, false);
  }
}

void AnswerReader::on_body(std::string_view piece, bool last) {
  if (last && kept_.empty() && !dropped_) {
    if (depth_ == Depth::usage) read_tail(piece.substr(piece.size() - std::min(piece.size(), kKept)));
    if (!facts_.usage.known) read(piece, true);
    return;
  }
  kept_.append(piece);
  // Cut in big steps, so that a large body is not moved at every piece.
  if (kept_.size() > 2 * kKept || (last && kept_.size() > kKept)) {
    kept_.erase(0, kept_.size() - kKept);
    dropped_ = true;
  }
  if (!last) return;
  if (dropped_) {
    read_tail(kept_);
  } else {
    read(kept_, true);
  }
  std::string().swap(kept_);
}

void AnswerReader::read(std::string_view json, bool whole) {
  switch (dialect_of(operation_)) {
    case llm::Dialect::anthropic:
      return anthropic::read_answer(json, facts_);
    case llm::Dialect::gemini:
      return gemini::read_answer(json, facts_, whole);
    default:
      return read_openai(json);
  }
}

void AnswerReader::take(const llm::Usage& usage) {
  if (!usage.known) return;
  facts_.usage = usage;
  facts_.usage_is_final = true;
}

void AnswerReader::read_openai(std::string_view json) {
  llm::Usage usage;
  std::string_view choices;
  std::string_view type;
  std::string_view response;
  bool error = false;
  bool is_response = false;
  const auto scanned = json::scan_object(json, [&](const Member& member) {
    if (member.key == "usage" && member.kind == Kind::object) {
      if (const llm::Usage told = read_usage(member.value); told.known) usage = told;
    } else if (member.key == "x_groq" && member.kind == Kind::object && !usage.known) {
      usage = read_usage(json::find(member.value, "usage"));
    } else if (member.key == "choices" && member.kind == Kind::array) {
      choices = member.value;
    } else if (member.key == "error" && member.kind != Kind::null) {
      error = true;
    } else if (member.key == "object" && member.value == "\"error\"") {
      error = true;  // Mistral and older vLLM: the error is the whole object
    } else if (member.key == "object" && member.value == "\"response\"") {
      is_response = true;
    } else if (member.key == "type" && member.kind == Kind::string) {
      type = member.value;
    } else if (member.key == "response" && member.kind == Kind::object) {
      response = member.value;
    } else if (member.key == "delta" && member.kind == Kind::string && member.value.size() > 2) {
      facts_.content_seen = true;  // of the responses API
    }
  });
  if (!scanned) return;
  if (type == "\"error\"") error = true;
  if (!response.empty()) {
    read_response(response, usage, error);
    for (const std::string_view last : {"\"response.completed\"", "\"response.incomplete\"", "\"response.failed\""}) {
      facts_.done = facts_.done || type == last;
    }
  } else if (is_response) {
    read_response(json, usage, error);
  }
  take(usage);
  facts_.error_seen = facts_.error_seen || error;
  read_choices(choices);
}

// A whole answer of the responses API, or the head of one in its stream.
void AnswerReader::read_response(std::string_view response, llm::Usage& usage, bool& error) {
  std::string reason;
  json::walk_object(response, [&](const Member& member) {
    if (member.key == "usage" && member.kind == Kind::object) {
      if (const llm::Usage told = read_usage(member.value); told.known) usage = told;
    } else if (member.key == "error" && member.kind != Kind::null) {
      error = true;
    } else if (member.key == "status" && member.value == "\"completed\"") {
      reason = "stop";
    } else if (member.key == "incomplete_details" && member.kind == Kind::object) {
      reason = json::read_string(json::find(member.value, "reason")).value_or("");
      if (reason == "max_output_tokens") reason = "length";
    } else if (member.key == "output" && member.kind == Kind::array && member.value.size() > 2) {
      facts_.content_seen = true;
    }
  });
  if (!reason.empty()) facts_.finish_reason = std::move(reason);
}

void AnswerReader::read_choices(std::string_view choices) {
  if (choices.empty()) return;
  json::walk_array(choices, [&](const json::Element& element) {
    if (element.kind != Kind::object) return;
    std::string reason;
    bool first_choice = true;
    json::walk_object(element.value, [&](const Member& member) {
      if (member.key == "finish_reason" && member.kind == Kind::string) {
        json::append_string(member.value, reason);
      } else if (member.key == "index" && member.value != "0") {
        first_choice = false;
      } else if (member.key == "text" && member.kind == Kind::string && member.value.size() > 2) {
        facts_.content_seen = true;
      } else if ((member.key == "delta" || member.key == "message") && member.kind == Kind::object &&
                 !facts_.content_seen) {
        json::walk_object(member.value, [&](const Member& part) {
          if (is_content(part)) facts_.content_seen = true;
        });
      }
    });
    if (first_choice && !reason.empty()) facts_.finish_reason = std::move(reason);
  });
}

void AnswerReader::read_tail(std::string_view tail) {
  switch (dialect_of(operation_)) {
    case llm::Dialect::anthropic:
      return take(llm::read_usage(llm::UsageApi::anthropic, usage_at_end("\"usage\"", tail)));
    case llm::Dialect::gemini:
      return take(llm::read_usage(llm::UsageApi::gemini, usage_at_end("\"usageMetadata\"", tail)));
    default:
      return take(read_usage(usage_at_end("\"usage\"", tail)));
  }
}

}  // namespace gatehouse::dialects
