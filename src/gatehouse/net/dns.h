#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "gatehouse/async/abort.h"
#include "gatehouse/async/loop.h"
#include "gatehouse/async/task.h"
#include "gatehouse/base/error.h"
#include "gatehouse/net/address.h"

namespace gatehouse::net {

struct ResolverOptions {
  // "192.0.2.1:53,[2001:db8::1]:53"; empty: as resolv.conf says.
  std::string servers;
  base::Duration try_timeout = std::chrono::seconds(2);  // of the first try; c-ares doubles it
  int tries = 2;                                         // for each server
  std::size_t max_names = 1024;                          // kept in the cache
};

// Names to addresses without blocking: the hosts file, then DNS (c-ares). Answers are kept for their TTL (1 s to
// 300 s), "no such name" for 5 s; look-ups of one name under way at once share one query. Belongs to one loop. May die
// with look-ups under way: they end with Code::cancelled.
class Resolver {
 public:
  Resolver(async::Loop& loop, ResolverOptions options);
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // IPv4 and IPv6 addresses in the order to try them (RFC 6724 as c-ares does it), never none. Literals and localhost
  // (RFC 6761 6.3) are answered at once. Errors: upstream_unreachable (no such name, no answer), or the abort's own,
  // which ends this waiter only. The whole is bounded by the tries; a caller in more of a hurry aborts.
  Task<Result<std::vector<Address>>> resolve(std::string host, async::AbortSource* abort);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gatehouse::net
