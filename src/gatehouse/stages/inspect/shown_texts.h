#pragma once

#include <deque>
#include <span>
#include <string>
#include <vector>

#include "gatehouse/guard/callout/callout.h"
#include "gatehouse/guard/request_guard.h"
#include "gatehouse/llm/segment.h"

namespace gatehouse::stages {

// A request's texts as external guards are shown them: with what the gateway itself redacted, without media and empty
// ones. One request's; `segments` outlives it, and its texts() hold as long as it.
class ShownTexts {
 public:
  using Edits = std::vector<guard::RequestJudgement::Edited>;  // ascending

  ShownTexts(const llm::SegmentList& segments, const Edits& edited);
  ShownTexts(const ShownTexts&) = delete;
  ShownTexts& operator=(const ShownTexts&) = delete;

  const std::vector<guard::CalloutText>& texts() const { return texts_; }
  // Adds what they replaced to `edited`, which is what it was made with. False: a place cannot be changed.
  bool replace(std::span<const guard::CalloutReplacement> replacements, Edits& edited) const;

 private:
  const llm::SegmentList& segments_;
  std::vector<guard::CalloutText> texts_;
  std::deque<std::string> owned_;
};

}  // namespace gatehouse::stages
