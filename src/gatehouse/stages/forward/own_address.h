#pragma once

#include <string>

#include "gatehouse/base/error.h"
#include "gatehouse/pipeline/exchange.h"

namespace gatehouse::stages {

// The gateway's own scheme and host as the caller of this request sees them: "https://models.example". The host is that
// which the caller asked for (the Host field: nobody else is shown the address), the scheme that of the connection, or
// what a trusted proxy in front (listen.trusted_proxies) says in X-Forwarded-Proto. Error: invalid_request, for a Host
// that no address can be made of.
Result<std::string> own_origin(const pipeline::Exchange& exchange);

}  // namespace gatehouse::stages
