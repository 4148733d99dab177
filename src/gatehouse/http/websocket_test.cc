#include "gatehouse/http/websocket.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace gatehouse::http {
namespace {

using State = WebSocketReader::State;
constexpr WebSocketMask kMask = std::array<std::uint8_t, 4>{0x37, 0xfa, 0x21, 0x3d};

// What a reader makes of bytes, cut so that no piece is longer than `piece`; "text:...", "close 1000:...", "! 1002".
std::vector<std::string> told(WebSocketSide from, std::string_view bytes, std::size_t piece,
                              std::size_t most = 1 << 20) {
  WebSocketReader reader(from, most);
  std::vector<std::string> out;
  while (!bytes.empty()) {
    std::string_view cut = bytes.substr(0, piece);
    bytes.remove_prefix(cut.size());
    // A copy of exactly its size, so that a look beyond it is found.
    const std::string own(cut);
    std::string_view rest = own;
    while (!rest.empty()) {
      const auto step = reader.read(rest);
      if (step.state == State::need_more) {
        EXPECT_TRUE(rest.empty());
        break;
      }
      if (step.state == State::failed) {
        out.push_back("! " + std::to_string(step.code));
        return out;
      }
      const std::string payload(step.message.payload);
      switch (step.message.opcode) {
        case WebSocketOpcode::text:
          out.push_back("text:" + payload);
          break;
        case WebSocketOpcode::binary:
          out.push_back("binary:" + payload);
          break;
        case WebSocketOpcode::close:
          out.push_back("close " + std::to_string(step.message.code) + ":" + payload);
          break;
        case WebSocketOpcode::ping:
          out.push_back("ping:" + payload);
          break;
        case WebSocketOpcode::pong:
          out.push_back("pong:" + payload);
          break;
        case WebSocketOpcode::continuation:
          out.push_back("impossible");
          break;
      }
    }
  }
  return out;
}

// A server's frame by hand: the first byte, then the payload with its length.
std::string raw(int first, std::string_view payload) {
  std::string out;
  out += static_cast<char>(first);
  if (payload.size() < 126) {
    out += static_cast<char>(payload.size());
  } else {
    out += static_cast<char>(126);
    out += static_cast<char>(payload.size() >> 8);
    out += static_cast<char>(payload.size() & 0xFF);
  }
  return out.append(payload);
}

TEST(WebSocketFrames, as_the_rfc_writes_them) {
  // RFC 6455, section 5.7.
  using namespace std::string_literals;
  EXPECT_EQ(told(WebSocketSide::server, "\x81\x05Hello", 99), std::vector<std::string>{"text:Hello"});
  EXPECT_EQ(told(WebSocketSide::client, "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", 99),
            std::vector<std::string>{"text:Hello"});
  EXPECT_EQ(told(WebSocketSide::server, "\x01\x03Hel\x80\x02lo"s, 99), std::vector<std::string>{"text:Hello"});
  EXPECT_EQ(told(WebSocketSide::server, "\x89\x05Hello", 99), std::vector<std::string>{"ping:Hello"});
  std::string out;
  append_websocket_frame(WebSocketOpcode::text, "Hello", kMask, out);
  EXPECT_EQ(out, "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
}

TEST(WebSocketFrames, the_same_wherever_they_are_cut) {
  const std::string long_text(70'000, 'x');
  std::string wire;
  append_websocket_frame(WebSocketOpcode::text, "gr\xC3\xBC\xC3\x9F dich", kMask, wire);
  append_websocket_frame(WebSocketOpcode::binary, std::string(200, '\xFF'), kMask, wire);
  append_websocket_frame(WebSocketOpcode::text, "", kMask, wire);
  append_websocket_frame(WebSocketOpcode::ping, "p", kMask, wire);
  append_websocket_close(1000, "bye", kMask, wire);
  const std::vector<std::string> expected = {"text:gr\xC3\xBC\xC3\x9F dich", "binary:" + std::string(200, '\xFF'),
                                             "text:", "ping:p", "close 1000:bye"};
  for (std::size_t piece = 1; piece <= wire.size(); ++piece) {
    EXPECT_EQ(told(WebSocketSide::client, wire, piece), expected) << piece;
  }
  wire.clear();
  append_websocket_frame(WebSocketOpcode::text, long_text, {}, wire);
  append_websocket_frame(WebSocketOpcode::text, long_text, {}, wire);
  EXPECT_EQ(told(WebSocketSide::server, wire, 1000),
            (std::vector<std::string>{"text:" + long_text, "text:" + long_text}));
}

TEST(WebSocketFrames, control_frames_come_between_fragments) {
  using namespace std::string_literals;
  const std::string wire = raw(0x01, "a") + raw(0x89, "ping") + raw(0x00, "") + raw(0x8A, "pong") + raw(0x80, "b");
  for (std::size_t piece = 1; piece <= wire.size(); ++piece) {
    EXPECT_EQ(told(WebSocketSide::server, wire, piece),
              (std::vector<std::string>{"ping:ping", "pong:pong", "text:ab"}));
  }
  // A character may be cut by a fragment.
  EXPECT_EQ(told(WebSocketSide::server, raw(0x01, "\xC3") + raw(0x80, "\xBC"), 1),
            std::vector<std::string>{"text:\xC3\xBC"});
}

TEST(WebSocketFrames, what_is_refused_and_by_which_code) {
  using namespace std::string_literals;
  struct Case {
    std::string what;
    std::string wire;
    std::string code;
    WebSocketSide from = WebSocketSide::server;
  };
  const std::vector<Case> cases = {
      {"RSV1: nothing is compressed", raw(0xC1, "x"), "1002"},
      {"RSV2", raw(0xA1, "x"), "1002"},
      {"RSV3 of a control frame", raw(0x99, "x"), "1002"},
      {"opcode 3", raw(0x83, "x"), "1002"},
      {"opcode 7", raw(0x87, "x"), "1002"},
      {"opcode 11", raw(0x8B, "x"), "1002"},
      {"opcode 15", raw(0x8F, "x"), "1002"},
      {"a ping in fragments", raw(0x09, "x"), "1002"},
      {"a close in fragments", raw(0x08, ""), "1002"},
      {"a continuation of nothing", raw(0x80, "x"), "1002"},
      {"a text inside a text", raw(0x01, "x") + raw(0x81, "y"), "1002"},
      {"a continuation behind the end", raw(0x81, "x") + raw(0x80, "y"), "1002"},
      {"a ping of 126 bytes", raw(0x89, std::string(126, 'x')), "1002"},
      {"a close of 126 bytes", raw(0x88, std::string(126, 'x')), "1002"},
      {"a length that fits fewer bytes", "\x81\x7E\x00\x05Hello"s, "1002"},
      {"the same of eight", "\x81\x7F\x00\x00\x00\x00\x00\x00\xFF\xFF"s, "1002"},
      {"a length with its highest bit", "\x82\x7F\x80\x00\x00\x00\x00\x00\x00\x00"s, "1002"},
      {"half a close code", raw(0x88, "x"), "1002"},
      {"close 999", raw(0x88, "\x03\xE7"), "1002"},
      {"close 1004", raw(0x88, "\x03\xEC"), "1002"},
      {"close 1005", raw(0x88, "\x03\xED"), "1002"},
      {"close 1006", raw(0x88, "\x03\xEE"), "1002"},
      {"close 1015", raw(0x88, "\x03\xF7"), "1002"},
      {"close 2999", raw(0x88, "\x0B\xB7"), "1002"},
      {"close 5000", raw(0x88, "\x13\x88"), "1002"},
      {"a reason that is no text", raw(0x88, "\x03\xE8\xFF"), "1007"},
      {"a text that is no UTF-8", raw(0x81, "\xC3\x28"), "1007"},
      {"a surrogate", raw(0x81, "\xED\xA0\x80"), "1007"},
      {"half a character at the end", raw(0x81, "ab\xC3"), "1007"},
      {"a masked server", "\x81\x81\x01\x02\x03\x04x"s, "1002"},
      {"a client without a mask", "\x81\x01x"s, "1002", WebSocketSide::client},
      {"more than may be", raw(0x82, std::string(1001, 'x')), "1009"},
      {"more in fragments", raw(0x02, std::string(600, 'x')) + raw(0x80, std::string(401, 'x')), "1009"},
  };
  for (const auto& c : cases) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, c.wire.size()}) {
      const auto got = told(c.from, c.wire, piece, 1000);
      ASSERT_FALSE(got.empty()) << c.what;
      EXPECT_EQ(got.back(), "! " + c.code) << c.what;
    }
  }
  EXPECT_EQ(told(WebSocketSide::server, raw(0x02, std::string(600, 'x')) + raw(0x80, std::string(400, 'x')), 99, 1000),
            std::vector<std::string>{"binary:" + std::string(1000, 'x')});
}

TEST(WebSocketFrames, a_close_says_why_in_what_fits) {
  std::string wire;
  append_websocket_close(1008, std::string(122, 'x') + "\xC3\xBC", {}, wire);
  EXPECT_EQ(told(WebSocketSide::server, wire, 99), std::vector<std::string>{"close 1008:" + std::string(122, 'x')});
  wire.clear();
  append_websocket_close(WebSocketClose::kNone, "", {}, wire);
  EXPECT_EQ(told(WebSocketSide::server, wire, 99), std::vector<std::string>{"close 1005:"});
  for (const std::uint16_t code : {1000, 1003, 1007, 1011, 1014, 3000, 4999})
    EXPECT_TRUE(valid_close_code(code)) << code;
}

RequestHead head_of(const std::string& wire) {
  RequestHead head;
  std::size_t scanned = 0;
  EXPECT_EQ(parse_request_head(wire, scanned, {}, head).state, ParseState::done) << wire;
  return head;
}

TEST(WebSocketHandshake, as_the_rfc_has_it) {
  EXPECT_EQ(websocket_accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  const std::string wire =
      "GET /v1/realtime HTTP/1.1\r\nHost: a\r\nUpgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Protocol: realtime, openai-insecure-api-key.gh-1\r\nSec-WebSocket-Protocol: x\r\n\r\n";
  const auto request = read_websocket_request(head_of(wire));
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->protocols, (std::vector<std::string_view>{"realtime", "openai-insecure-api-key.gh-1", "x"}));
}

TEST(WebSocketHandshake, what_is_refused) {
  const std::string good =
      "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
  EXPECT_TRUE(read_websocket_request(head_of(good)).has_value());
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"GET /", "POST /"},
           {"Upgrade: websocket", "Upgrade: h2c"},
           {"Connection: Upgrade", "Connection: close"},
           {"Version: 13", "Version: 8"},
           {"Sec-WebSocket-Version: 13\r\n", ""},
           {"Sec-WebSocket-Version: 13\r\n", "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Version: 13\r\n"},
           {"dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25j"},
           {"dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZR=="},
           {"dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub-5jZQ=="},
           {"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", ""},
           {"Version: 13\r\n", "Version: 13\r\nSec-WebSocket-Protocol: a b\r\n"},
           {"Version: 13\r\n", "Version: 13\r\nContent-Length: 5\r\n"},
       }) {
    std::string wire = good;
    const auto at = wire.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    wire.replace(at, from.size(), to);
    EXPECT_FALSE(read_websocket_request(head_of(wire)).has_value()) << wire;
  }
}

TEST(WebSocketHandshake, the_servers_answer_is_checked) {
  const std::string key = websocket_key({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
  EXPECT_EQ(key, "AQIDBAUGBwgJCgsMDQ4PEA==");
  std::string fields;
  append_websocket_answer(key, {}, fields);
  const auto checked = [&](const std::string& lines) {
    ResponseHead head;
    std::size_t scanned = 0;
    const std::string wire = "HTTP/1.1 101 Switching Protocols\r\n" + lines + "\r\n";
    EXPECT_EQ(parse_response_head(wire, scanned, {}, Method::get, head).state, ParseState::done);
    return check_websocket_answer(head, key).has_value();
  };
  EXPECT_TRUE(checked(fields));
  EXPECT_FALSE(checked(fields + "Sec-WebSocket-Extensions: permessage-deflate\r\n"));
  EXPECT_FALSE(checked(fields + "Sec-WebSocket-Protocol: realtime\r\n"));
  EXPECT_FALSE(checked("Upgrade: websocket\r\nConnection: Upgrade\r\n"));
  std::string other;
  append_websocket_answer("dGhlIHNhbXBsZSBub25jZQ==", {}, other);
  EXPECT_FALSE(checked(other));
}

}  // namespace
}  // namespace gatehouse::http
