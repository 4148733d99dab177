#pragma once

#include <memory>
#include <string>

#include "gatehouse/async/loop.h"
#include "gatehouse/http/fetch.h"
#include "gatehouse/net/connector.h"
#include "gatehouse/net/dns.h"
#include "gatehouse/net/tls.h"

namespace gatehouse::app {

// What the gateway's own requests go out with: name look-up, TLS, one loop (the main thread's). Owned by Server, made
// after the loop and before whoever uses it. Requests still under way when it dies end with the loop.
class Outbound {
 public:
  explicit Outbound(async::Loop& loop) : loop_(loop), resolver_(loop, {}), connector_(loop, resolver_) {}

  // Trusts the system's authorities, or those of `ca_file`. Reads files: at start and on reload only, and only where
  // something goes out over TLS. Code::configuration.
  Result<> prepare_tls(const std::string& ca_file = {}) {
    if (tls_ && ca_file == ca_file_) return {};
    auto made = net::TlsClientContext::load({.ca_file = ca_file});
    if (!made) return std::unexpected(std::move(made.error()));
    // What is under way may still use the old one.
    if (tls_) old_ = std::move(tls_);
    tls_ = std::move(*made);
    ca_file_ = ca_file;
    return {};
  }

  async::Loop& loop() { return loop_; }
  Task<Result<http::FetchAnswer>> fetch(http::FetchRequest request, async::AbortSource& abort) {
    return http::fetch(loop_, connector_, tls_.get(), std::move(request), abort);
  }

 private:
  async::Loop& loop_;
  net::Resolver resolver_;
  net::Connector connector_;
  std::string ca_file_;
  std::unique_ptr<net::TlsClientContext> tls_;
  std::unique_ptr<net::TlsClientContext> old_;
};

}  // namespace gatehouse::app
