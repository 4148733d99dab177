#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gatehouse::providers::sandbox {

// Piece of an answer: wait `delay` after the one before it (the first: after the head), then send `bytes`.
struct Piece {
  std::chrono::milliseconds delay{0};
  std::string bytes;
};

struct Header {
  std::string name;  // lower case
  std::string value;
};

enum class End : std::uint8_t {
  complete,    // end the body as it should end
  broken_off,  // cut the connection: the body is not whole
};

struct Options {
  double tokens_per_second = 0;              // pace of a stream; 0: no pauses
  std::chrono::milliseconds first_token{0};  // wait before the head of an answer
  std::int64_t created = 0;                  // the answers' time stamp, seconds since 1970
};

// The answer of the sandbox provider to one request in OpenAI's dialect: a function of the request and the options
// only, so the same request is always answered with the same bytes. Pure: no clock, no socket; whoever sends it keeps
// the time. The views given are not kept. One object a request, one thread at a time; it holds a bounded amount of
// memory and makes the pieces of a stream one by one. docs/sandbox.md says what it answers.
class Script {
 public:
  // `path` as the provider sees it ("/v1/chat/completions"; a query is ignored). Never fails: what is wrong with the
  // request is answered as OpenAI would.
  Script(std::string_view method, std::string_view path, std::string_view body, const Options& options);
  Script(Script&&) noexcept;
  Script& operator=(Script&&) noexcept;
  ~Script();

  int status() const;
  // content-type and the like; no content-length, no transfer-encoding.
  std::span<const Header> headers() const;
  // How long to wait before the head is sent; nothing: for ever (sandbox-timeout), until somebody cuts it.
  std::optional<std::chrono::milliseconds> head_delay() const;
  // The size of the body where it is known beforehand (anything but a stream).
  std::optional<std::size_t> body_size() const;

  // The next piece; nothing at the end, and then `end` says which end it is.
  std::optional<Piece> next();
  End end() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
  std::optional<std::size_t> body_size_;
};

}  // namespace gatehouse::providers::sandbox
