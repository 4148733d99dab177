#pragma once

#include <string>
#include <string_view>

#include "gatehouse/base/error.h"
#include "gatehouse/config/base_url.h"
#include "gatehouse/providers/profile.h"

namespace gatehouse::providers {

// Where a provider's uploads begin, below Profile::root: "/upload/v1beta/files". `prefix`: Profile::Spoken::prefix.
std::string upload_path(std::string_view prefix);

// "https://host", with the port unless it is the scheme's own.
std::string origin_of(const config::BaseUrl& base);

// The address at which a provider wants an upload to go on, as a target below Profile::root. Error: upstream_protocol,
// unless it is the provider's own scheme, host and port with the path that uploads begin at, and a query of visible
// characters: nothing that a provider answers makes the gateway go anywhere else. Pure.
Result<std::string> upload_target(const config::BaseUrl& base, std::string_view root, std::string_view path,
                                  std::string_view address);

}  // namespace gatehouse::providers
