#pragma once

#include <cstddef>

#include "gatehouse/guard/injection/score.h"

namespace gatehouse::guard::injection {

// What a model makes of a text, beside what the signatures do.
struct Learned {
  float probability = 0;  // 0 to 1, calibrated
  std::size_t begin = 0;  // the stretch of the text that it comes from
  std::size_t end = 0;
};

// One verdict of both. Log odds are added: the model's, and a part of the signatures' evidence where it lies within
// kReach bytes of the model's stretch (both see the same words, so it is not all new). What nobody vouches for and what
// somebody encoded is likelier an attack. Rises with either. A model alone convicts: the result is never below its
// probability. Signatures alone do, too: a model that is sure of the contrary takes back kMostRelief at most.
struct Combined {
  float probability = 0;
  std::size_t begin = 0;  // the signatures' evidence, or the model's stretch: whichever says more
  std::size_t end = 0;
};
Combined combine(const Verdict& signatures, const Learned& learned, bool untrusted, bool decoded);

// The weights, in log odds. Chosen by reason (half of what correlated evidence would add; a shift below what moves an
// even chance past two thirds), not by measurement.
inline constexpr float kSignatureShare = 0.5F;
inline constexpr float kUntrustedModel = 0.25F;
inline constexpr float kDecodedModel = 0.8F;
inline constexpr float kMostRelief = 2.0F;
inline constexpr float kMostModel = 9.0F;  // a model is never surer than that

}  // namespace gatehouse::guard::injection
