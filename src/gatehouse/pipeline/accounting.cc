#include "gatehouse/pipeline/accounting.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "gatehouse/dialects/segments.h"
#include "gatehouse/http/head_writer.h"
#include "gatehouse/llm/sum.h"
#include "gatehouse/llm/tokens/request_tokens.h"
#include "gatehouse/pipeline/exchange.h"
#include "gatehouse/pipeline/governance.h"

namespace gatehouse::pipeline {
namespace {

// Larger bodies are not counted but estimated from their size: a worker has other callers too.
constexpr std::size_t kMostCounted = std::size_t{4} << 20;
constexpr std::uint64_t kBytesPerToken = 2;  // fewer than text has, so that the estimate is on the safe side
// A stream without a bound of its own is extended by at least so much at a time.
constexpr std::int64_t kLeastExtension = 256;

std::int64_t micros(base::Duration duration) {
  return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

std::uint64_t seconds_up(base::Duration duration) {
  const auto whole = std::chrono::ceil<std::chrono::seconds>(duration).count();
  return static_cast<std::uint64_t>(std::max<std::int64_t>(whole, 0));
}

struct RateNames {
  std::string_view limit, remaining, reset;
};
constexpr RateNames kRequestRate = {
    .limit = "x-ratelimit-limit-requests",
    .remaining = "x-ratelimit-remaining-requests",
    .reset = "x-ratelimit-reset-requests",
};
constexpr RateNames kTokenRate = {
    .limit = "x-ratelimit-limit-tokens",
    .remaining = "x-ratelimit-remaining-tokens",
    .reset = "x-ratelimit-reset-tokens",
};

// Every answer has six of these: three at a time, their names known when this is compiled.
template <const RateNames& kNames>
void append_rate(std::string& head, const govern::Rate& rate) {
  if (!rate.known) return;
  constexpr std::size_t kDigits = 20;
  constexpr std::size_t kMost =
      kNames.limit.size() + kNames.remaining.size() + kNames.reset.size() + 3 * (kDigits + std::size("s: \r\n"));
  const std::size_t before = head.size();
  head.resize_and_overwrite(before + kMost, [&](char* text, std::size_t) {
    char* at = text + before;
    const auto field = [&](std::string_view name, std::uint64_t value, std::string_view unit) {
      at = std::ranges::copy(name, at).out;
      *at++ = ':';
      *at++ = ' ';
      at = std::to_chars(at, at + kDigits, value).ptr;
      at = std::ranges::copy(unit, at).out;
      *at++ = '\r';
      *at++ = '\n';
    };
    field(kNames.limit, static_cast<std::uint64_t>(rate.limit), {});
    field(kNames.remaining, static_cast<std::uint64_t>(rate.remaining), {});
    field(kNames.reset, seconds_up(rate.reset_after), "s");  // as OpenAI writes it: a duration
    return static_cast<std::size_t>(at - text);
  });
}

// Our count as the answering model's provider would have it: what was learned from prompts, where the encoding is not
// its own.
std::uint64_t as_told(const Exchange& exchange, std::uint64_t counted) {
  if (tokens_at(exchange, exchange.model_sent).exact) return counted;
  return exchange.worker.governance->estimator.estimate(exchange.model_sent, counted);
}

// Of the dialects whose own counters are not known: the texts, what stands around each message, and a guess at what a
// model makes of pictures and files.
std::uint64_t count_texts(const Exchange& exchange, const llm::ModelTokens& tokens) {
  constexpr std::uint64_t kPerMessage = 4;
  constexpr std::uint64_t kPerFile = 1600;           // of a picture of the largest size that Anthropic does not shrink
  constexpr std::uint64_t kFileBytesPerToken = 100;  // of pages and sound in base64
  llm::SegmentList list;
  dialects::read_segments(exchange.dialect, exchange.operation, exchange.body, list);
  std::uint64_t count = kPerMessage * list.messages + kPerFile * list.media;
  for (const llm::Segment& segment : list.segments) {
    count += segment.kind == llm::SegmentKind::media ? segment.text.size() / kFileBytesPerToken
                                                     : llm::count_tokens(tokens.encoding, segment.text);
  }
  return count;
}

}  // namespace

llm::ModelPrice price_at(const Exchange& exchange, std::uint32_t provider, std::string_view model) {
  auto& runtime = *exchange.runtime;
  return runtime.price_cache.find(*runtime.prices, *runtime.snapshot, provider, model);
}

llm::ModelTokens tokens_at(const Exchange& exchange, std::string_view model) {
  return exchange.runtime->tokens_cache.find(model);
}

std::uint64_t count_prompt(const Exchange& exchange, const llm::ModelTokens& tokens, std::string_view model) {
  if (exchange.body.size() > kMostCounted) return exchange.body.size() / kBytesPerToken;
  if (exchange.dialect == llm::Dialect::anthropic || exchange.dialect == llm::Dialect::gemini) {
    return count_texts(exchange, tokens);
  }
  if (llm::is_read(exchange.operation)) {
    const auto counted = llm::count_request(exchange.operation, tokens, model, exchange.body);
    if (counted) return counted->total();
  }
  return llm::count_tokens(tokens.encoding, exchange.body);
}

PromptCount count_prompt_as_told(const Exchange& exchange, std::string_view model) {
  const auto tokens = tokens_at(exchange, model);
  const auto counted = count_prompt(exchange, tokens, model);
  if (tokens.exact) return {.tokens = counted, .exact = true};
  auto* governance = exchange.worker.governance;
  return {.tokens = governance == nullptr ? counted : governance->estimator.estimate(model, counted)};
}

std::optional<std::uint64_t> prompt_bound(const Exchange& exchange) {
  if (!exchange.call.words_only) return std::nullopt;
  return llm::upper_bound(exchange.body.size());
}

govern::UsageRow row_of(const Exchange& exchange) {
  govern::UsageRow row;
  row.request_id = base::view(exchange.id);
  row.time = exchange.wall;
  if (const auto* principal = exchange.principal) {
    row.org = principal->org;
    row.unit = principal->unit;
    row.team = principal->team;
    row.project = principal->project;
    row.user = principal->user;
    row.key_id = principal->key_id;
    row.key_name = principal->key_name;
  }
  row.end_user = exchange.call.user;
  row.tags = exchange.tags;
  row.operation = llm::name(exchange.operation);
  if (exchange.has_model) row.model_asked = exchange.call.model;
  row.streamed = exchange.call.stream;
  row.queued_us = micros(exchange.accounting.queued);
  return row;
}

bool Accounting::take_capacity(Exchange& exchange, std::uint32_t provider) {
  const auto& nodes = exchange.runtime->provider_nodes;
  if (provider_held || exchange.worker.governance == nullptr || provider >= nodes.size()) return true;
  const govern::Node* node = nodes[provider];
  if (node->account.load(std::memory_order_acquire) == nullptr) return true;
  govern::Demand demand;
  demand.leaves = std::span(&node, 1);
  if (exchange.match) demand.model = exchange.match.model->name;
  demand.prompt_tokens = static_cast<std::int64_t>(prompt.value_or(0) + more_prompt_);
  demand.completion_wanted = completion_bound();
  demand.completion_min = demand.completion_wanted;
  auto outcome = exchange.worker.governance->admission.reserve(demand, govern::Moment::of(exchange.worker.clock));
  if (outcome.verdict != govern::Verdict::held) return false;
  capacity_ = std::move(outcome.reservation);
  return true;
}

void Accounting::follow(Exchange& exchange) {
  follows_ = true;
  delivered_bytes_ = 0;
  counter_.emplace(tokens_at(exchange, exchange.model_sent).encoding);
}

bool Accounting::deliver(Exchange& exchange, std::string_view text) {
  const auto bound = completion_bound();
  // A token is at least a byte: mostly nothing needs to be counted.
  if (enforced && static_cast<std::int64_t>(delivered_bytes_ + text.size()) > bound) {
    llm::TextCounter with = *counter_;
    with.add(text);
    const auto all = static_cast<std::int64_t>(as_told(exchange, with.finish()));
    if (all > bound) {
      const std::int64_t more = std::max({kLeastExtension, bound / 2, all - bound});
      const auto now = govern::Moment::of(exchange.worker.clock);
      if (!reservation.extend(more, now) && !reservation.extend(all - bound, now)) return false;
    }
  }
  counter_->add(text);
  delivered_bytes_ += text.size();
  return true;
}

bool Accounting::cover(Exchange& exchange) {
  if (!enforced) return true;
  const llm::Usage& usage = exchange.usage();
  auto used = static_cast<std::int64_t>(usage.total_tokens);
  if (rate > 0 && exchange.provider != nullptr) {
    // Money is held by the token: as many as cost what was used.
    const auto provider = static_cast<std::uint32_t>(exchange.provider - exchange.config().providers.data());
    const auto price = price_at(exchange, provider, exchange.model_sent);
    const std::int64_t nanos = llm::price_of(price.prices, usage, exchange.wall).total().nanos();
    constexpr std::int64_t kPicosPerNano = 1000;
    used = std::max(used, nanos / std::max<std::int64_t>(rate / kPicosPerNano, 1) + 1);
  }
  const auto now = govern::Moment::of(exchange.worker.clock);
  const auto& completion = exchange.config().completion;
  const auto bound = reservation.completion_tokens();
  for (const std::int64_t ahead : {std::int64_t{completion.default_tokens}, std::int64_t{completion.least_tokens}}) {
    if (used + ahead <= bound || reservation.extend(used + ahead - bound, now)) return true;
  }
  return false;
}

llm::ModelPrice Accounting::price(const Exchange& exchange) const {
  if (exchange.provider == nullptr) return {};
  const auto provider = static_cast<std::uint32_t>(exchange.provider - exchange.config().providers.data());
  return price_at(exchange, provider, exchange.model_sent);
}

llm::Usage Accounting::final_usage(const Exchange& exchange, bool broke_off) {
  llm::Usage usage = exchange.usage();
  // What a stream tells as it goes is not all where it broke off.
  const auto* translation = exchange.translation.get();
  broke_off = broke_off || cut_ || exchange.outcome.failed || (translation != nullptr && translation->failed) ||
              (exchange.inspection != nullptr && exchange.inspection->answer_stopped);
  const bool whole = translation != nullptr ? !broke_off : exchange.reader.usage_is_final();
  if (usage.known && whole) return usage;
  // An error of the provider costs nothing; nor does what never reached one, nor a count of a prompt.
  if (!reached_out || provider_status >= 400 || exchange.operation == llm::Operation::count_tokens) return usage;
  // What is asked stands where nobody here can read it.
  if (exchange.call.in_file) return usage;
  if (usage.known) {
    if (counter_) usage.completion_tokens = std::max(usage.completion_tokens, as_told(exchange, counter_->finish()));
    usage.total_tokens = usage.prompt_tokens + usage.completion_tokens;
    return usage;
  }
  usage.prompt_tokens = prompt.value_or(0);
  if (prompt_raw == 0 && exchange.has_model && (ticket || reservation.active())) {
    // Before, a bound was enough, or nobody was limited.
    const auto tokens_of = tokens_at(exchange, exchange.model_sent);
    usage.prompt_tokens = as_told(exchange, count_prompt(exchange, tokens_of, exchange.model_sent));
  }
  usage.prompt_tokens += more_prompt_;
  if (counter_) usage.completion_tokens = as_told(exchange, counter_->finish());
  usage.total_tokens = usage.prompt_tokens + usage.completion_tokens;
  return usage;
}

void Accounting::close_call(Exchange& exchange, bool broke_off) {
  if (closed_ || exchange.worker.governance == nullptr) return;
  closed_ = true;
  const llm::Usage usage = final_usage(exchange, broke_off);
  llm::Cost cost;
  if (exchange.provider != nullptr && reached_out && provider_status < 400) {
    if (exchange.operation == llm::Operation::count_tokens || (exchange.upload && !exchange.upload->start)) {
      // Free, or paid for with the upload's first step.
    } else if (exchange.upload || exchange.call.in_file) {
      cost.request = exchange.config().unknown_price.request;
    } else if (usage.total_tokens > 0 || exchange.call_read || exchange.told_usage) {
      cost = llm::price_of(price(exchange).prices, usage, exchange.wall);
    } else {
      cost.request = exchange.config().unknown_price.request;
    }
  }
  const govern::Actual actual{.prompt_tokens = static_cast<std::int64_t>(usage.prompt_tokens),
                              .completion_tokens = static_cast<std::int64_t>(usage.completion_tokens),
                              .cost = cost.total()};
  if (capacity_.active()) capacity_.settle(actual, govern::Moment::of(exchange.worker.clock));
  if (usage.known && provider_status < 400) {
    auto* governance = exchange.worker.governance;
    // What the gateway put behind the prompt was not counted with it.
    if (prompt_raw > 0 && more_prompt_ == 0) {
      governance->estimator.learn(exchange.model_sent, prompt_raw, usage.prompt_tokens);
    }
    if (!cut_ && usage.completion_tokens > 0) governance->lengths.learn(exchange.model_sent, usage.completion_tokens);
  }
  llm::add(used_, usage);
  llm::add(cost_, cost);
}

bool Accounting::go_on(Exchange& exchange, std::uint64_t more) {
  if (exchange.worker.governance == nullptr) return true;
  close_call(exchange, false);
  const std::int64_t bound = completion_bound();
  std::int64_t further = 0;
  if (enforced) {
    const std::uint64_t next_prompt = prompt.value_or(0) + more;
    // What was used, the next prompt and as long a completion as this one could be, less what is held: in tokens, and
    // in money by the token.
    further = static_cast<std::int64_t>(used_.total_tokens + next_prompt - prompt.value_or(0)) + bound -
              reservation.completion_tokens();
    if (rate > 0) {
      constexpr std::int64_t kPicosPerNano = 1000;
      const auto worst = llm::worst_case(price(exchange).prices, next_prompt, 0, exchange.wall);
      const std::int64_t missing = (cost_.total() + worst.prompt - base).nanos();
      const std::int64_t nanos_per_token = std::max<std::int64_t>(rate / kPicosPerNano, 1);
      const std::int64_t paid = reservation.completion_tokens() - bound;
      further = std::max(further, (missing + (missing > 0 ? nanos_per_token - 1 : 0)) / nanos_per_token - paid);
    }
    further = std::max<std::int64_t>(further, 0);
    if (further > 0 && !reservation.extend(further, govern::Moment::of(exchange.worker.clock))) return false;
    tokens.remaining -= std::min(tokens.remaining, further);
  }
  earlier_hold_ = reservation.completion_tokens() - bound;
  more_prompt_ = more;
  counter_.reset();
  follows_ = false;
  closed_ = false;
  went_on_ = true;
  reached_out = false;
  provider_status = 0;
  return true;
}

void Accounting::settle(Exchange& exchange) {
  if (settled_) return;
  settled_ = true;
  auto* governance = exchange.worker.governance;
  if (governance == nullptr) return;
  const auto now = govern::Moment::of(exchange.worker.clock);
  if (!reached_out && !went_on_) {
    reservation.cancel(now);
    capacity_.cancel(now);
    if (ticket) exchange.worker.usage->drop(*ticket);
    return;
  }
  close_call(exchange, false);
  const llm::Usage& usage = used_;
  const govern::Actual actual{.prompt_tokens = static_cast<std::int64_t>(usage.prompt_tokens),
                              .completion_tokens = static_cast<std::int64_t>(usage.completion_tokens),
                              .cost = cost_.total()};
  // What is told of the limit then speaks of what was used, not of what was held.
  if (tokens.known) {
    const auto held = static_cast<std::int64_t>(prompt.value_or(0)) + reservation.completion_tokens();
    tokens.remaining += std::max<std::int64_t>(held - actual.prompt_tokens - actual.completion_tokens, 0);
  }
  reservation.settle(actual, now);
  if (!ticket) return;
  govern::UsageRow row = row_of(exchange);
  const auto& outcome = exchange.outcome;
  row.model_sent = exchange.model_sent;
  if (exchange.provider != nullptr) row.provider = exchange.provider->name;
  row.usage = usage;
  row.cost = cost_;
  row.price_known = price(exchange).price_known;
  row.status = outcome.status != 0 ? outcome.status : provider_status;
  if (outcome.failed) row.error = base::code_info(outcome.error).slug;
  row.finish_reason = cut_ ? std::string_view("length") : exchange.reader.finish_reason();
  row.finish = observe::name(cut_ ? observe::Finish::budget_cut : outcome.finish);
  row.attempts = exchange.attempts;
  if (outcome.first_byte != base::SteadyTime{}) {
    row.time_to_first_byte_us = micros(outcome.first_byte - exchange.started);
  }
  row.duration_us = micros(now.steady - exchange.started);
  exchange.worker.usage->settle(*ticket, row);
}

void Accounting::append_fields(std::string& head) const {
  append_rate<kRequestRate>(head, requests);
  append_rate<kTokenRate>(head, tokens);
  if (!warnings.empty()) http::append_field(head, "x-gatehouse-warning", warnings);
  if (queued > base::Duration{}) {
    http::append_field(
        head, "x-gatehouse-queued-ms",
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(queued).count()));
  }
  if (cost_known()) http::append_field(head, "x-gatehouse-cost-usd", cost_.total().to_string());
}

}  // namespace gatehouse::pipeline
