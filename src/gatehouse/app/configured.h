#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/base/secret.h"
#include "gatehouse/config/snapshot.h"
#include "gatehouse/govern/key_store.h"
#include "gatehouse/http/server.h"
#include "gatehouse/net/tls.h"
#include "gatehouse/pipeline/stage.h"

namespace gatehouse::app {

// What one configuration makes once for all workers. Immutable; any thread.
struct Configured {
  std::shared_ptr<const config::Snapshot> snapshot;
  std::shared_ptr<const govern::KeyStore> keys;
  base::Secret key_hash_secret;
  std::shared_ptr<const pipeline::Stages> stages;
  std::shared_ptr<const net::TlsServerContext> api_tls;    // null: plain
  std::shared_ptr<const net::TlsServerContext> admin_tls;  // null: plain
  http::ServerOptions server_options;
  std::vector<std::string> warnings;
};

// Reads certificates (blocking). `process_secret` keys the hashes where the configuration gives no secret.
Result<std::shared_ptr<const Configured>> configure(std::shared_ptr<const config::Snapshot> snapshot,
                                                    const base::Secret& process_secret, base::WallTime now);

}  // namespace gatehouse::app
