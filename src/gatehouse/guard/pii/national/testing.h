#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "gatehouse/guard/pii/national/national.h"
#include "gatehouse/guard/pii/pii_detector.h"

namespace gatehouse::guard::pii::national::testing {

// For tests: the detector with one entity alone, down to the least sure of its kinds, and one of its context words.
class Recogniser {
 public:
  explicit Recogniser(std::string_view entity) {
    PiiOptions options;
    options.least_score = 0.01F;
    options.entities = {std::string(entity)};
    detector_ = PiiDetector::make(options).value();
    for (const Kind& kind : kinds()) {
      if (kind.entity != entity || kind.words.empty()) continue;
      word_ = std::string(kind.words.substr(0, kind.words.find('|'))) + ": ";
      break;
    }
  }

  // How sure it is that `text`, all of it, is one, behind the word; 0: it is none.
  float sure_of(std::string_view text) const {
    const std::string whole = word_ + std::string(text);
    float best = 0;
    for (const Finding& finding : look(whole).list()) {
      if (finding.begin == word_.size() && finding.end == whole.size()) best = std::max(best, finding.score);
    }
    return best;
  }
  // The same without the word.
  float sure_alone(std::string_view text) const {
    float best = 0;
    for (const Finding& finding : look(text).list()) {
      if (finding.begin == 0 && finding.end == text.size()) best = std::max(best, finding.score);
    }
    return best;
  }
  // Whether [begin, begin + size) of it is found behind the word.
  bool finds_part(std::string_view text, std::size_t begin, std::size_t size) const {
    const std::string whole = word_ + std::string(text);
    const Findings found = look(whole);
    return std::ranges::any_of(found.list(), [&](const Finding& finding) {
      return finding.begin == word_.size() + begin && finding.end == word_.size() + begin + size;
    });
  }

 private:
  Findings look(std::string_view text) const {
    Findings found;
    Look look;
    look.text = text;
    detector_->look(look, {}, found);
    return found;
  }

  std::unique_ptr<PiiDetector> detector_;
  std::string word_;
};

}  // namespace gatehouse::guard::pii::national::testing
