#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gatehouse/base/money.h"
#include "gatehouse/base/secret.h"
#include "gatehouse/config/guards.h"

// Who may spend what, as the configuration has it: plain data of the Snapshot. The rooms that act on it (govern, llm)
// are above this one, so names of theirs (kinds of nodes, resources) stand here as text or twins; app/ turns them.
namespace gatehouse::config {

using std::chrono::milliseconds;

// A model name or a prefix followed by "*"; "*" alone matches all.
struct NamePattern {
  std::string text;
  bool matches(std::string_view name) const;
};

// "team:support": a node of the identity tree. Id "*": each node of that kind by itself.
struct Scope {
  std::string kind;
  std::string id;
  bool empty() const { return kind.empty(); }
  bool operator==(const Scope&) const = default;
};

// Zero: no limit.
struct Rates {
  std::uint64_t requests_per_minute = 0;
  std::uint64_t requests_per_day = 0;
  std::uint64_t tokens_per_minute = 0;  // prompt and completion
  std::uint64_t tokens_per_day = 0;
  std::uint64_t concurrency = 0;  // requests in flight

  bool any() const {
    return (requests_per_minute | requests_per_day | tokens_per_minute | tokens_per_day | concurrency) != 0;
  }
};

// A node of the tree that the configuration names (`orgs`, `units`, `teams`, `projects`, `users`).
struct TreeNode {
  std::string name;
  Scope parent;  // empty: the org `default`, or the top for an org
  bool active = true;
  Rates limits;
};

enum class BudgetWindow : std::uint8_t { minute, hour, day, week, month, lifetime };
enum class Notify : std::uint8_t { none, webhook };

struct OnSoft {
  std::string downgrade_to;  // a configured model; empty: none
  Notify notify = Notify::none;
};

struct Budget {
  Scope scope;
  BudgetWindow window = BudgetWindow::month;
  bool rolling = false;
  std::string time_zone;  // IANA; empty: UTC
  std::optional<base::Money> usd;
  std::uint64_t tokens = 0;  // zero: not limited
  std::uint64_t prompt_tokens = 0;
  std::uint64_t completion_tokens = 0;
  std::uint64_t requests = 0;
  std::vector<NamePattern> models;  // empty: every model
  base::Money soft;                 // a share, "0.8"; zero: none
  OnSoft on_soft;
};

// Each list that is not empty narrows it.
struct AppliesTo {
  std::vector<std::string> orgs, units, teams, projects, users, keys;
  std::vector<NamePattern> models;
  std::vector<std::string> operations;
  std::vector<std::string> tags;  // "k=v"; one of them must be among the caller's
  std::string days;               // "mon-fri"; empty: every day
  std::string from, to;           // "08:00"; empty: all day
  std::string time_zone;
};

struct Policy {
  std::string name;
  AppliesTo applies_to;
  Rates limits;
  Guards guards;
};

// Dollars per million tokens; what is not given falls back as docs/catalogue.md says.
struct Price {
  std::string provider;  // a configured provider's name; empty: any
  std::string model;     // as sent to the provider; may end in "*"
  bool free = false;
  std::optional<base::Money> input, output, cached, cache_write, reasoning;
  std::optional<base::Money> request;  // per thousand requests
  std::uint32_t context_tokens = 0;
  std::uint32_t max_output_tokens = 0;
};

struct UnknownPrice {
  base::Money input = base::Money::usd(10);  // dollars per million tokens
  base::Money output = base::Money::usd(30);
  base::Money request;  // dollars each, for calls whose tokens nobody can count
};

struct Completion {
  std::uint32_t default_tokens = 4096;  // held for a call that sets no limit of its own
  std::uint32_t least_tokens = 16;      // a call gets at least this much of what it asked, or waits, or is refused
};

struct Queue {
  milliseconds max_wait{30'000};
  std::uint32_t max_waiting = 10'000;
  std::uint32_t max_waiting_per_tenant = 2'000;
};

struct WeightRule {
  Scope scope;
  std::uint32_t weight = 1;
  std::string days;  // "mon-fri", "sat,sun"; empty: every day
  std::string from;  // "08:00"; empty: all day
  std::string to;
  std::string time_zone;
};

struct Ledger {
  std::uint32_t keep_days = 400;              // rows; roll-ups are kept
  milliseconds sync_interval{1'000};          // to the disk, against a crash of the machine
  std::uint64_t journal_bytes = 16ULL << 20;  // a worker, at most
};

struct Webhook {
  std::string url;
  base::Secret secret;
};

struct Anomalies {
  bool enabled = true;
  base::Money threshold = base::Money::usd(3);  // deviations from what is usual
  bool throttle = false;
  Notify notify = Notify::none;
};

// A JSON Web Token's issuer whose tokens are taken as keys.
struct JwtIssuer {
  std::string issuer;
  std::string jwks_url;
  std::vector<std::string> audiences;
  std::vector<std::string> algorithms;  // empty: RS256, ES256, EdDSA
  milliseconds leeway{60'000};
  std::vector<std::pair<std::string, std::string>> claims;  // ours -> dotted path: "team" -> "groups.0"
  std::vector<NamePattern> models;                          // what its callers may use; empty: all
};

struct RoleBinding {
  std::string user;
  std::string role;
  Scope scope;
};

}  // namespace gatehouse::config
