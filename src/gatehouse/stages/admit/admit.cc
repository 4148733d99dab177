#include "gatehouse/stages/admit/admit.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "gatehouse/async/event.h"
#include "gatehouse/base/strings.h"
#include "gatehouse/http/head_writer.h"
#include "gatehouse/pipeline/governance.h"
#include "gatehouse/stages/admit/caller_tags.h"

namespace gatehouse::stages {
namespace {

using govern::Moment;
using pipeline::Continue;
using pipeline::Exchange;
using pipeline::Refuse;
using pipeline::Verdict;

constexpr std::uint64_t kMostCompletion = 1'000'000'000;
constexpr std::int64_t kPicosPerThousand = 1000;

bool costs_nothing(llm::Operation operation) {
  return operation == llm::Operation::models_list || operation == llm::Operation::model_get;
}

bool generates(llm::Operation operation) { return llm::is_chat(operation) || operation == llm::Operation::completions; }

// What one demand borrows, in one place that stays while the request waits.
struct Asked {
  std::array<const govern::Node*, CallerTags::kMost + 3> leaves{};
  std::array<govern::Member, CallerTags::kMost + 1> members{};
  govern::Demand demand;
  llm::WorstCase worst;
  std::uint64_t wanted = 0;  // completion tokens of each answer, as the caller or the model has it
  std::uint32_t answers = 1;
  bool provider_held = false;
};

bool has_limits(const govern::Node* node) {
  for (; node != nullptr; node = node->parent) {
    if (node->account.load(std::memory_order_acquire) != nullptr) return true;
  }
  return false;
}

const govern::Node* ancestor(const govern::Node* node, govern::NodeKind kind) {
  while (node != nullptr && node->kind != kind) node = node->parent;
  return node;
}

// Whom the request is charged to. False: nobody limits it.
bool find_payers(const Exchange& exchange, const CallerTags& tags, Asked& asked) {
  const auto& runtime = *exchange.runtime;
  const auto& nodes = *exchange.identities->nodes;
  const auto* governance = exchange.worker.governance;
  const govern::Node* caller = exchange.principal == nullptr ? nullptr : exchange.principal->node;
  std::size_t leaves = 0;
  std::size_t members = 0;
  const bool templates = governance->templates.load(std::memory_order_relaxed);
  bool limited = has_limits(caller) || templates;
  if (caller != nullptr) asked.leaves[leaves++] = caller;

  const auto beside = [&](govern::NodeKind kind, std::string_view id, const govern::Node* parent) {
    const auto* node = nodes.find(kind, id);
    if (node != nullptr) {
      limited = limited || has_limits(node);
      asked.leaves[leaves++] = node;
    } else if (templates) {
      asked.members[members++] = {.kind = kind, .id = id, .parent = parent};
    }
  };
  if (!exchange.call.user.empty()) {
    beside(govern::NodeKind::end_user, exchange.call.user, ancestor(caller, govern::NodeKind::team));
  }
  for (const auto tag : tags.all()) beside(govern::NodeKind::tag, tag, nullptr);
  // A model with one provider waits for that; of several, forward takes one that has room.
  if (exchange.match && exchange.match.model->targets.size() == 1 && !runtime.provider_nodes.empty()) {
    const auto* node = runtime.provider_nodes[exchange.match.model->targets.front().provider];
    if (has_limits(node)) {
      limited = true;
      asked.provider_held = true;
      asked.leaves[leaves++] = node;
    }
  }
  asked.demand.leaves = std::span(asked.leaves).first(leaves);
  asked.demand.members = std::span(asked.members).first(members);
  return limited;
}

// How many prompts of a model are counted exactly to learn how its provider counts, and how often one after that.
// Counting takes time by the byte, so large prompts are taken more seldom: of each request some 16 bytes are counted,
// if all are long a thousandth. They also teach more each, so that fewer do.
constexpr std::size_t kLearnFrom = 256;
constexpr std::size_t kLearnFromLarge = 32;
constexpr std::size_t kLearnFromBytes = std::size_t{1} << 20;
constexpr std::size_t kLearnEach = 64;
constexpr std::size_t kLearnEachLarge = 1024;
constexpr std::size_t kCountedBytes = 16;

// Exact is dear: a bound will do where it fits, but for those from whose count something is learned.
enum class Prompt : std::uint8_t { bounded, counted };

bool teaches(Exchange& exchange, const llm::ModelTokens& tokens, const llm::Calibration& learned) {
  const std::size_t size = std::max<std::size_t>(exchange.body.size(), 1);
  if (exchange.worker.random.below(std::clamp(size / kCountedBytes, kLearnEach, kLearnEachLarge)) == 0) return true;
  if (tokens.exact) return false;
  return learned.samples < std::clamp(kLearnFromBytes / size, kLearnFromLarge, kLearnFrom);
}

std::uint64_t completion_wanted(const Exchange& exchange, std::string_view model, std::uint32_t model_most) {
  if (!generates(exchange.operation)) return 0;
  if (exchange.call.max_tokens) return std::min(*exchange.call.max_tokens, kMostCompletion);
  std::uint64_t wanted = exchange.config().completion.default_tokens;
  // Twice what answers of this model are seldom longer than.
  if (const auto usual = exchange.worker.governance->lengths.usual_most(model)) wanted = std::max(wanted, 2 * *usual);
  return model_most > 0 ? std::min<std::uint64_t>(wanted, model_most) : wanted;
}

// What the call may cost at worst, at the dearest of the places it may go to. The way in which the prompt was told.
Prompt estimate(Exchange& exchange, Asked& asked, Prompt how) {
  auto& accounting = exchange.accounting;
  auto& demand = asked.demand;
  // To count a prompt costs nothing, and nothing is made of it.
  if (exchange.operation == llm::Operation::count_tokens) return Prompt::counted;
  if (exchange.operation == llm::Operation::realtime && exchange.match) {
    // Nobody knows what will be said: room for one answer, extended as usage is told.
    asked.wanted = exchange.config().completion.default_tokens;
    for (const auto& target : exchange.match.model->targets) {
      const auto price = pipeline::price_at(exchange, target.provider, target.resolve(exchange.match.matched));
      const auto worst = llm::worst_case(price.prices, 0, asked.wanted, exchange.wall, {.audio = true});
      asked.worst.per_completion = std::max(asked.worst.per_completion, worst.per_completion);
    }
    demand.completion_wanted = static_cast<std::int64_t>(asked.wanted);
    demand.completion_min = static_cast<std::int64_t>(exchange.config().completion.least_tokens);
    demand.picodollars_per_completion_token = (asked.worst.per_completion + kPicosPerThousand - 1) / kPicosPerThousand;
    return Prompt::counted;
  }
  // The bytes of an upload are paid for with its first step.
  if (exchange.upload && !exchange.upload->start) return Prompt::counted;
  if (!exchange.call_read || !exchange.match || exchange.call.in_file) {
    // An upload, a body without a model, or a batch in a file: nobody can count it beforehand.
    demand.base = exchange.config().unknown_price.request;
    return Prompt::counted;
  }
  const auto& targets = exchange.match.model->targets;
  const std::string model = targets.front().resolve(exchange.match.matched);
  const auto tokens = pipeline::tokens_at(exchange, model);
  llm::Calibration learned;
  if (!tokens.exact) learned = exchange.worker.governance->estimator.calibration(model);
  const auto bound =
      how == Prompt::bounded && !teaches(exchange, tokens, learned) ? pipeline::prompt_bound(exchange) : std::nullopt;
  accounting.prompt_raw = bound ? 0 : pipeline::count_prompt(exchange, tokens, model);
  const std::uint64_t raw = bound.value_or(accounting.prompt_raw);
  const std::uint64_t prompt = tokens.exact ? raw : learned.estimate(raw);
  accounting.prompt = prompt;
  asked.answers = std::clamp<std::uint32_t>(exchange.call.n, 1, 1024);
  for (const auto& target : targets) {
    const std::string at = target.resolve(exchange.match.matched);
    const auto price = pipeline::price_at(exchange, target.provider, at);
    if (asked.wanted == 0) asked.wanted = completion_wanted(exchange, at, price.max_output_tokens);
    const auto worst = llm::worst_case(price.prices, prompt, asked.wanted * asked.answers, exchange.wall);
    asked.worst.prompt = std::max(asked.worst.prompt, worst.prompt);
    asked.worst.per_completion = std::max(asked.worst.per_completion, worst.per_completion);
  }
  demand.prompt_tokens = static_cast<std::int64_t>(prompt);
  demand.completion_wanted = static_cast<std::int64_t>(asked.wanted * asked.answers);
  demand.completion_min =
      static_cast<std::int64_t>(std::uint64_t{exchange.config().completion.least_tokens} * asked.answers);
  demand.base = asked.worst.prompt;
  demand.picodollars_per_completion_token = (asked.worst.per_completion + kPicosPerThousand - 1) / kPicosPerThousand;
  return bound ? Prompt::bounded : Prompt::counted;
}

// Whether a bound in place of the count changed nothing that anybody would notice.
bool is_good_enough(const govern::Outcome& outcome, const govern::Demand& demand) {
  constexpr std::int64_t kShare = 16;
  if (outcome.verdict != govern::Verdict::held || outcome.clamped) return false;
  return outcome.room_tokens / kShare > demand.prompt_tokens && outcome.room_nanos / kShare > demand.base.nanos();
}

void describe(const govern::LimitRef& ref, std::string& out) {
  out.append(govern::name(ref.kind));
  if (ref.node != nullptr) out.append(" ").append(ref.node->id);
  out.append(", ").append(govern::name(ref.limit->resource));
  if (ref.limit->resource != govern::Resource::concurrency)
    out.append(" a ").append(govern::name(ref.limit->window.period));
}

void tell(Exchange& exchange, const govern::LimitRef& ref, bool refused) {
  auto* events = exchange.worker.governance->events;
  if (events != nullptr && ref.limit && ref.notify) events->limit_reached(exchange, ref, refused);
}

bool is_budget(const govern::Limit& limit) {
  if (limit.resource == govern::Resource::usd) return true;
  return limit.resource != govern::Resource::concurrency && limit.window.period >= govern::Period::hour;
}

Verdict refused(Exchange& exchange, const govern::Outcome& outcome) {
  const auto& obstacle = outcome.obstacle;
  tell(exchange, obstacle, true);
  exchange.accounting.requests = outcome.requests;
  exchange.accounting.tokens = outcome.tokens;
  if (!obstacle.limit) {
    return pipeline::refuse(Code::rate_limited, outcome.verdict == govern::Verdict::full
                                                    ? "Too many requests are waiting already; try again later"
                                                    : "The request would have had to wait longer than it may");
  }
  const bool budget = is_budget(*obstacle.limit);
  std::string what;
  describe(obstacle, what);
  std::string message;
  switch (outcome.verdict) {
    case govern::Verdict::never:
      message = "This request may cost more than the whole limit allows (" + what +
                "); ask for less, or with a "
                "smaller max_tokens";
      break;
    case govern::Verdict::spent:
      message = (budget ? "The budget is used up (" : "The rate limit is reached (") + what + ")";
      break;
    default:
      message = "Other requests hold what is left of the limit (" + what + "), and none ended in time";
      break;
  }
  Refuse refuse{.error = {Error(budget ? Code::budget_exceeded : Code::rate_limited, std::move(message))},
                .fields = {}};
  if (outcome.retry_after) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(*outcome.retry_after).count();
    http::append_field(refuse.fields, "retry-after", static_cast<std::uint64_t>(std::max<std::int64_t>(seconds, 1)));
  }
  // What no client should wait for; OpenAI's own clients obey it.
  const bool soon = outcome.verdict == govern::Verdict::busy || outcome.verdict == govern::Verdict::timed_out ||
                    (outcome.retry_after && *outcome.retry_after <= std::chrono::minutes(1));
  if (!soon) http::append_field(refuse.fields, "x-should-retry", "false");
  return refuse;
}

// The model that a soft limit puts in place of the one asked for; null: none.
const std::string* downgrade(const Exchange& exchange, const govern::Outcome& outcome) {
  if (!exchange.match || !exchange.accounting.downgraded_to.empty()) return nullptr;
  for (std::size_t i = 0; i < outcome.soft.count; ++i) {
    const auto& model = outcome.soft.limits[i].limit->downgrade_to;
    if (!model.empty() && model != exchange.match.model->name && exchange.config().find_model(model)) return &model;
  }
  return nullptr;
}

void note(Exchange& exchange, const Asked& asked, govern::Outcome outcome) {
  auto& accounting = exchange.accounting;
  accounting.reservation = std::move(outcome.reservation);
  accounting.requests = outcome.requests;
  accounting.tokens = outcome.tokens;
  for (std::size_t i = 0; i < outcome.soft.count; ++i) {
    if (!accounting.warnings.empty()) accounting.warnings += "; ";
    accounting.warnings += "budget nearly used: ";
    describe(outcome.soft.limits[i], accounting.warnings);
    tell(exchange, outcome.soft.limits[i], false);
  }
  if (!accounting.downgraded_to.empty()) {
    accounting.warnings.append("; downgraded to ").append(accounting.downgraded_to);
  }
  accounting.enforced = asked.wanted > 0 && accounting.reservation.active();
  // A stream can be watched and extended as it goes; everything else the provider itself must keep within bounds.
  accounting.send_bound =
      accounting.enforced && (outcome.clamped || (!exchange.call.max_tokens && !exchange.call.stream));
  accounting.answers = asked.answers;
  accounting.rate = asked.demand.picodollars_per_completion_token;
  accounting.base = asked.demand.base;
  accounting.provider_held = asked.provider_held;
}

// The ledger's row for a process that dies before it can settle: what was held.
Verdict open_ledger(Exchange& exchange, const Asked& asked) {
  auto& accounting = exchange.accounting;
  if (exchange.worker.usage == nullptr) return Continue{};
  govern::UsageRow row = pipeline::row_of(exchange);
  row.finish = "interrupted";
  row.usage.prompt_tokens = static_cast<std::uint64_t>(asked.demand.prompt_tokens);
  row.usage.completion_tokens = static_cast<std::uint64_t>(accounting.reservation.completion_tokens());
  row.usage.total_tokens = row.usage.prompt_tokens + row.usage.completion_tokens;
  row.cost.input = asked.demand.base;
  row.cost.output = asked.worst.with_completion(row.usage.completion_tokens) - asked.worst.prompt;
  auto ticket = exchange.worker.usage->open(row);
  if (!ticket) {
    accounting.reservation.cancel(Moment::of(exchange.worker.clock));
    return Refuse{.error = {std::move(ticket.error())}, .fields = {}};
  }
  accounting.ticket = *ticket;
  return Continue{};
}

// A queued demand's end of the line: told on any thread, awaited on the request's.
class Turn final : public govern::Waiter, public std::enable_shared_from_this<Turn> {
 public:
  explicit Turn(async::Loop& loop) : loop_(loop), event_(loop) {}

  void decided(govern::Outcome&& outcome) noexcept override {
    outcome_ = std::move(outcome);
    // Held by the wake-up too: the request may have given up by the time it comes.
    loop_.post([self = shared_from_this()] { self->event_.set(); });
  }
  // True: it was told, and `outcome` may be taken.
  Task<bool> wait(async::AbortSource& abort) { co_return co_await event_.wait(&abort); }
  govern::Outcome take() { return std::move(outcome_); }

 private:
  async::Loop& loop_;
  async::Event event_;
  govern::Outcome outcome_;
};

govern::Patience patience_of(const Exchange& exchange, govern::Priority priority) {
  govern::Patience patience;
  patience.priority = priority;
  if (const auto* principal = exchange.principal) {
    patience.weight = principal->weight;
    const auto* team = ancestor(principal->node, govern::NodeKind::team);
    patience.tenant = team != nullptr ? team : principal->node;
  }
  const base::SteadyTime own = async::Loop::now() + exchange.config().queue.max_wait;
  // Whoever waits to his deadline has nothing from it: half of what is left at most.
  const auto left = exchange.started + base::Duration(exchange.config().timeouts.request) - async::Loop::now();
  patience.deadline = std::min(own, async::Loop::now() + left / 2);
  return patience;
}

class Admitting {
 public:
  Admitting(Exchange& exchange, const CallerTags& tags, govern::Priority priority)
      : exchange_(exchange), tags_(tags), priority_(priority) {}

  Eventually<Verdict> run() {
    for (;;) {
      auto asked = std::make_unique<Asked>();
      const bool limited = find_payers(exchange_, tags_, *asked);
      if (!limited) return open_ledger(exchange_, *asked);
      asked->demand.model = exchange_.match ? std::string_view(exchange_.match.model->name) : std::string_view();
      auto& admission = exchange_.worker.governance->admission;
      const auto now = Moment::of(exchange_.worker.clock);
      const Prompt told = estimate(exchange_, *asked, Prompt::bounded);
      auto outcome = admission.reserve(asked->demand, now);
      if (told == Prompt::bounded && !is_good_enough(outcome, asked->demand)) {
        // What was said for the first time in its window is not said again.
        for (std::size_t i = 0; i < outcome.soft.count; ++i) tell(exchange_, outcome.soft.limits[i], false);
        outcome.reservation.cancel(now);
        asked->worst = {};
        asked->wanted = 0;
        estimate(exchange_, *asked, Prompt::counted);
        outcome = admission.reserve(asked->demand, now);
      }
      if (outcome.verdict != govern::Verdict::held) return wait(exchange_, std::move(asked), priority_);
      if (const auto* model = downgrade(exchange_, outcome)) {
        for (std::size_t i = 0; i < outcome.soft.count; ++i) tell(exchange_, outcome.soft.limits[i], false);
        exchange_.accounting.downgraded_to = *model;
        exchange_.match = exchange_.config().find_model(exchange_.accounting.downgraded_to);
        outcome.reservation.cancel(now);
        continue;
      }
      note(exchange_, *asked, std::move(outcome));
      return open_ledger(exchange_, *asked);
    }
  }

 private:
  static Task<Verdict> wait(Exchange& exchange, std::unique_ptr<Asked> asked, govern::Priority priority) {
    auto& admission = exchange.worker.governance->admission;
    const auto turn = std::make_shared<Turn>(exchange.worker.loop);
    const auto began = async::Loop::now();
    auto at_once =
        admission.admit(asked->demand, patience_of(exchange, priority), *turn, Moment::of(exchange.worker.clock));
    govern::Outcome outcome;
    if (at_once) {
      outcome = std::move(*at_once);
    } else if (co_await turn->wait(exchange.in.abort())) {
      outcome = turn->take();
    } else {
      const auto now = Moment::of(exchange.worker.clock);
      // Not in the queue any more: it was granted just now, and gives that back.
      if (!admission.cancel(*turn, now)) turn->take().reservation.cancel(now);
      co_return Refuse{.error = {exchange.in.abort().error()}, .fields = {}};
    }
    if (!at_once) {
      exchange.accounting.queued = async::Loop::now() - began;
      exchange.worker.metrics.queued(govern::name(priority), exchange.accounting.queued);
    }
    if (outcome.verdict != govern::Verdict::held) co_return refused(exchange, outcome);
    note(exchange, *asked, std::move(outcome));
    co_return open_ledger(exchange, *asked);
  }

  Exchange& exchange_;
  const CallerTags& tags_;
  govern::Priority priority_;
};

// The caller may ask for less than he could have, never for more.
Result<govern::Priority> priority_of(const Exchange& exchange) {
  const auto most = exchange.principal == nullptr ? govern::Priority::normal : exchange.principal->priority;
  const auto asked = exchange.head().fields.value("x-gatehouse-priority");
  if (asked.empty()) return most;
  const auto priority = govern::priority_from_name(asked);
  if (!priority) {
    return fail(Code::invalid_request, "x-gatehouse-priority must be critical, high, normal, low or batch");
  }
  return std::max(most, *priority);
}

}  // namespace

Eventually<Verdict> Admit::on_request(Exchange& exchange) const {
  if (exchange.worker.governance == nullptr || costs_nothing(exchange.operation)) return Verdict(Continue{});
  CallerTags tags;
  const auto field = exchange.head().fields.value("x-gatehouse-tags");
  if (auto parsed = tags.parse(field); !parsed) {
    return Verdict(Refuse{.error = {std::move(parsed.error())}, .fields = {}});
  }
  exchange.tags = field;
  const auto priority = priority_of(exchange);
  if (!priority) return Verdict(Refuse{.error = {priority.error()}, .fields = {}});
  return Admitting(exchange, tags, *priority).run();
}

void Admit::on_finish(Exchange& exchange) const { exchange.accounting.settle(exchange); }

}  // namespace gatehouse::stages
