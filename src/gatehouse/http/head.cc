#include "gatehouse/http/head.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "gatehouse/base/strings.h"
#include "gatehouse/http/syntax.h"

namespace gatehouse::http {
namespace {

using base::equals_ignore_case;
using syntax::is;
using syntax::is_space;

constexpr std::size_t kMaxMethod = 32;
// Around the target: method, two spaces, "HTTP/1.1", CRLF.
constexpr std::size_t kRequestLineRest = kMaxMethod + 2 + 8 + 2;
constexpr std::size_t kStatusLineMax = 1024;

struct Refusal {
  int status = 0;
  std::string_view reason;
};

ParseResult bad(Refusal refusal) { return {ParseState::bad, 0, refusal.status, refusal.reason}; }
ParseResult bad(int status, std::string_view reason) { return {ParseState::bad, 0, status, reason}; }

// Finds the empty line that ends the head, from `scanned` on, and refuses line feeds without their CR on the way. Every
// refusal depends on positions only, so that the verdict is the same however the bytes were cut. When done, `consumed`
// is the head's size.
ParseResult find_end(std::string_view bytes, std::size_t start, std::size_t& scanned, std::size_t limit,
                     std::size_t line_limit, int line_status) {
  const std::size_t end = bytes.size() < limit ? bytes.size() : limit;
  std::size_t at = scanned < start ? start : scanned;
  const std::size_t line_end = start + line_limit;
  if (at < line_end && line_end <= end && std::memchr(bytes.data() + start, '\n', line_limit) == nullptr) {
    return bad(line_status, "the first line is too long");
  }
  while (at < end) {
    const void* found = std::memchr(bytes.data() + at, '\n', end - at);
    if (found == nullptr) break;
    const auto feed = static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data());
    if (feed == 0 || bytes[feed - 1] != '\r') return bad(400, "a line ends without CR");
    at = feed + 1;
    if (feed >= start + 3 && bytes[feed - 2] == '\n') {
      scanned = at;
      return {ParseState::done, at, 0, {}};
    }
  }
  scanned = end;
  if (bytes.size() >= limit) return bad(431, "the head is too large");
  return {};
}

// `literal` is lower-case letters and '-'; `name` is token characters, of which no other has these bits.
template <std::size_t N>
bool is_name(const char* name, const char (&literal)[N]) {
  for (std::size_t i = 0; i + 1 < N; ++i) {
    if ((name[i] | 0x20) != literal[i]) return false;
  }
  return true;
}

// What gateways in front of or behind us may take for `literal`: CGI and its kin turn '-' into '_'.
template <std::size_t N>
bool is_name_with_underscore(const char* name, const char (&literal)[N]) {
  for (std::size_t i = 0; i + 1 < N; ++i) {
    if (name[i] == '_' ? literal[i] != '-' : (name[i] | 0x20) != literal[i]) return false;
  }
  return true;
}

// What the fields say about the message and the connection.
struct Notes {
  unsigned hosts = 0;
  unsigned lengths = 0;
  unsigned codings = 0;
  bool close = false;
  bool keep_alive = false;
  bool upgrade_nominated = false;
  bool upgrade = false;
  bool expect_continue = false;
  std::string_view host;
  std::string_view length;
  std::string_view coding;
  bool other_expectation = false;
  bool end_to_end_nominated = false;
};

// Fields that a request's Connection field must not take away: behind us the request would be another one than we
// judged, or nobody's.
bool may_be_nominated(std::string_view name) {
  static constexpr std::string_view kEndToEnd[] = {
      "host",           "authorization", "cookie",           "x-api-key",     "api-key",
      "x-goog-api-key", "content-type",  "content-encoding", "content-range", "expect",
      "range",          "forwarded",     "x-real-ip",        "cache-control",
  };
  for (const std::string_view fixed : kEndToEnd) {
    if (equals_ignore_case(name, fixed)) return false;
  }
  for (const std::string_view prefix : {std::string_view("x-forwarded-"), std::string_view("x-gatehouse-")}) {
    if (equals_ignore_case(name.substr(0, prefix.size()), prefix)) return false;
  }
  return true;
}

bool note_connection(std::string_view value, Notes& notes, Refusal& refusal) {
  if (value.size() == 10 && equals_ignore_case(value, "keep-alive")) {
    notes.keep_alive = true;
    return true;
  }
  return syntax::for_each_in_list(value, [&](std::string_view option) {
    if (!valid_field_name(option)) {
      refusal = {400, "a Connection option is not a token"};
      return false;
    }
    if (equals_ignore_case(option, "close")) {
      notes.close = true;
    } else if (equals_ignore_case(option, "keep-alive")) {
      notes.keep_alive = true;
    } else if (equals_ignore_case(option, "upgrade")) {
      notes.upgrade_nominated = true;
    } else if (equals_ignore_case(option, "content-length") || equals_ignore_case(option, "transfer-encoding")) {
      refusal = {400, "Connection names a field that frames the message"};
      return false;
    } else if (!may_be_nominated(option)) {
      notes.end_to_end_nominated = true;
    }
    return true;
  });
}

// Whether a tab is among the whitespace behind a value, which a CR ends. Parsers are about that do not take it off, and
// so see another length or coding.
bool tab_follows(std::string_view value) {
  const char* at = value.data() + value.size();
  while (*at == ' ') ++at;
  return *at == '\t';
}

// By the name's length first: most fields are told apart by it alone. False when the field breaks a rule.
bool note(std::string_view name, std::string_view value, Notes& notes, Refusal& refusal) {
  const char* at = name.data();
  switch (name.size()) {
    case 4:
      if (is_name(at, "host")) {
        ++notes.hosts;
        notes.host = value;
      }
      return true;
    case 6:
      if (is_name(at, "expect")) {
        if (equals_ignore_case(value, "100-continue")) {
          notes.expect_continue = true;
        } else {
          notes.other_expectation = true;
        }
      }
      return true;
    case 7:
      if (is_name(at, "upgrade")) notes.upgrade = true;
      return true;
    case 10:
      return !is_name(at, "connection") || note_connection(value, notes, refusal);
    case 14:
      if (is_name(at, "content-length")) {
        ++notes.lengths;
        notes.length = value;
        if (tab_follows(value)) {
          refusal = {400, "a tab after Content-Length"};
          return false;
        }
      } else if (is_name_with_underscore(at, "content-length")) {
        refusal = {400, "a field's name can be taken for Content-Length"};
        return false;
      }
      return true;
    case 17:
      if (is_name(at, "transfer-encoding")) {
        ++notes.codings;
        notes.coding = value;
        if (tab_follows(value)) {
          refusal = {400, "a tab after Transfer-Encoding"};
          return false;
        }
      } else if (is_name_with_underscore(at, "transfer-encoding")) {
        refusal = {400, "a field's name can be taken for Transfer-Encoding"};
        return false;
      }
      return true;
    default:
      // http_parser, and so every server built on it, takes a name that only begins like this for the thing itself.
      if (name.size() > 17 && is_name_with_underscore(at, "transfer-encoding")) {
        refusal = {400, "a field's name can be taken for Transfer-Encoding"};
        return false;
      }
      return true;
  }
}

// The field lines from `at` to the empty line, of which `end` is just behind; every LF there has its CR.
bool parse_fields(const char* at, const char* end, std::size_t limit, Fields& fields, Notes& notes, Refusal& refusal) {
  while (*at != '\r') {
    const char* name = at;
    at = syntax::skip_plain_token(at, end);
    while (is(*at, syntax::kToken)) ++at;
    const auto name_size = static_cast<std::size_t>(at - name);
    if (*at != ':' || name_size == 0) {
      if (name_size == 0 && is_space(*at)) {
        refusal = {400, "a field line is folded"};
      } else if (is_space(*at)) {
        refusal = {400, "whitespace before the colon of a field"};
      } else {
        refusal = {400, "a field's name is not a token"};
      }
      return false;
    }
    ++at;
    while (is_space(*at)) ++at;
    const char* value = at;
    at = syntax::find_control(at, end);
    if (*at != '\r') {
      refusal = {400, "a control byte in a field's value"};
      return false;
    }
    if (at[1] != '\n') {
      refusal = {400, "CR without LF"};
      return false;
    }
    const char* value_end = at;
    while (value_end != value && is_space(value_end[-1])) --value_end;
    at += 2;
    if (fields.size() == limit) {
      refusal = {431, "too many fields"};
      return false;
    }
    const Field field{{name, name_size}, {value, static_cast<std::size_t>(value_end - value)}};
    fields.add(field);
    if (!note(field.name, field.value, notes, refusal)) return false;
  }
  if (at[1] != '\n') {
    refusal = {400, "CR without LF"};
    return false;
  }
  return true;
}

// RFC 9112, 6.1 and 6.3, without its leniencies. `framing` stays as it is where no field speaks of it.
bool find_framing(const Notes& notes, int minor_version, Framing& framing, std::uint64_t& length, Refusal& refusal) {
  if (notes.codings > 0) {
    if (notes.lengths > 0) {
      refusal = {400, "both Content-Length and Transfer-Encoding"};
      return false;
    }
    if (notes.codings > 1) {
      refusal = {400, "several Transfer-Encoding fields"};
      return false;
    }
    if (minor_version == 0) {
      refusal = {400, "Transfer-Encoding in HTTP/1.0"};
      return false;
    }
    if (!equals_ignore_case(notes.coding, "chunked")) {
      // Well-formed codings that we do not have are 501; what is malformed, or has chunked elsewhere than at the end
      // (or twice), has no certain end and is 400.
      bool chunked = false;
      const bool well_formed = syntax::for_each_in_list(notes.coding, [&chunked](std::string_view coding) {
        if (chunked || !valid_field_name(coding)) return false;
        chunked = equals_ignore_case(coding, "chunked");
        return true;
      });
      const bool open_list = notes.coding.empty() || notes.coding.front() == ',' || notes.coding.back() == ',';
      refusal = well_formed && !open_list ? Refusal{501, "a transfer coding other than chunked"}
                                          : Refusal{400, "a malformed Transfer-Encoding"};
      return false;
    }
    framing = Framing::chunked;
    return true;
  }
  if (notes.lengths > 0) {
    if (notes.lengths > 1) {
      refusal = {400, "several Content-Length fields"};
      return false;
    }
    const auto value = base::parse_u64(notes.length);
    // A leading zero is octal to some.
    if (!value || *value > static_cast<std::uint64_t>(INT64_MAX) ||
        (notes.length.size() > 1 && notes.length.front() == '0')) {
      refusal = {400, "a malformed Content-Length"};
      return false;
    }
    framing = Framing::length;
    length = *value;
  }
  return true;
}

// uri-host [":" port] of RFC 3986 without userinfo; of the bracketed hosts IPv6 addresses only.
bool valid_authority(std::string_view authority) {
  std::size_t at = 0;
  if (authority.starts_with('[')) {
    const std::size_t close = authority.find(']');
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (close == std::string_view::npos || close - 1 >= text.size()) return false;
    std::copy_n(authority.data() + 1, close - 1, text.data());
    in6_addr address;
    if (inet_pton(AF_INET6, text.data(), &address) != 1) return false;
    at = close + 1;
  } else {
    while (at < authority.size() && is(authority[at], syntax::kHost)) ++at;
    if (at == 0) return false;
  }
  if (at == authority.size()) return true;
  if (authority[at] != ':') return false;
  const std::string_view port = authority.substr(at + 1);
  return port.empty() || (port.size() <= 5 && base::parse_u64(port).value_or(65536) <= 65535);
}

Method method_of(std::string_view text) {
  switch (text.size()) {
    case 3:
      if (text == "GET") return Method::get;
      if (text == "PUT") return Method::put;
      break;
    case 4:
      if (text == "POST") return Method::post;
      if (text == "HEAD") return Method::head;
      break;
    case 5:
      if (text == "PATCH") return Method::patch;
      break;
    case 6:
      if (text == "DELETE") return Method::del;
      break;
    case 7:
      if (text == "OPTIONS") return Method::options;
      break;
    default:
      break;
  }
  return Method::other;
}

// `text` is a path and perhaps a query; sets both views.
bool split_path(std::string_view text, RequestHead& out) {
  std::size_t at = 0;
  while (at < text.size() && is(text[at], syntax::kPath)) ++at;
  out.path = text.substr(0, at);
  if (at == text.size()) return true;
  if (text[at] != '?') return false;
  out.query = text.substr(++at);
  while (at < text.size() && is(text[at], syntax::kQuery)) ++at;
  return at == text.size();
}

// The forms of RFC 9112, 3.2, but for the authority form, which is CONNECT's. `host` is checked by the caller.
bool parse_target(const Notes& notes, RequestHead& out, Refusal& refusal) {
  const std::string_view target = out.target;
  if (target.front() == '/') {
    if (split_path(target, out)) return true;
    refusal = {400, "a byte in the target that must be escaped"};
    return false;
  }
  if (target == "*") {
    if (out.method == Method::options) {
      out.path = target;
      return true;
    }
    refusal = {400, "a target of a form that is not accepted"};
    return false;
  }
  std::size_t at = 0;
  if (equals_ignore_case(target.substr(0, 7), "http://")) at = 7;
  if (equals_ignore_case(target.substr(0, 8), "https://")) at = 8;
  if (at == 0) {
    refusal = {400, "a target of a form that is not accepted"};
    return false;
  }
  const std::size_t end = std::min(target.find_first_of("/?", at), target.size());
  const std::string_view authority = target.substr(at, end - at);
  if (!valid_authority(authority) || notes.hosts != 1 || !equals_ignore_case(authority, notes.host)) {
    refusal = {400, "the target's authority is not Host's"};
    return false;
  }
  if (!split_path(target.substr(end), out)) {
    refusal = {400, "a byte in the target that must be escaped"};
    return false;
  }
  if (out.path.empty()) out.path = "/";
  return true;
}

// The version at the line's end: "HTTP/1.0" or "HTTP/1.1" and CRLF. `at` is left behind it. The head has at least four
// bytes from `at` on, and memory is only read as far as it matches.
bool parse_version(const char*& at, const char* end, int& minor_version, Refusal& refusal) {
  if (end - at >= 10 && std::memcmp(at, "HTTP/1.", 7) == 0 && (at[7] == '0' || at[7] == '1')) {
    minor_version = at[7] - '0';
    at += 8;
    return true;
  }
  refusal = {400, "a malformed first line"};
  const std::string_view rest(at, static_cast<std::size_t>(end - at));
  if (rest.starts_with("HTTP/") && base::is_digit(rest[5])) {
    refusal = {505, "only HTTP/1.0 and HTTP/1.1 are spoken here"};
  }
  return false;
}

bool parse_request_line(const char*& at, const char* end, std::size_t target_limit, RequestHead& out,
                        Refusal& refusal) {
  const char* begin = at;
  while (is(*at, syntax::kToken)) ++at;
  out.method_text = {begin, static_cast<std::size_t>(at - begin)};
  if (*at != ' ' || out.method_text.size() > kMaxMethod) {
    refusal = {400, "a malformed method"};
    return false;
  }
  begin = ++at;
  while (is(*at, syntax::kVisible)) ++at;
  out.target = {begin, static_cast<std::size_t>(at - begin)};
  if (*at != ' ' || out.target.empty()) {
    refusal = {400, "a malformed target"};
    return false;
  }
  if (out.target.size() > target_limit) {
    refusal = {414, "the target is too long"};
    return false;
  }
  ++at;
  if (!parse_version(at, end, out.minor_version, refusal)) return false;
  if (at[0] != '\r' || at[1] != '\n') {
    refusal = {400, "a malformed first line"};
    return false;
  }
  at += 2;
  out.method = method_of(out.method_text);
  if (out.method == Method::other && (out.method_text == "CONNECT" || out.method_text == "TRACE")) {
    refusal = {501, "CONNECT and TRACE are not served"};
    return false;
  }
  return true;
}

bool check_host(const Notes& notes, int minor_version, Refusal& refusal) {
  if (notes.hosts == 0 && minor_version == 0) return true;
  if (notes.hosts != 1) {
    refusal = {400, notes.hosts == 0 ? "no Host field" : "several Host fields"};
    return false;
  }
  if (!valid_authority(notes.host)) {
    refusal = {400, "a malformed Host"};
    return false;
  }
  return true;
}

bool keeps_alive(const Notes& notes, int minor_version) {
  return !notes.close && (minor_version == 1 || notes.keep_alive);
}

bool parse_status_line(const char*& at, const char* end, ResponseHead& out, Refusal& refusal) {
  if (!parse_version(at, end, out.minor_version, refusal)) return false;
  refusal = {502, "a malformed status line"};
  // The CRLF that ends the line, and the one that ends the head, stop every step here.
  if (*at != ' ') return false;
  ++at;
  int status = 0;
  for (int i = 0; i < 3; ++i, ++at) {
    if (!base::is_digit(*at)) return false;
    status = status * 10 + (*at - '0');
  }
  if (status < 100 || status > 599) return false;
  out.status = status;
  if (*at == ' ')
    ++at;  // RFC 9112 wants it also before an empty phrase; some servers leave it out
  else if (*at != '\r')
    return false;
  const char* reason = at;
  at = syntax::find_control(at, end);
  if (at[0] != '\r' || at[1] != '\n') return false;
  out.reason = {reason, static_cast<std::size_t>(at - reason)};
  at += 2;
  return true;
}

}  // namespace

void RequestHead::clear() {
  method = Method::other;
  method_text = target = path = query = {};
  minor_version = 1;
  fields.clear();
  framing = Framing::none;
  content_length = 0;
  keep_alive = expect_continue = upgrade = false;
}

void ResponseHead::clear() {
  status = 0;
  reason = {};
  minor_version = 1;
  fields.clear();
  framing = Framing::none;
  content_length = 0;
  keep_alive = false;
}

ParseResult parse_request_head(std::string_view bytes, std::size_t& scanned, const HeadLimits& limits,
                               RequestHead& out) {
  // RFC 9112, 2.2: an empty line before the request line is passed over. One is enough.
  std::size_t start = 0;
  if (bytes.starts_with('\r')) {
    if (bytes.size() > 1 && bytes[1] != '\n') return bad(400, "CR without LF");
    start = 2;
  }
  if (bytes.size() <= start) return {};
  if (!is(bytes[start], syntax::kToken)) return bad(400, "this is not HTTP");
  const ParseResult found = find_end(bytes, start, scanned, limits.bytes, limits.target + kRequestLineRest, 414);
  if (found.state != ParseState::done) return found;

  out.clear();
  Notes notes;
  Refusal refusal;
  const char* at = bytes.data() + start;
  const char* end = bytes.data() + found.consumed;
  if (!parse_request_line(at, end, limits.target, out, refusal) ||
      !parse_fields(at, end, limits.fields, out.fields, notes, refusal) ||
      !check_host(notes, out.minor_version, refusal) || !parse_target(notes, out, refusal) ||
      !find_framing(notes, out.minor_version, out.framing, out.content_length, refusal)) {
    return bad(refusal);
  }
  if (notes.end_to_end_nominated) return bad(400, "Connection names a field that is not for the connection");
  if (notes.other_expectation && out.minor_version == 1) return bad(417, "an expectation other than 100-continue");
  out.keep_alive = keeps_alive(notes, out.minor_version);
  const bool has_body = out.framing == Framing::chunked || out.content_length > 0;
  out.expect_continue = notes.expect_continue && has_body && out.minor_version == 1;
  out.upgrade = notes.upgrade && notes.upgrade_nominated && out.minor_version == 1;
  return found;
}

ParseResult parse_response_head(std::string_view bytes, std::size_t& scanned, const HeadLimits& limits,
                                Method request_method, ResponseHead& out) {
  constexpr int kBad = 502;
  if (bytes.empty()) return {};
  if (bytes.front() != 'H') return bad(kBad, "this is not HTTP");
  const ParseResult found = find_end(bytes, 0, scanned, limits.bytes, kStatusLineMax, kBad);
  if (found.state == ParseState::bad) return bad(kBad, found.reason);
  if (found.state != ParseState::done) return found;

  out.clear();
  Notes notes;
  Refusal refusal;
  const char* at = bytes.data();
  const char* end = bytes.data() + found.consumed;
  Framing framing = Framing::until_close;
  if (!parse_status_line(at, end, out, refusal) || !parse_fields(at, end, limits.fields, out.fields, notes, refusal) ||
      !find_framing(notes, out.minor_version, framing, out.content_length, refusal)) {
    return bad(kBad, refusal.reason);
  }
  out.keep_alive = keeps_alive(notes, out.minor_version);
  const bool never_body = out.status < 200 || out.status == 204;
  if (never_body || out.status == 304 || request_method == Method::head) {
    out.framing = Framing::none;
    // RFC 9112, 6.1 and RFC 9110, 8.6 forbid both fields here. A server that sends them may send a body too.
    if (never_body && (framing == Framing::chunked || out.content_length > 0)) out.keep_alive = false;
    return found;
  }
  out.framing = framing;
  if (framing == Framing::until_close) out.keep_alive = false;
  return found;
}

}  // namespace gatehouse::http
