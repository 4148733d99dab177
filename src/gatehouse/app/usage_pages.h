#pragma once

#include "gatehouse/admin/api/usage_reader.h"
#include "gatehouse/app/usage_ledger.h"
#include "gatehouse/store/database.h"

namespace gatehouse::app {

// The ledger as the admin API asks it. Control thread; what it is given outlives it. Waits until what was settled
// before is in the store, so that a caller finds in the answer what he has just spent.
class UsagePages final : public admin::UsageReader {
 public:
  UsagePages(store::Database& database, UsageLedger& ledger) : database_(database), ledger_(ledger) {}
  Result<admin::UsagePage> summarise(const admin::UsageRequest& request) override;
  Result<admin::UsageEntries> entries(const admin::UsageRequest& request) override;

 private:
  store::Database& database_;
  UsageLedger& ledger_;
};

}  // namespace gatehouse::app
