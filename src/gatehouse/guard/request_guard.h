#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "gatehouse/base/function_ref.h"
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
  RequestGuard(const Rules& rules, Inspector& inspector, Redaction& redaction, JudgedTexts* judged)
      : rules_(rules), inspector_(inspector), redaction_(redaction), judged_(judged) {}

  RequestJudgement judge(const llm::SegmentList& segments, base::FunctionRef<bool()> expired, Decisions& decisions);

 private:
  void find(const llm::Segment& segment, Findings& findings);

  const Rules& rules_;
  Inspector& inspector_;
  Redaction& redaction_;
  JudgedTexts* judged_;
};

}  // namespace gatehouse::guard
