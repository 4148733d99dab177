#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gatehouse/async/abort.h"
#include "gatehouse/async/loop.h"
#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/http/head.h"
#include "gatehouse/net/connector.h"

// The gateway's own requests, a few an hour: key sets, webhooks. Not for callers' traffic (providers/).
namespace gatehouse::http {

// Where such a request goes. http or https (RFC 3986 section 3), without user and fragment.
struct FetchUrl {
  bool tls = false;
  std::string host;  // lower case; an IPv6 address without brackets
  std::uint16_t port = 0;
  std::string target;  // "/path?query", as it goes into the request line

  // Code::configuration with what is wrong, never quoting the text (it may hold a secret). Plain http is refused unless
  // the host is loopback: keys and signatures are not to be had from, or told to, whoever stands on the way.
  static Result<FetchUrl> parse(std::string_view text);
  bool is_loopback() const;
  std::string authority() const;  // for Host: the port only if it is not the scheme's own
};

struct FetchRequest {
  FetchUrl url{};
  Method method = Method::get;  // get, post, or put without a body
  std::string body{};           // of a post
  std::string content_type{};   // of the body
  std::string accept = "application/json";
  std::string further_fields{};                        // whole lines, each with its CR LF (append_field writes them)
  base::Duration deadline = std::chrono::seconds(10);  // from the name's look-up to the last byte
  std::size_t max_answer = 256UL * 1024;               // bytes of the answer's body
};

struct FetchAnswer {
  int status = 0;
  std::string body;
  std::vector<std::pair<std::string, std::string>> fields{};  // as they came

  std::string_view field(std::string_view name) const;  // the first of that name, in any case; "" for none
};

// One request on a connection of its own, closed afterwards. A redirect is an answer like another and is not followed:
// where to go is the operator's word alone. An encoded answer (content-encoding) is refused; none is asked for.
// Everything given by reference outlives the task; `tls` may be null where no url has TLS. `abort` ends it with its own
// error. Other errors: upstream_unreachable, upstream_timeout (the deadline too), upstream_tls, upstream_broken,
// upstream_protocol, upstream_too_large (the answer), internal (TLS and none was given).
Task<Result<FetchAnswer>> fetch(async::Loop& loop, net::Connector& connector, net::TlsClientContext* tls,
                                FetchRequest request, async::AbortSource& abort);

}  // namespace gatehouse::http
