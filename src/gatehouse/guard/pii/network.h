#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "gatehouse/guard/pii/scene.h"

namespace gatehouse::guard::pii {

// Addresses of mail, web and network: found from a mark in their middle. Each function is given the place of that mark;
// what it finds, and what it must hold, goes to the scene.
struct NetworkKinds {
  std::uint16_t email;
  std::uint16_t url;
  std::uint16_t domain;
  std::uint16_t ip;
  std::uint16_t mac;
};

class Network {
 public:
  explicit Network(NetworkKinds kinds) : kinds_(kinds) {}

  // RFC 5321 and 5322 as mail is written: dot-atoms, a domain of at least two labels; UTF-8 where RFC 6531 lets it.
  void email(Scene& scene, std::size_t at) const;
  // `colon` begins "://" (RFC 3986). Returns where the URL ends, or `colon`.
  // A URL begins at `not_before` or behind.
  std::size_t url(Scene& scene, std::size_t colon, std::size_t not_before) const;
  // `dot` of "www." or within a name under a top-level domain that exists. Returns where it ends, or `dot`.
  std::size_t domain(Scene& scene, std::size_t dot, std::size_t not_before) const;
  // RFC 4291, zones and prefixes too. Returns where it ends, or `colon`.
  std::size_t ipv6(Scene& scene, std::size_t colon) const;
  // `digit` is the first of a group.
  void ipv4(Scene& scene, std::size_t digit) const;
  // aa:bb:cc:dd:ee:ff, aa-bb-..., aabb.ccdd.eeff; `mark` is the first of the marks in it. True: it was one.
  bool mac(Scene& scene, std::size_t mark) const;

 private:
  NetworkKinds kinds_;
};

// The length of an IPv4 address at the front of `text`, 0 for none.
std::size_t ipv4_length(std::string_view text);
// Whether all of it is one IPv6 address.
bool is_ipv6(std::string_view text);
// Whether the label is a top-level domain: of two letters (ISO 3166), or one of those in wide use.
bool is_top_level_domain(std::string_view label);

}  // namespace gatehouse::guard::pii
