#include "gatehouse/net/address.h"

#include <netinet/in.h>

#include <array>
#include <cstring>

namespace gatehouse::net {

Endpoint from_sockaddr(const sockaddr_storage& from) {
  Endpoint endpoint;
  if (from.ss_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &from, sizeof(in));
    std::array<std::uint8_t, 4> bytes{};
    std::memcpy(bytes.data(), &in.sin_addr, 4);
    endpoint.address = Address::v4(bytes);
    endpoint.port = ntohs(in.sin_port);
  } else if (from.ss_family == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, &from, sizeof(in));
    std::array<std::uint8_t, 16> bytes{};
    std::memcpy(bytes.data(), &in.sin6_addr, 16);
    endpoint.address = Address::v6(bytes);
    endpoint.port = ntohs(in.sin6_port);
  }
  return endpoint;
}

socklen_t to_sockaddr(const Endpoint& endpoint, sockaddr_storage& to) {
  std::memset(&to, 0, sizeof(to));
  if (endpoint.address.is_v6()) {
    sockaddr_in6 out{};
    out.sin6_family = AF_INET6;
    out.sin6_port = htons(endpoint.port);
    std::memcpy(&out.sin6_addr, endpoint.address.bytes().data(), 16);
    std::memcpy(&to, &out, sizeof(out));
    return sizeof(out);
  }
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(endpoint.port);
  std::memcpy(&out.sin_addr, endpoint.address.bytes().data(), 4);
  std::memcpy(&to, &out, sizeof(out));
  return sizeof(out);
}

}  // namespace gatehouse::net
