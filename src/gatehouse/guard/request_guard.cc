#include "gatehouse/guard/request_guard.h"

#include <algorithm>
#include <utility>

#include "gatehouse/guard/redact/restorer.h"

namespace gatehouse::guard {
namespace {

constexpr std::size_t kMostTokens = 4096;

}  // namespace

void RequestGuard::find(const llm::Segment& segment, Findings& findings) {
  // Detectors of requests say what they find in a text alone: nothing of the request itself goes into it.
  const bool remember = judged_ != nullptr && segment.text.size() >= JudgedTexts::kLeast;
  JudgedTexts::Name name;
  if (remember) {
    name = judged_->name(segment.text, segment.role, segment.kind);
    if (const auto* known = judged_->find(name)) {
      findings.clear();
      findings.list() = *known;
      return;
    }
  }
  const Look look{.text = segment.text, .direction = Direction::request, .role = segment.role, .kind = segment.kind};
  // All detectors, whoever asks for them: what is remembered holds for every policy.
  const DetectorMask wanted = remember ? inspector_.detectors().all() : rules_.wanted(Direction::request);
  inspector_.look(look, wanted, findings);
  if (remember && findings.failure().empty()) judged_->put(name, findings.list());
}

namespace {

// A token that came back with the history is the gateway's own: what a detector sees in it is none.
void leave_tokens(std::string_view text, std::vector<Finding>& findings) {
  (void)find_tokens(text, kMostTokens, [&](std::size_t begin, std::size_t end, const TokenId&) {
    std::erase_if(findings, [&](const Finding& finding) { return finding.begin < end && begin < finding.end; });
  });
}

}  // namespace

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

RequestJudgement RequestGuard::judge(const llm::SegmentList& segments, base::FunctionRef<bool()> expired,
                                     Decisions& decisions) {
  RequestJudgement judgement;
  const auto cannot = [&](std::string_view why) {
    const bool closed = rules_.fails_closed(Direction::request);
    decisions.add_failure(why, closed);
    judgement.refused = judgement.refused || closed;
  };
  if (!segments.complete) cannot("the request holds more texts than can be looked at");
  Findings findings;
  std::vector<Decision> here;
  std::size_t since_asked = 0;
  for (std::uint32_t i = 0; i < segments.segments.size(); ++i) {
    const llm::Segment& segment = segments.segments[i];
    if (segment.text.empty()) continue;
    // A look at the clock for each 4 kB or so.
    since_asked += segment.text.size() + 64;
    if (since_asked > 4096) {
      since_asked = 0;
      if (expired()) {
        cannot("the time for looking at the request was up");
        break;
      }
    }
    find(segment, findings);
    if (!findings.list().empty()) leave_tokens(segment.text, findings.list());
    if (!findings.failure().empty()) cannot(findings.failure());
    here.clear();
    bool redacts = false;
    for (const Finding& finding : findings.list()) {
      Ruling ruling = rules_.judge(finding, Direction::request);
      if (tighten_) ruling = tightened(ruling, finding.family);
      note(finding, ruling, segment, i);
      if (ruling.shadow == Action::allow && ruling.monitored == Action::allow) continue;
      const Decision decision{.finding = finding,
                              .ruling = ruling,
                              .direction = Direction::request,
                              .role = segment.role,
                              .kind = segment.kind,
                              .place = i,
                              .value = noted_value(finding, segment.text, redaction_, capture_)};
      decisions.add(decision);
      here.push_back(decision);
      judgement.refused = judgement.refused || ruling.action == Action::block;
      redacts = redacts || ruling.action == Action::redact;
    }
    if (!redacts || judgement.refused) continue;
    if (segment.length == 0) {
      // It cannot be taken out where it stands, so it must not go out at all.
      decisions.add_failure("something to be redacted stands where nothing can be changed", true);
      judgement.refused = true;
      continue;
    }
    const JsonPlace start;
    const auto written = written_as(segment.kind, segment.text);
    auto edits = plan_edits(segment.text, written, here, redaction_,
                            written == llm::SegmentKind::tool_arguments ? &start : nullptr);
    if (!edits) {
      decisions.add_failure("a value to be redacted could not be put away", true);
      judgement.refused = true;
      continue;
    }
    if (!edits->empty()) judgement.edited.push_back({i, std::move(*edits)});
  }
  return judgement;
}

}  // namespace gatehouse::guard
