#include "gatehouse/guard/answer_text.h"

#include <algorithm>
#include <utility>

namespace gatehouse::guard {
namespace {

// The first byte at or before `at` that begins a character.
std::size_t character_begin(std::string_view text, std::size_t at) {
  while (at > 0 && at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
  return at;
}

}  // namespace

bool AnswerText::look(const AnswerGuarding& guarding, bool complete) {
  if (complete_ || (looked_ == size() && !complete && !findings_.waiting())) return true;
  looked_ = size();
  if (guarding.meaning != nullptr) context_ = kReadContext;
  const std::size_t from = frontier_ - base_;
  const Look look{.text = text_,
                  .from = from,
                  .complete = complete,
                  .direction = Direction::response,
                  .role = llm::Role::assistant,
                  .kind = kind_,
                  .facts = echo_ ? nullptr : guarding.facts,
                  .before = before_,
                  .pieces = pieces_,
                  .meaning = guarding.meaning};
  std::size_t frontier = guarding.inspector.look(look, guarding.rules.wanted(Direction::response), findings_);
  if (!findings_.failure().empty()) {
    const bool closed = guarding.rules.fails_closed(Direction::response);
    guarding.decisions.add_failure(findings_.failure(), closed);
    if (closed) {
      stopped_at_ = frontier_;
      return false;
    }
  }
  if (!is_read(guarding)) return false;
  complete_ = complete && !findings_.waiting();
  std::vector<TextEdit> restored;
  if (guarding.restoring != nullptr) {
    frontier = std::min(frontier, guarding.restoring->find(text_, from, complete, written_, nesting_, restored));
  }
  frontier = complete_ ? text_.size() : std::max(whole_until(text_, frontier, written_), from);
  // What waits for a model is bounded by the time that the model is given.
  if (!complete && !findings_.waiting() && text_.size() - frontier > guarding.most_held) {
    const bool closed = guarding.rules.fails_closed(Direction::response);
    guarding.decisions.add_failure("more of an answer than may be held back could not be judged", closed);
    if (closed) {
      stopped_at_ = frontier_;
      return false;
    }
    frontier = whole_until(text_, text_.size() - guarding.most_held / 2, written_);
  }
  if (!decide(guarding, findings_, frontier)) return false;
  if (!add_edits(guarding, std::move(restored), frontier)) return false;
  frontier_ = base_ + frontier;
  return true;
}

bool AnswerText::is_read(const AnswerGuarding& guarding) {
  const Rules::Unread unread = guarding.rules.unread(Family::pii, Direction::response);
  if (unread == Rules::Unread::nothing) return true;
  const bool asked = guarding.meaning != nullptr && guarding.meaning->answers().has(ml::Want::entities);
  if (asked && !findings_.is_unread(Family::pii)) return true;
  const bool closed = unread == Rules::Unread::closed;
  guarding.decisions.add_failure(asked ? guarding.unread : "no model is there that a policy requires", closed);
  if (closed) stopped_at_ = frontier_;
  return !closed;
}

bool AnswerText::decide(const AnswerGuarding& guarding, const Findings& findings, std::size_t frontier) {
  decisions_.clear();
  for (const Finding& finding : findings.list()) {
    // What begins behind the frontier is found again when it is sure.
    if (finding.begin >= frontier) continue;
    Ruling ruling = guarding.rules.judge(finding, Direction::response);
    if (guarding.tighten) ruling = tightened(ruling, finding.family);
    if (ruling.shadow == Action::allow && ruling.monitored == Action::allow) continue;
    Decision decision{.finding = finding,
                      .ruling = ruling,
                      .direction = Direction::response,
                      .role = llm::Role::assistant,
                      .kind = kind_,
                      .place = place_,
                      .value = noted_value(finding, text_, guarding.redaction, guarding.capture)};
    decisions_.push_back(decision);
    decision.finding.begin += base_;
    decision.finding.end += base_;
    guarding.decisions.add(decision);
    if (ruling.action == Action::block) {
      stopped_at_ = decision.finding.begin;
      return false;
    }
  }
  return true;
}

bool AnswerText::add_edits(const AnswerGuarding& guarding, std::vector<TextEdit> restored, std::size_t frontier) {
  // A token is the gateway's own: what a detector sees in it is none.
  std::erase_if(restored, [&](const TextEdit& edit) { return edit.begin >= frontier; });
  std::erase_if(decisions_, [&](const Decision& decision) {
    return std::ranges::any_of(restored, [&](const TextEdit& edit) {
      return decision.finding.begin < edit.end && edit.begin < decision.finding.end;
    });
  });
  std::vector<TextEdit> made;
  if (!decisions_.empty()) {
    const bool arguments = written_ == llm::SegmentKind::tool_arguments;
    auto planned = plan_edits(text_, written_, decisions_, guarding.redaction, arguments ? &json_ : nullptr);
    if (!planned) {
      guarding.decisions.add_failure("a value to be redacted could not be put away", true);
      stopped_at_ = frontier_;
      return false;
    }
    made = std::move(*planned);
  }
  for (TextEdit& edit : restored) made.push_back(std::move(edit));
  std::ranges::sort(made, {}, &TextEdit::begin);
  for (TextEdit& edit : made) {
    edit.begin += base_;
    edit.end += base_;
    // What an earlier edit took is gone.
    if (!edits_.empty()) edit.begin = std::max(edit.begin, edits_.back().end);
    edit.begin = std::max(edit.begin, frontier_);
    if (edit.begin < edit.end) edits_.push_back(std::move(edit));
  }
  return true;
}

void AnswerText::release(std::size_t offset) {
  const auto gone = std::ranges::find_if(edits_, [&](const TextEdit& edit) { return edit.end > offset; });
  edits_.erase(edits_.begin(), gone);
  const std::size_t keep = std::min(offset, frontier_);
  if (keep < base_ + 2 * context_) return;
  const std::size_t cut = character_begin(text_, keep - base_ - context_);
  const std::string_view out = std::string_view(text_).substr(0, cut);
  before_.advance(out);
  pieces_.advance(out);
  if (written_ == llm::SegmentKind::tool_arguments) {
    json_.advance(out);
    nesting_.feed(out);
  }
  text_.erase(0, cut);
  base_ += cut;
}

}  // namespace gatehouse::guard
