#pragma once

#include <sys/socket.h>

#include "gatehouse/base/address.h"

// The address types of base under the names that this room and its callers use, and their way to and from sockets.
namespace gatehouse::net {

using base::Address;
using base::Cidr;
using base::Endpoint;

// 0.0.0.0:0 for other families than IPv4 and IPv6.
Endpoint from_sockaddr(const sockaddr_storage& from);
// Returns the length used.
socklen_t to_sockaddr(const Endpoint& endpoint, sockaddr_storage& to);

}  // namespace gatehouse::net
