#include "gatehouse/http/head.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/http/testing/transcript.h"

namespace gatehouse::http {
namespace {

using testing::request_transcript;
using testing::response_transcript;

// At once, byte by byte, and cut in two at every place: always the same.
std::string all_cuts(std::string_view bytes, auto&& transcript) {
  const std::string whole = transcript([&bytes] { return bytes.size() + 1; });
  EXPECT_EQ(whole, transcript([] { return std::size_t{1}; })) << bytes;
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    std::size_t next = cut;
    EXPECT_EQ(whole, transcript([&] { return std::exchange(next, bytes.size()); })) << bytes << " cut at " << cut;
  }
  return whole;
}
std::string requests(std::string_view bytes, const HeadLimits& limits = {}) {
  return all_cuts(bytes, [&](auto&& next) { return request_transcript(bytes, next, limits); });
}
std::string responses(std::string_view bytes, Method method = Method::get) {
  return all_cuts(bytes, [&](auto&& next) { return response_transcript(bytes, method, next); });
}

// The head of one request, from bytes that the test keeps.
struct Parsed {
  explicit Parsed(std::string_view bytes) {
    std::size_t scanned = 0;
    result = parse_request_head(bytes, scanned, HeadLimits{}, head);
  }
  RequestHead head;
  ParseResult result;
};
struct ParsedResponse {
  explicit ParsedResponse(std::string_view bytes, Method method = Method::get) {
    std::size_t scanned = 0;
    result = parse_response_head(bytes, scanned, HeadLimits{}, method, head);
  }
  ResponseHead head;
  ParseResult result;
};

TEST(RequestHead, SaysWhatWasSent) {
  const std::string bytes =
      "POST /v1/chat/completions?beta=1&include[]=x HTTP/1.1\r\nHost: "
      "api.example.com:8080\r\nContent-Type:\tapplication/json "
      "\r\nX-Empty:\r\nContent-Length: 12\r\nX-Text: caf\xc3\xa9 \"two\twords\"\r\n\r\n{\"a\":\"b\"}   GET";
  const Parsed parsed(bytes);
  ASSERT_EQ(parsed.result.state, ParseState::done);
  EXPECT_EQ(bytes.substr(parsed.result.consumed, 1), "{");
  const RequestHead& head = parsed.head;
  EXPECT_EQ(head.method, Method::post);
  EXPECT_EQ(head.method_text, "POST");
  EXPECT_EQ(head.target, "/v1/chat/completions?beta=1&include[]=x");
  EXPECT_EQ(head.path, "/v1/chat/completions");
  EXPECT_EQ(head.query, "beta=1&include[]=x");
  EXPECT_EQ(head.minor_version, 1);
  EXPECT_EQ(head.framing, Framing::length);
  EXPECT_EQ(head.content_length, 12u);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_FALSE(head.expect_continue);
  EXPECT_FALSE(head.upgrade);
  ASSERT_EQ(head.fields.size(), 5u);
  EXPECT_EQ(head.fields.begin()[1].name, "Content-Type");
  EXPECT_EQ(head.fields.value("content-TYPE"), "application/json");
  EXPECT_EQ(head.fields.value("x-empty"), "");
  EXPECT_EQ(head.fields.value("x-text"), "caf\xc3\xa9 \"two\twords\"");
  EXPECT_EQ(head.fields.find("absent"), nullptr);
}

TEST(RequestHead, KnowsTheMethods) {
  const std::pair<std::string_view, Method> cases[] = {
      {"GET", Method::get},    {"HEAD", Method::head},    {"POST", Method::post},       {"PUT", Method::put},
      {"DELETE", Method::del}, {"PATCH", Method::patch},  {"OPTIONS", Method::options}, {"PROPFIND", Method::other},
      {"get", Method::other},  {"TRACER", Method::other},
  };
  for (const auto& [text, method] : cases) {
    const std::string bytes = std::string(text) + " / HTTP/1.1\r\nHost: a\r\n\r\n";
    const Parsed parsed(bytes);
    ASSERT_EQ(parsed.result.state, ParseState::done) << text;
    EXPECT_EQ(parsed.head.method, method) << text;
    EXPECT_EQ(parsed.head.method_text, text);
  }
}

TEST(RequestHead, TakesTheFormsOfTarget) {
  struct Case {
    std::string_view line, host, path, query;
  };
  const Case cases[] = {
      {"GET /", "a", "/", ""},
      {"GET /?", "a", "/", ""},
      {"GET /a/../b//c;d=1?x?y/{z}", "a", "/a/../b//c;d=1", "x?y/{z}"},
      {"GET /%00%zz", "a", "/%00%zz", ""},
      {"OPTIONS *", "a", "*", ""},
      {"GET http://a/b?c", "a", "/b", "c"},
      {"GET HTTP://A:80/b", "a:80", "/b", ""},
      {"GET https://a", "a", "/", ""},
      {"GET http://a?q", "a", "/", "q"},
      {"GET http://[::1]:8080/x", "[::1]:8080", "/x", ""},
  };
  for (const Case& c : cases) {
    const std::string bytes = std::string(c.line) + " HTTP/1.1\r\nHost: " + std::string(c.host) + "\r\n\r\n";
    const Parsed parsed(bytes);
    ASSERT_EQ(parsed.result.state, ParseState::done) << bytes << parsed.result.reason;
    EXPECT_EQ(parsed.head.path, c.path) << bytes;
    EXPECT_EQ(parsed.head.query, c.query) << bytes;
    requests(bytes);
  }
}

TEST(RequestHead, TakesTheHostsThatAreHosts) {
  for (const std::string_view host :
       {"a", "a.b-c_d.example:1", "127.0.0.1:65535", "[::]", "[2001:db8::1%1]", "a:", "[::ffff:1.2.3.4]:80", "a~b"}) {
    const std::string bytes = "GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n";
    const bool zone = host.find('%') != std::string_view::npos;
    EXPECT_EQ(Parsed(bytes).result.state, zone ? ParseState::bad : ParseState::done) << host;
  }
}

TEST(RequestHead, FollowsConnectionAndVersion) {
  struct Case {
    std::string_view version, fields;
    bool keep_alive, upgrade;
  };
  const Case cases[] = {
      {"1.1", "", true, false},
      {"1.1", "Connection: close\r\n", false, false},
      {"1.1", "Connection: Keep-Alive\r\n", true, false},
      {"1.1", "Connection: keep-alive\r\nConnection: x, CLOSE\r\n", false, false},
      {"1.1", "Connection: , te ,,upgrade\r\nUpgrade: websocket\r\n", true, true},
      {"1.1", "Upgrade: websocket\r\n", true, false},
      {"1.1", "Connection: upgrade\r\n", true, false},
      {"1.0", "", false, false},
      {"1.0", "Connection: keep-alive\r\n", true, false},
      {"1.0", "Connection: keep-alive, close\r\n", false, false},
      {"1.0", "Connection: upgrade\r\nUpgrade: h2c\r\n", false, false},
  };
  for (const Case& c : cases) {
    const std::string bytes =
        "GET / HTTP/" + std::string(c.version) + "\r\nHost: a\r\n" + std::string(c.fields) + "\r\n";
    const Parsed parsed(bytes);
    ASSERT_EQ(parsed.result.state, ParseState::done) << bytes << parsed.result.reason;
    EXPECT_EQ(parsed.head.keep_alive, c.keep_alive) << bytes;
    EXPECT_EQ(parsed.head.upgrade, c.upgrade) << bytes;
  }
}

TEST(RequestHead, ExpectsContinueOnlyWithABody) {
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\n";
  EXPECT_TRUE(Parsed(head + "Content-Length: 1\r\n\r\n").head.expect_continue);
  EXPECT_TRUE(Parsed(head + "Transfer-Encoding: chunked\r\n\r\n").head.expect_continue);
  EXPECT_FALSE(Parsed(head + "Content-Length: 0\r\n\r\n").head.expect_continue);
  EXPECT_FALSE(Parsed(head + "\r\n").head.expect_continue);
  const Parsed old("POST / HTTP/1.0\r\nExpect: 100-continue\r\nExpect: tea\r\nContent-Length: 1\r\n\r\n");
  EXPECT_EQ(old.result.state, ParseState::done);
  EXPECT_FALSE(old.head.expect_continue);
}

TEST(RequestHead, OneEmptyLineMayComeBefore) {
  const std::string request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  EXPECT_EQ(requests("\r\n" + request), requests(request));
  EXPECT_TRUE(requests("\r\n\r\n" + request).starts_with("\nbad 400 this is not HTTP"));
  EXPECT_TRUE(requests("\n" + request).starts_with("\nbad 400 this is not HTTP"));
}

TEST(RequestHead, ReadsPipelinedRequestsWithTheirBodies) {
  const std::string bytes =
      "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
      "POST /2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n3\r\ndef\r\n2;x=\"y\"\r\ngh\r\n0\r\nT: "
      "v\r\n\r\n"
      "GET /3 HTTP/1.0\r\n\r\n";
  const std::string said = requests(bytes);
  EXPECT_NE(said.find("target=[/1]"), std::string::npos);
  EXPECT_NE(said.find("body=[abc]"), std::string::npos);
  EXPECT_NE(said.find("body=[defgh]"), std::string::npos);
  EXPECT_NE(said.find("target=[/3]"), std::string::npos);
  EXPECT_TRUE(said.ends_with("\nend")) << said;
}

struct Bad {
  std::string_view bytes;  // the whole of what is sent
  int status;
  std::string_view reason;
};

TEST(RequestHead, RefusesWhatOthersCouldReadOtherwise) {
  using namespace std::string_view_literals;
  const Bad cases[] = {
      // Two lengths, or none that is certain.
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400,
       "both Content-Length and Transfer-Encoding"},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n", 400,
       "both Content-Length and Transfer-Encoding"},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n", 400,
       "several Content-Length fields"},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\ncontent-length: 4\r\n\r\n", 400,
       "several Content-Length fields"},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3\r\n\r\n", 400, "a malformed Content-Length"},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\n", 400, "a malformed Content-Length"},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400, "a malformed Content-Length"},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x3\r\n\r\n", 400, "a malformed Content-Length"},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 010\r\n\r\n", 400, "a malformed Content-Length"},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3 4\r\n\r\n", 400, "a malformed Content-Length"},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n", 400, "a malformed Content-Length"},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9223372036854775808\r\n\r\n", 400, "a malformed Content-Length"},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551617\r\n\r\n", 400, "a malformed Content-Length"},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent_Length: 3\r\n\r\n", 400,
       "a field's name can be taken for Content-Length"},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer_Encoding: chunked\r\n\r\n", 400,
       "a field's name can be taken for Transfer-Encoding"},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501,
       "a transfer coding other than chunked"},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n", 501,
       "a transfer coding other than chunked"},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", 501,
       "a transfer coding other than chunked"},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n", 400,
       "a malformed Transfer-Encoding"},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n", 400, "a malformed Transfer-Encoding"},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: ,chunked\r\n\r\n", 400, "a malformed Transfer-Encoding"},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked;q=1\r\n\r\n", 400, "a malformed Transfer-Encoding"},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \"chunked\"\r\n\r\n", 400, "a malformed Transfer-Encoding"},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n\r\n", 400, "a malformed Transfer-Encoding"},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\x0b\r\n\r\n", 400,
       "a control byte in a field's value"},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400,
       "several Transfer-Encoding fields"},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n", 400,
       "several Transfer-Encoding fields"},
      {"POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "Transfer-Encoding in HTTP/1.0"},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\t\r\n\r\n", 400, "a tab after Transfer-Encoding"},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3 \t\r\n\r\n", 400, "a tab after Content-Length"},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encodings: chunked\r\n\r\n", 400,
       "a field's name can be taken for Transfer-Encoding"},
      {"POST / HTTP/1.1\r\nHost: a\r\nTRANSFER-ENCODING-: chunked\r\n\r\n", 400,
       "a field's name can be taken for Transfer-Encoding"},
      // Lines.
      {"GET / HTTP/1.1\nHost: a\n\n", 400, "a line ends without CR"},
      {"GET / HTTP/1.1\r\nHost: a\n\r\n", 400, "a line ends without CR"},
      {"GET / HTTP/1.1\r\nHost: a\r\n\n", 400, "a line ends without CR"},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: b\nContent-Length: 5\r\n\r\n", 400, "a line ends without CR"},
      {"GET / HTTP/1.1\rHost: a\r\n\r\n", 400, "a malformed first line"},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: b\rContent-Length: 5\r\n\r\n", 400, "CR without LF"},
      {"GET / HTTP/1.1\r\nHost: a\r\n\rX: b\r\n\r\n", 400, "CR without LF"},
      {"GET / HTTP/1.1\r\nHost: a\r\r\n\r\n", 400, "CR without LF"},
      {"\rGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "CR without LF"},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n", 400, "a field line is folded"},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n\tc: d\r\n\r\n", 400, "a field line is folded"},
      {"GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400, "a field line is folded"},
      // Names and values.
      {"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400, "whitespace before the colon of a field"},
      {"GET / HTTP/1.1\r\nHost: a\r\nContent-Length\t: 3\r\n\r\n", 400, "whitespace before the colon of a field"},
      {"GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", 400, "a field's name is not a token"},
      {"GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", 400, "a field's name is not a token"},
      {"GET / HTTP/1.1\r\nHost: a\r\nX(y): b\r\n\r\n", 400, "a field's name is not a token"},
      {"GET / HTTP/1.1\r\nHost: a\r\nX\xc3\xa9: b\r\n\r\n", 400, "a field's name is not a token"},
      {"GET / HTTP/1.1\r\nHost: a\r\nX\0: b\r\n\r\n"sv, 400, "a field's name is not a token"},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: b\0c\r\n\r\n"sv, 400, "a control byte in a field's value"},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n", 400, "a control byte in a field's value"},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: 01234567\x7f\r\n\r\n", 400, "a control byte in a field's value"},
      // Host and target.
      {"GET / HTTP/1.1\r\n\r\n", 400, "no Host field"},
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400, "several Host fields"},
      {"GET / HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n", 400, "several Host fields"},
      {"GET / HTTP/1.1\r\nHost:\r\n\r\n", 400, "a malformed Host"},
      {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, "a malformed Host"},
      {"GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400, "a malformed Host"},
      {"GET / HTTP/1.1\r\nHost: a#b\r\n\r\n", 400, "a malformed Host"},
      {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400, "a malformed Host"},
      {"GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400, "a malformed Host"},
      {"GET / HTTP/1.1\r\nHost: a:80:80\r\n\r\n", 400, "a malformed Host"},
      {"GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", 400, "a malformed Host"},
      {"GET / HTTP/1.1\r\nHost: a:+1\r\n\r\n", 400, "a malformed Host"},
      {"GET / HTTP/1.1\r\nHost: :80\r\n\r\n", 400, "a malformed Host"},
      {"GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400, "a malformed Host"},
      {"GET / HTTP/1.1\r\nHost: []\r\n\r\n", 400, "a malformed Host"},
      {"GET / HTTP/1.1\r\nHost: [a]\r\n\r\n", 400, "a malformed Host"},
      {"GET / HTTP/1.1\r\nHost: [::1]x\r\n\r\n", 400, "a malformed Host"},
      {"GET / HTTP/1.1\r\nHost: caf\xc3\xa9\r\n\r\n", 400, "a malformed Host"},
      {"GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, "the target's authority is not Host's"},
      {"GET http://a:80/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, "the target's authority is not Host's"},
      {"GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, "the target's authority is not Host's"},
      {"GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n", 400, "the target's authority is not Host's"},
      {"GET http://a/ HTTP/1.0\r\n\r\n", 400, "the target's authority is not Host's"},
      {"GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, "a target of a form that is not accepted"},
      {"GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "a target of a form that is not accepted"},
      {"GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400, "a target of a form that is not accepted"},
      {"OPTIONS *x HTTP/1.1\r\nHost: a\r\n\r\n", 400, "a target of a form that is not accepted"},
      {"GET x HTTP/1.1\r\nHost: a\r\n\r\n", 400, "a target of a form that is not accepted"},
      {"GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400, "a byte in the target that must be escaped"},
      {"GET /?a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400, "a byte in the target that must be escaped"},
      {"GET /a\\b HTTP/1.1\r\nHost: a\r\n\r\n", 400, "a byte in the target that must be escaped"},
      {"GET /<a> HTTP/1.1\r\nHost: a\r\n\r\n", 400, "a byte in the target that must be escaped"},
      {"GET http://a/\" HTTP/1.1\r\nHost: a\r\n\r\n", 400, "a byte in the target that must be escaped"},
      {"GET /caf\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "a malformed target"},
      {"GET /a\tb HTTP/1.1\r\nHost: a\r\n\r\n", 400, "a malformed target"},
      {"GET /a\0b HTTP/1.1\r\nHost: a\r\n\r\n"sv, 400, "a malformed target"},
      {"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "a malformed target"},
      {"GET /\r\nHost: a\r\n\r\n", 400, "a malformed target"},
      {"GET / b HTTP/1.1\r\nHost: a\r\n\r\n", 400, "a malformed first line"},
      // First lines.
      {"GET /  HTTP/1.1\r\nHost: a\r\n\r\n", 400, "a malformed first line"},
      {"GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400, "a malformed first line"},
      {"GET / http/1.1\r\nHost: a\r\n\r\n", 400, "a malformed first line"},
      {"GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400, "a malformed first line"},
      {"GET / \r\nHost: a\r\n\r\n", 400, "a malformed first line"},
      {"GET / HTTP/\r\nHost: a\r\n\r\n", 400, "a malformed first line"},
      {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505, "only HTTP/1.0 and HTTP/1.1 are spoken here"},
      {"GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505, "only HTTP/1.0 and HTTP/1.1 are spoken here"},
      {"GET / HTTP/0.9\r\nHost: a\r\n\r\n", 505, "only HTTP/1.0 and HTTP/1.1 are spoken here"},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "only HTTP/1.0 and HTTP/1.1 are spoken here"},
      {"G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "a malformed method"},
      {"GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, "a malformed method"},
      {"GETGETGETGETGETGETGETGETGETGETGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "a malformed method"},
      {" GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "this is not HTTP"},
      {"\x16\x03\x01\x02", 400, "this is not HTTP"},
      {"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", 501, "CONNECT and TRACE are not served"},
      {"TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 501, "CONNECT and TRACE are not served"},
      // Connection and Expect.
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close, Content-Length\r\n\r\n", 400,
       "Connection names a field that frames the message"},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: transfer-encoding\r\n\r\n", 400,
       "Connection names a field that frames the message"},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: Host\r\n\r\n", 400,
       "Connection names a field that is not for the connection"},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: authorization\r\n\r\n", 400,
       "Connection names a field that is not for the connection"},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: X-API-Key\r\n\r\n", 400,
       "Connection names a field that is not for the connection"},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: api-key\r\n\r\n", 400,
       "Connection names a field that is not for the connection"},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: cookie\r\n\r\n", 400,
       "Connection names a field that is not for the connection"},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: x-forwarded-for\r\n\r\n", 400,
       "Connection names a field that is not for the connection"},
      {"GET / HTTP/1.0\r\nHost: a\r\nConnection: Content-Encoding\r\n\r\n", 400,
       "Connection names a field that is not for the connection"},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: a b\r\n\r\n", 400, "a Connection option is not a token"},
      {"POST / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\nContent-Length: 1\r\n\r\n", 417,
       "an expectation other than 100-continue"},
  };
  for (const Bad& c : cases) {
    EXPECT_EQ(requests(c.bytes), "\nbad " + std::to_string(c.status) + " " + std::string(c.reason)) << c.bytes;
  }
}

TEST(RequestHead, HasLimits) {
  const HeadLimits limits{.bytes = 200, .fields = 3, .target = 20};
  const auto request = [](std::size_t target, std::size_t fields, std::size_t padding) {
    std::string bytes =
        "GET /" + std::string(target - 1, 'x') + " HTTP/1.1\r\nHost: " + std::string(padding, 'h') + "\r\n";
    for (std::size_t i = 1; i < fields; ++i) bytes += "A: b\r\n";
    return bytes + "\r\n";
  };
  EXPECT_TRUE(requests(request(20, 1, 1), limits).ends_with("\nend"));
  EXPECT_EQ(requests(request(21, 1, 1), limits), "\nbad 414 the target is too long");
  EXPECT_EQ(requests(request(150, 1, 1), limits), "\nbad 414 the first line is too long");
  EXPECT_EQ(requests("GET /" + std::string(150, 'x'), limits), "\nbad 414 the first line is too long");
  EXPECT_TRUE(requests(request(1, 3, 1), limits).ends_with("\nend"));
  EXPECT_EQ(requests(request(1, 4, 1), limits), "\nbad 431 too many fields");
  const std::size_t rest = request(1, 1, 0).size();
  EXPECT_TRUE(requests(request(1, 1, 200 - rest), limits).ends_with("\nend"));
  EXPECT_EQ(requests(request(1, 1, 201 - rest), limits), "\nbad 431 the head is too large");
  EXPECT_EQ(requests("GET / HTTP/1.1\r\nHost: " + std::string(400, 'h'), limits), "\nbad 431 the head is too large");
}

// `scanned` is what makes a dripping head cheap: every call but the last looks only at what is new. Bytes that were
// scanned are spoilt here, and the parser must not notice before the end.
TEST(RequestHead, DoesNotLookTwiceWhileDripping) {
  const std::string bytes = "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(1000, 'x') + "\r\n\r\n";
  std::string shown;
  std::size_t scanned = 0;
  RequestHead head;
  for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
    shown.push_back(bytes[i]);
    ASSERT_EQ(parse_request_head(shown, scanned, HeadLimits{}, head).state, ParseState::need_more);
    ASSERT_EQ(scanned, shown.size());
    if (i >= 4) shown[i - 3] = '\n';
  }
}

TEST(RequestHead, IsReusedWithoutAllocating) {
  std::string many = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 70; ++i) many += "X-" + std::to_string(i) + ": " + std::to_string(i) + "\r\n";
  many += "\r\n";
  const std::string few = "GET / HTTP/1.1\r\nHost: a\r\nX-0: again\r\n\r\n";
  RequestHead head;
  const Field* spilled = nullptr;
  for (int round = 0; round < 3; ++round) {
    std::size_t scanned = 0;
    ASSERT_EQ(parse_request_head(many, scanned, HeadLimits{}, head).state, ParseState::done);
    ASSERT_EQ(head.fields.size(), 71u);
    EXPECT_EQ(head.fields.value("x-69"), "69");
    EXPECT_EQ(head.fields.value("x-0"), "0");
    EXPECT_EQ(head.fields.count("host"), 1u);
    if (round == 0) spilled = head.fields.begin();
    EXPECT_EQ(head.fields.begin(), spilled);
    scanned = 0;
    ASSERT_EQ(parse_request_head(few, scanned, HeadLimits{}, head).state, ParseState::done);
    EXPECT_EQ(head.fields.size(), 2u);
    EXPECT_EQ(head.fields.value("x-0"), "again");
  }
}

TEST(ResponseHead, FollowsStatusMethodAndVersion) {
  struct Case {
    std::string_view bytes;
    Framing framing;
    bool keep_alive;
    Method method = Method::get;
  };
  const Case cases[] = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", Framing::length, true},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n", Framing::length, false},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", Framing::chunked, true},
      {"HTTP/1.1 200 OK\r\n\r\n", Framing::until_close, false},
      {"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n", Framing::length, false},
      {"HTTP/1.0 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\n", Framing::length, true},
      {"HTTP/1.1 200\r\nContent-Length: 5\r\n\r\n", Framing::length, true},
      {"HTTP/1.1 200 \r\nContent-Length: 5\r\n\r\n", Framing::length, true},
      {"HTTP/1.1 204 No Content\r\n\r\n", Framing::none, true},
      {"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", Framing::none, true},
      {"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", Framing::none, false},
      {"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", Framing::none, false},
      {"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", Framing::none, true},
      {"HTTP/1.1 100 Continue\r\n\r\n", Framing::none, true},
      {"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", Framing::none, true},
      {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n", Framing::none, true},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", Framing::none, true, Method::head},
      {"HTTP/1.1 200 OK\r\n\r\n", Framing::none, true, Method::head},
      {"HTTP/1.1 599 caf\xc3\xa9 \t\r\nContent-Length: 0\r\nConnection: cookie, date\r\n\r\n", Framing::length, true},
  };
  for (const Case& c : cases) {
    const ParsedResponse parsed(c.bytes, c.method);
    ASSERT_EQ(parsed.result.state, ParseState::done) << c.bytes << parsed.result.reason;
    EXPECT_EQ(parsed.result.consumed, c.bytes.size());
    EXPECT_EQ(parsed.head.framing, c.framing) << c.bytes;
    EXPECT_EQ(parsed.head.keep_alive, c.keep_alive) << c.bytes;
    responses(c.bytes, c.method);
  }
  const ParsedResponse parsed("HTTP/1.0 429 Too Many Requests\r\nRetry-After: 7\r\n\r\n");
  EXPECT_EQ(parsed.head.status, 429);
  EXPECT_EQ(parsed.head.reason, "Too Many Requests");
  EXPECT_EQ(parsed.head.minor_version, 0);
  EXPECT_EQ(parsed.head.fields.value("retry-after"), "7");
}

TEST(ResponseHead, RefusesWhatOthersCouldReadOtherwise) {
  using namespace std::string_view_literals;
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
       "both Content-Length and Transfer-Encoding"},
      {"HTTP/1.1 204 No Content\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
       "both Content-Length and Transfer-Encoding"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n", "several Content-Length fields"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 3,3\r\n\r\n", "a malformed Content-Length"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "a transfer coding other than chunked"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, identity\r\n\r\n", "a malformed Transfer-Encoding"},
      {"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "Transfer-Encoding in HTTP/1.0"},
      {"HTTP/1.1 200 OK\r\nConnection: Content-Length\r\nContent-Length: 3\r\n\r\n",
       "Connection names a field that frames the message"},
      {"HTTP/1.1 200 OK\r\nX : y\r\n\r\n", "whitespace before the colon of a field"},
      {"HTTP/1.1 200 OK\r\nX: y\r\n z\r\n\r\n", "a field line is folded"},
      {"HTTP/1.1 200 OK\nX: y\n\n", "a line ends without CR"},
      {"HTTP/1.1 200 OK\rX: y\r\n\r\n", "a malformed status line"},
      {"HTTP/1.1 200 OK\0\r\n\r\n"sv, "a malformed status line"},
      {"HTTP/1.1 099 x\r\n\r\n", "a malformed status line"},
      {"HTTP/1.1 600 x\r\n\r\n", "a malformed status line"},
      {"HTTP/1.1 20 x\r\n\r\n", "a malformed status line"},
      {"HTTP/1.1 2000 x\r\n\r\n", "a malformed status line"},
      {"HTTP/1.1  200 x\r\n\r\n", "a malformed status line"},
      {"HTTP/1.1\r\n\r\n", "a malformed status line"},
      {"HTTP/1.1 200x\r\n\r\n", "a malformed status line"},
      {"HTTP/2 200\r\n\r\n", "only HTTP/1.0 and HTTP/1.1 are spoken here"},
      {"HTP/1.1 200 OK\r\n\r\n", "a malformed first line"},
      {"ICY 200 OK\r\n\r\n", "this is not HTTP"},
      {"\r\nHTTP/1.1 200 OK\r\n\r\n", "this is not HTTP"},
  };
  for (const auto& [bytes, reason] : cases) {
    EXPECT_EQ(responses(bytes), "\nbad 502 " + std::string(reason)) << bytes;
  }
}

TEST(ResponseHead, BodiesEndAsTheirFramingSays) {
  EXPECT_TRUE(responses("HTTP/1.1 200 OK\r\n\r\nabc").ends_with("body=[abc] \nclosed"));
  EXPECT_TRUE(responses("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc").ends_with("body=[abc] \ntruncated"));
  EXPECT_TRUE(responses("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc").ends_with("body=[abc] \n\nend"));
  EXPECT_TRUE(responses("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n").ends_with("\ntruncated"));
}

TEST(Fields, HopByHop) {
  for (const auto* name : {"Connection", "keep-alive", "Proxy-Connection", "TE", "trailer", "Transfer-Encoding",
                           "UPGRADE", "proxy-authenticate", "proxy-authorization"}) {
    EXPECT_TRUE(is_hop_by_hop(name)) << name;
  }
  for (const auto* name : {"", "content-length", "host", "tf", "trailing", "authorization", "expect"}) {
    EXPECT_FALSE(is_hop_by_hop(name)) << name;
  }
}

TEST(Fields, NominatedByConnection) {
  const Parsed parsed(
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: x-one , ,close\r\nX-One: 1\r\nconnection: X-Two\r\n\r\n");
  ASSERT_EQ(parsed.result.state, ParseState::done);
  EXPECT_TRUE(nominated_by_connection(parsed.head.fields, "X-ONE"));
  EXPECT_TRUE(nominated_by_connection(parsed.head.fields, "x-two"));
  EXPECT_TRUE(nominated_by_connection(parsed.head.fields, "close"));
  EXPECT_FALSE(nominated_by_connection(parsed.head.fields, "x-three"));
  EXPECT_FALSE(nominated_by_connection(parsed.head.fields, "x-on"));
  EXPECT_FALSE(nominated_by_connection(parsed.head.fields, ""));
}

TEST(Fields, ValidNamesAndValues) {
  EXPECT_TRUE(valid_field_name("X-a_1!"));
  for (const std::string_view name : {"", "a b", "a:", "a\r", "\xc3\xa9"}) EXPECT_FALSE(valid_field_name(name)) << name;
  EXPECT_TRUE(valid_field_value(""));
  EXPECT_TRUE(valid_field_value("a \t\xc3\xa9\xff\x80 0123456789"));
  // Each control byte at each place around the eight bytes that are looked at together.
  for (int c = 0; c < 256; ++c) {
    const bool control = (c < 0x20 && c != '\t') || c == 0x7f;
    for (std::size_t at = 0; at < 20; ++at) {
      std::string value(20, '\t');
      value[at] = static_cast<char>(c);
      EXPECT_EQ(valid_field_value(value), !control) << c << " at " << at;
      EXPECT_EQ(valid_field_value(std::string_view(value).substr(0, at)), true);
    }
  }
}

TEST(Fields, StatusReasons) {
  EXPECT_EQ(status_reason(200), "OK");
  EXPECT_EQ(status_reason(431), "Request Header Fields Too Large");
  EXPECT_EQ(status_reason(299), "");
}

}  // namespace
}  // namespace gatehouse::http
