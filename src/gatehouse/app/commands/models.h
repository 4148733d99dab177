#pragma once

#include <string>
#include <string_view>

#include "gatehouse/base/clock.h"
#include "gatehouse/config/snapshot.h"
#include "gatehouse/llm/catalogue/price_book.h"

namespace gatehouse::app {

// `gatehouse models`: what the gateway knows of models and what it takes them to cost. Both append to `out`, as a table
// or as one JSON object, with the prices of the standard tier at `now`.

struct ModelsFilter {
  std::string text{};         // in the model's id, whatever the case; empty: all
  std::string provider{};     // the catalogue's id or another name of it; empty: all
  bool with_retired = false;  // also rows that are marked deprecated
};

// Rows of the catalogue. Returns how many there were.
std::size_t list_catalogue(const llm::Catalogue& catalogue, const ModelsFilter& filter, base::WallTime now,
                           bool as_json, std::string& out);

// The models of a configuration, with the price that applies to each target. Returns how many targets have none that is
// known, and so are charged as the unknown.
std::size_t list_configured(const config::Snapshot& snapshot, const llm::PriceBook& book, const ModelsFilter& filter,
                            base::WallTime now, bool as_json, std::string& out);

// The command: exit code 0; 1 where nothing was found or, with a configuration, a target's price is not known; 2 where
// the configuration cannot be read. `config_path` empty: the catalogue.
int models_command(const std::string& config_path, const ModelsFilter& filter, bool as_json);

}  // namespace gatehouse::app
