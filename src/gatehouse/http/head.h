#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

// The heads of HTTP/1.1 messages (RFC 9112), parsed strictly: where a sender and another recipient could understand a
// message's end or its target differently, the head is refused. Everything here is pure and allocates nothing for
// messages of up to 32 fields. No state is shared: any thread.
namespace gatehouse::http {

// One field line. The views point into the bytes that were parsed; the value has no whitespace at its ends.
struct Field {
  std::string_view name;
  std::string_view value;
};

// CONNECT and TRACE never come out of the parser. `other` is any further token, case-sensitive (RFC 9110, 9.1).
enum class Method : std::uint8_t { get, head, post, put, del, patch, options, other };

// Fields in the order of their arrival, contiguous. Room for 32 inside; more go to a vector that is kept by `clear`, so
// that a connection's next message allocates nothing. Pointers hold until the next `add` or `clear`.
class Fields {
 public:
  void clear() { size_ = 0; }
  void add(Field field) {
    if (size_ < kInline) {
      inline_[size_++] = field;
    } else {
      spill(field);
    }
  }
  std::size_t size() const { return size_; }
  const Field* begin() const { return size_ <= kInline ? inline_.data() : spilled_.data(); }
  const Field* end() const { return begin() + size_; }
  // The first field of that name, ASCII case-insensitive; nullptr where there is none.
  const Field* find(std::string_view name) const;
  // Its value, or "" where there is none.
  std::string_view value(std::string_view name) const;
  std::size_t count(std::string_view name) const;

 private:
  static constexpr std::size_t kInline = 32;
  void spill(Field field);

  std::array<Field, kInline> inline_;
  std::vector<Field> spilled_;  // holds every field as soon as there are more than kInline
  std::size_t size_ = 0;
};

// How a message's body ends. `none`: there is no body.
enum class Framing : std::uint8_t { none, length, chunked, until_close };

// Views point into the parsed bytes, or to constants.
struct RequestHead {
  Method method = Method::other;
  std::string_view method_text;
  std::string_view target;  // as it was sent; of any form that is accepted
  std::string_view path;    // begins with '/', or is "*"; not percent-decoded, dot segments are not resolved
  std::string_view query;   // without the '?'
  int minor_version = 1;    // HTTP/1.minor_version, 0 or 1
  Fields fields;
  Framing framing = Framing::none;   // none, length or chunked
  std::uint64_t content_length = 0;  // below 2^63; meaningful with Framing::length, where 0 is possible
  bool keep_alive = false;           // the client lets the connection be used again
  bool expect_continue = false;      // HTTP/1.1, has a body and waits for "100 Continue"
  bool upgrade = false;              // has both Upgrade and "Connection: upgrade", HTTP/1.1
  void clear();
};

struct ResponseHead {
  int status = 0;           // 100 to 599
  std::string_view reason;  // may be empty
  int minor_version = 1;
  Fields fields;
  Framing framing = Framing::none;
  std::uint64_t content_length = 0;  // with Framing::length
  bool keep_alive = false;           // the server leaves the connection usable; never with Framing::until_close
  void clear();
};

struct HeadLimits {
  std::size_t bytes = 32UL * 1024;  // the whole head with the empty line at its end; more is 431
  std::size_t fields = 100;         // more is 431
  std::size_t target = 8UL * 1024;  // bytes; more is 414
};

enum class ParseState : std::uint8_t { need_more, done, bad };

// `consumed`: the head's bytes when done, else 0. `status` and `reason` are set when bad: for a request the status to
// answer with (400, 414, 417, 431, 501, 505), for a response 502. The reason is a constant without any of the peer's
// bytes. After bad the connection is of no more use: close it when the answer is out.
struct ParseResult {
  ParseState state = ParseState::need_more;
  std::size_t consumed = 0;
  int status = 0;
  std::string_view reason;
};

// Call with all bytes of the message so far, from its first on. `scanned` is kept by the caller between calls and is 0
// for a fresh message: a head that drips in byte by byte costs linear time. The verdict does not depend on how the
// bytes were cut. `out` is written only when the head is complete, and is whole only when done.
ParseResult parse_request_head(std::string_view bytes, std::size_t& scanned, const HeadLimits& limits,
                               RequestHead& out);

// `request_method` is that of the request this answers (HEAD: no body whatever the fields say). 1xx come out as done
// with Framing::none, and so does 101: the caller decides what follows.
ParseResult parse_response_head(std::string_view bytes, std::size_t& scanned, const HeadLimits& limits,
                                Method request_method, ResponseHead& out);

// Fields that are for this connection only and are never forwarded (RFC 9110, 7.6.1, and the two proxy credentials).
bool is_hop_by_hop(std::string_view name);

// Whether a Connection field lists this name: such a field is not forwarded either.
bool nominated_by_connection(const Fields& fields, std::string_view name);

// The phrase of RFC 9110 (428, 429 and 431: RFC 6585) for a status, or "" for one that they do not name.
std::string_view status_reason(int status);

// A token (RFC 9110, 5.6.2), not empty.
bool valid_field_name(std::string_view name);
// No control bytes but tab: such a value cannot end its line. Bytes from 0x80 on pass.
bool valid_field_value(std::string_view value);

}  // namespace gatehouse::http
