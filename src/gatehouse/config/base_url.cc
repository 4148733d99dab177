#include "gatehouse/config/base_url.h"

#include <algorithm>

#include <fmt/format.h>

#include "gatehouse/base/address.h"
#include "gatehouse/base/strings.h"

namespace gatehouse::config {
namespace {

bool is_alnum(char c) { return base::is_digit(c) || (base::lower(c) >= 'a' && base::lower(c) <= 'z'); }

// A host name as DNS and certificates have it (RFC 1123 section 2.1), the underscore that some networks use, and
// IPv4 literals. A name whose last label is a number would be read as an address by some resolvers: refused.
bool is_host_name(std::string_view host) {
  if (host.empty() || host.size() > 253) return false;
  if (base::Address::parse(host)) return true;
  std::string_view rest = host;
  std::string_view label;
  while (true) {
    const auto dot = rest.find('.');
    label = rest.substr(0, dot);
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
    if (!std::ranges::all_of(label, [](char c) { return is_alnum(c) || c == '-' || c == '_'; })) return false;
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  return !std::ranges::all_of(label, base::is_digit);
}

// pchar of RFC 3986 section 3.3 and the slash.
bool is_path(std::string_view path) {
  constexpr std::string_view kMarks = "/-._~!$&'()*+,;=:@%";
  if (!std::ranges::all_of(path, [&](char c) { return is_alnum(c) || kMarks.find(c) != kMarks.npos; })) return false;
  const auto is_hex = [](char c) { return base::is_digit(c) || (base::lower(c) >= 'a' && base::lower(c) <= 'f'); };
  for (auto at = path.find('%'); at != path.npos; at = path.find('%', at + 1)) {
    if (at + 2 >= path.size() || !is_hex(path[at + 1]) || !is_hex(path[at + 2])) return false;
  }
  return true;
}

bool has_odd_segment(std::string_view path) {  // path begins with a slash and does not end with one
  for (std::size_t at = 0; at < path.size();) {
    const auto next = std::min(path.find('/', at + 1), path.size());
    const auto segment = path.substr(at + 1, next - at - 1);
    if (segment.empty() || segment == "." || segment == "..") return true;
    at = next;
  }
  return false;
}

std::string bracketed(std::string_view host) {
  return host.find(':') == std::string_view::npos ? std::string(host) : fmt::format("[{}]", host);
}

}  // namespace

bool BaseUrl::is_loopback() const {
  if (host == "localhost" || host.ends_with(".localhost")) return true;  // RFC 6761 section 6.3
  const auto ip = base::Address::parse(host);
  return ip && ip->is_loopback();
}

std::string BaseUrl::authority() const {
  if (port == (tls ? 443 : 80)) return bracketed(host);
  return fmt::format("{}:{}", bracketed(host), port);
}

std::string BaseUrl::to_string() const {
  return empty() ? std::string() : fmt::format("{}://{}{}", tls ? "https" : "http", authority(), path);
}

Result<BaseUrl> parse_base_url(std::string_view text) {
  BaseUrl url;
  const auto scheme_end = text.find("://");
  const auto scheme = text.substr(0, scheme_end == text.npos ? 0 : scheme_end);
  if (base::equals_ignore_case(scheme, "https")) {
    url.tls = true;
  } else if (!base::equals_ignore_case(scheme, "http")) {
    return fail(Code::configuration, "must begin with https:// or http://");
  }
  const auto rest = text.substr(scheme_end + 3);
  if (rest.find('?') != rest.npos || rest.find('#') != rest.npos) {
    return fail(Code::configuration, "must end with its path: no query (`?`) and no fragment (`#`)");
  }
  const auto slash = std::min(rest.find('/'), rest.size());
  const auto authority = rest.substr(0, slash);
  if (authority.find('@') != authority.npos) {
    return fail(Code::configuration, "must not carry a user or a password; give `api_key` or `headers` instead");
  }
  const auto parts = base::split_host(authority);
  if (!parts) return std::unexpected(parts.error());
  if (parts->bracketed) {
    const auto ip = base::Address::parse(parts->host);
    if (!ip || parts->host.find(':') == parts->host.npos)
      return fail(Code::configuration, "has something other than an IPv6 address in its brackets");
    url.host = ip->to_string();
  } else {
    if (!is_host_name(parts->host)) return fail(Code::configuration, "has no valid host name or address");
    url.host = base::to_lower(parts->host);
  }
  url.port = url.tls ? 443 : 80;
  if (parts->port) {
    const auto port = base::parse_port(*parts->port, 1);
    if (!port) return std::unexpected(port.error());
    url.port = *port;
  }
  auto path = rest.substr(slash);
  if (path.ends_with('/')) path.remove_suffix(1);
  if (!is_path(path)) return fail(Code::configuration, "has a character in its path that a URL may not hold");
  if (has_odd_segment(path)) return fail(Code::configuration, "has an empty, `.` or `..` segment in its path");
  url.path = path;
  return url;
}

}  // namespace gatehouse::config
