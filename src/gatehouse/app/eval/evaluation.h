#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/app/eval/comparison.h"
#include "gatehouse/app/eval/direct_oracle.h"
#include "gatehouse/app/eval/lengths.h"
#include "gatehouse/app/eval/row.h"
#include "gatehouse/app/eval/spans.h"
#include "gatehouse/app/eval/tally.h"
#include "gatehouse/guard/inspector.h"
#include "gatehouse/ml/service/service.h"

namespace gatehouse::app {

// Measures detectors on rows whose answer is known. Fed row by row; one thread's. Does not rule: what policies would do
// about a finding plays no part, a finding counts from the threshold on.
//
// With models, the same rows are also judged without them, by the linear model alone and by the encoder alone, so that
// what each adds can be seen.
class Evaluation {
 public:
  struct Options {
    guard::Family family = guard::Family::injection;  // what rows with a label are asked for
    float attack = 0.5F;                              // an attack from this score on, as in policies
    float strict = 0.9F;                              // beside it, for comparison
    float entity = 0.5F;                              // a finding of `spans` and payloads
    float matches = 0.0F;              // of `matches`: identifiers without the words that usually stand around them
    ml::Service* semantics = nullptr;  // null: patterns alone; outlives the evaluation
  };
  Evaluation(std::shared_ptr<const guard::DetectorSet> detectors, const Options& options);

  // True: the answer was right.
  bool add(const EvalRow& row);
  // Of the last row, for the list of wrong ones: what was expected and what was found.
  const std::string& last() const { return last_; }
  void skip(std::uint64_t rows) { unreadable_ += rows; }
  std::uint64_t rows() const { return rows_; }
  // The encoder failed on a text: the figures are not what they should be.
  std::uint64_t failures() const { return failures_; }

  // One JSON object, the figures by source and by type among it. `members` writes more of it, at its end.
  std::string to_json(const std::function<void(json::Writer&)>& members = {}) const;
  std::string to_text() const;

 private:
  enum class With : std::uint8_t { patterns, models };
  guard::Findings& look(const EvalRow& row, const EvalRow::Part& part, guard::Direction direction,
                        guard::DetectorMask wanted, With with);
  struct Strongest {
    float score = 0;
    std::string_view by;
  };
  Strongest strongest(const EvalRow& row, With with);
  std::vector<EvalRow::Span> entities(const EvalRow& row, With with);
  void compare_attack(const EvalRow& row, float all);
  void compare_spans(const EvalRow& row, const std::vector<EvalRow::Span>& all);
  bool add_attack(const EvalRow& row);
  bool add_spans(const EvalRow& row);
  bool add_matches(const EvalRow& row);
  bool add_payload(const EvalRow& row);

  guard::Inspector inspector_;
  Options options_;
  std::unique_ptr<DirectOracle> oracle_;        // null: no models
  std::shared_ptr<const ml::ModelSet> models_;  // those that are compared
  guard::Findings findings_;
  Tally all_;
  std::map<std::string, Tally> by_source_;
  std::map<std::string, Tally> by_type_;
  std::map<std::string, Tally> other_rule_;  // of spans: by type, matched by the rule that the main figures are not by
  Tally other_all_;
  Comparison comparison_;
  Lengths lengths_;
  std::vector<double> milliseconds_;
  std::string last_;
  std::uint64_t rows_ = 0;
  std::uint64_t unreadable_ = 0;
  std::uint64_t failures_ = 0;
  bool entities_ = false;  // what was measured last: decides the threshold that is told
  bool matches_ = false;
  bool exact_ = false;  // spans count when they are met exactly
};

}  // namespace gatehouse::app
