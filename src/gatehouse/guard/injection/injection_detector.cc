#include "gatehouse/guard/injection/injection_detector.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gatehouse/guard/injection/combine.h"
#include "gatehouse/guard/injection/grammar.h"
#include "gatehouse/guard/injection/readable.h"
#include "gatehouse/guard/injection/score.h"
#include "gatehouse/guard/injection/signatures.h"

namespace gatehouse::guard::injection {
namespace {

constexpr std::string_view kCombinedDetector = "injection.combined";
constexpr std::string_view kModelDetector = "injection.model";

Grammar compile(std::span<const Signature> signatures) {
  auto grammar = Grammar::make(signatures);
  if (!grammar) throw std::logic_error(grammar.error().detail);  // a table that ships is wrong: found by any test
  return std::move(*grammar);
}

}  // namespace

struct InjectionDetector::Parts {
  Grammar grammar = compile(signatures());
  std::vector<EntityInfo> entities;
  std::vector<std::string> names;  // "injection." and the id, by signature
};

InjectionDetector::InjectionDetector() {
  auto parts = std::make_unique<Parts>();
  parts->entities.push_back(
      {kCombinedEntity, "All evidence of an attack in one text together; thresholds are set on it.", {}});
  parts->entities.push_back({kLearnedEntity, "What a learned model alone says: an attack of any kind.", {}});
  for (std::size_t i = 0; i < kAttackClassCount; ++i) {
    const auto attack = static_cast<AttackClass>(i);
    if (attack != AttackClass::discussion)
      parts->entities.push_back({guard::injection::name(attack), describe(attack), {}});
  }
  for (const Signature& signature : signatures()) parts->names.push_back("injection." + std::string(signature.id));
  parts_ = std::move(parts);
}

InjectionDetector::~InjectionDetector() = default;

std::span<const EntityInfo> InjectionDetector::entities() const { return parts_->entities; }

text::ViewKinds InjectionDetector::views(Direction direction) const {
  return direction == Direction::request ? text::ViewKinds::all() : text::ViewKinds{};
}

bool InjectionDetector::concerns(Direction direction, llm::Role role, llm::SegmentKind kind) const {
  if (direction != Direction::request || kind == llm::SegmentKind::media) return false;
  // The operator's own words; a document attached to them is not.
  return role != llm::Role::system || is_untrusted(role, kind);
}

std::vector<Trigger> InjectionDetector::triggers() const { return parts_->grammar.triggers(); }

std::size_t InjectionDetector::look(const Look& look, std::span<const Hit> hits, Findings& out) const {
  if (!look.complete) return look.from;
  if (look.text.size() > std::numeric_limits<std::uint32_t>::max()) {
    out.fail("text too long");
    return look.text.size();
  }
  std::vector<Place> places;
  parts_->grammar.match(look.text, hits, {is_untrusted(look.role, look.kind), is_decoded(look.view)}, places);
  const bool asks = look.meaning != nullptr && look.meaning->answers().has(ml::Want::injection);
  if (places.empty() && !asks) return look.text.size();
  const Verdict verdict = judge(look, signatures(), std::move(places));
  Combined combined{.probability = verdict.probability, .begin = verdict.begin, .end = verdict.end};
  std::optional<Learned> learned;
  if (asks && worth_reading(look, parts_->grammar, verdict.probability >= kLeast)) {
    const auto answer = look.meaning->ask_beside(look.context, look.text, ml::Want::injection);
    if (answer.reading != nullptr && answer.reading->answers.has(ml::Want::injection)) {
      learned = {.probability = answer.reading->injection,
                 .begin = std::min<std::size_t>(answer.reading->begin, look.text.size()),
                 .end = std::min<std::size_t>(answer.reading->end, look.text.size())};
      learned->begin = std::min(learned->begin, learned->end);
      combined = combine(verdict, *learned, gives_orders(look.role, look.kind), is_decoded(look.view));
      if (answer.reading->partial) out.unread(Family::injection);
    } else if (answer.pending) {
      out.wait();
    } else {
      out.unread(Family::injection);
    }
  }
  for (const Verdict::Evidence& evidence : verdict.evidence) {
    if (combined.probability < kLeast) break;
    const Signature& signature = signatures()[evidence.signature];
    out.add({.family = Family::injection,
             .entity = guard::injection::name(signature.attack),
             .detector = parts_->names[evidence.signature],
             .begin = evidence.begin,
             .end = evidence.end,
             .score = std::min(evidence.alone, combined.probability),
             .view = look.view});
  }
  if (learned && combined.model >= kLeast) {
    out.add({.family = Family::injection,
             .entity = kLearnedEntity,
             .detector = kModelDetector,
             .begin = learned->begin,
             .end = learned->end,
             .score = combined.model,
             .view = look.view});
  }
  if (combined.probability >= kLeast) {
    out.add({.family = Family::injection,
             .entity = kCombinedEntity,
             .detector = kCombinedDetector,
             .begin = combined.begin,
             .end = combined.end,
             .score = combined.probability,
             .view = look.view});
  }
  return look.text.size();
}

}  // namespace gatehouse::guard::injection
