#pragma once

#include <string_view>

#include "gatehouse/ml/reading.h"

namespace gatehouse::ml {

// How detectors ask for a text's meaning while they look: never blocks. One request's; one thread's.
class Oracle {
 public:
  virtual ~Oracle() = default;

  // What it can answer at all: what no model is there for is never answered.
  virtual Wants answers() const = 0;

  struct Answer {
    // Null: see below. Holds as long as the oracle.
    const Reading* reading = nullptr;
    // The question was noted (a copy of the text, where it is new): have the oracle's owner await the answers, then ask
    // again. False with a null reading: there will be no answer (no such model, no time, a bound, a failure): the
    // detector does without.
    bool pending = false;
  };
  // `wants` within answers(). Any bytes; offsets of the reading are bytes of `text`.
  virtual Answer ask(std::string_view text, Wants wants) = 0;
  // The same beside what the application told its model: what is an attack on one application is the ordinary use of
  // another. The context (any bytes; empty: none) only tells what `text` is held against and is not judged itself. For
  // verdicts about the text as such (entities, embedding) it plays no part: ask() is for these.
  virtual Answer ask_beside(std::string_view context, std::string_view text, Wants wants) {
    (void)context;
    return ask(text, wants);
  }
};

}  // namespace gatehouse::ml
