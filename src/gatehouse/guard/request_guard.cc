#include "gatehouse/guard/request_guard.h"

#include <algorithm>
#include <utility>

#include "gatehouse/guard/redact/restorer.h"

namespace gatehouse::guard {
namespace {

constexpr std::size_t kMostTokens = 4096;
constexpr std::size_t kMostContext = std::size_t{16} << 10;  // bytes

}  // namespace

// The system texts together; of a long one its beginning and its end.
void RequestGuard::gather_context(const llm::SegmentList& segments) {
  for (const llm::Segment& segment : segments.segments) {
    if (segment.role != llm::Role::system || segment.kind != llm::SegmentKind::text) continue;
    if (!context_.empty()) context_ += '\n';
    context_ += segment.text;
  }
  if (context_.size() <= kMostContext) return;
  constexpr std::size_t kHalf = kMostContext / 2;
  context_.erase(kHalf, context_.size() - kMostContext);
}

// Who judged a text beside what: findings of others are another matter.
std::uint64_t RequestGuard::judges(std::string_view context) {
  if (meaning_ == nullptr) return 0;
  using enum ml::Want;
  const ml::Wants answers = meaning_->answers();
  const std::uint64_t who =
      std::uint64_t{models_} << 2U | (answers.has(injection) ? 2U : 0U) | (answers.has(entities) ? 1U : 0U);
  if (context.empty()) return who;
  if (context_name_ == 0) {
    const JudgedTexts::Name name = judged_->name(context, llm::Role::system, llm::SegmentKind::text);
    for (std::size_t i = 0; i < sizeof context_name_; ++i) context_name_ = context_name_ << 8U | name[i];
  }
  return who ^ context_name_;
}

void RequestGuard::find(const llm::Segment& segment, Findings& findings) {
  // Detectors of requests say what they find in a text alone, but for what the user's words are held against.
  const std::string_view context = segment.role == llm::Role::user && segment.kind == llm::SegmentKind::text
                                       ? std::string_view(context_)
                                       : std::string_view();
  const bool remember = judged_ != nullptr && segment.text.size() >= JudgedTexts::kLeast;
  JudgedTexts::Name name;
  if (remember) {
    name = judged_->name(segment.text, segment.role, segment.kind, judges(context));
    if (const auto* known = judged_->find(name)) {
      findings.clear();
      findings.list() = *known;
      return;
    }
  }
  const Look look{.text = segment.text,
                  .direction = Direction::request,
                  .role = segment.role,
                  .kind = segment.kind,
                  .meaning = meaning_,
                  .context = context};
  // All detectors, whoever asks for them: what is remembered holds for every policy.
  const DetectorMask wanted = remember ? inspector_.detectors().all() : rules_.wanted(Direction::request);
  inspector_.look(look, wanted, findings);
  if (remember && findings.failure().empty() && !findings.waiting() && findings.all_read()) {
    judged_->put(name, findings.list());
  }
}

namespace {

// A token that came back with the history is the gateway's own: what a detector sees in it is none.
void leave_tokens(std::string_view text, std::vector<Finding>& findings) {
  (void)find_tokens(text, kMostTokens, [&](std::size_t begin, std::size_t end, const TokenId&) {
    std::erase_if(findings, [&](const Finding& finding) { return finding.begin < end && begin < finding.end; });
  });
}

}  // namespace

bool RequestGuard::is_time_up(const llm::Segment& segment, base::FunctionRef<bool()> expired) {
  // A look at the clock for each 4 kB or so.
  since_asked_ += segment.text.size() + 64;
  if (since_asked_ <= 4096) return false;
  since_asked_ = 0;
  expired_ = expired_ || expired();
  return expired_;
}

bool RequestGuard::look(const llm::SegmentList& segments, base::FunctionRef<bool()> expired) {
  bool waiting = false;
  since_asked_ = 0;
  if (!looked_) {
    looked_ = true;
    if (meaning_ != nullptr && meaning_->answers().has(ml::Want::injection)) gather_context(segments);
    Findings findings;
    for (std::uint32_t i = 0; i < segments.segments.size(); ++i) {
      const llm::Segment& segment = segments.segments[i];
      if (segment.text.empty()) continue;
      if (is_time_up(segment, expired)) break;
      find(segment, findings);
      if (!findings.list().empty()) leave_tokens(segment.text, findings.list());
      waiting = waiting || findings.waiting();
      if (findings.list().empty() && findings.failure().empty() && !findings.waiting() && findings.all_read()) continue;
      seen_.push_back({i, std::exchange(findings, {})});
    }
    return !waiting;
  }
  for (Seen& seen : seen_) {
    if (!seen.findings.waiting()) continue;
    const llm::Segment& segment = segments.segments[seen.segment];
    if (is_time_up(segment, expired)) break;
    find(segment, seen.findings);
    leave_tokens(segment.text, seen.findings.list());
    waiting = waiting || seen.findings.waiting();
  }
  return !waiting;
}

void RequestGuard::note(const Finding& finding, const Ruling& ruling, const llm::Segment& segment,
                        std::uint32_t place) {
  if (evidence_ == nullptr || evidence_->size() >= kMostEvidence) return;
  const bool tool = segment.role == llm::Role::tool;
  if (!tool && segment.role != llm::Role::user) return;
  evidence_->push_back({.family = finding.family,
                        .score = finding.score,
                        .action = std::max(ruling.action, ruling.monitored),
                        .untrusted = tool || segment.kind == llm::SegmentKind::document,
                        .segment = place});
}

// Models that policies require.
void RequestGuard::check_read(RequestJudgement& judgement, Decisions& decisions, std::string_view why) const {
  const auto check = [&](Family family, ml::Want want) {
    const Rules::Unread unread = rules_.unread(family, Direction::request);
    if (unread == Rules::Unread::nothing) return;
    const bool asked = meaning_ != nullptr && meaning_->answers().has(want);
    const bool read = asked && std::ranges::none_of(seen_, [&](const Seen& seen) {
                        return seen.findings.waiting() || seen.findings.is_unread(family);
                      });
    if (read) return;
    const bool closed = unread == Rules::Unread::closed;
    decisions.add_failure(asked ? why : std::string_view("no model is there that a policy requires"), closed);
    judgement.refused = judgement.refused || closed;
  };
  check(Family::injection, ml::Want::injection);
  check(Family::pii, ml::Want::entities);
}

RequestJudgement RequestGuard::rule(const llm::SegmentList& segments, Decisions& decisions, std::string_view why) {
  RequestJudgement judgement;
  const auto cannot = [&](std::string_view what) {
    const bool closed = rules_.fails_closed(Direction::request);
    decisions.add_failure(what, closed);
    judgement.refused = judgement.refused || closed;
  };
  if (!segments.complete) cannot("the request holds more texts than can be looked at");
  if (expired_) cannot("the time for looking at the request was up");
  if (!segments.segments.empty()) check_read(judgement, decisions, why);
  for (const Seen& seen : seen_) {
    if (!seen.findings.failure().empty()) cannot(seen.findings.failure());
    rule_on(seen, segments.segments[seen.segment], judgement, decisions);
  }
  return judgement;
}

void RequestGuard::rule_on(const Seen& seen, const llm::Segment& segment, RequestJudgement& judgement,
                           Decisions& decisions) {
  here_.clear();
  bool redacts = false;
  for (const Finding& finding : seen.findings.list()) {
    Ruling ruling = rules_.judge(finding, Direction::request);
    if (tighten_) ruling = tightened(ruling, finding.family);
    note(finding, ruling, segment, seen.segment);
    if (ruling.shadow == Action::allow && ruling.monitored == Action::allow) continue;
    const Decision decision{.finding = finding,
                            .ruling = ruling,
                            .direction = Direction::request,
                            .role = segment.role,
                            .kind = segment.kind,
                            .place = seen.segment,
                            .value = noted_value(finding, segment.text, redaction_, capture_)};
    decisions.add(decision);
    here_.push_back(decision);
    judgement.refused = judgement.refused || ruling.action == Action::block;
    redacts = redacts || ruling.action == Action::redact;
  }
  if (!redacts || judgement.refused) return;
  if (segment.length == 0) {
    // It cannot be taken out where it stands, so it must not go out at all.
    decisions.add_failure("something to be redacted stands where nothing can be changed", true);
    judgement.refused = true;
    return;
  }
  const JsonPlace start;
  const auto written = written_as(segment.kind, segment.text);
  auto edits = plan_edits(segment.text, written, here_, redaction_,
                          written == llm::SegmentKind::tool_arguments ? &start : nullptr);
  if (!edits) {
    decisions.add_failure("a value to be redacted could not be put away", true);
    judgement.refused = true;
    return;
  }
  if (!edits->empty()) judgement.edited.push_back({seen.segment, std::move(*edits)});
}

}  // namespace gatehouse::guard
