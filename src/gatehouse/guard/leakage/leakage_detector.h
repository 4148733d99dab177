#pragma once

#include <cstdint>
#include <memory>

#include "gatehouse/guard/detector.h"

namespace gatehouse::guard {

struct LeakageOptions {
  std::uint32_t words = 12;  // that many words of the system text in a row (4 to 200)
};

// Finds the request's system text in its answer (OWASP LLM07:2025): SYSTEM_PROMPT, runs of its words, also where case,
// punctuation or Markdown differ and where single words were left out or put in; CANARY, a planted marker. Needs
// Look::facts; without them there is nothing to find.
//
// A leak is reported in pieces: as soon as the run is long enough, then again for what goes on. In a stream no more is
// held back than the words that match and are not enough yet.
std::unique_ptr<Detector> make_leakage_detector(const LeakageOptions& options = {});

}  // namespace gatehouse::guard
