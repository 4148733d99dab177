#pragma once

#include <cstddef>

#include "gatehouse/guard/injection/score.h"
#include "gatehouse/llm/segment.h"

namespace gatehouse::guard::injection {

// What a model makes of a text, beside what the signatures do.
struct Learned {
  float probability = 0;  // 0 to 1, calibrated
  std::size_t begin = 0;  // the stretch of the text that it comes from
  std::size_t end = 0;
};

// Who wrote a text, in log odds of the model's verdict. A model that reads one text without knowing whose it is takes
// orders for attacks, and some texts are full of honest ones: documents and tools' results tell their reader what to
// do, assistants confirm what they were told. What speaks for an attack there says so much louder (a user's turn 0).
float by_author(llm::Role role, llm::SegmentKind kind);

// One verdict of both. Log odds are added: the model's, `author` of by_author, and a part of the signatures' evidence
// where it lies within kReach bytes of the model's stretch (both see the same words, so it is not all new). What
// somebody encoded is likelier an attack. Rises with either. A model alone convicts: without a shift the result is
// never below its probability. Signatures alone do, too: a model that is sure of the contrary takes back kMostRelief at
// most.
struct Combined {
  float probability = 0;
  float model = 0;        // the model's own probability for a text of this author
  std::size_t begin = 0;  // the signatures' evidence, or the model's stretch: whichever says more
  std::size_t end = 0;
};
Combined combine(const Verdict& signatures, const Learned& learned, float author, bool decoded);

// The weights, in log odds. The first two are chosen by what they cost and bring on dev: 2.0 instead of 3.5 of 100
// clean documents are flagged, 92 instead of 94 of 100 attacks buried in one are found (docs/detection.md). The others
// by reason: half of what correlated evidence would add; a shift that moves an even chance past two thirds.
inline constexpr float kUntrustedModel = -3.6F;
inline constexpr float kAssistantModel = -3.6F;
inline constexpr float kSignatureShare = 0.5F;
inline constexpr float kDecodedModel = 0.8F;
inline constexpr float kMostRelief = 2.0F;
inline constexpr float kMostModel = 9.0F;  // a model is never surer than that

}  // namespace gatehouse::guard::injection
