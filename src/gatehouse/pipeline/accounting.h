#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gatehouse/govern/admission/admission.h"
#include "gatehouse/govern/usage_row.h"
#include "gatehouse/llm/catalogue/price_book.h"
#include "gatehouse/llm/tokens/model_tokens.h"
#include "gatehouse/llm/tokens/tokenizer.h"
#include "gatehouse/pipeline/usage_lane.h"

namespace gatehouse::pipeline {

class Exchange;

// What one request holds, delivers and in the end costs: a member of its Exchange, one loop's thread. The admit stage
// fills it, forward reads what to send on, meter feeds it with what passes, and `settle` closes it: as soon as the last
// of the answer is known and before it goes out, so that what a caller has seen is never missing in the ledger. All of
// it is idle where the worker has no Governance.
class Accounting {
 public:
  // --- admit
  govern::Reservation reservation;
  std::optional<UsageLane::Ticket> ticket;  // of the ledger
  std::optional<std::uint64_t> prompt;      // tokens, estimated for the model asked; nothing: not counted
  std::uint64_t prompt_raw = 0;             // the count before the estimator's factor; 0: only a bound was needed
  bool enforced = false;                    // the completion is bound by what was reserved
  bool send_bound = false;                  // ... and the provider is told so
  std::uint32_t answers = 1;                // among which the bound is shared
  std::int64_t rate = 0;                    // of what is held: picodollars a completion token
  base::Money base;                         // ... and what is due whatever comes back
  std::string downgraded_to;                // the model that a soft limit put in place of the one asked for
  base::Duration queued{};
  govern::Rate requests, tokens;
  std::string warnings;  // of soft limits, "scope resource window", comma separated

  // --- forward
  // Tokens that the completion of the call in hand may have, by what is reserved.
  std::int64_t completion_bound() const { return reservation.completion_tokens() - earlier_hold_; }
  // Holds the call's share of a provider's capacity; false: it is full. True without a hold where the provider was held
  // at admission (`provider_held`) or has no limits.
  bool take_capacity(Exchange& exchange, std::uint32_t provider);
  bool provider_held = false;
  bool ask_usage = false;    // the provider is asked for a stream's usage that the caller did not ask for
  bool reached_out = false;  // of the call in hand something may have arrived at a provider
  int provider_status = 0;   // of the answer; 0: none came

  // --- meter
  bool follows() const { return follows_; }
  void follow(Exchange& exchange);  // the answer's text is to be counted
  // Takes text that the model wrote, in what is about to be released; extends the reservation where it must and can.
  // False: it is not covered, and not taken.
  bool deliver(Exchange& exchange, std::string_view text);
  void cut() { cut_ = true; }
  bool was_cut() const { return cut_; }
  // The last of the answer is known: settles, unless it stays open.
  void answered(Exchange& exchange) {
    if (!stays_open_) settle(exchange);
  }
  // Of a session, whose usage is told as it goes: holds what it came to so far (Exchange::usage) and room for the next
  // answer. False: that is more than can be paid for.
  bool cover(Exchange& exchange);

  // --- repair
  // Whether another call may follow the one in hand: its end does not settle. Who said so settles.
  void stay_open(bool open) { stays_open_ = open; }
  // Another call follows, whose prompt has `more` tokens besides the request's. Charges the one in hand for what it
  // came to and holds what the next may cost. False: that cannot be paid for; nothing has changed.
  bool go_on(Exchange& exchange, std::uint64_t more);
  // Charges the call in hand. Once a call.
  void close_call(Exchange& exchange, bool broke_off);

  // Charges the reservation, writes the ledger, teaches the estimator. Once; further calls do nothing.
  void settle(Exchange& exchange);
  bool settled() const { return settled_; }
  base::Money cost() const { return cost_.total(); }
  bool cost_known() const { return settled_ && (reached_out || went_on_); }

  // Fields for the answer's head: x-ratelimit-*, warnings, the wait, and the cost where it is known already.
  void append_fields(std::string& head) const;

 private:
  llm::Usage final_usage(const Exchange& exchange, bool broke_off);
  llm::ModelPrice price(const Exchange& exchange) const;

  govern::Reservation capacity_;
  bool follows_ = false;
  bool settled_ = false;
  bool cut_ = false;
  bool stays_open_ = false;
  bool went_on_ = false;           // a call before the one in hand has arrived
  bool closed_ = false;            // the call in hand is charged
  std::uint64_t more_prompt_ = 0;  // tokens that the call in hand has besides the request's
  std::int64_t earlier_hold_ = 0;  // of the reservation's completion tokens: not for the call in hand
  llm::Usage used_;                // by calls that are charged
  std::optional<llm::TextCounter> counter_;
  std::uint64_t delivered_bytes_ = 0;
  llm::Cost cost_;
};

// The model's price at one of the providers.
llm::ModelPrice price_at(const Exchange& exchange, std::uint32_t provider, std::string_view model);
// How the model's tokens are counted.
llm::ModelTokens tokens_at(const Exchange& exchange, std::string_view model);
// The prompt's tokens as our own encoding counts them, before any factor. Of very large bodies a safe estimate.
std::uint64_t count_prompt(const Exchange& exchange, const llm::ModelTokens& tokens, std::string_view model);
// The same as the model's provider would count them, as far as that is known; `exact` tells whether it is.
struct PromptCount {
  std::uint64_t tokens = 0;
  bool exact = false;
};
PromptCount count_prompt_as_told(const Exchange& exchange, std::string_view model);
// More than these cannot be, without counting: each token is at least a byte. Nothing where the body may hold what
// costs more than its bytes (images, audio, files, tools), or hides its words in escapes.
std::optional<std::uint64_t> prompt_bound(const Exchange& exchange);

// Who and what, for the ledger; what it came to is filled in by the caller.
govern::UsageRow row_of(const Exchange& exchange);

}  // namespace gatehouse::pipeline
