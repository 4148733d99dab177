#pragma once

#include <string>
#include <utility>

#include "gatehouse/app/selftest/wire.h"
#include "gatehouse/base/clock.h"

namespace gatehouse::app::selftest {

// Reaches a gateway: one request a connection, each on a loop of its own, and blocks meanwhile.
class Client {
 public:
  // `url`: scheme, host and perhaps a prefix of the path. Plain http to this machine only: the key goes along.
  // Code::configuration.
  static Result<Client> open(std::string url, base::Duration timeout);
  // Whole answers, streams too, up to 16 MiB.
  Result<WireAnswer> send(const WireRequest& request) const;

 private:
  Client(std::string url, base::Duration timeout) : url_(std::move(url)), timeout_(timeout) {}
  std::string url_;
  base::Duration timeout_;
};

}  // namespace gatehouse::app::selftest
