#include "gatehouse/govern/ledger/focus.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "gatehouse/govern/ledger/export.h"
#include "gatehouse/govern/ledger/tags.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::govern {
namespace {

// All columns that the specification makes mandatory, its conditional ones that apply, and two of our own (x_).
constexpr std::string_view kHeading =
    "BilledCost,BillingAccountId,BillingAccountName,BillingAccountType,BillingCurrency,BillingPeriodEnd,"
    "BillingPeriodStart,ChargeCategory,ChargeClass,ChargeDescription,ChargeFrequency,ChargePeriodEnd,"
    "ChargePeriodStart,ConsumedQuantity,ConsumedUnit,ContractedCost,ContractedUnitPrice,EffectiveCost,"
    "InvoiceIssuerName,ListCost,ListUnitPrice,PricingCategory,PricingQuantity,PricingUnit,ProviderName,"
    "PublisherName,ResourceId,ResourceName,ResourceType,ServiceCategory,ServiceName,ServiceSubcategory,SkuId,"
    "SkuMeter,SkuPriceId,SubAccountId,SubAccountName,SubAccountType,Tags,x_EstimatedRequests,x_Requests\r\n";

// A kind of charge: what is counted and what it costs.
struct Meter {
  std::string_view sku;
  std::string_view meter;
  Measure cost;
};
constexpr std::array<Meter, 7> kMeters = {{
    {"input", "Input tokens", Measure::cost_input},
    {"cached_input", "Cached input tokens", Measure::cost_cached},
    {"cache_write", "Cache write tokens", Measure::cost_cache_write},
    {"output", "Output tokens", Measure::cost_output},
    {"reasoning", "Reasoning tokens", Measure::cost_reasoning},
    {"audio", "Audio tokens", Measure::cost_audio},
    {"request", "Requests", Measure::cost_request},
}};

// What a line is of; Combination reads the keys in this order.
constexpr std::array kByDimensions = {Dimension::org,  Dimension::unit,      Dimension::team,     Dimension::project,
                                      Dimension::user, Dimension::key,       Dimension::key_name, Dimension::end_user,
                                      Dimension::tags, Dimension::operation, Dimension::model,    Dimension::provider};

struct Combination {
  std::string_view org, unit, team, project, user, key, key_name, end_user, tags, operation, model, provider;

  explicit Combination(const std::vector<std::string>& keys)
      : org(keys[0]),
        unit(keys[1]),
        team(keys[2]),
        project(keys[3]),
        user(keys[4]),
        key(keys[5]),
        key_name(keys[6]),
        end_user(keys[7]),
        tags(keys[8]),
        operation(keys[9]),
        model(keys[10]),
        provider(keys[11]) {}
};

// Quantities that do not overlap, in the order of kMeters: a part that was charged at no price of its own is left in
// what it is a part of, because its cost is there.
std::array<std::int64_t, 7> quantities(const Sums& sums) {
  const auto part = [&](Measure tokens, Measure cost) { return sums[cost] != 0 ? sums[tokens] : 0; };
  const std::int64_t cached = part(Measure::cached_tokens, Measure::cost_cached);
  const std::int64_t cache_write = part(Measure::cache_write_tokens, Measure::cost_cache_write);
  const std::int64_t reasoning = part(Measure::reasoning_tokens, Measure::cost_reasoning);
  const std::int64_t audio_in = part(Measure::prompt_audio_tokens, Measure::cost_audio);
  const std::int64_t audio_out = part(Measure::completion_audio_tokens, Measure::cost_audio);
  const auto rest = [](std::int64_t whole, std::int64_t parts) { return whole > parts ? whole - parts : 0; };
  return {rest(sums[Measure::prompt_tokens], cached + cache_write + audio_in),
          cached,
          cache_write,
          rest(sums[Measure::completion_tokens], reasoning + audio_out),
          reasoning,
          audio_in + audio_out,
          part(Measure::requests, Measure::cost_request)};
}

std::string_view subcategory(std::string_view operation) {
  for (const std::string_view other : {"embeddings", "rerank", "moderations"}) {
    if (operation == other) return "Other (AI and Machine Learning)";
  }
  return "Generative AI";
}

std::string focus_time(Bucket bucket, std::int64_t seconds) {
  return time_text(Bucket::hour, bucket_start(bucket, seconds));
}

// Tags of the caller's as they are; ours under a prefix of their own, as the specification asks of a provider's tags.
std::string tags_json(const Combination& who) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object();
  std::vector<std::string_view> seen;
  each_tag(who.tags, [&](std::string_view tag) {
    const std::size_t equals = tag.find('=');
    const std::string_view key = tag.substr(0, equals);
    if (std::ranges::find(seen, key) != seen.end()) return;
    seen.push_back(key);
    writer.key(key).string(equals == std::string_view::npos ? std::string_view() : tag.substr(equals + 1));
  });
  const std::array<std::pair<std::string_view, std::string_view>, 7> ours = {{
      {"gatehouse/unit", who.unit},
      {"gatehouse/team", who.team},
      {"gatehouse/project", who.project},
      {"gatehouse/user", who.user},
      {"gatehouse/key", who.key},
      {"gatehouse/key_name", who.key_name},
      {"gatehouse/end_user", who.end_user},
  }};
  for (const auto& [key, value] : ours) {
    if (!value.empty()) writer.key(key).string(value);
  }
  writer.end_object();
  return out;
}

class FocusWriter {
 public:
  FocusWriter(const FocusOptions& options, base::FunctionRef<void(std::string_view)> write)
      : options_(options), write_(write), out_(kHeading) {}

  void add(std::int64_t day, const Combination& who, const Sums& sums) {
    const auto amounts = quantities(sums);
    for (std::size_t i = 0; i < kMeters.size(); ++i) {
      if (amounts[i] != 0 || sums[kMeters[i].cost] != 0) line(day, who, sums, kMeters[i], amounts[i]);
    }
    if (out_.size() > 65536) flush();
  }
  void flush() {
    write_(out_);
    out_.clear();
  }

 private:
  void text(std::string_view text) {
    append_csv_text(out_, text);
    out_ += ',';
  }
  void plain(std::string_view text) { out_.append(text).append(","); }

  void line(std::int64_t day, const Combination& who, const Sums& sums, const Meter& meter, std::int64_t amount) {
    const std::string cost = sums.money(meter.cost).to_string();
    // Twelve digits: enough that quantity times price gives the cost to far below a cent.
    const std::string price =
        amount == 0 ? "" : fmt::format("{:.12g}", sums.money(meter.cost).as_usd() / static_cast<double>(amount));
    const std::string quantity = std::to_string(amount);
    const std::string_view unit = meter.sku == "request" ? "Requests" : "Tokens";
    const std::string_view account = who.org.empty() ? std::string_view(options_.billing_account) : who.org;
    const std::string resource = fmt::format("{}/{}", who.provider, who.model);
    const std::string sku = resource + "/" + std::string(meter.sku);

    plain(cost);  // BilledCost
    text(account);
    text(account);
    plain("Organization");
    plain("USD");
    plain(focus_time_end(Bucket::month, day));
    plain(focus_time(Bucket::month, day));
    plain("Usage");
    plain("");  // ChargeClass: only corrections have one
    text(fmt::format("{} of {} at {}", meter.meter, who.model, who.provider));
    plain("Usage-Based");
    plain(focus_time_end(Bucket::day, day));
    plain(focus_time(Bucket::day, day));
    plain(quantity);  // ConsumedQuantity
    plain(unit);
    plain(cost);   // ContractedCost
    plain(price);  // ContractedUnitPrice
    plain(cost);   // EffectiveCost
    text(who.provider);
    plain(cost);   // ListCost
    plain(price);  // ListUnitPrice
    plain("Standard");
    plain(quantity);  // PricingQuantity
    plain(unit);
    text(who.provider);
    text(who.provider);
    text(resource);
    text(who.model);
    plain("Model");
    plain("AI and Machine Learning");
    text(who.operation);
    text(subcategory(who.operation));
    text(sku);
    plain(meter.meter);
    text(sku);
    text(who.team);
    text(who.team);
    plain(who.team.empty() ? "" : "Team");
    text(tags_json(who));
    plain(std::to_string(sums[Measure::estimated]));
    out_ += std::to_string(sums[Measure::requests]);
    out_ += "\r\n";
  }

  static std::string focus_time_end(Bucket bucket, std::int64_t day) {
    return time_text(Bucket::hour, bucket_end(bucket, day));
  }

  const FocusOptions& options_;
  base::FunctionRef<void(std::string_view)> write_;
  std::string out_;
};

}  // namespace

Result<> export_focus(store::Database& database, const FocusOptions& options,
                      base::FunctionRef<void(std::string_view csv)> write) {
  if (options.from != base::WallTime(std::chrono::floor<std::chrono::days>(options.from)) ||
      (options.to != base::WallTime::max() &&
       options.to != base::WallTime(std::chrono::floor<std::chrono::days>(options.to)))) {
    return fail(Code::invalid_request, "charges are by the day: from and to must be full days (UTC)");
  }
  for (const UsageFilter& filter : options.filters) {
    if (filter.by.dimension >= Dimension::status) {
      return fail(Code::invalid_request, "charges are not told apart by " + name(filter.by));
    }
  }
  auto range = database.prepare("SELECT min(start), max(start) FROM ledger_rollups WHERE bucket = 1 AND start >= $1");
  if (!range) return std::unexpected(range.error());
  auto row = (*range)->bind_integer(1, seconds_of(options.from)).step();
  if (!row) return std::unexpected(row.error());
  const bool is_empty = (*range)->is_null(0);
  const std::int64_t first = (*range)->integer(0);
  const std::int64_t last = (*range)->integer(1);
  (*range)->reset();

  UsageQuery query;
  for (const Dimension dimension : kByDimensions) query.by.push_back({.dimension = dimension, .tag = {}});
  query.filters = options.filters;
  query.limit = kMaxGroups;
  FocusWriter writer(options, write);
  // A day at a time, which bounds the memory.
  for (std::int64_t day = first; !is_empty && day <= last; day += 86400) {
    query.from = base::WallTime(std::chrono::seconds(day));
    query.to = query.from + std::chrono::days(1);
    if (query.from >= options.to) break;
    auto answer = query_usage(database, query);
    if (!answer) return std::unexpected(answer.error());
    for (UsageGroup& group : answer->groups) writer.add(day, Combination(group.keys), group.sums);
  }
  writer.flush();
  return {};
}

}  // namespace gatehouse::govern
