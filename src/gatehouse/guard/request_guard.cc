#include "gatehouse/guard/request_guard.h"

#include <utility>

namespace gatehouse::guard {

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
    if (!findings.failure().empty()) cannot(findings.failure());
    here.clear();
    bool redacts = false;
    for (const Finding& finding : findings.list()) {
      const Ruling ruling = rules_.judge(finding, Direction::request);
      if (ruling.shadow == Action::allow && ruling.monitored == Action::allow) continue;
      const Decision decision{.finding = finding,
                              .ruling = ruling,
                              .direction = Direction::request,
                              .role = segment.role,
                              .kind = segment.kind,
                              .place = i};
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
    auto edits = plan_edits(segment.text, segment.kind, here, redaction_,
                            segment.kind == llm::SegmentKind::tool_arguments ? &start : nullptr);
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
