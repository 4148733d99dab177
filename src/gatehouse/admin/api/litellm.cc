#include "gatehouse/admin/api/litellm.h"

#include <algorithm>
#include <array>

#include "gatehouse/base/money.h"
#include "gatehouse/base/strings.h"
#include "gatehouse/govern/directory/time_text.h"

namespace gatehouse::admin::litellm {
namespace {

using govern::Limit;
using govern::LimitSpec;
using govern::Period;
using govern::Resource;

// Rolling: a window that starts anew lets twice the amount through around its end, and when LiteLLM's would start anew
// is not known here.
std::optional<govern::Window> window(std::string_view text) {
  const auto seconds = duration(text);
  if (!seconds) return std::nullopt;
  static constexpr auto kPeriods = std::to_array<std::pair<std::int64_t, Period>>({{60, Period::minute},
                                                                                   {3600, Period::hour},
                                                                                   {86'400, Period::day},
                                                                                   {7 * 86'400, Period::week},
                                                                                   {30 * 86'400, Period::month}});
  for (const auto& [length, period] : kPeriods) {
    if (seconds->count() == length) return govern::Window{.period = period, .rolling = true, .time_zone = {}};
  }
  return std::nullopt;
}

constexpr std::string_view kWindows = "30d, 7d, 1d, 24h, 1h or 1m; other lengths cannot be carried";

std::string_view duration_of(const govern::Window& window) {
  switch (window.period) {
    case Period::minute:
      return "1m";
    case Period::hour:
      return "1h";
    case Period::day:
      return "1d";
    case Period::week:
      return "7d";
    case Period::month:
      return "30d";
    case Period::lifetime:
      break;
  }
  return {};
}

bool is_nothing(std::string_view raw) {
  if (raw.empty() || raw == "null" || raw == "false" || raw == "0" || raw == "0.0" || raw == "\"\"") return true;
  return (raw.front() == '{' || raw.front() == '[') && json::Value(raw).size() == 0;
}

std::optional<base::Money> money(Body& body, std::string_view name) {
  const auto raw = body.raw(name);
  if (raw.empty() || raw == "null") return std::nullopt;
  // Written by programs that count in floating point, 1e-7 among them.
  auto amount = base::Money::parse(raw);
  if (!amount) {
    const auto number = json::read_number(raw);
    if (number && *number >= 0) amount = base::Money::from_double(*number);
  }
  if (!amount) body.wrong(name, "US dollars, from 0");
  return amount;
}

LimitSpec limit(Resource resource, std::int64_t amount, Period period) {
  LimitSpec spec;
  spec.limit.resource = resource;
  spec.limit.amount = amount;
  spec.limit.window = {.period = period, .rolling = period != Period::lifetime, .time_zone = {}};
  return spec;
}

constexpr std::int64_t kMost = std::int64_t{1} << 53;

void read_per_model(Body& body, std::string_view name, Resource resource, Asked& asked) {
  if (is_nothing(body.raw(name))) return;
  if (!body.value(name).is(json::Kind::object)) return body.wrong(name, "an object of numbers by model");
  body.value(name).members([&](std::string_view model, json::Value value) {
    const auto count = json::read_count(value.raw());
    if (!count || *count > static_cast<std::uint64_t>(kMost)) return body.wrong(name, "an object of numbers by model");
    auto spec = limit(resource, static_cast<std::int64_t>(*count), Period::minute);
    spec.models = {std::string(model)};
    asked.limits.push_back(std::move(spec));
  });
}

void read_model_budgets(Body& body, Asked& asked) {
  constexpr std::string_view kName = "model_max_budget";
  if (is_nothing(body.raw(kName))) return;
  if (!body.value(kName).is(json::Kind::object)) return body.wrong(kName, "an object of budgets by model");
  body.value(kName).members([&](std::string_view model, json::Value value) {
    auto amount = value["budget_limit"];
    if (!amount.exists()) amount = value["max_budget"];
    auto time = value["time_period"];
    if (!time.exists()) time = value["budget_duration"];
    const auto dollars = base::Money::parse(amount.raw());
    const auto period = window(time.string_or(""));
    if (!dollars || !period || value.size() > 2) {
      return body.wrong(kName, "budget_limit and time_period for each model; the time " + std::string(kWindows));
    }
    auto spec = limit(Resource::usd, dollars->nanos(), period->period);
    spec.models = {std::string(model)};
    asked.limits.push_back(std::move(spec));
  });
}

}  // namespace

std::optional<std::chrono::seconds> duration(std::string_view text) {
  std::size_t digits = 0;
  while (digits < text.size() && base::is_digit(text[digits])) ++digits;
  const auto count = base::parse_u64(text.substr(0, digits));
  const auto unit = text.substr(digits);
  std::uint64_t seconds = 0;
  if (unit == "s") seconds = 1;
  if (unit == "m") seconds = 60;
  if (unit == "h") seconds = 3600;
  if (unit == "d") seconds = 86'400;
  if (unit == "w") seconds = 7 * 86'400;
  if (unit == "mo") seconds = 30 * 86'400;
  if (!count || *count == 0 || seconds == 0 || *count > 3'155'760'000 / seconds) return std::nullopt;
  return std::chrono::seconds(*count * seconds);
}

void read_limits(Body& body, Asked& asked) {
  const auto budget = money(body, "max_budget");
  const auto time = body.text("budget_duration", 32);
  const auto soft = money(body, "soft_budget");
  if (budget) {
    auto spec = limit(Resource::usd, budget->nanos(), Period::lifetime);
    if (time) {
      const auto period = window(*time);
      if (!period) return body.wrong("budget_duration", kWindows);
      spec.limit.window = *period;
      asked.warnings.emplace_back("budget_duration: counted over the last " + *time + " at any moment");
    }
    if (soft && budget->nanos() > 0) {
      spec.limit.soft = std::min(1.0, soft->as_usd() / budget->as_usd());
      spec.limit.notify = true;
    }
    asked.limits.push_back(std::move(spec));
  } else if (time) {
    return body.wrong("budget_duration", "goes with max_budget");
  } else if (soft) {
    asked.warnings.emplace_back("soft_budget: needs max_budget; left out");
  }
  if (const auto tokens = body.integer("tpm_limit", 0, kMost)) {
    asked.limits.push_back(limit(Resource::total_tokens, *tokens, Period::minute));
  }
  if (const auto requests = body.integer("rpm_limit", 0, kMost)) {
    asked.limits.push_back(limit(Resource::requests, *requests, Period::minute));
  }
  if (const auto parallel = body.integer("max_parallel_requests", 0, kMost)) {
    asked.limits.push_back(limit(Resource::concurrency, *parallel, Period::lifetime));
  }
  read_per_model(body, "model_tpm_limit", Resource::total_tokens, asked);
  read_per_model(body, "model_rpm_limit", Resource::requests, asked);
  read_model_budgets(body, asked);
  for (const auto& spec : asked.limits) {
    if (auto good = check(govern::Access{.models = spec.models}); !good) body.wrong("models", good.error().detail);
  }
}

void refuse(Body& body, std::span<const std::string_view> names) {
  for (const auto name : names) {
    if (!is_nothing(body.raw(name))) body.wrong(name, "cannot be carried, and without it more would be allowed");
  }
}

void leave_out(Body& body, std::span<const std::string_view> names, Asked& asked) {
  for (const auto name : names) {
    if (!is_nothing(body.raw(name))) asked.warnings.push_back(std::string(name) + ": not carried");
  }
}

void read_models(Body& body, govern::Access& access) {
  if (!body.given("models")) return;
  const auto models = body.list("models", govern::kMaxPatterns);
  if (!models) return;  // null: as it is
  const auto all = [](const std::string& name) { return name == "all-proxy-models" || name == "all-team-models"; };
  if (models->empty() || std::ranges::any_of(*models, all)) {
    access.models.reset();
  } else if (models->size() == 1 && models->front() == "no-default-models") {
    access.models.emplace();
  } else {
    access.models = *models;
  }
}

std::optional<ApiResponse> may_limit(const Call& call, const Asked& asked, const govern::Node* at) {
  if (asked.limits.empty()) return std::nullopt;
  return call.may(govern::Action::write_limits, at);
}

Result<> set_limits(Call& call, const govern::NodeRef& scope, const Asked& asked) {
  const auto there = call.services.limits.of(scope);
  for (LimitSpec spec : asked.limits) {
    spec.scope = scope;
    const auto same = std::ranges::find_if(there, [&](const govern::LimitInfo& info) {
      return info.origin == govern::Origin::api && info.spec.limit.resource == spec.limit.resource &&
             info.spec.models == spec.models;
    });
    auto done = same == there.end() ? call.services.limits.create(std::move(spec), call.author)
                                    : call.services.limits.update(same->spec.limit.id, std::move(spec), call.author);
    if (!done) return std::unexpected(std::move(done.error()));
  }
  return {};
}

void write_names(json::Writer& writer, const govern::Access::List& list) {
  writer.begin_array();
  if (list && list->empty()) writer.string("no-default-models");
  if (list) {
    for (const auto& pattern : *list) writer.string(pattern);
  }
  writer.end_array();
}

void write_limits(json::Writer& writer, Call& call, const govern::NodeRef& scope) {
  const auto limits = call.services.limits.of(scope);
  const auto find = [&](Resource resource) -> const Limit* {
    for (const auto& info : limits) {
      if (info.spec.limit.resource == resource && !info.spec.models) return &info.spec.limit;
    }
    return nullptr;
  };
  const Limit* budget = find(Resource::usd);
  writer.key("max_budget");
  if (budget == nullptr) {
    writer.null();
  } else {
    writer.raw(base::Money::nanos(budget->amount).to_string());
  }
  writer.key("budget_duration");
  const auto time = budget == nullptr ? std::string_view() : duration_of(budget->window);
  if (time.empty()) {
    writer.null();
  } else {
    writer.string(time);
  }
  const auto count = [&](std::string_view name, Resource resource) {
    const Limit* found = find(resource);
    writer.key(name);
    if (found == nullptr) {
      writer.null();
    } else {
      writer.integer(found->amount);
    }
  };
  count("tpm_limit", Resource::total_tokens);
  count("rpm_limit", Resource::requests);
  count("max_parallel_requests", Resource::concurrency);
}

void write_spend(json::Writer& writer, Call& call, std::string_view filter) {
  writer.key("spend");
  // A star at the end of a filter stands for all that begins so.
  if (call.services.usage != nullptr && !filter.ends_with('*')) {
    UsageRequest request;
    request.filters.emplace_back(filter);
    request.limit = 1;
    if (auto page = call.services.usage->summarise(request)) {
      writer.raw(page->total.cost.to_string());
      return;
    }
  }
  writer.null();
}

void write_warnings(json::Writer& writer, const Asked& asked) {
  writer.key("warnings").begin_array();
  for (const auto& warning : asked.warnings) writer.string(warning);
  writer.end_array();
}

void write_key(json::Writer& writer, Call& call, const govern::KeyInfo& info) {
  const govern::Node& node = *info.node;
  writer.key("token").string(node.id).key("key_name").string(info.hint + "...");
  writer.key("key_alias").string(info.spec.name);
  std::string_view team;
  std::string_view org;
  std::string_view user = info.spec.user;
  for (const govern::Node* at = node.parent; at != nullptr; at = at->parent) {
    if (at->kind == govern::NodeKind::team) team = at->id;
    if (at->kind == govern::NodeKind::org) org = at->id;
    if (at->kind == govern::NodeKind::user && user.empty()) user = at->id;
  }
  const auto text = [&](std::string_view name, std::string_view value) {
    writer.key(name);
    if (value.empty()) {
      writer.null();
    } else {
      writer.string(value);
    }
  };
  text("team_id", team);
  text("user_id", user);
  text("organization_id", org);
  text("expires", info.spec.expires_at ? govern::to_rfc3339(*info.spec.expires_at) : "");
  writer.key("models");
  write_names(writer, info.spec.access.models);
  writer.key("metadata").raw(info.spec.metadata.empty() ? "{}" : std::string_view(info.spec.metadata));
  writer.key("blocked").boolean(info.state == govern::KeyState::blocked);
  writer.key("created_at").string(govern::to_rfc3339(info.created_at));
  if (call.actor.may(govern::Action::read_limits, info.node)) write_limits(writer, call, govern::ref_of(node));
}

std::optional<govern::KeyInfo> find_key(Call& call, std::string_view key_or_id) {
  auto info = call.services.directory.key(key_or_id);
  if (!info) info = call.services.directory.key_of(key_or_id);
  if (!info || !call.actor.may(govern::Action::read_keys, info->node)) return std::nullopt;
  return info;
}

}  // namespace gatehouse::admin::litellm
