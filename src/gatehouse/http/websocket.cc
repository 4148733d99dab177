#include "gatehouse/http/websocket.h"

#include <algorithm>
#include <ranges>
#include <utility>

#include "gatehouse/base/strings.h"
#include "gatehouse/crypto/encoding.h"
#include "gatehouse/crypto/sha1.h"
#include "gatehouse/http/head_writer.h"
#include "gatehouse/text/utf8.h"

namespace gatehouse::http {
namespace {

constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455, section 1.3
constexpr std::size_t kKeySize = 24;                                        // base64 of 16 bytes
constexpr std::size_t kMostControl = 125;

std::string to_base64(std::span<const std::uint8_t> bytes) {
  std::string text = crypto::to_base64url(bytes);
  std::ranges::replace(text, '-', '+');
  std::ranges::replace(text, '_', '/');
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

bool valid_key(std::string_view key) {
  if (key.size() != kKeySize || !key.ends_with("==")) return false;
  std::string text(key.substr(0, kKeySize - 2));
  if (text.find_first_of("-_") != std::string::npos) return false;
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  const auto bytes = crypto::from_base64url(text);
  return bytes && bytes->size() == 16;
}

// Calls `visit` with the elements of all fields of that name (RFC 9110, section 5.6.1), as long as it says true.
template <class F>
void each_token(const Fields& fields, std::string_view name, F visit) {
  for (const auto& field : fields) {
    if (!base::equals_ignore_case(field.name, name)) continue;
    std::string_view rest = field.value;
    while (!rest.empty()) {
      const auto comma = std::min(rest.find(','), rest.size());
      const auto token = base::trim(rest.substr(0, comma));
      rest.remove_prefix(std::min(comma + 1, rest.size()));
      if (!token.empty() && !visit(token)) return;
    }
  }
}

bool has_token(const Fields& fields, std::string_view name, std::string_view wanted) {
  bool found = false;
  each_token(fields, name, [&](std::string_view token) {
    found = base::equals_ignore_case(token, wanted);
    return !found;
  });
  return found;
}

}  // namespace

std::vector<std::string_view> websocket_protocols(const Fields& fields) {
  std::vector<std::string_view> protocols;
  each_token(fields, "sec-websocket-protocol", [&](std::string_view token) {
    protocols.push_back(token);
    return protocols.size() < WebSocketRequest::kMostProtocols;
  });
  return protocols;
}

Result<WebSocketRequest> read_websocket_request(const RequestHead& head) {
  const auto& fields = head.fields;
  const bool has_body =
      head.framing == Framing::chunked || (head.framing == Framing::length && head.content_length > 0);
  if (head.method != Method::get || !head.upgrade || !has_token(fields, "upgrade", "websocket") || has_body) {
    return gatehouse::fail(Code::invalid_request, "A WebSocket is opened by GET with `Upgrade: websocket`");
  }
  if (fields.count("sec-websocket-version") != 1 || fields.value("sec-websocket-version") != "13") {
    return gatehouse::fail(Code::invalid_request, "Only version 13 of the WebSocket protocol is spoken here");
  }
  WebSocketRequest request;
  request.key = fields.value("sec-websocket-key");
  if (fields.count("sec-websocket-key") != 1 || !valid_key(request.key)) {
    return gatehouse::fail(Code::invalid_request, "Sec-WebSocket-Key must be 16 bytes in base64");
  }
  request.protocols = websocket_protocols(fields);
  for (const auto protocol : request.protocols) {
    if (!valid_field_name(protocol)) {
      return gatehouse::fail(Code::invalid_request, "Sec-WebSocket-Protocol must be a list of tokens");
    }
  }
  return request;
}

std::string websocket_accept(std::string_view key) { return to_base64(crypto::sha1(std::string(key).append(kGuid))); }

void append_websocket_answer(std::string_view key, std::string_view protocol, std::string& fields) {
  append_field(fields, "upgrade", "websocket");
  append_field(fields, "connection", "Upgrade");
  append_field(fields, "sec-websocket-accept", websocket_accept(key));
  if (!protocol.empty()) append_field(fields, "sec-websocket-protocol", protocol);
}

std::string websocket_key(const std::array<std::uint8_t, 16>& random) { return to_base64(random); }

void append_websocket_request(std::string_view key, std::string& fields) {
  append_field(fields, "upgrade", "websocket");
  append_field(fields, "connection", "Upgrade");
  append_field(fields, "sec-websocket-version", "13");
  append_field(fields, "sec-websocket-key", key);
}

Result<> check_websocket_answer(const ResponseHead& head, std::string_view key) {
  const auto& fields = head.fields;
  const bool agrees = head.status == 101 && has_token(fields, "connection", "upgrade") &&
                      base::equals_ignore_case(fields.value("upgrade"), "websocket") &&
                      fields.count("sec-websocket-accept") == 1 &&
                      fields.value("sec-websocket-accept") == websocket_accept(key);
  if (!agrees) return gatehouse::fail(Code::upstream_protocol, "The provider's handshake is not WebSocket's");
  if (fields.find("sec-websocket-extensions") != nullptr || fields.find("sec-websocket-protocol") != nullptr) {
    return gatehouse::fail(Code::upstream_protocol, "The provider chose what it was not offered");
  }
  return {};
}

bool valid_close_code(std::uint16_t code) {
  if (code >= 3000) return code < 5000;
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}

WebSocketReader::Step WebSocketReader::fail(std::uint16_t code, std::string_view reason) {
  at_ = At::failed;
  message_.clear();
  return {.state = State::failed, .message = {}, .code = code, .reason = reason};
}

std::optional<WebSocketReader::Step> WebSocketReader::read_head(std::string_view& bytes) {
  const auto take = [&](std::size_t wanted) {
    const std::size_t more = std::min(wanted - std::min(wanted, head_size_), bytes.size());
    for (std::size_t i = 0; i < more; ++i) head_[head_size_ + i] = static_cast<std::uint8_t>(bytes[i]);
    head_size_ += more;
    bytes.remove_prefix(more);
    return head_size_ >= wanted;
  };
  if (!take(1)) return Step{};
  const std::uint8_t first = head_[0];
  const auto opcode = static_cast<std::uint8_t>(first & 0x0F);
  if ((first & 0x70) != 0) return fail(WebSocketClose::kProtocolError, "a reserved bit is set");
  if ((opcode > 2 && opcode < 8) || opcode > 10) return fail(WebSocketClose::kProtocolError, "an unknown opcode");
  opcode_ = static_cast<WebSocketOpcode>(opcode);
  final_ = (first & 0x80) != 0;
  if (is_control() && !final_) return fail(WebSocketClose::kProtocolError, "a control frame in fragments");
  if (!is_control() && in_message_ != (opcode_ == WebSocketOpcode::continuation)) {
    return fail(WebSocketClose::kProtocolError, "a frame out of order");
  }
  if (!take(2)) return Step{};
  const bool masked = (head_[1] & 0x80) != 0;
  if (masked != (from_ == WebSocketSide::client)) {
    return fail(WebSocketClose::kProtocolError,
                masked ? "a server's frame is masked" : "a client's frame is not masked");
  }
  const std::uint8_t short_length = head_[1] & 0x7F;
  if (is_control() && short_length > kMostControl) return fail(WebSocketClose::kProtocolError, "a long control frame");
  const std::size_t extended = short_length < 126 ? 0 : short_length == 126 ? 2 : 8;
  if (!take(2 + extended)) return Step{};
  left_ = extended == 0 ? short_length : 0;
  for (std::size_t i = 0; i < extended; ++i) left_ = left_ << 8 | head_[2 + i];
  const bool shortest = extended == 0 || (extended == 2 ? left_ > 125 : left_ > 0xFFFF);
  if (!shortest || left_ >> 63 != 0)
    return fail(WebSocketClose::kProtocolError, "a length is not in its shortest form");
  if (!is_control() && left_ > most_ - message_.size() * (in_message_ ? 1 : 0)) {
    return fail(WebSocketClose::kTooBig, "a message is too long");
  }
  const std::size_t size = 2 + extended + (masked ? 4 : 0);
  if (!take(size)) return Step{};
  if (masked) std::copy_n(head_.begin() + static_cast<std::ptrdiff_t>(2 + extended), 4, mask_.begin());
  head_size_ = 0;
  unmasked_ = 0;
  if (is_control()) {
    control_.clear();
  } else {
    if (!in_message_) {
      message_.clear();
      message_opcode_ = opcode_;
      frames_ = 0;
    }
    if (++frames_ > kMostFrames) return fail(WebSocketClose::kPolicy, "a message of too many frames");
    in_message_ = true;
  }
  at_ = At::payload;
  return std::nullopt;
}

WebSocketReader::Step WebSocketReader::read(std::string_view& bytes) {
  if (given_) {
    message_.clear();
    // A large one must not be paid for as long as the session lasts.
    if (message_.capacity() > (std::size_t{1} << 18)) std::string().swap(message_);
    given_ = false;
  }
  for (;;) {
    if (at_ == At::failed) return fail(WebSocketClose::kProtocolError, "the connection failed before");
    if (at_ == At::head) {
      if (bytes.empty()) return {};
      if (auto step = read_head(bytes)) return *step;
    }
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
    std::string& to = is_control() ? control_ : message_;
    const std::size_t begin = to.size();
    to.append(bytes.substr(0, count));
    if (from_ == WebSocketSide::client) {
      for (std::size_t i = 0; i < count; ++i) {
        to[begin + i] = static_cast<char>(static_cast<std::uint8_t>(to[begin + i]) ^ mask_[(unmasked_ + i) & 3]);
      }
    }
    unmasked_ += count;
    left_ -= count;
    bytes.remove_prefix(count);
    if (left_ > 0) return {};
    at_ = At::head;
    if (auto step = end_frame()) return *step;
  }
}

std::optional<WebSocketReader::Step> WebSocketReader::end_frame() {
  if (is_control()) {
    WebSocketMessage message{.opcode = opcode_, .payload = control_};
    if (opcode_ == WebSocketOpcode::close && !control_.empty()) {
      if (control_.size() < 2) return fail(WebSocketClose::kProtocolError, "half a close code");
      message.code = static_cast<std::uint16_t>(static_cast<std::uint8_t>(control_[0]) << 8 |
                                                static_cast<std::uint8_t>(control_[1]));
      message.payload.remove_prefix(2);
      if (!valid_close_code(message.code)) return fail(WebSocketClose::kProtocolError, "a close code of no meaning");
      if (!text::valid_utf8(message.payload)) return fail(WebSocketClose::kInvalidData, "a reason that is not UTF-8");
    }
    return Step{.state = State::message, .message = message, .code = 0, .reason = {}};
  }
  if (!final_) return std::nullopt;
  in_message_ = false;
  if (message_opcode_ == WebSocketOpcode::text && !text::valid_utf8(message_)) {
    return fail(WebSocketClose::kInvalidData, "a text that is not UTF-8");
  }
  given_ = true;
  return Step{.state = State::message,
              .message = {.opcode = message_opcode_, .payload = message_, .code = WebSocketClose::kNone},
              .code = 0,
              .reason = {}};
}

void append_websocket_frame(WebSocketOpcode opcode, std::string_view payload, const WebSocketMask& mask,
                            std::string& out) {
  const std::uint8_t mask_bit = mask ? 0x80 : 0;
  const auto put = [&](std::uint64_t byte) { out += static_cast<char>(static_cast<std::uint8_t>(byte)); };
  put(0x80U | static_cast<std::uint8_t>(opcode));
  if (payload.size() < 126) {
    put(mask_bit | payload.size());
  } else if (payload.size() <= 0xFFFF) {
    put(mask_bit | 126U);
    put(payload.size() >> 8);
    put(payload.size());
  } else {
    put(mask_bit | 127U);
    for (int shift = 56; shift >= 0; shift -= 8) put(std::uint64_t{payload.size()} >> shift);
  }
  if (!mask) {
    out.append(payload);
    return;
  }
  for (const auto byte : *mask) put(byte);
  const std::size_t begin = out.size();
  out.append(payload);
  for (std::size_t i = 0; i < payload.size(); ++i) {
    out[begin + i] = static_cast<char>(static_cast<std::uint8_t>(out[begin + i]) ^ (*mask)[i & 3]);
  }
}

void append_websocket_close(std::uint16_t code, std::string_view reason, const WebSocketMask& mask, std::string& out) {
  std::string payload;
  if (valid_close_code(code)) {
    payload += static_cast<char>(code >> 8);
    payload += static_cast<char>(code & 0xFF);
    reason = reason.substr(0, kMostControl - 2);
    payload += reason.substr(0, reason.size() - text::incomplete_tail(reason));
  }
  append_websocket_frame(WebSocketOpcode::close, payload, mask, out);
}

}  // namespace gatehouse::http
