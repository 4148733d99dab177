#include "gatehouse/govern/directory/limit_book.h"

#include <algorithm>
#include <set>
#include <utility>

#include "gatehouse/base/money.h"
#include "gatehouse/govern/directory/time_text.h"
#include "gatehouse/json/value.h"

namespace gatehouse::govern {
namespace {

constexpr std::string_view kEach = "*";
constexpr std::size_t kMostLimits = 1'000'000;
constexpr std::size_t kMostPerNode = 32;  // as Admission

std::string json_of(const LimitInfo& info) {
  std::string out;
  json::Writer writer(out);
  write(writer, info);
  return out;
}

std::unexpected<Error> wrong(std::string detail) { return fail(Code::invalid_request, std::move(detail)); }

}  // namespace

void write(json::Writer& writer, const LimitInfo& info) {
  const Limit& limit = info.spec.limit;
  writer.begin_object().key("id").string(limit.id).key("scope").string(info.spec.scope.to_string());
  writer.key("resource").string(name(limit.resource)).key("amount");
  if (limit.resource == Resource::usd) {
    writer.raw(base::Money::nanos(limit.amount).to_string());
  } else {
    writer.integer(limit.amount);
  }
  writer.key("window").string(name(limit.window.period)).key("rolling").boolean(limit.window.rolling);
  if (!limit.window.time_zone.empty()) writer.key("time_zone").string(limit.window.time_zone);
  if (info.spec.models) {
    writer.key("models").begin_array();
    for (const auto& pattern : *info.spec.models) writer.string(pattern);
    writer.end_array();
  }
  if (limit.soft > 0) writer.key("soft").number(limit.soft);
  if (!limit.downgrade_to.empty()) writer.key("downgrade_to").string(limit.downgrade_to);
  writer.key("notify").boolean(limit.notify);
  writer.key("origin").string(name(info.origin)).key("created_at").string(to_rfc3339(info.created_at));
  writer.key("version").integer(info.version).end_object();
}

Result<LimitSpec> limit_from_json(std::string_view object) {
  const json::Value value(object);
  if (!value.is(json::Kind::object)) return wrong("an object is needed");
  LimitSpec spec;
  if (const auto scope = value["scope"]; scope.exists()) {
    auto parsed = NodeRef::parse(scope.string_or(""));
    if (!parsed) return wrong("scope: KIND:ID, for instance team:support");
    spec.scope = std::move(*parsed);
  }
  const auto resource = resource_from_name(value["resource"].string_or(""));
  if (!resource) {
    return wrong("resource: requests, prompt_tokens, completion_tokens, total_tokens, usd or concurrency");
  }
  spec.limit.resource = *resource;
  const auto amount = value["amount"];
  if (*resource == Resource::usd) {
    // Digits as they stand, so that no cent is lost; a string is as good.
    const std::string digits = amount.is(json::Kind::string) ? amount.string_or("") : std::string(amount.raw());
    const auto money = base::Money::parse(digits);
    if (!money) return wrong("amount: dollars, from 0, at most nine decimal places");
    spec.limit.amount = money->nanos();
  } else {
    const auto count = json::read_count(amount.raw());
    if (!count || *count > static_cast<std::uint64_t>(INT64_MAX)) return wrong("amount: a whole number from 0");
    spec.limit.amount = static_cast<std::int64_t>(*count);
  }
  if (const auto window = value["window"]; window.exists()) {
    const auto period = period_from_name(window.string_or(""));
    if (!period) return wrong("window: minute, hour, day, week, month or lifetime");
    spec.limit.window.period = *period;
  } else if (*resource == Resource::concurrency) {
    spec.limit.window.period = Period::lifetime;
  } else {
    return wrong("window: minute, hour, day, week, month or lifetime");
  }
  if (*resource == Resource::concurrency && spec.limit.window.period != Period::lifetime) {
    return wrong("window: concurrency has none; leave it out");
  }
  if (const auto rolling = value["rolling"]; rolling.exists()) {
    if (!rolling.boolean()) return wrong("rolling: true or false");
    spec.limit.window.rolling = *rolling.boolean();
  }
  if (const auto zone = value["time_zone"]; zone.exists()) {
    spec.limit.window.time_zone = zone.string_or("");
    if (!zone.is(json::Kind::string) || spec.limit.window.time_zone.size() > 64)
      return wrong("time_zone: an IANA name");
  }
  if (const auto models = value["models"]; models.exists() && !models.is_null()) {
    if (!models.is(json::Kind::array)) return wrong("models: a list of names");
    spec.models.emplace();
    bool good = true;
    models.elements([&](json::Value element) {
      auto text = element.string();
      good = good && text.has_value();
      if (text) spec.models->push_back(std::move(*text));
    });
    if (!good) return wrong("models: a list of names");
  }
  if (const auto soft = value["soft"]; soft.exists()) {
    const auto share = soft.number();
    if (!share || !(*share >= 0 && *share <= 1)) return wrong("soft: 0 to 1");
    spec.limit.soft = *share;
  }
  if (const auto downgrade = value["downgrade_to"]; downgrade.exists()) {
    spec.limit.downgrade_to = downgrade.string_or("");
    if (!downgrade.is(json::Kind::string) || spec.limit.downgrade_to.size() > kMaxNameSize) {
      return wrong("downgrade_to: a model");
    }
  }
  if (const auto notify = value["notify"]; notify.exists()) {
    if (!notify.boolean()) return wrong("notify: true or false");
    spec.limit.notify = *notify.boolean();
  }
  return spec;
}

Result<std::unique_ptr<LimitBook>> LimitBook::open(DirectoryStore& store, Directory& directory, LimitSink& sink,
                                                   base::Random random) {
  std::unique_ptr<LimitBook> made(new LimitBook(store, directory, sink, random));
  if (auto loaded = made->load(); !loaded) return std::unexpected(std::move(loaded.error()));
  return made;
}

LimitBook::LimitBook(DirectoryStore& store, Directory& directory, LimitSink& sink, base::Random random)
    : store_(store), directory_(directory), sink_(sink), random_(random) {
  directory_.on_node_made([this](const NodeRef& made) {
    if (by_scope_.contains(made)) hand_over(made);
  });
}

LimitBook::~LimitBook() { directory_.on_node_made(nullptr); }

void LimitBook::keep(LimitInfo info) {
  std::string id = info.spec.limit.id;
  by_scope_[info.spec.scope].insert(id);
  limits_.insert_or_assign(std::move(id), std::move(info));
}

Result<> LimitBook::load() {
  Result<> good;
  auto read = store_.load_limits([&](const LimitRow& row) {
    auto spec = limit_from_json(row.body);
    auto scope = NodeRef::parse(row.scope);
    if (spec && scope) {
      spec->scope = std::move(*scope);
      spec->limit.id = row.id;
    }
    if (!spec || !scope || !prepare(*spec)) {
      good = fail(Code::configuration, "the store is damaged: the limit " + row.id);
      return;
    }
    keep({.spec = std::move(*spec),
          .origin = Origin::api,
          .created_at = from_millis(row.created_at),
          .version = row.version});
  });
  return read ? good : read;
}

Result<> LimitBook::prepare(LimitSpec& spec) const {
  if (auto good =
          check(Access{.models = spec.models, .operations = {}, .providers = {}, .regions = {}, .addresses = {}});
      !good) {
    return good;
  }
  if (spec.models) {
    auto rules = NameRules::parse(*spec.models);
    if (!rules) return wrong("models: " + rules.error().detail);
    spec.limit.models = std::move(*rules);
  }
  return {};
}

Result<const Node*> LimitBook::node_of(const NodeRef& scope) {
  if (scope.id == kEach) return nullptr;
  if (scope.kind == NodeKind::end_user) return wrong("scope: of end users only all of them, end_user:*");
  if (scope.kind == NodeKind::tag || scope.kind == NodeKind::provider) {
    return directory_.side_node(scope.kind, scope.id);
  }
  const Node* node = directory_.place(scope);
  if (node == nullptr) return wrong("scope: there is no " + std::string(name(scope.kind)) + " of this id");
  return node;
}

std::vector<Limit> LimitBook::at(const NodeRef& scope, std::string_view without) const {
  std::vector<Limit> limits;
  const auto there = by_scope_.find(scope);
  if (there == by_scope_.end()) return limits;
  for (const auto& id : there->second) {
    if (id != without) limits.push_back(limits_.find(id)->second.spec.limit);
  }
  return limits;
}

void LimitBook::hand_over(const NodeRef& scope) {
  if (scope.id == kEach) {
    given_[scope] = nullptr;
    sink_.set_template(scope.kind, at(scope));
    return;
  }
  const auto node = node_of(scope);
  const auto given = given_.find(scope);
  // The node of a key or team that the configuration moved is another one than before.
  if (given != given_.end() && (!node || given->second != *node)) {
    sink_.set(*given->second, {});
    given_.erase(given);
  }
  if (!node) return;  // not there now: nobody can spend there either
  auto limits = at(scope);
  if (limits.empty()) {
    given_.erase(scope);
  } else {
    given_[scope] = *node;
  }
  sink_.set(**node, std::move(limits));
}

void LimitBook::refresh() {
  std::set<NodeRef> scopes;
  for (const auto& [scope, node] : given_) scopes.insert(scope);
  for (const auto& [scope, ids] : by_scope_) scopes.insert(scope);
  for (const NodeRef& scope : scopes) hand_over(scope);
}

Result<> LimitBook::store(const LimitInfo& info, std::string_view action, const Author& author, std::string before) {
  const std::string body = json_of(info);
  return store_.commit({.number = 0,
                        .time = author.time,
                        .actor = author.id,
                        .address = author.address,
                        .action = std::string(action),
                        .object = "limit:" + info.spec.limit.id,
                        .before = std::move(before),
                        .after = body},
                       [&] {
                         return store_.put(LimitRow{.id = info.spec.limit.id,
                                                    .scope = info.spec.scope.to_string(),
                                                    .body = body,
                                                    .created_at = to_millis(info.created_at),
                                                    .version = info.version});
                       });
}

Result<LimitInfo> LimitBook::create(LimitSpec spec, const Author& author) {
  if (auto good = prepare(spec); !good) return std::unexpected(std::move(good.error()));
  auto node = node_of(spec.scope);
  if (!node) return std::unexpected(std::move(node.error()));
  if (limits_.size() >= kMostLimits) return fail(Code::conflict, "There are as many limits as there may be");
  static constexpr std::string_view kDigits = "0123456789abcdefghjkmnpqrstvwxyz";
  do {
    spec.limit.id = "lim_";
    for (int i = 0; i < 11; ++i) spec.limit.id += kDigits[random_.below(32)];
  } while (limits_.contains(spec.limit.id));
  auto all = at(spec.scope);
  if (all.size() >= kMostPerNode) return fail(Code::conflict, "32 limits hold there already");
  all.push_back(spec.limit);
  if (auto good = sink_.check(spec.scope.kind, all); !good) return wrong(std::move(good.error().detail));
  LimitInfo info{
      .spec = std::move(spec), .origin = Origin::api, .created_at = author.time, .version = store_.next_number()};
  if (auto stored = store(info, "limit.create", author, {}); !stored) {
    return std::unexpected(std::move(stored.error()));
  }
  keep(info);
  hand_over(info.spec.scope);
  return info;
}

Result<LimitInfo> LimitBook::update(std::string_view id, LimitSpec spec, const Author& author,
                                    Directory::Version if_version) {
  const auto there = limits_.find(id);
  if (there == limits_.end()) return fail(Code::not_found, "No such limit");
  LimitInfo info = there->second;
  if (info.origin == Origin::configuration) return fail(Code::conflict, "The configuration gives it; change it there");
  if (if_version && *if_version != info.version) return fail(Code::precondition_failed, "It was changed meanwhile");
  const std::string before = json_of(info);
  spec.scope = info.spec.scope;
  spec.limit.id = info.spec.limit.id;
  if (auto good = prepare(spec); !good) return std::unexpected(std::move(good.error()));
  auto all = at(spec.scope, id);
  all.push_back(spec.limit);
  const auto node = node_of(spec.scope);
  if (!node) return std::unexpected(node.error());
  if (auto good = sink_.check(spec.scope.kind, all); !good) return wrong(std::move(good.error().detail));
  info.spec = std::move(spec);
  info.version = store_.next_number();
  if (auto stored = store(info, "limit.update", author, before); !stored) {
    return std::unexpected(std::move(stored.error()));
  }
  there->second = info;
  hand_over(info.spec.scope);
  return info;
}

Result<> LimitBook::remove(std::string_view id, const Author& author, Directory::Version if_version) {
  const auto there = limits_.find(id);
  if (there == limits_.end()) return fail(Code::not_found, "No such limit");
  const LimitInfo info = there->second;
  if (info.origin == Origin::configuration) return fail(Code::conflict, "The configuration gives it; change it there");
  if (if_version && *if_version != info.version) return fail(Code::precondition_failed, "It was changed meanwhile");
  auto stored = store_.commit({.number = 0,
                               .time = author.time,
                               .actor = author.id,
                               .address = author.address,
                               .action = "limit.delete",
                               .object = "limit:" + info.spec.limit.id,
                               .before = json_of(info),
                               .after = {}},
                              [&] { return store_.remove_limit(info.spec.limit.id); });
  if (!stored) return stored;
  limits_.erase(there);
  auto& ids = by_scope_[info.spec.scope];
  ids.erase(info.spec.limit.id);
  if (ids.empty()) by_scope_.erase(info.spec.scope);
  hand_over(info.spec.scope);
  return {};
}

std::optional<LimitInfo> LimitBook::get(std::string_view id) const {
  const auto there = limits_.find(id);
  return there == limits_.end() ? std::nullopt : std::optional(there->second);
}

void LimitBook::each(std::string_view after, base::FunctionRef<bool(const LimitInfo&)> visit) const {
  for (auto there = after.empty() ? limits_.begin() : limits_.upper_bound(after); there != limits_.end(); ++there) {
    if (!visit(there->second)) return;
  }
}

std::optional<LimitUse> LimitBook::use_of(const LimitInfo& info) {
  const auto node = node_of(info.spec.scope);
  if (!node || *node == nullptr) return std::nullopt;
  for (auto& use : sink_.uses(**node)) {
    if (use.id == info.spec.limit.id) return std::move(use);
  }
  return std::nullopt;
}

std::vector<LimitInfo> LimitBook::of(const NodeRef& scope) const {
  std::vector<LimitInfo> found;
  if (const auto there = by_scope_.find(scope); there != by_scope_.end()) {
    for (const auto& id : there->second) found.push_back(limits_.find(id)->second);
  }
  return found;
}

Result<> LimitBook::check_configuration(const std::vector<LimitSpec>& specs) {
  std::set<std::string_view> ids;
  for (const LimitSpec& given : specs) {
    LimitSpec spec = given;
    const std::string& id = given.limit.id;
    const auto there = limits_.find(id);
    const bool taken = there != limits_.end() && there->second.origin == Origin::api;
    if (id.empty() || !ids.insert(id).second || taken) {
      return fail(Code::configuration, "limit \"" + id + "\": the id is given twice");
    }
    const auto as_configuration = [&](const Error& error) {
      return fail(Code::configuration, "limit \"" + id + "\": " + error.detail);
    };
    if (auto good = prepare(spec); !good) return as_configuration(good.error());
    if (auto good = sink_.check(spec.scope.kind, {spec.limit}); !good) return as_configuration(good.error());
  }
  return {};
}

void LimitBook::apply_configuration(std::vector<LimitSpec> specs) {
  std::erase_if(limits_, [](const auto& entry) { return entry.second.origin == Origin::configuration; });
  by_scope_.clear();
  for (const auto& [id, info] : limits_) by_scope_[info.spec.scope].insert(id);
  for (LimitSpec& spec : specs) {
    (void)prepare(spec);  // checked before
    keep({.spec = std::move(spec), .origin = Origin::configuration});
  }
}

}  // namespace gatehouse::govern
