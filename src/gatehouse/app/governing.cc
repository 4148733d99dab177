#include "gatehouse/app/governing.h"

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <tuple>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "gatehouse/govern/ledger/schema.h"
#include "gatehouse/govern/ledger/totals.h"
#include "gatehouse/observe/access_record.h"
#include "gatehouse/store/migrations.h"

namespace gatehouse::app {
namespace {

using govern::NodeKind;
using govern::NodeRef;

constexpr std::string_view kInMemory = "sqlite::memory:";
constexpr std::int64_t kChangesInMemory = 10'000;
constexpr std::size_t kBackoffAddresses = 16'384;
constexpr unsigned kTicksPerMinute = 1200;
constexpr int kSlices = 12;  // of a rolling window, when its use is found again

std::uint64_t random_number() {
  std::uint64_t number = 0;
  base::random_bytes(&number, sizeof(number));
  return number;
}

std::vector<std::string> texts(const std::vector<config::NamePattern>& patterns) {
  std::vector<std::string> result;
  for (const auto& pattern : patterns) result.push_back(pattern.text);
  return result;
}

govern::Access::List list_of(const std::vector<config::NamePattern>& patterns) {
  return patterns.empty() ? govern::Access::List() : texts(patterns);
}

govern::ConfiguredKey key_of(const config::Key& key) {
  govern::ConfiguredKey result;
  result.name = key.name;
  result.key = key.key;
  result.org = key.org;
  result.unit = key.unit;
  result.team = key.team;
  result.project = key.project;
  result.user = key.user;
  auto& spec = result.spec;
  spec.access.models = list_of(key.models);
  if (!key.operations.empty()) spec.access.operations = key.operations;
  spec.access.providers = list_of(key.providers);
  spec.access.regions = list_of(key.regions);
  for (const auto& block : key.addresses) spec.access.addresses.push_back(block.to_string());
  spec.expires_at = key.expires;
  spec.metadata = observe::labels_json(key.metadata);
  spec.priority = govern::priority_from_name(key.priority).value_or(govern::Priority::normal);
  spec.weight = key.weight;
  return result;
}

void add_nodes(std::vector<govern::ConfiguredNode>& nodes, NodeKind kind, const std::vector<config::TreeNode>& given) {
  for (const auto& node : given) {
    govern::ConfiguredNode configured{.ref = {.kind = kind, .id = node.name}, .parent = {}, .active = node.active};
    if (!node.parent.empty()) {
      const auto above = govern::node_kind_from_name(node.parent.kind);
      if (above) configured.parent = NodeRef{.kind = *above, .id = node.parent.id};
    }
    nodes.push_back(std::move(configured));
  }
}

Result<govern::JwtRule> rule_of(const config::JwtIssuer& issuer) {
  govern::JwtRule rule;
  rule.name = issuer.issuer;
  rule.issuer = issuer.issuer;
  rule.audiences = issuer.audiences;
  rule.leeway = std::chrono::duration_cast<std::chrono::seconds>(issuer.leeway);
  auto algorithms = issuer.algorithms;
  if (algorithms.empty()) {
    algorithms = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"};
  }
  for (const auto& name : algorithms) {
    const auto algorithm = crypto::signature_algorithm_from_name(name);
    if (!algorithm) {
      return fail(Code::configuration,
                  "auth.jwt: the algorithm " + name + " is not known, or not one that is safe here");
    }
    rule.algorithms.push_back(*algorithm);
  }
  const std::map<std::string, govern::ClaimMapping*> properties = {{"org", &rule.org},   {"unit", &rule.unit},
                                                                   {"team", &rule.team}, {"project", &rule.project},
                                                                   {"user", &rule.user}, {"priority", &rule.priority}};
  for (const auto& [ours, claim] : issuer.claims) {
    const auto property = properties.find(ours);
    if (property == properties.end()) continue;  // the loader refused it
    auto path = govern::ClaimPath::parse(claim);
    if (!path) return std::unexpected(std::move(path.error()));
    property->second->path = std::move(*path);
  }
  if (!issuer.models.empty()) {
    // What the token says is not asked: these models and no others.
    std::string joined;
    for (const auto& pattern : issuer.models) joined += (joined.empty() ? "" : " ") + pattern.text;
    rule.models.otherwise = joined;
  }
  return rule;
}

// What one use of a kind of node sums to, asked of the ledger once for all limits that want the same.
class Uses {
 public:
  explicit Uses(store::Database& database) : database_(database) {}

  Result<govern::NodeTotals> of(const NodeRef& ref, base::WallTime since, const govern::LimitSpec& spec) {
    std::string models;
    if (spec.models) {
      for (const auto& model : *spec.models) models.append(model).append("\n");
    }
    const Key key{ref.kind, since, spec.models ? models : std::string("*")};
    const auto known = totals_.find(key);
    if (known != totals_.end()) return find(known->second, ref.id);
    auto& totals = totals_[key];
    const auto counts = [&](std::string_view model) { return !spec.models || spec.limit.models.admits(model); };
    const auto visit = [&](std::string_view id, const govern::NodeTotals& sum) { totals.emplace(id, sum); };
    if (auto read = govern::node_totals(database_, ref.kind, since, counts, visit); !read) {
      return std::unexpected(std::move(read.error()));
    }
    return find(totals, ref.id);
  }

 private:
  using Totals = std::unordered_map<std::string, govern::NodeTotals>;
  using Key = std::tuple<NodeKind, base::WallTime, std::string>;
  static govern::NodeTotals find(const Totals& totals, const std::string& id) {
    const auto found = totals.find(id);
    return found == totals.end() ? govern::NodeTotals() : found->second;
  }
  store::Database& database_;
  std::map<Key, Totals> totals_;
};

std::int64_t amount_of(const govern::NodeTotals& totals, govern::Resource resource) {
  switch (resource) {
    case govern::Resource::requests:
      return totals.requests;
    case govern::Resource::prompt_tokens:
      return totals.prompt_tokens;
    case govern::Resource::completion_tokens:
      return totals.completion_tokens;
    case govern::Resource::total_tokens:
      return totals.prompt_tokens + totals.completion_tokens;
    case govern::Resource::usd:
      return totals.cost.nanos();
    case govern::Resource::concurrency:
      break;
  }
  return 0;
}

}  // namespace

Governing::Governing(const base::Clock& clock, observe::Log& log, Publish publish)
    : clock_(clock),
      log_(log),
      publish_(std::move(publish)),
      governance_{.admission = admission_, .estimator = estimator_, .lengths = lengths_},
      auth_backoff_({}, kBackoffAddresses, random_number(), clock.now()),
      issuer_keys_(std::make_shared<const govern::IssuerKeys>()),
      nodes_(std::make_shared<const pipeline::NodeIndex>()) {}

Governing::~Governing() = default;

Result<std::unique_ptr<Governing>> Governing::open(const config::Snapshot& snapshot, const base::Clock& clock,
                                                   observe::Log& log, Publish publish) {
  std::unique_ptr<Governing> made(new Governing(clock, log, std::move(publish)));
  const bool kept = !snapshot.store.empty();
  const std::string url = kept ? snapshot.store : std::string(kInMemory);
  auto database = store::open(url);
  if (!database) return std::unexpected(std::move(database.error()));
  made->database_ = std::move(*database);
  const auto components =
      std::to_array<store::Component>({govern::DirectoryStore::component(), govern::ledger_component()});
  if (auto migrated = store::migrate(*made->database_, components, clock.wall()); !migrated) {
    return std::unexpected(std::move(migrated.error()));
  }
  auto rows = govern::DirectoryStore::open(*made->database_, kept ? 0 : kChangesInMemory);
  if (!rows) return std::unexpected(std::move(rows.error()));
  made->directory_store_ = std::move(*rows);
  govern::Directory::Options options;
  options.clock = &clock;
  options.publish = [raw = made.get()](std::shared_ptr<const govern::DirectoryView>) { raw->publish(); };
  options.hash_secret = snapshot.auth.key_hash_secret;
  auto directory = govern::Directory::open(*made->directory_store_, std::move(options));
  if (!directory) return std::unexpected(std::move(directory.error()));
  made->directory_ = std::move(*directory);
  auto limits = govern::LimitBook::open(*made->directory_store_, *made->directory_, *made);
  if (!limits) return std::unexpected(std::move(limits.error()));
  made->limit_book_ = std::move(*limits);
  auto access = govern::AdminAccess::open(*made->directory_store_, *made->directory_, clock);
  if (!access) return std::unexpected(std::move(access.error()));
  made->access_ = std::move(*access);
  if (kept) {
    const std::string file = url.substr(url.find(':') + 1);
    auto ledger = UsageLedger::open(url, file + ".journal", snapshot.ledger);
    if (!ledger) return std::unexpected(std::move(ledger.error()));
    made->ledger_ = std::move(*ledger);
    const auto& found = made->ledger_->recovered();
    if (found.records + found.interrupted > 0) {
      log.warn("ledger_recovered", {{"settled", found.records}, {"interrupted", found.interrupted}});
    }
    if (found.damaged > 0) log.error("ledger_damaged", {{"holes", found.damaged}});
  }
  return made;
}

Result<Governing::Plan> Governing::check(const config::Snapshot& snapshot) {
  Plan plan;
  std::vector<govern::ConfiguredKey> keys;
  for (const auto& key : snapshot.keys) keys.push_back(key_of(key));
  std::vector<govern::ConfiguredNode> nodes;
  add_nodes(nodes, NodeKind::org, snapshot.orgs);
  add_nodes(nodes, NodeKind::unit, snapshot.units);
  add_nodes(nodes, NodeKind::team, snapshot.teams);
  add_nodes(nodes, NodeKind::project, snapshot.projects);
  add_nodes(nodes, NodeKind::user, snapshot.users);
  auto directory = directory_->check_configuration(std::move(keys), std::move(nodes));
  if (!directory) return std::unexpected(std::move(directory.error()));
  plan.directory = std::move(*directory);
  auto limits = limits_of(snapshot);
  if (!limits) return std::unexpected(std::move(limits.error()));
  plan.limits = std::move(*limits);
  if (auto good = limit_book_->check_configuration(plan.limits.limits); !good) {
    return std::unexpected(std::move(good.error()));
  }
  std::vector<govern::JwtRule> rules;
  for (const auto& issuer : snapshot.auth.jwt) {
    auto rule = rule_of(issuer);
    if (!rule) return std::unexpected(std::move(rule.error()));
    rules.push_back(std::move(*rule));
  }
  if (!rules.empty()) {
    auto verifier = govern::JwtVerifier::make(std::move(rules));
    if (!verifier) return std::unexpected(std::move(verifier.error()));
    plan.tokens = std::make_shared<const govern::JwtVerifier>(std::move(*verifier));
  }
  plan.anomalies = snapshot.anomalies;
  return plan;
}

std::vector<std::string> Governing::apply(Plan plan) {
  if (!plan.anomalies.enabled) {
    detector_.reset();
  } else if (!detector_) {
    // Kept over reloads: it has been learning.
    govern::anomaly::Policy policy;
    for (auto& signal : policy.signals) {
      signal.score = plan.anomalies.threshold.as_usd();
      signal.throttle = plan.anomalies.throttle;
    }
    detector_ = std::make_unique<govern::anomaly::Detector>(policy);
  }
  auto warnings = directory_->apply_configuration(std::move(plan.directory));
  limit_book_->apply_configuration(std::move(plan.limits.limits));
  limit_book_->refresh();
  admission_.set_weight_rules(std::move(plan.limits.weights));
  tokens_ = std::move(plan.tokens);
  if (!restored_) restore();
  publish();
  return warnings;
}

// What was spent in the windows that are open now. Limits that are made later begin at zero: they speak of what comes.
void Governing::restore() {
  restored_ = true;
  if (!persistent()) return;
  const auto now = govern::Moment::of(clock_);
  Uses uses(*database_);
  limit_book_->each({}, [&](const govern::LimitInfo& info) {
    const auto& spec = info.spec;
    if (spec.limit.resource == govern::Resource::concurrency || spec.scope.id == "*") return true;
    const auto* node = directory_->place(spec.scope);
    if (node == nullptr) return true;
    const auto states = admission_.snapshot(*node, now);
    const auto state = std::ranges::find_if(states, [&](const auto& each) { return each.limit->id == spec.limit.id; });
    if (state == states.end()) return true;
    std::vector<govern::DatedUse> dated;
    const auto slices = spec.limit.window.rolling ? kSlices : 1;
    const auto step = (now.wall - state->window.start) / slices;
    std::int64_t later = 0;
    for (int i = slices; i-- > 0;) {
      const base::WallTime since = state->window.start + i * step;
      const auto totals = uses.of(spec.scope, since, spec);
      if (!totals) {
        log_.error("budget_not_restored", {{"limit", spec.limit.id}, {"detail", totals.error().detail}});
        return true;
      }
      const std::int64_t amount = amount_of(*totals, spec.limit.resource);
      // At the slice's end, so that it is counted rather too long than too short.
      if (amount > later) dated.push_back({.time = since + step, .amount = amount - later});
      later = amount;
    }
    if (auto restored = admission_.restore(*node, spec.limit.id, dated, now); !restored) {
      log_.error("budget_not_restored", {{"limit", spec.limit.id}, {"detail", restored.error().detail}});
    }
    return true;
  });
}

void Governing::issuer_keys(std::shared_ptr<const govern::IssuerKeys> keys) {
  issuer_keys_ = std::move(keys);
  publish();
}

pipeline::Identities Governing::identities() {
  return {.keys = directory_->view(), .nodes = nodes_, .tokens = tokens_, .issuer_keys = issuer_keys_};
}

void Governing::publish() {
  // The directory publishes while it opens too.
  if (!directory_) return;
  changed_ = false;
  auto nodes = std::make_shared<pipeline::NodeIndex>();
  if (tokens_) {
    for (const auto kind : {NodeKind::org, NodeKind::unit, NodeKind::team, NodeKind::project, NodeKind::user}) {
      directory_->nodes(kind, {}, [&](const govern::NodeInfo& info) {
        if (!info.deleted) nodes->add(*info.node);
        return true;
      });
    }
  }
  for (const auto* node : side_nodes_) nodes->add(*node);
  nodes_ = std::move(nodes);
  if (publish_) publish_(identities());
}

std::vector<const govern::Node*> Governing::provider_nodes(const config::Snapshot& snapshot) {
  std::vector<const govern::Node*> nodes;
  for (const auto& provider : snapshot.providers) {
    const auto node = directory_->side_node(NodeKind::provider, provider.name);
    nodes.push_back(node ? *node : nullptr);
  }
  return nodes;
}

Result<pipeline::UsageLane*> Governing::make_lane() {
  if (!ledger_) return nullptr;
  return ledger_->make_lane();
}

void Governing::start() {
  if (ledger_) ledger_->start();
}

void Governing::tick() {
  admission_.tick(govern::Moment::of(clock_));
  if (changed_) publish();
  if (++ticks_ % kTicksPerMinute != 0) return;
  directory_->tick();
  look_for_anomalies();
}

void Governing::add_activity(std::vector<govern::anomaly::Accumulator::Entry>& entries) {
  const std::scoped_lock lock(activity_mutex_);
  activity_.insert(activity_.end(), entries.begin(), entries.end());
}

void Governing::look_for_anomalies() {
  std::vector<govern::anomaly::Accumulator::Entry> entries;
  {
    const std::scoped_lock lock(activity_mutex_);
    entries.swap(activity_);
  }
  if (!detector_) return;
  std::map<std::string, const govern::Node*, std::less<>> nodes;
  for (const auto& entry : entries) {
    if (entry.principal == 0) continue;  // what found no room in an accumulator
    const auto* node = reinterpret_cast<const govern::Node*>(static_cast<std::uintptr_t>(entry.principal));
    nodes.emplace(node->id, node);
    detector_->add(entry.principal, node->id, entry.amounts);
  }
  for (const auto& alert : detector_->tick(clock_.wall())) {
    log_.warn(alert.over ? "anomaly_over" : "anomaly", {{"principal", alert.principal},
                                                        {"signal", govern::anomaly::name(alert.signal)},
                                                        {"observed_a_minute", alert.observed},
                                                        {"expected_a_minute", alert.expected},
                                                        {"score", alert.score}});
    if (on_alert_) on_alert_(alert);
    const auto node = nodes.find(alert.principal);
    const auto slowed = throttled_.find(alert.principal);
    if (alert.throttle && !alert.over && node != nodes.end()) {
      throttle(*node->second, true);
    } else if (alert.over && slowed != throttled_.end()) {
      throttle(*slowed->second, false);
    }
  }
}

// One request at a time while it lasts: nobody is locked out, and nobody runs away.
void Governing::throttle(const govern::Node& node, bool on) {
  constexpr std::string_view kId = "anomaly:throttle";
  const auto now = govern::Moment::of(clock_);
  std::vector<govern::Limit> limits;
  for (const auto& state : admission_.snapshot(node, now)) {
    if (state.limit->id != kId) limits.push_back(*state.limit);
  }
  if (on) {
    govern::Limit limit;
    limit.id = kId;
    limit.resource = govern::Resource::concurrency;
    limit.window.period = govern::Period::lifetime;
    limit.amount = 1;
    limits.push_back(std::move(limit));
    throttled_.emplace(node.id, &node);
  } else {
    throttled_.erase(node.id);
  }
  if (auto set = admission_.set_limits(node, std::move(limits), now); !set) {
    log_.error("limit_not_set", {{"node", node.id}, {"detail", set.error().detail}});
  }
}

void Governing::close() {
  if (ledger_) ledger_->close();
}

Result<> Governing::check(NodeKind, const std::vector<govern::Limit>& limits) {
  for (const auto& limit : limits) {
    if (auto zone = govern::Zone::load(limit.window.time_zone); !zone) return std::unexpected(std::move(zone.error()));
    if (limit.amount < 0) return fail(Code::invalid_request, "an amount is zero or more");
  }
  return {};
}

void Governing::set(const govern::Node& node, std::vector<govern::Limit> limits) {
  const bool beside = node.kind == NodeKind::tag || node.kind == NodeKind::end_user;
  if (beside && std::ranges::find(side_nodes_, &node) == side_nodes_.end()) {
    side_nodes_.push_back(&node);
    changed_ = true;
  }
  if (auto set = admission_.set_limits(node, std::move(limits), govern::Moment::of(clock_)); !set) {
    log_.error("limit_not_set", {{"node", node.id}, {"detail", set.error().detail}});
  }
}

void Governing::set_template(NodeKind kind, std::vector<govern::Limit> limits) {
  const auto bit = std::uint32_t{1} << static_cast<unsigned>(kind);
  templates_ = limits.empty() ? templates_ & ~bit : templates_ | bit;
  if (auto set = admission_.set_template(kind, std::move(limits), govern::Moment::of(clock_)); !set) {
    log_.error("limit_not_set", {{"kind", govern::name(kind)}, {"detail", set.error().detail}});
  }
  governance_.templates.store(templates_ != 0, std::memory_order_relaxed);
}

std::vector<govern::LimitUse> Governing::uses(const govern::Node& node) {
  std::vector<govern::LimitUse> result;
  for (const auto& state : admission_.snapshot(node, govern::Moment::of(clock_))) {
    result.push_back({.id = state.limit->id, .used = state.used, .held = state.held});
  }
  return result;
}

}  // namespace gatehouse::app
