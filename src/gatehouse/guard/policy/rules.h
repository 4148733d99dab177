#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/config/governance.h"
#include "gatehouse/guard/detector_set.h"
#include "gatehouse/guard/finding.h"
#include "gatehouse/guard/redact/style.h"
#include "gatehouse/guard/schema/answer_schema.h"
#include "gatehouse/ml/reading.h"

namespace gatehouse::guard {

using Action = config::GuardAction;
std::string_view name(Action action);

// What one policy says about one family, ready to be asked. Immutable.
struct FamilyRule {
  const config::Policy* policy = nullptr;
  const config::GuardRule* rule = nullptr;
  std::array<Action, 2> standard{};  // by Direction
  float threshold = 0.5F;
  RedactStyle style = RedactStyle::placeholder;
  const std::vector<std::string_view>* by_name = nullptr;  // entities that `standard` is not for; null: none

  Action action(const Finding& finding, Direction direction) const;
};

// What is to be done about a finding: the strictest that any policy says.
struct Ruling {
  Action action = Action::allow;                 // enforced
  Action monitored = Action::allow;              // what policies in mode monitor would have done, at least `action`
  Action shadow = Action::allow;                 // the same of mode shadow
  RedactStyle style = RedactStyle::placeholder;  // where redacted
  const FamilyRule* by = nullptr;                // whose action it is; null: nobody's
};

// One step stricter, as a conversation's risk may ask for: what is logged is flagged, what is flagged redacted, or
// blocked where nothing can be taken out (`family`).
Ruling tightened(Ruling ruling, Family family);

// All policies that hold for a request, together. Immutable, shared by requests with the same ones.
class Rules {
 public:
  struct Held {
    const config::Policy* policy = nullptr;
    DetectorMask own;                            // detectors that are made for this policy alone
    std::shared_ptr<const AnswerSchema> schema;  // of its guards.schema.file
  };
  // The policies and `detectors` outlive it.
  Rules(const std::vector<Held>& policies, const DetectorSet& detectors);
  Rules(const Rules&) = delete;
  Rules& operator=(const Rules&) = delete;

  bool empty() const { return policies_.empty(); }
  const std::vector<const config::Policy*>& policies() const { return policies_; }
  Ruling judge(const Finding& finding, Direction direction) const;
  // What a failure to judge comes to for a family: closed unless all that speak of it are open.
  bool fails_closed(Family family, Direction direction) const;
  bool fails_closed(Direction direction) const;

  // What models are asked for: of the families that are wanted, those that not every policy has without (`model: off`).
  ml::Wants asks(Direction direction) const { return asks_[static_cast<std::size_t>(direction)]; }
  // What it comes to that a model gave no answer: nothing, unless a policy requires one.
  enum class Unread : std::uint8_t { nothing, open, closed };
  Unread unread(Family family, Direction direction) const;

  // Detectors whose findings anybody would do anything about.
  DetectorMask wanted(Direction direction) const { return wanted_[static_cast<std::size_t>(direction)]; }
  // Tokens in answers are restored.
  bool restores() const { return restores_; }
  bool per_tenant() const { return per_tenant_; }
  config::Spotlight spotlight() const { return spotlight_; }
  bool canary() const { return canary_; }
  bool has(Family family) const { return !families_[static_cast<std::size_t>(family)].empty(); }

  // The strictest of each, over policies in mode enforce.
  const config::InputLimits& limits() const { return limits_; }
  const std::vector<const config::ConversationGuard*>& conversations() const { return conversations_; }
  // What answers must satisfy; `schema` is null where only the request's own is asked.
  struct Schema {
    const config::Policy* policy = nullptr;
    std::shared_ptr<const AnswerSchema> schema;
    const config::SchemaGuard& guard() const { return *policy->guards.schema; }
  };
  const std::vector<Schema>& schemas() const { return schemas_; }
  // An answer is held until it was checked whole.
  bool holds_for_schema() const { return holds_for_schema_; }
  const std::vector<std::string_view>& callouts() const { return callouts_; }
  config::BlockEnding ending() const { return ending_; }

 private:
  void add(Family family, const config::Policy& policy, const std::optional<config::GuardRule>& rule);
  void add_answer(const config::Policy& policy);
  void add_limits(const config::InputLimits& limits);

  std::vector<const config::Policy*> policies_;
  std::array<std::vector<FamilyRule>, kFamilyCount> families_;
  std::vector<std::string_view> by_name_;
  std::array<DetectorMask, 2> wanted_{};
  std::array<ml::Wants, 2> asks_{};
  config::InputLimits limits_;
  std::vector<const config::ConversationGuard*> conversations_;
  std::deque<config::GuardRule> made_;  // for sections that have another form
  std::vector<Schema> schemas_;
  std::vector<std::string_view> callouts_;
  config::BlockEnding ending_ = config::BlockEnding::content_filter;
  config::Spotlight spotlight_ = config::Spotlight::none;
  bool holds_for_schema_ = false;
  bool restores_ = false;
  bool per_tenant_ = false;
  bool canary_ = false;
};

// Who asks for what: what policies are chosen by. Views of the request's.
struct Asked {
  std::string_view org, unit, team, project, user, key, model, operation;
  std::string_view tags;  // "k=v,k=v"
  base::WallTime now{};
};

// The policies of a configuration that have guards, and which of them hold for whom. Owner: a worker (it remembers
// combinations); one thread's.
class PolicySet {
 public:
  struct Entry {
    const config::Policy* policy = nullptr;
    DetectorMask own;
    std::shared_ptr<const AnswerSchema> schema;
    std::function<bool(base::WallTime)> hours;  // empty: always
  };
  // `detectors` and the policies outlive it.
  PolicySet(std::vector<Entry> entries, std::shared_ptr<const DetectorSet> detectors);

  bool empty() const { return entries_.empty(); }
  // Never null. Remembers at most kMost combinations; further ones are made each time.
  std::shared_ptr<const Rules> find(const Asked& asked);

  static constexpr std::size_t kMost = 4096;

 private:
  std::vector<Entry> entries_;
  std::shared_ptr<const DetectorSet> detectors_;
  std::map<std::vector<bool>, std::shared_ptr<const Rules>> known_;
  std::vector<bool> chosen_;
};

}  // namespace gatehouse::guard
