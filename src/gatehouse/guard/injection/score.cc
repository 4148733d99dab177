#include "gatehouse/guard/injection/score.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

namespace gatehouse::guard::injection {
namespace {

using llm::Role;
using llm::SegmentKind;

constexpr float kBias = -4.6F;
constexpr float kUntrustedShift = 0.8F;    // on top, once there is evidence
constexpr float kUntrustedFactor = 1.25F;  // what a user may ask is an attack in a document
constexpr float kDecodedShift = 1.6F;
constexpr float kAssistantFactor = 0.6F;  // models talk about their instructions when they refuse
constexpr float kQuotedFactor = 0.35F;
constexpr std::size_t kQuoteReach = 96;
constexpr std::size_t kDiscussionReach = 320;

float sigmoid(float x) { return 1.0F / (1.0F + std::exp(-x)); }

// A quotation mark before and one behind, on the same line.
bool is_quoted(std::string_view text, const Place& place) {
  static constexpr std::array<std::string_view, 10> kMarks = {"\"",     "'",      "`",      "\u201c", "\u201d",
                                                              "\u2018", "\u2019", "\u201e", "\u00ab", "\u00bb"};
  const auto has_mark = [](std::string_view part) {
    return std::any_of(kMarks.begin(), kMarks.end(), [&](std::string_view m) { return part.find(m) != part.npos; });
  };
  const std::size_t from = place.begin - std::min(place.begin, kQuoteReach);
  std::string_view before = text.substr(from, place.begin - from);
  if (const auto line = before.rfind('\n'); line != before.npos) before.remove_prefix(line + 1);
  std::string_view behind = text.substr(place.end, kQuoteReach);
  behind = behind.substr(0, behind.find('\n'));
  return has_mark(before) && has_mark(behind);
}

}  // namespace

bool is_untrusted(Role role, SegmentKind kind) {
  if (role == Role::tool) return true;
  return kind == SegmentKind::document || kind == SegmentKind::tool_arguments || kind == SegmentKind::file_name ||
         kind == SegmentKind::url || kind == SegmentKind::tool_definition;
}

bool is_decoded(text::ViewKind view) {
  using enum text::ViewKind;
  return view == base64 || view == hex || view == rot13 || view == reversed || view == tags;
}

Verdict judge(const Look& look, std::span<const Signature> signatures, std::vector<Place> places) {
  Verdict verdict;
  const bool untrusted = is_untrusted(look.role, look.kind);
  float bias = kBias + (untrusted ? kUntrustedShift : 0.0F);
  if (is_decoded(look.view)) bias += kDecodedShift;
  verdict.log_odds = bias;
  std::erase_if(places, [&](const Place& place) { return place.begin < look.from; });
  if (places.empty()) return verdict;
  std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.signature < b.signature;
  });
  float factor = untrusted ? kUntrustedFactor : 1.0F;
  if (look.role == Role::assistant && !untrusted) factor = kAssistantFactor;

  // What each place adds, by itself.
  std::vector<float> weights(places.size());
  std::size_t spoken_of = std::numeric_limits<std::size_t>::max();  // where attacks were last spoken of
  const auto soften = [&](std::size_t i, std::size_t distance) {
    if (distance <= kDiscussionReach && weights[i] > 0 && is_quoted(look.text, places[i])) {
      weights[i] = signatures[places[i].signature].weight * factor * kQuotedFactor;
    }
  };
  for (std::size_t i = 0; i < places.size(); ++i) {
    const Signature& signature = signatures[places[i].signature];
    weights[i] = signature.weight * (signature.attack == AttackClass::discussion ? 1.0F : factor);
    if (signature.attack == AttackClass::discussion) spoken_of = places[i].begin;
    if (spoken_of != std::numeric_limits<std::size_t>::max()) soften(i, places[i].begin - spoken_of);
  }
  spoken_of = std::numeric_limits<std::size_t>::max();
  for (std::size_t i = places.size(); i-- > 0;) {
    if (signatures[places[i].signature].attack == AttackClass::discussion) spoken_of = places[i].begin;
    if (spoken_of != std::numeric_limits<std::size_t>::max()) soften(i, spoken_of - places[i].begin);
  }

  // The window of kReach bytes with the most evidence. `held` counts a signature's places inside, `ranks` a class's
  // signatures; a weight is that of the signature's first place.
  std::vector<std::uint32_t> held(signatures.size());
  std::vector<float> weight_of(signatures.size());
  const auto sum_of = [&](std::size_t first, std::size_t last) {
    // Few signatures are ever in a window: sorted by weight within a class, the n-th counts an n-th.
    std::array<std::array<float, 6>, kAttackClassCount> top{};
    for (std::size_t i = first; i <= last; ++i) {
      if (held[places[i].signature]++ != 0 && std::fabs(weight_of[places[i].signature]) >= std::fabs(weights[i]))
        continue;
      weight_of[places[i].signature] = weights[i];
    }
    for (std::size_t i = first; i <= last; ++i) {
      const std::uint32_t number = places[i].signature;
      if (held[number] == 0) continue;
      held[number] = 0;
      auto& list = top[static_cast<std::size_t>(signatures[number].attack)];
      float weight = weight_of[number];
      for (float& kept : list) {
        if (std::fabs(weight) > std::fabs(kept)) std::swap(weight, kept);
      }
    }
    float sum = 0;
    for (const auto& list : top) {
      for (std::size_t n = 0; n < list.size(); ++n) sum += list[n] / static_cast<float>(n + 1);
    }
    return sum;
  };
  float best = -std::numeric_limits<float>::infinity();
  std::size_t best_first = 0;
  std::size_t best_last = 0;
  std::size_t last = 0;
  for (std::size_t first = 0; first < places.size();) {
    while (last + 1 < places.size() && places[last + 1].begin < places[first].begin + kReach) ++last;
    const float sum = sum_of(first, last);
    if (sum > best) {
      best = sum;
      best_first = first;
      best_last = last;
    }
    if (last + 1 == places.size()) break;
    // The next window begins half a reach on: an attack is found whole in one of them, and no place is counted more
    // than a few times.
    const std::size_t next = places[first].begin + kReach / 2;
    while (first < places.size() && places[first].begin < next) ++first;
    last = std::max(last, first);
  }
  const float probability = sigmoid(bias + best);
  bool any = false;
  for (std::size_t i = best_first; i <= best_last; ++i) {
    const Place& place = places[i];
    if (signatures[place.signature].attack == AttackClass::discussion || weights[i] <= 0) continue;
    verdict.begin = any ? std::min(verdict.begin, place.begin) : place.begin;
    verdict.end = any ? std::max(verdict.end, place.end) : place.end;
    any = true;
    if (probability < kLeast) continue;
    if (held[place.signature]++ != 0) continue;
    verdict.evidence.push_back(
        {place.signature, place.begin, place.end, std::min(probability, sigmoid(bias + weights[i]))});
  }
  if (!any) return verdict;
  verdict.probability = probability;
  verdict.log_odds = bias + best;
  verdict.evidence_weight = std::max(0.0F, best);
  return verdict;
}

}  // namespace gatehouse::guard::injection
