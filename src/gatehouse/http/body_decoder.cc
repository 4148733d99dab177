#include "gatehouse/http/body_decoder.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "gatehouse/http/syntax.h"

namespace gatehouse::http {
namespace {

constexpr std::uint8_t kMaxDigits = 16;
constexpr std::uint64_t kMaxChunk = INT64_MAX;
// Of one chunk; signatures that some clients put there take some 90.
constexpr std::uint16_t kMaxExtension = 256;
// Of one message, beside one byte for each byte of payload: extensions must not be a way to send for nothing.
constexpr std::uint64_t kExtensionAllowance = 16UL * 1024;
constexpr std::uint32_t kMaxTrailers = 8 * 1024;

int hex_digit(unsigned char byte) {
  if (byte >= '0' && byte <= '9') return byte - '0';
  const int letter = byte | 0x20;
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

}  // namespace

BodyDecoder::BodyDecoder(Framing framing, std::uint64_t length) {
  switch (framing) {
    case Framing::none:
      break;
    case Framing::length:
      remaining_ = length;
      if (length > 0) phase_ = Phase::length;
      break;
    case Framing::chunked:
      allowance_ = kExtensionAllowance;
      phase_ = Phase::size_first;
      break;
    case Framing::until_close:
      phase_ = Phase::until_close;
      break;
  }
}

// Counts one byte of an extension; false when there are too many.
bool BodyDecoder::extension_paid() {
  if (++line_bytes_ > kMaxExtension || allowance_ == 0) return false;
  --allowance_;
  return true;
}

// One byte of the chunked framing; false when it breaks the grammar of RFC 9112, 7.1, or a bound. A bare LF, or a CR
// without LF, breaks it anywhere.
bool BodyDecoder::framing_byte(unsigned char byte) {
  const char c = static_cast<char>(byte);
  switch (phase_) {
    case Phase::size_first:
    case Phase::size_more: {
      const int digit = hex_digit(byte);
      if (digit >= 0) {
        if (digits_ == kMaxDigits) return false;
        remaining_ = remaining_ << 4 | static_cast<std::uint64_t>(digit);
        ++digits_;
        phase_ = Phase::size_more;
        return remaining_ <= kMaxChunk;
      }
      if (phase_ == Phase::size_first) return false;
      line_bytes_ = 0;
      if (byte == '\r') {
        phase_ = Phase::size_lf;
        return true;
      }
      phase_ = byte == ';' ? Phase::extension : Phase::extension_space;
      return byte == ';' || byte == ' ';
    }
    case Phase::extension_space:  // between the size and its ';' only: a size may not end in spaces
      if (byte == ';') phase_ = Phase::extension;
      return extension_paid() && (byte == ';' || byte == ' ');
    case Phase::extension:
      if (byte == '\r') {
        phase_ = Phase::size_lf;
        return true;
      }
      if (byte == '"') phase_ = Phase::extension_quoted;
      return extension_paid() && !syntax::is_control(c);
    // Some parsers let a quoted string go on over the line's end: it must be closed before.
    case Phase::extension_quoted:
      if (byte == '"') phase_ = Phase::extension;
      if (byte == '\\') phase_ = Phase::extension_escaped;
      return extension_paid() && !syntax::is_control(c);
    case Phase::extension_escaped:
      phase_ = Phase::extension_quoted;
      return extension_paid() && !syntax::is_control(c);
    case Phase::size_lf:
      digits_ = 0;
      phase_ = remaining_ == 0 ? Phase::trailer_start : Phase::payload;
      return byte == '\n';
    case Phase::payload_cr:
      phase_ = Phase::payload_lf;
      return byte == '\r';
    case Phase::payload_lf:
      phase_ = Phase::size_first;
      return byte == '\n';
    case Phase::trailer_start:
      if (byte == '\r') {
        phase_ = Phase::last_lf;
        return true;
      }
      phase_ = Phase::trailer_name;
      return ++trailer_bytes_ <= kMaxTrailers && syntax::is(c, syntax::kToken);
    case Phase::trailer_name:
      if (byte == ':') phase_ = Phase::trailer_value;
      return ++trailer_bytes_ <= kMaxTrailers && (byte == ':' || syntax::is(c, syntax::kToken));
    case Phase::trailer_value:
      if (byte == '\r') {
        phase_ = Phase::trailer_lf;
        return true;
      }
      return ++trailer_bytes_ <= kMaxTrailers && !syntax::is_control(c);
    case Phase::trailer_lf:
      phase_ = Phase::trailer_start;
      return byte == '\n';
    case Phase::last_lf:
      phase_ = Phase::done;
      return byte == '\n';
    case Phase::done:
    case Phase::bad:
    case Phase::length:
    case Phase::until_close:
    case Phase::payload:
      break;
  }
  return false;
}

// Payload from `bytes`, after `skipped` bytes of framing that the same step consumes.
BodyDecoder::Step BodyDecoder::take(std::string_view bytes, std::size_t skipped) {
  const std::size_t size = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), remaining_));
  remaining_ -= size;
  if (phase_ == Phase::length) {
    if (remaining_ == 0) phase_ = Phase::done;
  } else {
    allowance_ = std::min(allowance_ + size, kMaxChunk);
    if (remaining_ == 0) phase_ = Phase::payload_cr;
  }
  return {State::data, skipped + size, bytes.substr(0, size)};
}

BodyDecoder::Step BodyDecoder::decode(std::string_view bytes) {
  for (std::size_t at = 0;; ++at) {
    if (phase_ == Phase::done) return {State::done, at, {}};
    if (phase_ == Phase::bad) return {State::bad, 0, {}};
    if (at == bytes.size()) return {State::need_more, at, {}};
    if (phase_ == Phase::until_close) return {State::data, bytes.size(), bytes};
    if (phase_ == Phase::length || phase_ == Phase::payload) return take(bytes.substr(at), at);
    if (!framing_byte(static_cast<unsigned char>(bytes[at]))) {
      phase_ = Phase::bad;
      return {State::bad, 0, {}};
    }
  }
}

}  // namespace gatehouse::http
