#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/admin/api/message.h"

namespace gatehouse::admin {

// What protects an API on loopback from pages in the operator's own browser.
//
// Host, against DNS rebinding: an address literal, `localhost`, or one of `names`; a page under an attacker's name that
// resolves to 127.0.0.1 has that name in its Host. Anything that is not `host[:port]` is refused.
// Origin and Sec-Fetch-Site, against requests from other sites: an Origin must be the Host's own, over http or https.
// The refusal, or nothing.
std::optional<ApiResponse> refuse_host(std::string_view host, const std::vector<std::string>& names);
std::optional<ApiResponse> refuse_origin(std::string_view origin, std::string_view sec_fetch_site,
                                         std::string_view host);

}  // namespace gatehouse::admin
