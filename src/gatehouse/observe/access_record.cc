#include "gatehouse/observe/access_record.h"

#include <algorithm>
#include <charconv>
#include <concepts>
#include <cstring>

#include "gatehouse/observe/json_text.h"

namespace gatehouse::observe {
namespace {

// Keys are literals with their punctuation: `,"name":`. A line is written as though all its texts stood for themselves,
// and it is found on the way whether they do; where they do not, it is written again with escapes.

// Into memory that has room for all of it.
class PlainLine {
 public:
  explicit PlainLine(char* at) : at_(at) {}

  template <std::size_t N>
  void literal(const char (&text)[N]) {
    std::memcpy(at_, text, N - 1);
    at_ += N - 1;
  }
  void raw(std::string_view text) { at_ = std::copy(text.begin(), text.end(), at_); }
  template <std::size_t N>
  void text(const char (&key)[N], std::string_view value) {
    if (value.empty()) return;
    if (value.size() > kMaxField) {
      plain_ = false;
      return;
    }
    literal(key);
    *at_++ = '"';
    plain_ = copy_plain(value, at_) && plain_;
    at_ += value.size();
    *at_++ = '"';
  }
  template <std::size_t N, std::integral T>
  void number(const char (&key)[N], T value) {
    literal(key);
    at_ = std::to_chars(at_, at_ + kDigits, value).ptr;
  }
  void time(base::WallTime time) {
    write_time(at_, time);
    at_ += kTimeSize;
  }

  bool plain() const { return plain_; }
  char* at() const { return at_; }

 private:
  static constexpr std::size_t kDigits = 20;
  char* at_;
  bool plain_ = true;
};

class EscapedLine {
 public:
  explicit EscapedLine(std::string& out) : out_(out) {}

  void literal(std::string_view text) { out_ += text; }
  void raw(std::string_view text) { out_ += text; }
  void text(std::string_view key, std::string_view value) {
    if (value.empty()) return;
    out_ += key;
    append_json_string(out_, value, kMaxField);
  }
  template <std::integral T>
  void number(std::string_view key, T value) {
    out_ += key;
    append_number(out_, value);
  }
  void time(base::WallTime time) { append_time(out_, time); }

 private:
  std::string& out_;
};

template <class Line>
void write(Line& line, const AccessRecord& record) {
  line.literal(R"({"time":")");
  line.time(record.time);
  line.literal("\"");
  line.text(R"(,"request_id":)", record.request_id);
  line.text(R"(,"client_ip":)", record.client_ip);
  line.text(R"(,"key":)", record.key_name);
  line.text(R"(,"team":)", record.team);
  line.text(R"(,"project":)", record.project);
  line.text(R"(,"user":)", record.user);
  if (!record.metadata.empty()) {
    line.literal(R"(,"metadata":)");
    line.raw(record.metadata);
  }
  line.text(R"(,"method":)", record.method);
  line.text(R"(,"path":)", record.path);
  line.text(R"(,"operation":)", record.operation);
  line.text(R"(,"model":)", record.model_asked);
  line.text(R"(,"model_sent":)", record.model_sent);
  line.text(R"(,"provider":)", record.provider);
  line.number(R"(,"status":)", record.status);
  line.text(R"(,"error":)", record.error);
  if (record.streamed) {
    line.literal(R"(,"streamed":true)");
  } else {
    line.literal(R"(,"streamed":false)");
  }
  line.number(R"(,"bytes_in":)", record.bytes_in);
  line.number(R"(,"bytes_out":)", record.bytes_out);
  line.number(R"(,"attempts":)", record.attempts);
  if (record.usage_known) {
    line.number(R"(,"prompt_tokens":)", record.tokens.prompt);
    line.number(R"(,"completion_tokens":)", record.tokens.completion);
    line.number(R"(,"total_tokens":)", record.tokens.total);
    line.number(R"(,"cached_tokens":)", record.tokens.cached);
    line.number(R"(,"reasoning_tokens":)", record.tokens.reasoning);
  }
  line.literal(R"(,"finish":")");
  line.raw(name(record.finish));
  line.literal("\"");
  if (record.time_to_first_byte_us >= 0) {
    line.number(R"(,"time_to_first_byte_us":)", record.time_to_first_byte_us);
  }
  line.number(R"(,"duration_us":)", record.duration_us);
  line.number(R"(,"overhead_us":)", record.overhead_us);
  if (!record.guard.empty()) {
    line.text(R"(,"guard":)", record.guard);
    line.text(R"(,"guard_failure":)", record.guard_failure);
    if (!record.guard_repair.empty()) {
      line.text(R"(,"guard_repair":)", record.guard_repair);
      line.number(R"(,"guard_repair_attempts":)", record.guard_repair_attempts);
    }
    if (!record.guard_policies.empty()) {
      line.literal(R"(,"guard_policies":)");
      line.raw(record.guard_policies);
    }
    if (!record.guard_conversation.empty()) {
      line.literal(R"(,"conversation":)");
      line.raw(record.guard_conversation);
    }
    if (!record.guard_findings.empty()) {
      line.literal(R"(,"guard_findings":)");
      line.raw(record.guard_findings);
    }
  }
  line.literal("}\n");
}

// What PlainLine may write at most.
std::size_t room_for(const AccessRecord& record) {
  std::size_t room = kMostBesidesTexts;
  for (const auto text :
       {record.request_id, record.client_ip, record.key_name, record.team, record.project, record.user, record.method,
        record.path, record.operation, record.model_asked, record.model_sent, record.provider, record.error,
        record.guard, record.guard_failure, record.guard_repair}) {
    room += std::min(text.size(), kMaxField);
  }
  return room + record.metadata.size() + record.guard_policies.size() + record.guard_conversation.size() +
         record.guard_findings.size();
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
  const std::size_t before = out.size();
  bool plain = false;
  out.resize_and_overwrite(before + room_for(record), [&](char* text, std::size_t) {
    PlainLine line(text + before);
    write(line, record);
    plain = line.plain();
    return plain ? static_cast<std::size_t>(line.at() - text) : before;
  });
  if (plain) return;
  EscapedLine line(out);
  write(line, record);
}

}  // namespace gatehouse::observe
