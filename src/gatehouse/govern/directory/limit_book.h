#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/base/function_ref.h"
#include "gatehouse/base/ids.h"
#include "gatehouse/govern/directory/directory.h"
#include "gatehouse/govern/directory/limit_sink.h"
#include "gatehouse/govern/limit.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::govern {

// A limit as it is written down: where it is, and its models as patterns. `limit.id` and `limit.models` are set from
// here.
struct LimitSpec {
  NodeRef scope;
  Limit limit;
  Access::List models;  // not set: all
};
struct LimitInfo {
  LimitSpec spec;
  Origin origin = Origin::api;
  base::WallTime created_at{};
  std::int64_t version = 0;
};
void write(json::Writer& writer, const LimitInfo& info);
// From the members that `write` gives (`amount` of usd: dollars; unknown members are not looked at). `scope` is read
// where it is there. Code::invalid_request, naming the member.
Result<LimitSpec> limit_from_json(std::string_view object);

// A scope of the id "*" stands for each of its kind that has no limits of its own.
//
// All budgets and limits, of the configuration and of the API, by the node at which they hold; hands them to the
// LimitSink. Control thread; what it is given outlives it. Errors as of Directory.
class LimitBook {
 public:
  static Result<std::unique_ptr<LimitBook>> open(DirectoryStore& store, Directory& directory, LimitSink& sink,
                                                 base::Random random = base::Random::from_device());
  ~LimitBook();

  Result<LimitInfo> create(LimitSpec spec, const Author& author);
  // The scope stays as it is.
  Result<LimitInfo> update(std::string_view id, LimitSpec spec, const Author& author,
                           Directory::Version if_version = {});
  Result<> remove(std::string_view id, const Author& author, Directory::Version if_version = {});
  std::optional<LimitInfo> get(std::string_view id) const;
  void each(std::string_view after, base::FunctionRef<bool(const LimitInfo&)> visit) const;
  std::vector<LimitInfo> of(const NodeRef& scope) const;
  // How much of it is used; nothing for one that is for each of a kind, or waits for its node.
  std::optional<LimitUse> use_of(const LimitInfo& info);

  // Those of the configuration (with ids of their own, unique), after Directory::apply_configuration and before
  // `refresh`. Code::configuration: two with one id, a scope that cannot be, or the sink's refusal.
  Result<> check_configuration(const std::vector<LimitSpec>& specs);
  void apply_configuration(std::vector<LimitSpec> specs);
  // Hands everything to the sink: at the start, and after each apply_configuration, for nodes may be others then. A
  // limit whose node is not there waits until the directory has it.
  void refresh();

 private:
  LimitBook(DirectoryStore& store, Directory& directory, LimitSink& sink, base::Random random);
  Result<> load();
  void keep(LimitInfo info);
  Result<const Node*> node_of(const NodeRef& scope);
  Result<> prepare(LimitSpec& spec) const;
  std::vector<Limit> at(const NodeRef& scope, std::string_view without = {}) const;
  Result<> store(const LimitInfo& info, std::string_view action, const Author& author, std::string before);
  void hand_over(const NodeRef& scope);

  DirectoryStore& store_;
  Directory& directory_;
  LimitSink& sink_;
  base::Random random_;
  std::map<std::string, LimitInfo, std::less<>> limits_;
  std::map<NodeRef, std::set<std::string>> by_scope_;  // ids of limits_
  std::map<NodeRef, const Node*> given_;               // where the sink has something
};

}  // namespace gatehouse::govern
