#include "gatehouse/guard/conversation/turn.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

#include "gatehouse/json/writer.h"

namespace gatehouse::guard {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

constexpr milliseconds kLeastKept = hours(24);
constexpr milliseconds kMostKept = hours(24 * 30);
// A histories' beginning that more than one conversation may share: "Hello".
constexpr std::uint32_t kSharedUsers = 1;

std::int64_t millis(base::WallTime time) {
  return std::chrono::duration_cast<milliseconds>(time.time_since_epoch()).count();
}

// After eight half-lives nothing is left that matters.
milliseconds kept_for(milliseconds half_life) { return std::clamp(half_life * 8, kLeastKept, kMostKept); }

bool ends(std::span<const config::ConversationGuard* const> guards) {
  return std::ranges::any_of(guards,
                             [](const auto* guard) { return guard->mode == config::GuardMode::enforce && guard->end; });
}

}  // namespace

std::string_view name(ConversationBy by) {
  static constexpr std::array<std::string_view, 5> kNames = {"", "header", "object", "answer", "chain"};
  return kNames[static_cast<std::size_t>(by)];
}

ConversationTurn::ConversationTurn(ConversationBook& book, ConversationNamer& namer, const Rules& rules,
                                   const llm::SegmentList& segments, const ConversationAsk& ask)
    : book_(book),
      rules_(rules),
      segments_(segments),
      tenant_(ask.caller.tenant),
      caller_(ask.caller.caller),
      end_user_(ask.caller.end_user),
      now_(ask.now),
      half_life_(half_life_of(rules.conversations())),
      active_(!rules.conversations().empty()),
      answers_have_ids_(ask.answers_have_ids) {
  identify(namer, ask);
  if (!active_ || by_ == ConversationBy::nothing) {
    active_ = false;
    return;
  }
  ended_ = (ended_ || (old_ && old_->ended)) && ends(rules_.conversations());
  const std::int64_t at = millis(now_);
  const double left = old_ ? decayed(old_->risk, milliseconds(at - old_->at), half_life_) : 0;
  before_ = judge_risk(left, rules_.conversations());
  state_.risk = left;
  state_.at = old_ ? std::max(at, old_->at) : at;
  state_.turns = old_ ? old_->turns + 1 : 1;
  state_.ended = old_ && old_->ended;
  if (chain_.any) state_.last = chain_.links.back().name;
  verdict_ = before_;
  find_fresh();
}

std::string ConversationTurn::id() const { return by_ == ConversationBy::nothing ? std::string() : text_of(state_.id); }

void ConversationTurn::identify(ConversationNamer& namer, const ConversationAsk& ask) {
  namer.chain(ask.caller, segments_, chain_);
  if (!ask.header.empty()) {
    by_ = ConversationBy::header;
    name_ = namer.by_header(ask.caller, ask.header);
  } else if (!ask.object.empty()) {
    by_ = ConversationBy::object;
    name_ = namer.by_object(ask.caller, ask.object);
  } else if (!ask.answer.empty()) {
    by_ = ConversationBy::answer;
    name_ = namer.by_answer(ask.caller, ask.answer);
  } else if (chain_.any) {
    by_ = ConversationBy::chain;
    state_.id = chain_.first;
  } else {
    return;
  }
  if (by_ != ConversationBy::chain) {
    state_.id = name_;
    // The id of an answer names no conversation: that is known only from what lies there.
    if (active_ || by_ == ConversationBy::answer) old_ = book_.find(tenant_, name_, now_);
    if (old_) state_.id = old_->id;
    return;
  }
  if (!active_) return;
  // The same request once more: it may have been the last that was heard.
  if (const auto whole = book_.find(tenant_, chain_.links.back().name, now_)) ended_ = whole->ended;
  for (std::size_t i = chain_.links.size() - 1; i > 0 && !old_; --i) {
    old_ = book_.find(tenant_, chain_.links[i - 1].name, now_);
    if (old_) found_at_ = i - 1;
  }
}

// Which texts of the request are new, and what was said before.
void ConversationTurn::find_fresh() {
  std::optional<std::size_t> told;  // the link up to which the history was told before
  if (by_ == ConversationBy::chain) {
    told = found_at_;
  } else if (old_ && old_->last != ConversationName{}) {
    for (std::size_t i = chain_.links.size(); i > 1 && !told; --i) {
      if (chain_.links[i - 2].name == old_->last) told = i - 2;
    }
    history_told_ = told.has_value();
  } else {
    history_told_ = !old_;
  }
  if (told) fresh_message_ = chain_.links[*told + 1].message;
  if (!history_told_) {
    for (const auto& past : old_->tail) utterances_.push_back({.text = past.text, .role = past.role});
  }
  const std::size_t past = utterances_.size();
  std::vector<Utterance> here;
  for (std::uint32_t i = 0; i < segments_.segments.size(); ++i) {
    const llm::Segment& segment = segments_.segments[i];
    if (!is_said(segment) || segment.text.empty()) continue;
    here.push_back({.text = segment.text, .role = segment.role, .kind = segment.kind, .segment = i});
  }
  // A client that sends only its latest messages: its first may be the tail's last. Something new always follows.
  for (std::size_t same = std::min(past, here.empty() ? 0 : here.size() - 1); same > 0; --same) {
    const auto matches = [&](std::size_t i) {
      return utterances_[past - same + i].role == here[i].role &&
             here[i].text.ends_with(utterances_[past - same + i].text);
    };
    bool all = true;
    for (std::size_t i = 0; i < same && all; ++i) all = matches(i);
    if (!all) continue;
    overlap_ = same;
    break;
  }
  if (overlap_ > 0) {
    fresh_message_ = segments_.segments[here[overlap_].segment].message;
    here.erase(here.begin(), here.begin() + static_cast<std::ptrdiff_t>(overlap_));
  }
  fresh_ = utterances_.size();
  // What was refused has not been let through, whoever sends it again in his history.
  const bool all_new = old_ && old_->refused;
  for (const Utterance& one : here) {
    if (!all_new && utterances_.size() == fresh_ && !is_fresh(one.segment)) ++fresh_;
    utterances_.push_back(one);
  }
}

bool ConversationTurn::is_fresh(std::uint32_t segment) const {
  return segment < segments_.segments.size() && segments_.segments[segment].message >= fresh_message_;
}

bool ConversationTurn::assemble(Assembly& assembly, Inspector& inspector, Redaction& redaction, bool tighten,
                                bool capture, Decisions& decisions) {
  assembled_.clear();
  if (!active_) return true;
  bool enforced = false;
  bool monitored = false;
  bool shadow = false;
  for (const auto* guard : rules_.conversations()) {
    if (!guard->assemble) continue;
    enforced = enforced || guard->mode == config::GuardMode::enforce;
    monitored = monitored || guard->mode == config::GuardMode::monitor;
    shadow = shadow || guard->mode == config::GuardMode::shadow;
  }
  if (!enforced && !monitored && !shadow) return true;
  std::vector<Assembled> found;
  assembly.find(inspector, utterances_, fresh_, rules_.wanted(Direction::request), found);
  bool passes = true;
  for (const Assembled& one : found) {
    const Utterance& last = utterances_[one.utterance];
    Ruling ruling = rules_.judge(one.finding, Direction::request);
    if (tighten) ruling = tightened(ruling, one.finding.family);
    const auto whole = [](Action action) { return action >= Action::redact ? Action::block : action; };
    ruling.action = whole(ruling.action);
    ruling.monitored = whole(ruling.monitored);
    ruling.shadow = whole(ruling.shadow);
    if (!enforced) ruling.action = Action::allow;
    if (!enforced && !monitored) ruling.monitored = Action::allow;
    if (ruling.shadow == Action::allow && ruling.monitored == Action::allow) continue;
    Decision decision{.finding = one.finding,
                      .ruling = ruling,
                      .direction = Direction::request,
                      .role = last.role,
                      .kind = last.kind,
                      .place = last.segment,
                      .value = noted_value(one.finding, last.text, redaction, capture)};
    decision.finding.family = Family::conversation;
    decision.finding.detector = "conversation.assembled";
    decisions.add(decision);
    passes = passes && ruling.action != Action::block;
    if (is_fresh(last.segment)) {
      assembled_.push_back({.family = one.finding.family,
                            .score = one.finding.score,
                            .action = std::max(ruling.action, ruling.monitored),
                            .untrusted = last.role == llm::Role::tool,
                            .assembled = true,
                            .segment = last.segment});
    }
  }
  return passes;
}

void ConversationTurn::finish(std::span<const RiskEvidence> evidence) {
  if (!active_) return;
  std::vector<RiskEvidence> fresh;
  for (const RiskEvidence& one : evidence) {
    if (is_fresh(one.segment)) fresh.push_back(one);
  }
  fresh.insert(fresh.end(), assembled_.begin(), assembled_.end());
  state_.risk -= added_;
  added_ = turn_risk(fresh);
  state_.risk += added_;
  verdict_ = judge_risk(state_.risk, rules_.conversations());
}

void ConversationTurn::put(const ConversationName& name, const ConversationState& state, std::optional<double> added) {
  book_.put(tenant_, name, state, now_ + kept_for(half_life_), added);
  if (std::ranges::find(kept_, name) == kept_.end()) kept_.push_back(name);
}

void ConversationTurn::keep(bool refused) {
  if (!active_) return;
  refused_ = refused;
  state_.refused = refused;
  state_.ended = state_.ended || verdict_.enforced.end;
  if (by_ != ConversationBy::chain || answers_have_ids_) {
    // What did not go out was never said.
    if (old_ && (refused || !history_told_)) state_.tail = old_->tail;
    if (!refused) {
      const std::size_t past = !history_told_ && old_ ? old_->tail.size() : 0;
      for (std::size_t i = past; i < utterances_.size(); ++i) state_.remember(utterances_[i].role, utterances_[i].text);
    }
  }
  switch (by_) {
    case ConversationBy::nothing:
      return;
    case ConversationBy::header:
    case ConversationBy::object:
      put(name_, state_, added_);
      break;
    case ConversationBy::answer:
      // A refused request has no answer: its risk stays with the one that it continues.
      if (refused && old_) put(name_, state_, added_);
      break;
    case ConversationBy::chain: {
      put(chain_.links.back().name, state_, std::nullopt);
      // The client may drop what was refused and go on from before. Not where others may begin alike.
      if (refused && found_at_ && chain_.links[*found_at_].users > kSharedUsers) {
        ConversationState before = *old_;
        before.risk = state_.risk;
        before.at = state_.at;
        put(chain_.links[*found_at_].name, before, std::nullopt);
      }
      if (!state_.ended) break;
      std::vector<ConversationName> beginnings;
      for (const auto& link : chain_.links) {
        if (link.users > kSharedUsers) beginnings.push_back(link.name);
      }
      book_.end(tenant_, beginnings, now_ + kept_for(half_life_), now_);
      break;
    }
  }
}

void ConversationTurn::answer_is(std::string_view id, ConversationNamer& namer) {
  if (!active_ || refused_ || id.empty() || !answers_have_ids_) return;
  put(namer.by_answer({.tenant = tenant_, .caller = caller_, .end_user = end_user_}, id), state_, std::nullopt);
}

void ConversationTurn::answered(std::span<const RiskEvidence> evidence) {
  if (!active_) return;
  const double more = turn_risk(evidence);
  if (more <= 0) return;
  state_.risk += more;
  added_ += more;
  verdict_ = judge_risk(state_.risk, rules_.conversations());
  // What the answer came to is told to the next request; this one is over.
  for (const ConversationName& name : std::vector<ConversationName>(kept_)) {
    const bool one_name = by_ == ConversationBy::header || by_ == ConversationBy::object;
    put(name, state_, one_name ? std::optional(more) : std::nullopt);
  }
}

void ConversationTurn::append_json(std::string& out) const {
  json::Writer writer(out);
  writer.begin_object();
  writer.key("id").string(id());
  writer.key("by").string(name(by_));
  writer.key("turn").unsigned_integer(state_.turns);
  writer.key("risk").number(std::round(state_.risk * 1000) / 1000);
  writer.key("step").string(ended() ? std::string_view("end") : name(verdict_.enforced.strongest()));
  if (verdict_.monitored.strongest() > verdict_.enforced.strongest()) {
    writer.key("monitored").string(name(verdict_.monitored.strongest()));
  }
  if (verdict_.shadow.strongest() > verdict_.enforced.strongest()) {
    writer.key("shadow").string(name(verdict_.shadow.strongest()));
  }
  writer.end_object();
}

}  // namespace gatehouse::guard
