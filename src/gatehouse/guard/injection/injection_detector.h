#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "gatehouse/guard/detector.h"

namespace gatehouse::guard::injection {

// What the combined verdict's finding is called; its score is what policies set thresholds on.
inline constexpr std::string_view kCombinedEntity = "PROMPT_INJECTION";
// A model's own verdict, so that records say who saw it.
inline constexpr std::string_view kLearnedEntity = "LEARNED_INJECTION";
inline constexpr float kBlockThreshold = 0.9F;  // defaults of policies
inline constexpr float kFlagThreshold = 0.5F;

// Injection, jailbreak and prompt extraction: documented signatures (signatures.h) over all readings of a request's
// texts, and what a model says of those that are worth its look (readable.h), where there is one. Each signature that
// is seen is a finding (entity: its class, detector: "injection." and its id, score: what it would weigh alone, at most
// what all say together); the model's own word is one with entity LEARNED_INJECTION and detector "injection.model", at
// the stretch of the text that it comes from. Together (score.h, combine.h) they are one finding with entity
// PROMPT_INJECTION and detector "injection.combined", from the first to the last evidence of the signatures that
// counted, at most score.h's kReach bytes, or where the model's is. Nothing is reported below score.h's kLeast.
//
// Looks at requests only: what answers may do is the unsafe_output family's. System texts are the operator's own and
// exempt. Of a text that is not complete nothing is released (the verdict is about the whole).
//
// Immutable; shared by all threads; outlives its findings. Linear in the text.
class InjectionDetector final : public Detector {
 public:
  InjectionDetector();
  ~InjectionDetector() override;

  std::string_view name() const override { return "injection"; }
  Family family() const override { return Family::injection; }
  std::span<const EntityInfo> entities() const override;
  text::ViewKinds views(Direction direction) const override;
  bool concerns(Direction direction, llm::Role role, llm::SegmentKind kind) const override;
  std::vector<Trigger> triggers() const override;
  std::size_t look(const Look& look, std::span<const Hit> hits, Findings& out) const override;

 private:
  struct Parts;
  std::unique_ptr<const Parts> parts_;
};

}  // namespace gatehouse::guard::injection
