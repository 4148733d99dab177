#include "gatehouse/admin/api/guards.h"

#include <algorithm>

#include "gatehouse/base/address.h"
#include "gatehouse/base/strings.h"

namespace gatehouse::admin {
namespace {

bool is_name(std::string_view host) {
  return !host.empty() && host.size() <= 253 && std::ranges::all_of(host, [](char c) {
    const char l = base::lower(c);
    return (l >= 'a' && l <= 'z') || base::is_digit(c) || c == '-' || c == '.';
  });
}

}  // namespace

std::optional<ApiResponse> refuse_host(std::string_view host, const std::vector<std::string>& names) {
  const auto refused = [] {
    return problem(421, "wrong_host", "Host: an address, localhost, or a name that the configuration lists");
  };
  const auto split = base::split_host(host);
  if (!split || (split->port && !base::parse_port(*split->port, 1))) return refused();
  if (base::Address::parse(split->host)) return std::nullopt;
  if (split->bracketed || !is_name(split->host)) return refused();
  if (base::equals_ignore_case(split->host, "localhost")) return std::nullopt;
  const bool listed =
      std::ranges::any_of(names, [&](const auto& name) { return base::equals_ignore_case(name, split->host); });
  if (listed) return std::nullopt;
  return refused();
}

std::optional<ApiResponse> refuse_origin(std::string_view origin, std::string_view sec_fetch_site,
                                         std::string_view host) {
  const auto refused = [] { return problem(403, "wrong_origin", "Requests from other sites are not taken"); };
  if (!sec_fetch_site.empty() && sec_fetch_site != "same-origin" && sec_fetch_site != "none") return refused();
  if (origin.empty()) return std::nullopt;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (origin.starts_with(scheme) && base::equals_ignore_case(origin.substr(scheme.size()), host)) return std::nullopt;
  }
  return refused();
}

}  // namespace gatehouse::admin
