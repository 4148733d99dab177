#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/function_ref.h"
#include "gatehouse/guard/conversation/risk.h"
#include "gatehouse/guard/decisions.h"
#include "gatehouse/guard/inspector.h"
#include "gatehouse/guard/judged_texts.h"
#include "gatehouse/guard/policy/rules.h"
#include "gatehouse/llm/segment.h"
#include "gatehouse/ml/oracle.h"

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
// found in texts that come again with every turn. Errors are never thrown: a text that cannot be judged is refused or
// let pass as its policies say, and `decisions` tells it.
//
//   guard.ask(oracle, models);                        // where there are models
//   if (!guard.look(segments, expired)) {
//     ... the oracle's owner awaits its answers, and gives up when their time is up ...
//     guard.look(segments, expired);                  // at those that waited
//   }
//   auto judgement = guard.rule(segments, decisions);  // as often as wanted
class RequestGuard {
 public:
  RequestGuard(const Rules& rules, Inspector& inspector, Redaction& redaction, JudgedTexts* judged, bool capture)
      : rules_(rules), inspector_(inspector), redaction_(redaction), judged_(judged), capture_(capture) {}

  // Models are asked: by `meaning`, which outlives the looks. `models` tells which they are: what was found with others
  // is not taken from memory.
  void ask(ml::Oracle& meaning, std::uint32_t models) {
    meaning_ = &meaning;
    models_ = models;
  }
  // For a conversation: what is found in words of the caller and his tools goes there too (at most kMostEvidence), also
  // what no policy does anything about; `tighten`: rulings are one step stricter.
  void follow(std::vector<RiskEvidence>& evidence, bool tighten) {
    evidence_ = &evidence;
    tighten_ = tighten;
  }
  static constexpr std::size_t kMostEvidence = 1024;

  // Looks at the texts: the first time at all of them, then at those that wait for a model. `expired` tells that the
  // time for it is up: what was not looked at by then counts as a failure. False: some wait.
  bool look(const llm::SegmentList& segments, base::FunctionRef<bool()> expired);
  // Rules on what was found. What still waits is taken as not answered. `why` a model did not answer: static.
  RequestJudgement rule(const llm::SegmentList& segments, Decisions& decisions, std::string_view why = kUnread);
  static constexpr std::string_view kUnread = "a model that a policy requires did not answer";

  // Both in one go.
  RequestJudgement judge(const llm::SegmentList& segments, base::FunctionRef<bool()> expired, Decisions& decisions) {
    (void)look(segments, expired);
    return rule(segments, decisions);
  }

 private:
  // What was found in a segment; those without anything to tell have none.
  struct Seen {
    std::uint32_t segment = 0;
    Findings findings;
  };
  void gather_context(const llm::SegmentList& segments);
  std::uint64_t judges(std::string_view context);
  void find(const llm::Segment& segment, Findings& findings);
  bool is_time_up(const llm::Segment& segment, base::FunctionRef<bool()> expired);
  void note(const Finding& finding, const Ruling& ruling, const llm::Segment& segment, std::uint32_t place);
  void rule_on(const Seen& seen, const llm::Segment& segment, RequestJudgement& judgement, Decisions& decisions);
  void check_read(RequestJudgement& judgement, Decisions& decisions, std::string_view why) const;

  const Rules& rules_;
  Inspector& inspector_;
  Redaction& redaction_;
  JudgedTexts* judged_;
  bool capture_;
  ml::Oracle* meaning_ = nullptr;
  std::string context_{};           // what the application told its model, as far as models are shown it
  std::uint64_t context_name_ = 0;  // keyed; 0: not made yet
  std::uint32_t models_ = 0;
  std::vector<RiskEvidence>* evidence_ = nullptr;
  bool tighten_ = false;
  std::vector<Seen> seen_;  // ascending in `segment`
  bool looked_ = false;
  bool expired_ = false;
  std::size_t since_asked_ = 0;  // bytes looked at since the last look at the clock
  std::vector<Decision> here_;   // of one segment
};

}  // namespace gatehouse::guard
