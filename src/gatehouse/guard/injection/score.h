#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "gatehouse/guard/detector.h"
#include "gatehouse/guard/injection/grammar.h"
#include "gatehouse/guard/injection/signatures.h"

namespace gatehouse::guard::injection {

// From places to a probability: log odds that begin at a bias and to which each signature adds its weight once, the
// second of a class a half, the third a third, and so on: synonyms are no new evidence. Only what lies within kReach
// bytes counts together, so that a long text does not add up to an attack. What the text is shifts the odds: nobody
// vouches for a tool's result; nobody encodes a harmless sentence. Words that speak about attacks lower them, and
// quoted attacks beside such words count for little.
struct Verdict {
  float probability = 0;      // 0 without evidence
  float log_odds = 0;         // the same unrounded; without evidence what the odds begin at
  float evidence_weight = 0;  // of log_odds, what the signatures added; 0 without evidence
  std::size_t begin = 0;      // of the evidence that counted
  std::size_t end = 0;
  struct Evidence {
    std::uint32_t signature;
    std::size_t begin;
    std::size_t end;
    float alone;  // the probability if it were the only one; never above the combined one
  };
  std::vector<Evidence> evidence{};  // one a signature; none where the probability is below kLeast
};

Verdict judge(const Look& look, std::span<const Signature> signatures, std::vector<Place> places);

// Words that nobody in the conversation wrote.
bool is_untrusted(llm::Role role, llm::SegmentKind kind);
// A reading that only exists because somebody encoded.
bool is_decoded(text::ViewKind view);

inline constexpr std::size_t kReach = 4096;
inline constexpr float kLeast = 0.1F;  // less is not reported

}  // namespace gatehouse::guard::injection
