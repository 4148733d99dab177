#include "gatehouse/stages/repair/repair.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gatehouse/dialects/continuation.h"
#include "gatehouse/llm/tokens/model_tokens.h"
#include "gatehouse/llm/tokens/tokenizer.h"
#include "gatehouse/pipeline/call_limit.h"
#include "gatehouse/pipeline/repeat.h"
#include "gatehouse/stages/repair/held_answer.h"

namespace gatehouse::stages {
namespace {

using pipeline::Batch;
using pipeline::Form;
using Outcome = pipeline::Repair::Outcome;
using Miss = pipeline::AnswerSchemas::Miss;

// Tokens that two messages are beside their words, by no model more.
constexpr std::uint64_t kAroundMessages = 16;

struct Patience {
  unsigned attempts = 0;
  std::chrono::milliseconds within{0};
};

// Of all policies that hold; what one wants for its own schema, and another not for his, is done for the first.
Patience patience_of(const guard::Rules& rules) {
  Patience patience;
  for (const auto& rule : rules.schemas()) {
    const auto& guard = rule.guard();
    if (guard.mode != config::GuardMode::enforce || guard.repair.attempts == 0) continue;
    patience.attempts = std::max(patience.attempts, guard.repair.attempts);
    patience.within = std::max(patience.within, guard.repair.within);
  }
  return patience;
}

class RepairedSource final : public pipeline::EventSource {
 public:
  RepairedSource(std::unique_ptr<pipeline::EventSource> inner, pipeline::Exchange& exchange, Patience patience)
      : inner_(std::move(inner)), exchange_(exchange), form_(inner_->form()), patience_(patience) {}

  Form form() const override { return form_; }
  Eventually<Result<Batch>> next() override {
    // The rest of a stream that is too long.
    if (passing_) return inner_->next();
    return decide();
  }

 private:
  // An answer in hand, and what it told of itself on its way here.
  struct InHand {
    HeldAnswer answer;
    dialects::AnswerReader reader;
    std::optional<llm::Usage> told;
    llm::Usage earlier;  // of answers before it
    int status = 0;
  };

  Task<Result<Batch>> decide() {
    auto first = co_await hold(*inner_);
    if (!first) co_return std::unexpected(std::move(first.error()));
    held_ = std::move(*first);
    if (!held_.complete) {
      passing_ = true;
      exchange_.accounting.stay_open(false);
      co_return Batch{held_.bytes, false};
    }
    inner_.reset();
    auto& repair = exchange_.inspection->repair;
    for (;;) {
      const auto miss = fault();
      // An answer that says nothing, or that nobody can read, is none of the form.
      const bool satisfies = !miss && !held_.contents.empty();
      if (repair.attempts > 0) repair.outcome = satisfies ? Outcome::repaired : Outcome::missed;
      if (!miss) break;
      if (repair.attempts == patience_.attempts || !held_.ended_itself || !is_continuable()) break;
      const auto outcome = co_await ask_again(*miss);
      if (exchange_.in.abort().aborted()) co_return std::unexpected(exchange_.in.abort().error());
      if (outcome != Outcome::none) {
        repair.outcome = outcome;
        break;
      }
    }
    // Before the last of it goes on, as ever.
    exchange_.accounting.stay_open(false);
    exchange_.accounting.settle(exchange_);
    co_return Batch{held_.bytes, true};
  }

  // What is to be repaired of the answer in hand; nothing: it satisfies, or nobody wants it repaired.
  std::optional<Miss> fault() {
    if (!read(held_, exchange_.operation, form_)) {
      held_.contents.clear();
      return std::nullopt;
    }
    for (const auto& content : held_.contents) {
      for (auto& miss : pipeline::answer_schemas(exchange_).misses(content)) {
        const auto& guard = miss.rule->guard();
        if (guard.mode == config::GuardMode::enforce && guard.repair.attempts > 0) return std::move(miss);
      }
    }
    return std::nullopt;
  }

  bool is_continuable() const {
    return !exchange_.accounting.was_cut() &&
           dialects::Continuation::of(exchange_.operation, exchange_.body, {}, {}).has_value();
  }

  // With Outcome::none a further answer is in hand; else the one before still is.
  Task<Outcome> ask_again(const Miss& miss) {
    if (!limit_) limit_.emplace(exchange_.worker.loop, time_for_all(), exchange_.in.abort());
    if (limit_->source().aborted()) co_return Outcome::failed;
    std::string asked = guard::repair_message(miss.error, miss.requested ? std::string_view() : miss.schema->source());
    std::string said = held_.said();
    const auto encoding = llm::tokens_of_model(exchange_.model_sent).encoding;
    const std::uint64_t more = llm::count_tokens(encoding, said) + llm::count_tokens(encoding, asked) + kAroundMessages;
    if (!exchange_.accounting.go_on(exchange_, more)) co_return Outcome::unaffordable;
    note_missed(said.size());
    ++exchange_.inspection->repair.attempts;
    exchange_.follow_up = {.answered = std::move(said), .asked = std::move(asked), .abort = &limit_->source()};
    InHand before{.answer = std::move(held_),
                  .reader = exchange_.reader,
                  .told = exchange_.told_usage,
                  .earlier = exchange_.earlier_usage,
                  .status = exchange_.accounting.provider_status};
    auto answer = co_await pipeline::repeat(exchange_, Repair::kName);
    if (answer && answer->body->form() == form_) {
      inner_ = std::move(answer->body);
      auto held = co_await hold(*inner_);
      inner_.reset();
      // One that is too long to be held would go on without having been looked at.
      if (held && held->complete) {
        held_ = std::move(*held);
        co_return Outcome::none;
      }
    }
    exchange_.accounting.close_call(exchange_, true);
    take_back(std::move(before));
    co_return Outcome::failed;
  }

  // All further calls together: what is held when the request's own time is up would be lost.
  base::Duration time_for_all() const {
    const base::Duration left = exchange_.due() - async::Loop::now();
    return std::min(base::Duration(patience_.within), left - left / 8);
  }

  // The answer before is what goes on. What the last call told counts among those whose answers do not.
  void take_back(InHand before) {
    const llm::Usage last = exchange_.usage();
    exchange_.earlier_usage = before.earlier;
    llm::add(exchange_.earlier_usage, last);
    exchange_.reader = std::move(before.reader);
    exchange_.told_usage = before.told;
    exchange_.accounting.provider_status = before.status;
    if (exchange_.translation) exchange_.translation->failed = false;
    held_ = std::move(before.answer);
  }

  // An answer that the caller does not get has been found out all the same.
  void note_missed(std::size_t size) {
    guard::Decision decision;
    decision.finding = {
        .family = guard::Family::schema, .entity = "SCHEMA", .detector = "schema", .begin = 0, .end = size, .score = 1};
    decision.direction = guard::Direction::response;
    decision.role = llm::Role::assistant;
    decision.ruling.action = decision.ruling.monitored = decision.ruling.shadow = guard::Action::log;
    exchange_.inspection->decisions.add(decision);
  }

  std::optional<pipeline::CallLimit> limit_;  // outlives the answer that it limits
  std::unique_ptr<pipeline::EventSource> inner_;
  pipeline::Exchange& exchange_;
  Form form_;
  Patience patience_;
  HeldAnswer held_;
  bool passing_ = false;
};

}  // namespace

void Repair::on_answer(pipeline::Exchange& exchange, pipeline::Answer& answer) const {
  if (exchange.inspection == nullptr || exchange.provider == nullptr || exchange.outcome.failed) return;
  if (!exchange.call_read || !llm::is_chat(exchange.operation) || exchange.call.n > 1) return;
  if (answer.status >= 400 || answer.body->form() == Form::opaque) return;
  const Patience patience = patience_of(*exchange.inspection->rules);
  if (patience.attempts == 0 || !pipeline::answer_schemas(exchange).any()) return;
  exchange.accounting.stay_open(true);
  answer.length.reset();
  answer.body = std::make_unique<RepairedSource>(std::move(answer.body), exchange, patience);
}

}  // namespace gatehouse::stages
