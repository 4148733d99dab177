#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "gatehouse/base/function_ref.h"
#include "gatehouse/guard/conversation/risk.h"
#include "gatehouse/guard/decisions.h"
#include "gatehouse/guard/inspector.h"
#include "gatehouse/guard/judged_texts.h"
#include "gatehouse/guard/policy/rules.h"
#include "gatehouse/llm/segment.h"

namespace gatehouse::guard {

// What policy makes of a request's texts.
struct RequestJudgement {
  struct Edited {
    std::uint32_t segment;
    std::vector<TextEdit> edits;  // ascending
  };
  std::vector<Edited> edited;  // ascending in `segment`
  bool refused = false;        // blocked, or not judged where the policy is closed
};

// Judges the texts of a request: each segment is shown to the detectors that its policies want, findings are ruled on,
// redactions become edits of the segment's text. Free of IO; one thread's. `judged` (may be null) remembers what was
// found in texts that come again with every turn. `expired` tells that the time for it is up: what was not looked at by
// then counts as a failure. Errors are never thrown: a text that cannot be judged is refused or let pass as its
// policies say, and `decisions` tells it.
class RequestGuard {
 public:
  RequestGuard(const Rules& rules, Inspector& inspector, Redaction& redaction, JudgedTexts* judged, bool capture)
      : rules_(rules), inspector_(inspector), redaction_(redaction), judged_(judged), capture_(capture) {}

  // For a conversation: what is found in words of the caller and his tools goes there too (at most kMostEvidence), also
  // what no policy does anything about; `tighten`: rulings are one step stricter.
  void follow(std::vector<RiskEvidence>& evidence, bool tighten) {
    evidence_ = &evidence;
    tighten_ = tighten;
  }
  static constexpr std::size_t kMostEvidence = 1024;

  RequestJudgement judge(const llm::SegmentList& segments, base::FunctionRef<bool()> expired, Decisions& decisions);

 private:
  void find(const llm::Segment& segment, Findings& findings);
  void note(const Finding& finding, const Ruling& ruling, const llm::Segment& segment, std::uint32_t place);

  const Rules& rules_;
  Inspector& inspector_;
  Redaction& redaction_;
  JudgedTexts* judged_;
  bool capture_;
  std::vector<RiskEvidence>* evidence_ = nullptr;
  bool tighten_ = false;
};

}  // namespace gatehouse::guard
