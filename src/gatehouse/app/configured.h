#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gatehouse/app/guards_of.h"
#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/config/snapshot.h"
#include "gatehouse/http/server.h"
#include "gatehouse/llm/catalogue/price_book.h"
#include "gatehouse/net/tls.h"
#include "gatehouse/pipeline/stage.h"
#include "gatehouse/providers/token_source.h"

namespace gatehouse::app {

// What one configuration makes once for all workers. Immutable; any thread.
struct Configured {
  std::shared_ptr<const config::Snapshot> snapshot;
  std::shared_ptr<const llm::PriceBook> prices;
  std::shared_ptr<const pipeline::Stages> stages;
  GuardPlan guards;
  // Of each provider, in their order: where its credential comes from, where that is not a key.
  std::vector<std::optional<providers::TokenSource>> token_sources;
  std::shared_ptr<const net::TlsServerContext> api_tls;    // null: plain
  std::shared_ptr<const net::TlsServerContext> admin_tls;  // null: plain
  http::ServerOptions server_options;
  std::vector<std::string> warnings;
};

// The configuration's own prices before those of the catalogue.
Result<std::shared_ptr<const llm::PriceBook>> price_book(const config::Snapshot& snapshot,
                                                         std::shared_ptr<const llm::Catalogue> catalogue);

// Reads certificates (blocking). Code::configuration for what only shows when it is put together.
Result<std::shared_ptr<const Configured>> configure(std::shared_ptr<const config::Snapshot> snapshot,
                                                    std::shared_ptr<const llm::Catalogue> catalogue,
                                                    base::WallTime now);

}  // namespace gatehouse::app
