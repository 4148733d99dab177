#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/app/eval/row.h"
#include "gatehouse/app/eval/tally.h"
#include "gatehouse/guard/inspector.h"

namespace gatehouse::app {

// Measures detectors on rows whose answer is known. Fed row by row; one thread's. Does not rule: what policies would do
// about a finding plays no part, a finding counts from the threshold on.
class Evaluation {
 public:
  struct Options {
    guard::Family family = guard::Family::injection;  // what rows with a label are asked for
    float attack = 0.5F;                              // an attack from this score on
    float entity = 0.5F;                              // a finding of `spans` and payloads
    float matches = 0.0F;  // of `matches`: identifiers without the words that usually stand around them
  };
  Evaluation(std::shared_ptr<const guard::DetectorSet> detectors, const Options& options)
      : inspector_(std::move(detectors)), options_(options) {}

  // True: the answer was right.
  bool add(const EvalRow& row);
  // Of the last row, for the list of wrong ones: what was expected and what was found.
  const std::string& last() const { return last_; }
  void skip() { ++unreadable_; }
  std::uint64_t rows() const { return rows_; }

  // One JSON object, the figures by source and by type among it.
  std::string to_json() const;
  std::string to_text() const;

 private:
  guard::Findings& look(const EvalRow::Part& part, guard::Direction direction, guard::DetectorMask wanted);
  bool add_attack(const EvalRow& row);
  bool add_spans(const EvalRow& row);
  bool add_matches(const EvalRow& row);
  bool add_payload(const EvalRow& row);

  guard::Inspector inspector_;
  Options options_;
  guard::Findings findings_;
  Tally all_;
  std::map<std::string, Tally> by_source_;
  std::map<std::string, Tally> by_type_;
  std::vector<double> milliseconds_;
  std::string last_;
  std::uint64_t rows_ = 0;
  std::uint64_t unreadable_ = 0;
  bool entities_ = false;  // what was measured last: decides the threshold that is told
  bool matches_ = false;
};

}  // namespace gatehouse::app
