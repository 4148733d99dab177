#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/guard/detector.h"

namespace gatehouse::guard {

struct AnswerOptions {
  std::vector<std::string> languages;  // ISO 639-1, in which an answer may be; empty: any
  std::size_t most_characters = 0;     // code points; 0: any number
  std::size_t most_bytes = 0;
  bool refusals = true;  // whether REFUSAL is looked for
};

// What an answer is like as a whole: LANGUAGE (not an allowed one), LENGTH (the first character too many), REFUSAL (its
// first sentences decline). Each finding is a place: the rest of the answer is not held back for it. Errors
// (configuration): a language that cannot be told.
Result<std::unique_ptr<Detector>> make_answer_detector(AnswerOptions options);

}  // namespace gatehouse::guard
