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

// Whether texts of this author are full of honest orders: documents and tools' results tell their reader what to do,
// and assistants confirm what they were told. A model that reads one text without knowing whose it is takes some of
// that for attacks, so of these its verdict is calibrated anew.
bool gives_orders(llm::Role role, llm::SegmentKind kind);

// One verdict of both. Log odds are added: the model's, calibrated by author, and a part of the signatures' evidence
// where it lies within kReach bytes of the model's stretch (both see the same words, so it is not all new). What
// somebody encoded is likelier an attack. Rises with either. A model alone convicts: the result is never below `model`.
// Signatures alone do, too: a model that is sure of the contrary takes back kMostRelief at most.
struct Combined {
  float probability = 0;
  float model = 0;        // the model's own probability, calibrated by author
  std::size_t begin = 0;  // the signatures' evidence, or the model's stretch: whichever says more
  std::size_t end = 0;
};
Combined combine(const Verdict& signatures, const Learned& learned, bool orders, bool decoded);

// Of texts full of orders: log odds of x become kOrdersSlope * (x - kOrdersEven). On dev's documents, of which nearly
// all attacks lie above 4 and nearly all others below 2: 2.0 instead of 3.5 of 100 clean ones are flagged, and 92
// instead of 94 of 100 attacks buried in one are found (docs/detection.md); the slope keeps those found at a threshold
// of 0.9, too.
inline constexpr float kOrdersEven = 3.6F;
inline constexpr float kOrdersSlope = 3.0F;

// The weights, in log odds, by reason: half of what correlated evidence would add; a shift that moves an even chance
// past two thirds.
inline constexpr float kSignatureShare = 0.5F;
inline constexpr float kDecodedModel = 0.8F;
inline constexpr float kMostRelief = 2.0F;
inline constexpr float kMostModel = 9.0F;  // a model is never surer than that

}  // namespace gatehouse::guard::injection
