#pragma once

#include <cstdint>
#include <string>

#include "gatehouse/base/error.h"
#include "gatehouse/http/head.h"
#include "gatehouse/pipeline/exchange.h"

namespace gatehouse::stages {

// How many bytes a request that is not read may have: limits.upload_bytes, of which the earlier parts of its upload are
// off. Errors: too_large, where what is told beforehand (content-length, the whole file's size) is more;
// invalid_request, for the start of an upload whose address could not be told.
Result<std::uint64_t> room_for_upload(const pipeline::Exchange& exchange);

// Appends the address at which an upload that was begun goes on, where the provider's answer tells one: the gateway's
// own, with a ticket for the provider's. Error: upstream_protocol, for an address that is not the provider's own.
Result<> append_upload_address(const pipeline::Exchange& exchange, const http::ResponseHead& head, std::string& fields);

}  // namespace gatehouse::stages
