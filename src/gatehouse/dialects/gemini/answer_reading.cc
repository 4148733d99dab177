#include "gatehouse/dialects/gemini/answer_reading.h"

#include "gatehouse/base/function_ref.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"
#include "gatehouse/llm/usage_reader.h"

namespace gatehouse::dialects::gemini {
namespace {

using json::Kind;
using json::Member;

// In the words of chat; a call ends with STOP like a text.
std::string_view finish_reason(std::string_view told, bool called) {
  if (told == "\"STOP\"") return called ? "tool_calls" : "stop";
  if (told == "\"MAX_TOKENS\"") return "length";
  for (const std::string_view filtered :
       {"\"SAFETY\"", "\"RECITATION\"", "\"LANGUAGE\"", "\"BLOCKLIST\"", "\"PROHIBITED_CONTENT\"", "\"SPII\"",
        "\"IMAGE_SAFETY\"", "\"IMAGE_PROHIBITED_CONTENT\"", "\"IMAGE_RECITATION\""}) {
    if (told == filtered) return "content_filter";
  }
  return {};
}

void each_part(std::string_view candidate, base::FunctionRef<void(std::string_view)> visit) {
  json::walk_object(candidate, [&](const Member& member) {
    if (member.key != "content" || member.kind != Kind::object) return;
    json::walk_object(member.value, [&](const Member& inner) {
      if (inner.key != "parts" || inner.kind != Kind::array) return;
      json::walk_array(inner.value, [&](const json::Element& part) {
        if (part.kind == Kind::object) visit(part.value);
      });
    });
  });
}

void read_candidate(std::string_view candidate, AnswerFacts& facts) {
  bool called = facts.called;
  each_part(candidate, [&](std::string_view part) {
    json::walk_object(part, [&](const Member& member) {
      if (member.key == "functionCall") called = true;
      const bool said = member.kind == Kind::string ? member.value.size() > 2 : member.kind == Kind::object;
      if (said && member.key != "thoughtSignature") facts.content_seen = true;
    });
  });
  facts.called = called;
  bool first = true;
  std::string_view told;
  json::walk_object(candidate, [&](const Member& member) {
    if (member.key == "index" && member.value != "0") first = false;
    if (member.key == "finishReason" && member.kind == Kind::string) told = member.value;
  });
  if (!first || told.empty()) return;
  if (const auto known = finish_reason(told, called); !known.empty()) {
    facts.finish_reason = known;
  } else {
    facts.finish_reason = json::read_string(told).value_or("");
  }
}

}  // namespace

void read_answer(std::string_view json, AnswerFacts& facts, bool whole) {
  llm::Usage usage;
  bool error = false;
  bool finished = whole;
  std::string_view candidates;
  const auto scanned = json::scan_object(json, [&](const Member& member) {
    if (member.key == "usageMetadata" && member.kind == Kind::object) {
      usage = llm::read_usage(llm::UsageApi::gemini, member.value);
    } else if (member.key == "candidates" && member.kind == Kind::array) {
      candidates = member.value;
    } else if (member.key == "error" && member.kind != Kind::null) {
      error = true;
    } else if (member.key == "promptFeedback" && member.kind == Kind::object &&
               !json::find(member.value, "blockReason").empty()) {
      // Nothing is generated then; that is the answer.
      facts.finish_reason = "content_filter";
      finished = true;
    }
  });
  if (!scanned) return;
  facts.error_seen = facts.error_seen || error;
  if (!candidates.empty()) {
    json::walk_array(candidates, [&](const json::Element& candidate) {
      if (candidate.kind == Kind::object) read_candidate(candidate.value, facts);
    });
  }
  // Each chunk tells what it came to so far.
  if (usage.known) facts.usage = facts.usage.known ? llm::merge_usage(facts.usage, usage) : usage;
  facts.usage_is_final = facts.usage_is_final || (usage.known && (finished || !facts.finish_reason.empty()));
}

void append_delivered(std::string_view json, std::string& out) {
  const std::size_t before = out.size();
  const auto scanned = json::scan_object(json, [&](const Member& member) {
    if (member.key != "candidates" || member.kind != Kind::array) return;
    json::walk_array(member.value, [&](const json::Element& candidate) {
      if (candidate.kind != Kind::object) return;
      each_part(candidate.value, [&](std::string_view part) {
        json::walk_object(part, [&](const Member& inner) {
          if (inner.key == "text") {
            json::append_string(inner.value, out);
          } else if ((inner.key == "functionCall" || inner.key == "executableCode") && inner.kind == Kind::object) {
            json::walk_object(inner.value, [&](const Member& told) {
              if (told.key == "name" || told.key == "code") json::append_string(told.value, out);
              if (told.key == "args" || told.key == "partialArgs") out.append(told.value);
            });
          }
        });
      });
    });
  });
  if (!scanned) out.resize(before);
}

}  // namespace gatehouse::dialects::gemini
