#pragma once

#include <span>
#include <string_view>

#include "gatehouse/net/address.h"

namespace gatehouse::net {

// Who the client is, behind proxies of ours. `x_forwarded_for` is the field's value (several fields: joined with
// commas, in order). Walked from the right for as long as the hop that wrote an entry is trusted; an entry that is no
// address ends the walk, so that nobody outside can put words there. An untrusted peer is its own client. Pure.
Address client_address(const Address& peer, std::string_view x_forwarded_for, std::span<const Cidr> trusted);

}  // namespace gatehouse::net
