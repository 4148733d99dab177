#pragma once

#include <string>
#include <string_view>

#include "gatehouse/base/address.h"
#include "gatehouse/base/error.h"
#include "gatehouse/base/secret.h"

namespace gatehouse::app {

// Speaks to a running gateway's admin API, for commands: one request a connection, blocking, with time limits. Plain
// HTTP, and therefore to loopback only: an admin key never goes over a network unencrypted.
class AdminClient {
 public:
  struct Answer {
    int status = 0;
    std::string body;
  };

  // "http://127.0.0.1:8081", "127.0.0.1:8081", "localhost:8081". Code::configuration: another scheme, a path, or an
  // address that is not of this machine.
  static Result<AdminClient> open(std::string_view url, base::Secret admin_key);

  // `target`: path and query, already encoded. `body`: JSON, or empty. Code::upstream_unreachable, timed_out,
  // upstream_protocol, too_large (answers of more than 16 MiB).
  Result<Answer> ask(std::string_view method, std::string_view target, std::string_view body = {}) const;

 private:
  AdminClient(base::Endpoint at, base::Secret key) : at_(at), key_(std::move(key)) {}
  base::Endpoint at_;
  base::Secret key_;
};

// For a segment of a path or a value of a query (RFC 3986, 2.3).
std::string percent_encode(std::string_view text);

}  // namespace gatehouse::app
