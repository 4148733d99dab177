#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/http/head.h"

// The WebSocket protocol (RFC 6455), both sides, without IO: the handshake as values, messages out of bytes that are
// cut anywhere, frames as bytes. No extension is negotiated, so that no frame is compressed and every reserved bit is
// an error. Randomness is passed in. Any thread.
namespace gatehouse::http {

// --- Handshake

// What a client asks for. Views of the request's head.
struct WebSocketRequest {
  std::string_view key;
  std::vector<std::string_view> protocols;  // offered subprotocols, in order
  // Of the answer to a request that is refused: the versions that we know, as a field line. Empty else.
  static constexpr std::string_view kVersionField = "sec-websocket-version: 13\r\n";
  static constexpr std::size_t kMostProtocols = 32;
};
// Section 4.2.1. Errors: invalid_request, with what is wrong.
Result<WebSocketRequest> read_websocket_request(const RequestHead& head);
// Of a value that lists tokens ("realtime, openai-insecure-api-key.sk-1"): each of them; at most kMostProtocols.
std::vector<std::string_view> websocket_protocols(const Fields& fields);

// The value of Sec-WebSocket-Accept that goes with a key (section 4.2.2).
std::string websocket_accept(std::string_view key);
// The field lines of a 101. `protocol` is one of those that were offered, or empty.
void append_websocket_answer(std::string_view key, std::string_view protocol, std::string& fields);

// A client's key out of 16 random bytes, and the field lines of its request.
std::string websocket_key(const std::array<std::uint8_t, 16>& random);
void append_websocket_request(std::string_view key, std::string& fields);
// Section 4.1: whether a 101 agrees to what was asked, without a subprotocol or extension. Error: upstream_protocol.
Result<> check_websocket_answer(const ResponseHead& head, std::string_view key);

// --- Frames

enum class WebSocketOpcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

// Status codes (section 7.4.1).
struct WebSocketClose {
  static constexpr std::uint16_t kNormal = 1000;
  static constexpr std::uint16_t kGoingAway = 1001;
  static constexpr std::uint16_t kProtocolError = 1002;
  static constexpr std::uint16_t kUnsupported = 1003;
  static constexpr std::uint16_t kNone = 1005;  // the frame had no code; never on the wire
  static constexpr std::uint16_t kInvalidData = 1007;
  static constexpr std::uint16_t kPolicy = 1008;
  static constexpr std::uint16_t kTooBig = 1009;
  static constexpr std::uint16_t kInternal = 1011;
  static constexpr std::uint16_t kTryLater = 1013;
};
// Whether a code may stand in a close frame.
bool valid_close_code(std::uint16_t code);

// A whole message, or a control frame; the latter may come between the frames of the former.
struct WebSocketMessage {
  WebSocketOpcode opcode = WebSocketOpcode::text;  // never continuation
  std::string_view payload;                        // of a close: the reason
  std::uint16_t code = WebSocketClose::kNone;      // of a close
};

enum class WebSocketSide : std::uint8_t { client, server };

// Reads what one side sends. Owned by the one who reads the connection.
//
//   while (!bytes.empty()) {
//     const auto step = reader.read(bytes);        // takes what it used off the front
//     if (step.state == State::message) ... step.message, until the next call
//     if (step.state == State::failed) ... close with step.code; nothing more is read
//   }
class WebSocketReader {
 public:
  // `from`: who sends. A client's frames must be masked, a server's must not (section 5.1). `most`: bytes of a message,
  // all its frames together.
  WebSocketReader(WebSocketSide from, std::size_t most) : from_(from), most_(most) {}

  enum class State : std::uint8_t { need_more, message, failed };
  struct Step {
    State state = State::need_more;
    WebSocketMessage message{};
    std::uint16_t code = 0;  // where failed
    std::string_view reason;
  };
  Step read(std::string_view& bytes);

  // Frames of one message; more are refused, for each costs more than it brings.
  static constexpr std::uint32_t kMostFrames = 65'536;

 private:
  enum class At : std::uint8_t { head, payload, failed };
  std::optional<Step> read_head(std::string_view& bytes);
  Step fail(std::uint16_t code, std::string_view reason);
  std::optional<Step> end_frame();
  bool is_control() const { return (static_cast<std::uint8_t>(opcode_) & 8) != 0; }

  WebSocketSide from_;
  std::size_t most_;
  At at_ = At::head;
  std::array<std::uint8_t, 14> head_{};  // of the frame in hand
  std::size_t head_size_ = 0;
  WebSocketOpcode opcode_ = WebSocketOpcode::text;
  bool final_ = false;
  std::array<std::uint8_t, 4> mask_{};
  std::uint64_t left_ = 0;    // of the frame's payload
  std::size_t unmasked_ = 0;  // of the frame's payload so far
  bool in_message_ = false;   // frames of it follow
  bool given_ = false;        // message_ was handed out
  WebSocketOpcode message_opcode_ = WebSocketOpcode::text;
  std::uint32_t frames_ = 0;
  std::string message_;
  std::string control_;
};

// Appends one whole frame. `mask`: a client's, fresh random bytes for each; none: a server's.
using WebSocketMask = std::optional<std::array<std::uint8_t, 4>>;
void append_websocket_frame(WebSocketOpcode opcode, std::string_view payload, const WebSocketMask& mask,
                            std::string& out);
// `reason` is cut to what a control frame takes, between characters. A code that may not be sent: an empty frame.
void append_websocket_close(std::uint16_t code, std::string_view reason, const WebSocketMask& mask, std::string& out);

}  // namespace gatehouse::http
