#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gatehouse/base/error.h"

namespace gatehouse::config {

// A base URL in its parts. Request paths are appended to `path`.
struct BaseUrl {
  bool tls = false;
  std::string host;  // lower case; an IPv6 address without brackets
  std::uint16_t port = 0;
  std::string path;  // "" or "/v1": begins with a slash, does not end with one

  bool operator==(const BaseUrl&) const = default;
  bool empty() const { return host.empty(); }
  // True for `localhost` and for loopback addresses.
  bool is_loopback() const;
  // For the Host header and for connection pools: host, and the port unless it is the scheme's own.
  std::string authority() const;
  std::string to_string() const;  // "" when empty
};
// http or https (RFC 3986 section 3) without user, query, fragment, and without dot segments in the path. No name is
// looked up. Errors have Code::configuration and a detail that never quotes the input (it may hold a password).
Result<BaseUrl> parse_base_url(std::string_view text);

}  // namespace gatehouse::config
