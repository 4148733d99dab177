#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "gatehouse/base/clock.h"

namespace gatehouse::observe {

// How a request ended.
enum class Finish : std::uint8_t {
  complete,
  client_closed,    // the caller left before the end
  upstream_broken,  // the answer broke off after it had begun
  refused,          // we answered an error of our own, or the upstream's before any byte of an answer
  timeout,
  budget_cut,  // a stream that was ended in order when its budget was used up
};
std::string_view name(Finish finish);

// Tokens as the provider reported them; zero where it did not.
struct TokenCounts {
  std::uint64_t prompt = 0;
  std::uint64_t completion = 0;
  std::uint64_t total = 0;
  std::uint64_t cached = 0;     // of prompt
  std::uint64_t reasoning = 0;  // of completion
};

// What is kept of one request: who, what, how it went, what it cost. Never a key, a body or a query string. The views
// are borrowed for the time of the call that takes the record; the owner of what they show is the Exchange. Text that
// came from outside may hold anything: it is escaped, and cut at kMaxField bytes, when it is written.
struct AccessRecord {
  std::string_view request_id;
  base::WallTime time{};  // when the request's first byte came
  std::string_view client_ip;
  std::string_view key_name;
  std::string_view team;
  std::string_view project;
  std::string_view user;
  std::string_view metadata;  // labels_json of the key's own labels, or empty
  std::string_view method;
  std::string_view path;  // without the query: a query may carry a key
  std::string_view operation;
  std::string_view model_asked;  // as the caller wrote it
  std::string_view model_sent;   // as the upstream was asked
  std::string_view provider;
  int status = 0;          // as the caller got it; 499 if it left before
  std::string_view error;  // the slug of base/error.h, empty if there was none
  bool streamed = false;
  std::uint64_t bytes_in = 0;  // bodies, not heads
  std::uint64_t bytes_out = 0;
  unsigned attempts = 0;     // upstream calls made
  bool usage_known = false;  // whether `tokens` came from the provider
  TokenCounts tokens;
  Finish finish = Finish::complete;
  std::int64_t time_to_first_byte_us = -1;  // from the first byte of the request to the first of the answer; -1: none
  std::int64_t duration_us = 0;
  std::int64_t overhead_us = 0;  // of duration, what was ours and not the upstream's
  // What policies made of what was said; empty: none held.
  std::string_view guard;               // allow, flag, redact or block
  std::string_view guard_failure;       // why something could not be judged
  std::string_view guard_policies;      // JSON: their names
  std::string_view guard_findings;      // JSON: what was found, never the text
  std::string_view guard_conversation;  // JSON: its id and risk
  std::string_view guard_repair;  // what came of asking again for an answer of the wrong form; empty: nobody had to
  unsigned guard_repair_attempts = 0;  // of `attempts`
};

inline constexpr std::size_t kMaxField = 512;
// Of a line: its keys, numbers, names of ours and punctuation.
inline constexpr std::size_t kMostBesidesTexts = 1024;

// Labels as one JSON object, made once for AccessRecord::metadata; empty where there are none. Names must differ.
std::string labels_json(std::span<const std::pair<std::string, std::string>> labels);

// One line of JSON (RFC 8259) with its line feed. Fields that do not apply (empty text, unknown usage, no first byte)
// are left out. Ill-formed UTF-8 becomes U+FFFD. Allocates only if `out` must grow. Times are RFC 3339, UTC, with
// microseconds.
void append_json_line(std::string& out, const AccessRecord& record);

}  // namespace gatehouse::observe
