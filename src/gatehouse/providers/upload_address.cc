#include "gatehouse/providers/upload_address.h"

#include <algorithm>

namespace gatehouse::providers {
namespace {

std::unexpected<Error> foreign() {
  return fail(Code::upstream_protocol, "The provider wants the upload to go on at an address that is not its own");
}

// RFC 3986 section 3.4, percent-encoded where it has to be; what a server could take for the end of the target is out.
bool is_query(std::string_view query) {
  return std::ranges::all_of(query, [](char c) { return c > ' ' && c < 0x7f && c != '#' && c != '"' && c != '\\'; });
}

}  // namespace

std::string upload_path(std::string_view prefix) { return "/upload" + std::string(prefix) + "/files"; }

std::string origin_of(const config::BaseUrl& base) { return (base.tls ? "https://" : "http://") + base.authority(); }

Result<std::string> upload_target(const config::BaseUrl& base, std::string_view root, std::string_view path,
                                  std::string_view address) {
  const auto mark = address.find('?');
  if (mark == std::string_view::npos) return foreign();
  const auto at = config::parse_base_url(address.substr(0, mark));
  if (!at || at->tls != base.tls || at->host != base.host || at->port != base.port) return foreign();
  const std::string_view query = address.substr(mark + 1);
  if (at->path != std::string(root).append(path) || query.empty() || !is_query(query)) return foreign();
  return std::string(path).append("?").append(query);
}

}  // namespace gatehouse::providers
