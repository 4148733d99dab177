#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "gatehouse/http/head.h"

namespace gatehouse::http {

// Takes a message's body out of its framing (RFC 9112, 6 and 7) without copying. One per message, owned by the
// connection; not thread-safe; holds no bytes. Chunk extensions and trailers are checked, bounded and dropped.
//
// The caller's loop, over all bytes that follow the head:
//   for (;;) {
//     auto step = decoder.decode(bytes);
//     bytes.remove_prefix(step.consumed);          // a length ends where the decoder says: the rest is the next
//     message if (step.state == State::data) { use(step.data); continue; } break; // need_more: read; done; bad: answer
//     400 (or 502) and close
//   }
class BodyDecoder {
 public:
  BodyDecoder() = default;  // no body: done from the start
  BodyDecoder(Framing framing, std::uint64_t length);

  // need_more: all bytes are consumed. data: some payload, never empty. done, bad: final, the same on every later call.
  enum class State : std::uint8_t { need_more, data, done, bad };
  struct Step {
    State state;
    std::size_t consumed;   // remove that many from the front, framing included
    std::string_view data;  // a view into the bytes given; as much payload as lies in one piece
  };
  Step decode(std::string_view bytes);

  bool done() const { return phase_ == Phase::done; }
  // What the peer's close means: true for a whole body (one that ends by closing, or is done), false for a truncated
  // one.
  bool close_is_end() const { return phase_ == Phase::done || phase_ == Phase::until_close; }

 private:
  enum class Phase : std::uint8_t {
    done,
    bad,
    length,
    until_close,
    size_first,
    size_more,
    extension_space,
    extension,
    extension_quoted,
    extension_escaped,
    size_lf,
    payload,
    payload_cr,
    payload_lf,
    trailer_start,
    trailer_name,
    trailer_value,
    trailer_lf,
    last_lf,
  };
  bool extension_paid();
  bool framing_byte(unsigned char byte);
  Step take(std::string_view bytes, std::size_t skipped);

  Phase phase_ = Phase::done;
  std::uint8_t digits_ = 0;          // of the chunk size being read
  std::uint16_t line_bytes_ = 0;     // of the extension being read
  std::uint32_t trailer_bytes_ = 0;  // of all trailers
  std::uint64_t remaining_ = 0;      // payload bytes of the body or the chunk still to come
  std::uint64_t allowance_ = 0;      // extension bytes that the message may still spend
};

}  // namespace gatehouse::http
