#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/llm/cost.h"
#include "gatehouse/llm/usage.h"

namespace gatehouse::govern {

// What the ledger keeps of one request. The views are borrowed for the time of the call that takes the row. Never a
// key, a body or an address.
struct UsageRow {
  std::string_view request_id;  // unique: a row that is seen twice counts once
  base::WallTime time{};        // when the request began
  // Who. Ids of nodes, empty where there is none at that level.
  std::string_view org, unit, team, project, user, key_id, key_name, end_user;
  std::string_view tags;  // "k=v,k=v", as the caller sent them, checked
  // What.
  std::string_view operation, model_asked, model_sent, provider;
  llm::Usage usage;  // `known`: the provider's own count, else the gateway's
  llm::Cost cost;
  bool price_known = true;  // false: the configured price for models without one
  // How it ended.
  int status = 0;
  std::string_view error;          // slug, empty: none
  std::string_view finish_reason;  // the model's
  std::string_view finish;         // observe::name(Finish), or "interrupted" for one that the process did not survive
  std::string_view cache;          // "", "hit-exact", "hit-semantic", "miss"
  std::uint32_t attempts = 0;
  bool streamed = false;
  std::int64_t queued_us = 0;
  std::int64_t time_to_first_byte_us = -1;
  std::int64_t duration_us = 0;
};

}  // namespace gatehouse::govern
