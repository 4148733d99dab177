#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/guard/conversation/assembly.h"
#include "gatehouse/guard/conversation/book.h"
#include "gatehouse/guard/conversation/identity.h"
#include "gatehouse/guard/conversation/risk.h"
#include "gatehouse/guard/conversation/state.h"
#include "gatehouse/guard/decisions.h"
#include "gatehouse/guard/policy/rules.h"
#include "gatehouse/llm/segment.h"

namespace gatehouse::guard {

// By what a request told its conversation. The names are used in records: rename none.
enum class ConversationBy : std::uint8_t { nothing, header, object, answer, chain };
std::string_view name(ConversationBy by);

// What a request says of its conversation besides its texts. Views of the request's.
struct ConversationAsk {
  ConversationCaller caller;
  std::string_view header;        // x-gatehouse-conversation; empty: none
  std::string_view object;        // the provider's id of the conversation
  std::string_view answer;        // the provider's id of the answer that this continues
  bool answers_have_ids = false;  // the next request may name this one's answer in place of telling the history
  base::WallTime now{};
};

// One request as a turn of its conversation, in this order: made when its texts are known; assemble() and finish() when
// they were judged; keep() puts the new state; answer_is() and answered() when the answer is there. Owned by the
// request; one loop's thread; never waits.
class ConversationTurn {
 public:
  // `book`, `rules` and `segments` outlive it. Without a policy that has a section `conversation` only the id is found
  // out, and nothing is kept.
  ConversationTurn(ConversationBook& book, ConversationNamer& namer, const Rules& rules,
                   const llm::SegmentList& segments, const ConversationAsk& ask);
  ConversationTurn(const ConversationTurn&) = delete;
  ConversationTurn& operator=(const ConversationTurn&) = delete;

  ConversationBy by() const { return by_; }
  // "conv_..."; empty where nothing tells it.
  std::string id() const;
  bool active() const { return active_; }
  // It was over before this request.
  bool ended() const { return active_ && ended_; }
  // The risk before this request.
  const RiskVerdict& before() const { return before_; }

  // Looks for what this request's texts complete and adds its decisions: a finding that would be redacted or blocked in
  // one text is blocked, as taking out the last piece is not enough. False: the request is refused.
  bool assemble(Assembly& assembly, Inspector& inspector, Redaction& redaction, bool tighten, bool capture,
                Decisions& decisions);
  // `evidence`: of all texts of the request; those that were told before are left out. Sets risk() and verdict().
  void finish(std::span<const RiskEvidence> evidence);
  double risk() const { return state_.risk; }
  double added() const { return added_; }
  std::uint32_t turns() const { return state_.turns; }
  const RiskVerdict& verdict() const { return verdict_; }
  // After finish(), once. `refused`: nothing of this request went out.
  void keep(bool refused);
  // The provider's id of this request's answer, as soon as it is known.
  void answer_is(std::string_view id, ConversationNamer& namer);
  // What was found in the answer.
  void answered(std::span<const RiskEvidence> evidence);

  // For the record: {"id":..., "by":..., "turn":..., "risk":..., "step":...}.
  void append_json(std::string& out) const;

 private:
  void identify(ConversationNamer& namer, const ConversationAsk& ask);
  void find_fresh();
  bool is_fresh(std::uint32_t segment) const;
  void put(const ConversationName& name, const ConversationState& state, std::optional<double> added);

  ConversationBook& book_;
  const Rules& rules_;
  const llm::SegmentList& segments_;
  std::string tenant_, caller_, end_user_;
  base::WallTime now_;
  std::chrono::milliseconds half_life_{0};
  bool active_ = false;
  bool answers_have_ids_ = false;
  ConversationBy by_ = ConversationBy::nothing;
  bool ended_ = false;
  MessageChain chain_;
  ConversationName name_{};               // under which the state lies, but of a chain
  std::optional<std::size_t> found_at_;   // the link whose state it is
  std::optional<ConversationState> old_;  // as it was found
  ConversationState state_;               // as it will be
  std::uint32_t fresh_message_ = 0;       // from here on nothing was told before
  bool history_told_ = true;              // the request holds what was said before
  std::size_t overlap_ = 0;               // of its texts, at the front, that are in the tail too
  std::vector<Utterance> utterances_;     // of the tail, then of the request
  std::size_t fresh_ = 0;                 // the first of them that was not told before
  std::vector<RiskEvidence> assembled_;
  double added_ = 0;
  RiskVerdict before_;
  RiskVerdict verdict_;
  std::vector<ConversationName> kept_;  // under which the state was put
  bool refused_ = false;
};

}  // namespace gatehouse::guard
