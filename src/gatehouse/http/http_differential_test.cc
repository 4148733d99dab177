// Our parser beside two that others wrote: Boost.Beast's and http_parser. Whatever we accept they accept and understand
// alike, but for what is listed and explained here; where we refuse and both accept, we are stricter, and it is
// counted. Where the distribution has no http_parser, Beast is the only one.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/http/dynamic_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <gtest/gtest.h>

#include "gatehouse/base/ids.h"
#include "gatehouse/base/strings.h"
#include "gatehouse/http/body_decoder.h"
#include "gatehouse/http/head.h"
#if GATEHOUSE_HTTP_PARSER
#include <http_parser.h>
#endif

namespace gatehouse::http {
namespace {

namespace beast = boost::beast::http;
using namespace std::string_view_literals;

// What one parser made of the first message in the bytes.
struct Reading {
  bool refused = false;
  bool head = false;   // a head was accepted
  bool whole = false;  // and so was the body
  std::string why;     // when refused
  std::string method;  // or the status
  std::string target;  // or the reason phrase
  int minor_version = -1;
  std::vector<std::pair<std::string, std::string>> fields;
  bool chunked = false;
  std::optional<std::uint64_t> length;
  std::string body;
  std::size_t consumed = 0;  // when whole
};

enum class Kind { request, response };

template <class Head>
void copy_head(const Head& head, Reading& out) {
  out.head = true;
  out.minor_version = head.minor_version;
  for (const Field& field : head.fields) out.fields.emplace_back(field.name, field.value);
  out.chunked = head.framing == Framing::chunked;
  if (head.framing == Framing::length) out.length = head.content_length;
}

Reading read_ours(Kind kind, std::string_view bytes) {
  Reading out;
  std::size_t scanned = 0;
  ParseResult result;
  BodyDecoder decoder;
  if (kind == Kind::request) {
    RequestHead head;
    result = parse_request_head(bytes, scanned, HeadLimits{}, head);
    if (result.state == ParseState::done) {
      copy_head(head, out);
      out.method = head.method_text;
      out.target = head.target;
      decoder = BodyDecoder(head.framing, head.content_length);
    }
  } else {
    ResponseHead head;
    result = parse_response_head(bytes, scanned, HeadLimits{}, Method::get, head);
    if (result.state == ParseState::done) {
      copy_head(head, out);
      out.method = std::to_string(head.status);
      out.target = head.reason;
      decoder = BodyDecoder(head.framing, head.content_length);
    }
  }
  out.refused = result.state == ParseState::bad;
  out.why = result.reason;
  if (!out.head) return out;
  out.consumed = result.consumed;
  for (;;) {
    const auto step = decoder.decode(bytes.substr(out.consumed));
    out.consumed += step.consumed;
    out.body += step.data;
    if (step.state == BodyDecoder::State::data) continue;
    if (step.state == BodyDecoder::State::bad) {
      out.refused = true;
      out.why = "a malformed chunked body";
    }
    break;
  }
  out.whole = !out.refused && decoder.close_is_end();
  return out;
}

// Beast keeps fields of one name side by side; all three are compared in an order that this does not touch.
void sort_by_name(std::vector<std::pair<std::string, std::string>>& fields) {
  std::multimap<std::string, std::pair<std::string, std::string>> sorted;  // equal keys stay in their order
  for (auto& field : fields) sorted.emplace(base::to_lower(field.first), std::move(field));
  fields.clear();
  for (auto& [key, field] : sorted) fields.push_back(std::move(field));
}

// Statuses that have no body whatever the fields say (RFC 9112, 6.3). Both others report the length that such a head
// states, and http_parser leaves it to its caller to say that there is no body.
bool bodiless(int status) { return status < 200 || status == 204 || status == 304; }

template <bool kRequest>
Reading read_beast(std::string_view bytes) {
  Reading out;
  beast::parser<kRequest, beast::dynamic_body> parser;
  parser.header_limit(1 << 20);
  parser.body_limit(boost::none);
  std::size_t at = 0;
  boost::system::error_code error;
  while (!parser.is_done()) {
    error = {};
    const std::size_t used = parser.put(boost::asio::const_buffer(bytes.data() + at, bytes.size() - at), error);
    at += used;
    if (parser.is_header_done() && !out.head) {
      // Now, before the trailers join the fields.
      out.head = true;
      for (const auto& field : parser.get()) {
        out.fields.emplace_back(std::string(field.name_string().data(), field.name_string().size()),
                                std::string(field.value().data(), field.value().size()));
      }
      parser.eager(true);
    } else if (error || used == 0) {
      break;
    }
    if (error) break;
  }
  if (error == beast::error::need_more) error = {};
  if (!error && !parser.is_done()) {
    // Beast knows the end of a message that ends by closing only when it is told.
    if (parser.is_header_done() && !parser.chunked() && !parser.content_length()) parser.put_eof(error);
  }
  out.refused = error.failed();
  out.why = error.message();
  out.whole = parser.is_done();
  if (!out.head) return out;
  const auto& message = parser.get();
  if constexpr (kRequest) {
    out.method = std::string_view(message.method_string().data(), message.method_string().size());
    out.target = std::string_view(message.target().data(), message.target().size());
  } else {
    out.method = std::to_string(message.result_int());
    out.target = std::string_view(message.reason().data(), message.reason().size());
  }
  out.minor_version = static_cast<int>(message.version() % 10);
  out.chunked = parser.chunked();
  if (const auto length = parser.content_length()) out.length = *length;
  if constexpr (!kRequest) {
    if (bodiless(static_cast<int>(message.result_int()))) out.chunked = false, out.length.reset();
    // It gives the usual phrase for an empty one.
    if (bytes.find('\r') == "HTTP/1.1 500 "sv.size()) out.target.clear();
  }
  out.body = boost::beast::buffers_to_string(message.body().data());
  out.consumed = at;
  return out;
}

#if GATEHOUSE_HTTP_PARSER
struct HttpParserState {
  Reading* out;
  bool in_value = true;
  bool trailers = false;
};

Reading read_http_parser(Kind kind, std::string_view bytes) {
  Reading out;
  HttpParserState state{&out};
  http_parser_settings settings;
  http_parser_settings_init(&settings);
  const auto of = [](http_parser* parser) { return static_cast<HttpParserState*>(parser->data); };
  static const auto state_of = of;
  settings.on_url = [](http_parser* parser, const char* at, std::size_t size) {
    state_of(parser)->out->target.append(at, size);
    return 0;
  };
  settings.on_status = settings.on_url;
  settings.on_header_field = [](http_parser* parser, const char* at, std::size_t size) {
    HttpParserState& s = *state_of(parser);
    if (s.trailers) return 0;
    if (s.in_value) s.out->fields.emplace_back();
    s.in_value = false;
    s.out->fields.back().first.append(at, size);
    return 0;
  };
  settings.on_header_value = [](http_parser* parser, const char* at, std::size_t size) {
    HttpParserState& s = *state_of(parser);
    if (s.trailers) return 0;
    s.in_value = true;
    s.out->fields.back().second.append(at, size);
    return 0;
  };
  settings.on_headers_complete = [](http_parser* parser) {
    HttpParserState& s = *state_of(parser);
    Reading& reading = *s.out;
    s.trailers = true;
    reading.head = true;
    reading.minor_version = parser->http_minor;
    reading.method = parser->type == HTTP_REQUEST ? http_method_str(static_cast<http_method>(parser->method))
                                                  : std::to_string(parser->status_code);
    reading.chunked = (parser->flags & F_CHUNKED) != 0;
    if (parser->content_length != UINT64_MAX) reading.length = parser->content_length;
    if (parser->type == HTTP_RESPONSE && bodiless(static_cast<int>(parser->status_code))) {
      reading.chunked = false;
      reading.length.reset();
      return 1;
    }
    return 0;
  };
  settings.on_body = [](http_parser* parser, const char* at, std::size_t size) {
    state_of(parser)->out->body.append(at, size);
    return 0;
  };
  settings.on_message_complete = [](http_parser* parser) {
    state_of(parser)->out->whole = true;
    http_parser_pause(parser, 1);
    return 0;
  };
  http_parser parser;
  http_parser_init(&parser, kind == Kind::request ? HTTP_REQUEST : HTTP_RESPONSE);
  parser.data = &state;
  out.consumed = http_parser_execute(&parser, &settings, bytes.data(), bytes.size());
  if (HTTP_PARSER_ERRNO(&parser) == HPE_OK && out.head && !out.whole && !out.chunked && !out.length) {
    http_parser_execute(&parser, &settings, nullptr, 0);
  }
  const auto error = HTTP_PARSER_ERRNO(&parser);
  out.refused = error != HPE_OK && error != HPE_PAUSED;
  out.why = http_errno_name(error);
  // It gives values with the whitespace at their ends.
  for (auto& [name, value] : out.fields) value = std::string(base::trim(value));
  return out;
}

bool http_parser_knows(std::string_view method) {
  for (int i = 0; i <= HTTP_SOURCE; ++i) {
    if (http_method_str(static_cast<http_method>(i)) == method) return true;
  }
  return false;
}
#endif

// Messages and ways to spoil them. Seeded: the same cases on every run.
class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  std::string next(Kind kind) {
    static constexpr std::string_view kRequests[] = {
        "GET /v1/models HTTP/1.1\r\nHost: api.example.com\r\nAccept: */*\r\n\r\n",
        "POST /v1/chat/completions?a=b HTTP/1.1\r\nHost: localhost:8080\r\nContent-Type: application/json\r\n"
        "Content-Length: 13\r\n\r\n{\"model\":\"x\"}",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "PUT /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\nHost: a\r\n\r\n3;n=v\r\nabc\r\nA\r\n0123456789\r\n0\r\nT: "
        "v\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET http://a.b:81/c?d HTTP/1.1\r\nHost: a.b:81\r\nConnection: keep-alive, te\r\n\r\n",
        "POST /u HTTP/1.0\r\nContent-Length: 3\r\nConnection: keep-alive\r\n\r\nabc",
        "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
        "POST /e HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi",
    };
    static constexpr std::string_view kResponses[] = {
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndata: a\n\n\r\n0\r\n\r\n",
        "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 204 No Content\r\nServer: x\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n",
        "HTTP/1.0 200 OK\r\nServer: x\r\n\r\nuntil the end",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: T\r\n\r\n1;a=b\r\nx\r\n0\r\nT: v\r\n\r\n",
        "HTTP/1.1 500 \r\nContent-Length: 3\r\n\r\nabc",
    };
    std::string bytes(kind == Kind::request ? pick(kRequests) : pick(kResponses));
    for (std::uint64_t edits = random_.below(4); edits > 0; --edits) edit(bytes);
    return bytes;
  }

 private:
  template <std::size_t N>
  std::string_view pick(const std::string_view (&from)[N]) {
    return from[random_.below(N)];
  }

  void edit(std::string& bytes) {
    static constexpr std::string_view kLines[] = {
        "Content-Length: 5\r\n",
        "Content-Length: 0\r\n",
        "Content-Length: 3\r\n",
        "content-length: 2, 2\r\n",
        "Content-Length: 18446744073709551615\r\n",
        "Content-Length: 9223372036854775807\r\n",
        "Content-Length : 3\r\n",
        "Content-Length:\r\n",
        "Content-Length: +2\r\n",
        "Content-Length: 2 \r\n",
        "Content-Length:\t2\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Transfer-Encoding: CHUNKED \r\n",
        "Transfer-Encoding: chunked\t\r\n",
        "Content-Length: 3\t\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: chunked, gzip\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding:\x0b chunked\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer_Encoding: chunked\r\n",
        "Host: b\r\n",
        "Host: a\r\n",
        "Host:\r\n",
        "host: a,b\r\n",
        "Connection: close\r\n",
        "Connection: content-length\r\n",
        "Connection: upgrade\r\nUpgrade: h2c\r\n",
        "Connection: ,x,\r\n",
        "Upgrade: a b\r\n",
        "X: y\r\n z\r\n",
        "X: y\n",
        "X: \xc3\xa9\"(\\\r\n",
        "X:\r\n",
        "X\r\n",
        ": y\r\n",
        "A-Long-Name-0123456789!#$%&'*+-.^_`|~: v\tw\r\n",
    };
    static constexpr std::string_view kPieces[] = {
        "HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/1.2", "\r\n",  "\n",  "\r",  "\r\n\r\n", " ",     "\t",
        ";x",       ";x=\"y\"", ";;",       "0",        "00",    "f",   "0x",  "/",        "?q=#",  "%41",
        "[|]{}",    "\\",       "http://a", "HEAD",     "PURGE", "FOO", "get", "CONNECT",  "TRACE", "PRI",
        ", ",       "chunked",  ":",        "100",      "101",   "204", "304", "999",
    };
    static constexpr std::string_view kBytes =
        "\0\x01\t\n\v\f\r !\"#$%&'()*+,-./0159:;<=>?@AZ[\\]^_`az{|}~\x7f\x80\xff"sv;
    const std::size_t at = random_.below(bytes.size() + 1);
    const char byte = kBytes[random_.below(kBytes.size())];
    switch (random_.below(10)) {
      case 0:
        if (at < bytes.size()) bytes[at] = byte;
        break;
      case 1:
        bytes.insert(at, 1, byte);
        break;
      case 2:
        if (at < bytes.size()) bytes.erase(at, 1);
        break;
      case 3:
      case 4:
      case 5:
        bytes.insert(line_start(bytes, at), pick(kLines));
        break;
      case 6: {
        const std::size_t from = line_start(bytes, at);
        const std::string line = bytes.substr(from, line_start(bytes, from + 1) - from);
        bytes.insert(from, line);
        break;
      }
      case 7: {
        const std::size_t from = line_start(bytes, at);
        bytes.erase(from, line_start(bytes, from + 1) - from);
        break;
      }
      case 8:
        bytes.insert(at, pick(kPieces));
        break;
      default: {
        const std::size_t size = random_.below(9);
        bytes.replace(at, std::min(size, bytes.size() - at), pick(kPieces));
        break;
      }
    }
  }

  // The first line start at or after `at`, or the end.
  static std::size_t line_start(const std::string& bytes, std::size_t at) {
    if (at == 0) return 0;
    const std::size_t feed = bytes.find('\n', at - 1);
    return feed == std::string::npos ? bytes.size() : feed + 1;
  }

  base::Random random_;
};

std::string shown(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    if (c >= 0x20 && c < 0x7f) {
      out.push_back(c);
    } else {
      char text[8];
      std::snprintf(text, sizeof text, "\\x%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
      out += text;
    }
  }
  return out;
}

std::string describe(const Reading& r) {
  std::string out = r.refused ? "refused: " + r.why : r.whole ? "whole" : r.head ? "head" : "more";
  out += " | " + r.method + " | " + shown(r.target) + " | 1." + std::to_string(r.minor_version);
  out += r.chunked ? " | chunked" : r.length ? " | length " + std::to_string(*r.length) : " | -";
  out += " | " + shown(r.body) + " | " + std::to_string(r.consumed) + " |";
  for (const auto& [name, value] : r.fields) out += " " + shown(name) + "=" + shown(value);
  return out;
}

enum class Other { beast, http_parser };

// Why the other may refuse what we accept; "" where it may not.
std::string_view explain(Other other, Kind kind, std::string_view bytes, const Reading& ours, const Reading& theirs) {
  if (!theirs.refused) return "";
#if GATEHOUSE_HTTP_PARSER
  if (other == Other::http_parser && kind == Kind::request && theirs.why == "HPE_INVALID_METHOD" &&
      !http_parser_knows(ours.method)) {
    return "it has a list of methods, we take any token";
  }
#endif
  if (other == Other::beast && theirs.why == "bad method" && bytes.starts_with("\r\n")) {
    return "it takes no empty line before a request, RFC 9112, 2.2 wants one passed over";
  }
  if (other == Other::beast && kind == Kind::response && theirs.why == "bad status" && bytes.substr(12, 2) == "\r\n") {
    return "it wants a space after the status even where no phrase follows, which some servers leave out";
  }
  // From here on the heads were accepted and compared.
  if (!theirs.head || !ours.chunked) return "";
  if (other == Other::beast && theirs.why == "bad chunk extension") {
    return "it parses chunk extensions, we bound and drop them";
  }
  if (other == Other::beast && theirs.why == "bad value") {
    return "it parses a trailer called Connection, we check trailers' syntax and drop them";
  }
  if (theirs.why == "bad Content-Length" || theirs.why == "bad Transfer-Encoding" ||
      theirs.why == "HPE_INVALID_CONTENT_LENGTH" || theirs.why == "HPE_UNEXPECTED_CONTENT_LENGTH") {
    return "it lets trailers frame the message, we check their syntax and drop them";
  }
  return "";
}

// The first thing in which the two differ, or "".
std::string_view difference(Reading ours, Reading theirs) {
  if (ours.head != theirs.head) return theirs.refused ? "refusing the head" : "the head";
  if (!ours.head) return "";
  if (ours.method != theirs.method) return "method or status";
  if (ours.target != theirs.target) return "target or reason";
  if (ours.minor_version != theirs.minor_version) return "version";
  sort_by_name(ours.fields);
  sort_by_name(theirs.fields);
  if (ours.fields != theirs.fields) return "fields";
  if (ours.chunked != theirs.chunked || ours.length != theirs.length) return "framing";
  if (theirs.refused) return "refusing the body";
  if (ours.whole != theirs.whole) return "being whole";
  if (ours.body != theirs.body) return "body";
  if (ours.whole && ours.consumed != theirs.consumed) return "size";
  return "";
}

struct Counts {
  int accepted = 0;
  int stricter = 0;
  std::map<std::string, int> stricter_by;
  std::map<std::string, int> explained;
};

void compare(Kind kind, std::uint64_t seed, int cases, Counts& counts) {
  Generator generator(seed);
  int shown_failures = 0;
  for (int i = 0; i < cases; ++i) {
    const std::string bytes = generator.next(kind);
    const Reading ours = read_ours(kind, bytes);
    std::vector<std::pair<Other, Reading>> others;
    others.emplace_back(Other::beast, kind == Kind::request ? read_beast<true>(bytes) : read_beast<false>(bytes));
#if GATEHOUSE_HTTP_PARSER
    others.emplace_back(Other::http_parser, read_http_parser(kind, bytes));
#endif
    if (ours.refused) {
      if (std::ranges::all_of(others, [](const auto& other) { return other.second.whole; })) {
        ++counts.stricter;
        ++counts.stricter_by[ours.why];
      }
      continue;
    }
    if (!ours.head) continue;
    ++counts.accepted;
    for (const auto& [other, read] : others) {
      const std::string name = other == Other::beast ? "Beast" : "http_parser";
      const std::string_view what = difference(ours, read);
      if (what.empty()) continue;
      const std::string_view why = explain(other, kind, bytes, ours, read);
      if (!why.empty()) {
        ++counts.explained[name + ": " + std::string(why)];
        continue;
      }
      ADD_FAILURE() << name << " differs in " << what << "\n  " << shown(bytes) << "\n  ours:   " << describe(ours)
                    << "\n  theirs: " << describe(read);
      if (++shown_failures == 40) return;
    }
  }
}

void report(const char* what, const Counts& counts) {
  std::printf("%s: %d accepted alike, %d refused that both others accept\n", what, counts.accepted, counts.stricter);
  for (const auto& [why, count] : counts.stricter_by) std::printf("  stricter %5d  %s\n", count, why.c_str());
  for (const auto& [why, count] : counts.explained) std::printf("  explained %4d  %s\n", count, why.c_str());
}

TEST(Differential, Requests) {
  Counts counts;
  compare(Kind::request, 1, 14000, counts);
  report("requests", counts);
  EXPECT_GT(counts.accepted, 3000);
  EXPECT_GT(counts.stricter, 100);
}

TEST(Differential, Responses) {
  Counts counts;
  compare(Kind::response, 2, 8000, counts);
  report("responses", counts);
  EXPECT_GT(counts.accepted, 2000);
  EXPECT_GT(counts.stricter, 100);
}

}  // namespace
}  // namespace gatehouse::http
