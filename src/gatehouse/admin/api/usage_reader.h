#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/base/money.h"

namespace gatehouse::admin {

// Dimensions by the names of the ledger ("team", "model", "day", "tag:feature"); filters as "team=support", where of
// several on one dimension one must hold and of each dimension one.
struct UsageRequest {
  base::WallTime from{};
  base::WallTime to = base::WallTime::max();
  std::vector<std::string> by;
  std::vector<std::string> filters;
  std::size_t limit = 100;
  std::string cursor;
};

struct UsageSums {
  std::int64_t requests = 0;
  std::int64_t errors = 0;
  std::int64_t prompt_tokens = 0;
  std::int64_t completion_tokens = 0;
  base::Money cost;
};
struct UsageLine {
  std::vector<std::string> keys;  // as `by`
  UsageSums sums;
};
struct UsagePage {
  std::vector<UsageLine> lines;
  UsageSums total;     // of all, not of the page
  std::string cursor;  // empty: that was all
};

// One request.
struct UsageEntry {
  std::string request_id;
  base::WallTime time{};
  std::string team, user, key_id, key_name, end_user;
  std::string operation, model, provider;
  int status = 0;
  std::int64_t prompt_tokens = 0;
  std::int64_t completion_tokens = 0;
  base::Money cost;
};
struct UsageEntries {
  std::vector<UsageEntry> entries;  // newest first
  std::string cursor;
};

// The ledger, as far as the admin API asks it (through app; a fake in tests). Control thread; may block on the store.
// Code::invalid_request for names, filters and cursors that it does not know.
class UsageReader {
 public:
  virtual ~UsageReader() = default;
  virtual Result<UsagePage> summarise(const UsageRequest& request) = 0;
  // `by` is empty.
  virtual Result<UsageEntries> entries(const UsageRequest& request) = 0;
};

}  // namespace gatehouse::admin
