#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "gatehouse/app/limits_of.h"
#include "gatehouse/app/usage_ledger.h"
#include "gatehouse/base/clock.h"
#include "gatehouse/base/secret.h"
#include "gatehouse/config/snapshot.h"
#include "gatehouse/govern/admission/admission.h"
#include "gatehouse/govern/anomaly/accumulator.h"
#include "gatehouse/govern/anomaly/detector.h"
#include "gatehouse/govern/auth_backoff.h"
#include "gatehouse/govern/directory/admin_access.h"
#include "gatehouse/govern/directory/directory.h"
#include "gatehouse/govern/directory/directory_store.h"
#include "gatehouse/govern/directory/limit_book.h"
#include "gatehouse/govern/jwt.h"
#include "gatehouse/observe/log.h"
#include "gatehouse/pipeline/governance.h"
#include "gatehouse/pipeline/identities.h"
#include "gatehouse/store/database.h"

namespace gatehouse::app {

// Everything that knows who may call and spend what, put together: the store, the identity tree, budgets and limits,
// the usage ledger. One for the process, made before the workers and outliving them; the main thread's, but for what
// says otherwise (Governance and the lanes, which are the workers').
class Governing final : private govern::LimitSink {
 public:
  // Hears on the main thread of each new set of identities; hand each worker one of its own.
  using Publish = std::function<void(const pipeline::Identities&)>;

  // Opens the store that the configuration names (in memory where it names none), brings its schema up to date, and
  // settles what an earlier process left. Blocks. Errors: configuration, and those of the store.
  static Result<std::unique_ptr<Governing>> open(const config::Snapshot& snapshot, const base::Clock& clock,
                                                 observe::Log& log, Publish publish);
  ~Governing() override;

  // A configuration in two steps, so that a reload can still be refused: what it says, checked against what is there,
  // then taken over (which cannot fail). Warnings are for the log.
  struct Plan {
    govern::Directory::Configured directory;
    LimitPlan limits;
    std::shared_ptr<const govern::JwtVerifier> tokens;
    config::Anomalies anomalies;
  };
  Result<Plan> check(const config::Snapshot& snapshot);
  std::vector<std::string> apply(Plan plan);
  void issuer_keys(std::shared_ptr<const govern::IssuerKeys> keys);

  // Nodes of the providers of a configuration that was applied, in their order.
  std::vector<const govern::Node*> provider_nodes(const config::Snapshot& snapshot);
  const base::Secret& hash_secret() const { return directory_->hash_secret(); }
  pipeline::Identities identities();
  pipeline::Governance& governance() { return governance_; }
  govern::AuthBackoff& auth_backoff() { return auth_backoff_; }
  // Null where nothing is kept.
  Result<pipeline::UsageLane*> make_lane();

  // What the first owner signs in with, once: where nobody is owner yet.
  Result<std::optional<base::Secret>> first_owner() { return access_->first_owner(); }
  // False: a store in memory, nothing outlives the process.
  bool persistent() const { return ledger_ != nullptr; }
  UsageLedger* ledger() { return ledger_.get(); }
  govern::Directory& directory() { return *directory_; }
  govern::DirectoryStore& directory_store() { return *directory_store_; }
  govern::AdminAccess& access() { return *access_; }
  govern::LimitBook& limits() { return *limit_book_; }
  const govern::Admission& admission() const { return admission_; }
  // Of the store, for reading usage; the main thread's.
  store::Database& database() { return *database_; }

  // What principals did, from a worker's accumulator whose numbers are addresses of their nodes. Any thread.
  void add_activity(std::vector<govern::anomaly::Accumulator::Entry>& entries);
  // Hears of each alert, on the main thread.
  void on_alert(std::function<void(const govern::anomaly::Alert&)> hear) { on_alert_ = std::move(hear); }

  // After the workers were made.
  void start();
  // Every 50 ms.
  void tick();
  // After the workers have ended.
  void close();

 private:
  Governing(const base::Clock& clock, observe::Log& log, Publish publish);
  void restore();
  void look_for_anomalies();
  void throttle(const govern::Node& node, bool on);
  void publish();

  // LimitSink
  Result<> check(govern::NodeKind kind, const std::vector<govern::Limit>& limits) override;
  void set(const govern::Node& node, std::vector<govern::Limit> limits) override;
  void set_template(govern::NodeKind kind, std::vector<govern::Limit> limits) override;
  std::vector<govern::LimitUse> uses(const govern::Node& node) override;

  const base::Clock& clock_;
  observe::Log& log_;
  Publish publish_;
  // In the order in which they may go: nodes outlive the accounts on them, both outlive the ledger's lanes.
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<govern::DirectoryStore> directory_store_;
  std::unique_ptr<govern::Directory> directory_;
  govern::Admission admission_;
  llm::Estimator estimator_;
  llm::CompletionLengths lengths_;
  pipeline::Governance governance_;
  govern::AuthBackoff auth_backoff_;
  std::unique_ptr<govern::LimitBook> limit_book_;
  std::unique_ptr<govern::AdminAccess> access_;
  std::unique_ptr<UsageLedger> ledger_;
  std::shared_ptr<const govern::JwtVerifier> tokens_;
  std::shared_ptr<const govern::IssuerKeys> issuer_keys_;
  std::shared_ptr<const pipeline::NodeIndex> nodes_;
  std::uint32_t templates_ = 0;  // a bit a kind
  std::mutex activity_mutex_;
  std::vector<govern::anomaly::Accumulator::Entry> activity_;  // guarded by it
  std::unique_ptr<govern::anomaly::Detector> detector_;        // null: nobody is watched
  std::function<void(const govern::anomaly::Alert&)> on_alert_;
  std::map<std::string, const govern::Node*, std::less<>> throttled_;
  std::vector<const govern::Node*> side_nodes_;  // tags and end users with limits of their own
  bool changed_ = false;                         // what workers should see
  bool restored_ = false;
  unsigned ticks_ = 0;
};

}  // namespace gatehouse::app
