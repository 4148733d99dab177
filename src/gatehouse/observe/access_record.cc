#include "gatehouse/observe/access_record.h"

#include <algorithm>
#include <charconv>

#include "gatehouse/observe/json_text.h"

namespace gatehouse::observe {
namespace {

// Keys are literals with their punctuation: `,"name":`.
// A line has some thirty fields: each makes the text longer once.
void text_field(std::string& out, std::string_view key, std::string_view value) {
  if (value.empty()) return;
  if (value.size() > kMaxField || !is_plain(value)) {
    out += key;
    append_json_string(out, value, kMaxField);
    return;
  }
  const std::size_t before = out.size();
  const std::size_t after = before + key.size() + value.size() + 2;
  // What is handed in as the size may be more than was asked for.
  out.resize_and_overwrite(after, [&](char* text, std::size_t) {
    char* at = std::copy(key.begin(), key.end(), text + before);
    *at++ = '"';
    at = std::copy(value.begin(), value.end(), at);
    *at = '"';
    return after;
  });
}

template <class T>
void number_field(std::string& out, std::string_view key, T value) {
  constexpr std::size_t kDigits = 24;
  const std::size_t before = out.size();
  out.resize_and_overwrite(before + key.size() + kDigits, [&](char* text, std::size_t size) {
    char* at = std::copy(key.begin(), key.end(), text + before);
    return static_cast<std::size_t>(std::to_chars(at, text + size, value).ptr - text);
  });
}

}  // namespace

std::string_view name(Finish finish) {
  switch (finish) {
    case Finish::complete:
      return "complete";
    case Finish::client_closed:
      return "client_closed";
    case Finish::upstream_broken:
      return "upstream_broken";
    case Finish::refused:
      return "refused";
    case Finish::budget_cut:
      return "budget_cut";
    case Finish::timeout:
      return "timeout";
  }
  return "unknown";
}

std::string labels_json(std::span<const std::pair<std::string, std::string>> labels) {
  std::string out;
  for (const auto& [label, value] : labels) {
    out += out.empty() ? '{' : ',';
    append_json_string(out, label);
    out += ':';
    append_json_string(out, value);
  }
  if (!out.empty()) out += '}';
  return out;
}

void append_json_line(std::string& out, const AccessRecord& record) {
  out += R"({"time":")";
  append_time(out, record.time);
  out += '"';
  text_field(out, R"(,"request_id":)", record.request_id);
  text_field(out, R"(,"client_ip":)", record.client_ip);
  text_field(out, R"(,"key":)", record.key_name);
  text_field(out, R"(,"team":)", record.team);
  text_field(out, R"(,"project":)", record.project);
  text_field(out, R"(,"user":)", record.user);
  if (!record.metadata.empty()) {
    out += R"(,"metadata":)";
    out += record.metadata;
  }
  text_field(out, R"(,"method":)", record.method);
  text_field(out, R"(,"path":)", record.path);
  text_field(out, R"(,"operation":)", record.operation);
  text_field(out, R"(,"model":)", record.model_asked);
  text_field(out, R"(,"model_sent":)", record.model_sent);
  text_field(out, R"(,"provider":)", record.provider);
  number_field(out, R"(,"status":)", record.status);
  text_field(out, R"(,"error":)", record.error);
  out += record.streamed ? R"(,"streamed":true)" : R"(,"streamed":false)";
  number_field(out, R"(,"bytes_in":)", record.bytes_in);
  number_field(out, R"(,"bytes_out":)", record.bytes_out);
  number_field(out, R"(,"attempts":)", record.attempts);
  if (record.usage_known) {
    number_field(out, R"(,"prompt_tokens":)", record.tokens.prompt);
    number_field(out, R"(,"completion_tokens":)", record.tokens.completion);
    number_field(out, R"(,"total_tokens":)", record.tokens.total);
    number_field(out, R"(,"cached_tokens":)", record.tokens.cached);
    number_field(out, R"(,"reasoning_tokens":)", record.tokens.reasoning);
  }
  out += R"(,"finish":")";
  out += name(record.finish);
  out += '"';
  if (record.time_to_first_byte_us >= 0) {
    number_field(out, R"(,"time_to_first_byte_us":)", record.time_to_first_byte_us);
  }
  number_field(out, R"(,"duration_us":)", record.duration_us);
  number_field(out, R"(,"overhead_us":)", record.overhead_us);
  if (!record.guard.empty()) {
    text_field(out, R"(,"guard":)", record.guard);
    text_field(out, R"(,"guard_failure":)", record.guard_failure);
    if (!record.guard_repair.empty()) {
      text_field(out, R"(,"guard_repair":)", record.guard_repair);
      number_field(out, R"(,"guard_repair_attempts":)", record.guard_repair_attempts);
    }
    if (!record.guard_policies.empty()) out.append(R"(,"guard_policies":)").append(record.guard_policies);
    if (!record.guard_conversation.empty()) out.append(R"(,"conversation":)").append(record.guard_conversation);
    if (!record.guard_findings.empty()) out.append(R"(,"guard_findings":)").append(record.guard_findings);
  }
  out += "}\n";
}

}  // namespace gatehouse::observe
