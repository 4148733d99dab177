#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace gatehouse::base {

// What went wrong, as the caller may be told it. The order is free; the names are part of the public surface
// (`code_info(code).slug` is what clients, logs and metrics see), so rename none.
enum class Code : std::uint8_t {
  // The caller's doing.
  invalid_request,
  unsupported,
  too_large,
  head_too_large,
  unauthenticated,
  forbidden,
  content_blocked,
  unknown_model,
  unknown_route,
  method_not_allowed,
  not_found,  // of the admin API: no such object
  conflict,
  precondition_failed,
  rate_limited,
  budget_exceeded,
  request_timeout,
  client_closed,
  // The upstream's doing.
  upstream_unreachable,
  upstream_timeout,
  upstream_broken,
  upstream_protocol,
  upstream_tls,
  upstream_credentials,
  upstream_too_large,
  // Ours.
  overloaded,
  shutting_down,
  internal,
  configuration,
  // Plumbing between rooms; mapped to one of the above before anybody outside sees it.
  closed,
  cancelled,
  timed_out,
  io,
};
inline constexpr std::size_t kCodeCount = static_cast<std::size_t>(Code::io) + 1;

// Whose doing it was. Decides who is alerted and whether an upstream's health suffers.
enum class Source : std::uint8_t { client, gateway, upstream };

// What the one who sees the error may do.
enum class Retry : std::uint8_t { never, same_target, other_target, later };

struct CodeInfo {
  std::string_view slug;  // stable, machine-readable
  int http_status;        // what an HTTP caller gets; 499 is only ever recorded, nobody is left to read it
  Source source;
  Retry retry;
};

// The one table. Total: every code has a row.
const CodeInfo& code_info(Code code);

// An error as a value. `detail` is written for the caller of the gateway: it carries no secret, no upstream
// address and no text of the request.
struct Error {
  Code code = Code::internal;
  std::string detail;

  Error() = default;
  explicit Error(Code c) : code(c) {}
  Error(Code c, std::string d) : code(c), detail(std::move(d)) {}

  int http_status() const { return code_info(code).http_status; }
  std::string_view slug() const { return code_info(code).slug; }
  Source source() const { return code_info(code).source; }
  Retry retry() const { return code_info(code).retry; }
  // The detail, or the slug where there is none. For logs.
  std::string to_string() const;
};

template <class T = void>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(Code code, std::string detail = {}) {
  return std::unexpected<Error>(Error(code, std::move(detail)));
}

}  // namespace gatehouse::base

namespace gatehouse {
using base::Code;
using base::Error;
using base::fail;
using base::Result;
}  // namespace gatehouse
