#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gatehouse/app/guards_of.h"
#include "gatehouse/guard/answer/answer_detector.h"
#include "gatehouse/guard/injection/injection_detector.h"
#include "gatehouse/guard/leakage/leakage_detector.h"
#include "gatehouse/guard/names/names_detector.h"
#include "gatehouse/guard/pii/pii_detector.h"
#include "gatehouse/guard/secrets/secrets_detector.h"
#include "gatehouse/guard/terms/terms_detector.h"
#include "gatehouse/guard/unsafe/unsafe_detector.h"

namespace gatehouse::app {
namespace {

// What no policy asks for need not be looked for.
float least_threshold(const config::Snapshot& snapshot) {
  float least = 0.5F;
  for (const auto& policy : snapshot.policies) {
    const auto& pii = policy.guards.pii;
    if (pii && pii->threshold) least = std::min(least, static_cast<float>(pii->threshold->as_usd()));
  }
  return least;
}

guard::TermCheck check_of(config::EntityChecksum checksum) {
  switch (checksum) {
    case config::EntityChecksum::luhn:
      return guard::TermCheck::luhn;
    case config::EntityChecksum::mod97:
      return guard::TermCheck::mod97;
    case config::EntityChecksum::mod11:
      return guard::TermCheck::mod11;
    case config::EntityChecksum::verhoeff:
      return guard::TermCheck::verhoeff;
    case config::EntityChecksum::none:
      break;
  }
  return guard::TermCheck::none;
}

guard::TermsOptions terms_of(const config::Snapshot& snapshot) {
  guard::TermsOptions options;
  for (const auto& entity : snapshot.entities) {
    guard::TermOptions term;
    term.name = entity.name;
    term.caseless = entity.caseless;
    term.score = static_cast<float>(entity.score.as_usd());
    if (!entity.pattern.empty()) {
      term.kind = guard::TermKind::pattern;
      term.pattern = entity.pattern;
      term.check = check_of(entity.checksum);
    } else if (!entity.topic.empty()) {
      term.kind = guard::TermKind::topic;
      for (const auto& [word, weight] : entity.topic) {
        term.weighted.push_back({word, static_cast<float>(weight.as_usd())});
      }
      term.threshold = static_cast<float>(entity.threshold.as_usd());
    } else {
      term.kind = guard::TermKind::words;
      term.words = entity.words;
      term.file = entity.file;
      term.whole_words = entity.whole_words;
    }
    options.terms.push_back(std::move(term));
  }
  return options;
}

}  // namespace

Result<std::shared_ptr<const guard::DetectorSet>> builtin_detectors(const config::Snapshot& snapshot,
                                                                    std::optional<float> least_score) {
  std::vector<std::shared_ptr<const guard::Detector>> detectors;
  // Credentials go before personal data: a key may hold what looks like a number.
  detectors.push_back(std::make_unique<guard::SecretsDetector>());
  guard::pii::PiiOptions pii;
  pii.least_score = least_score.value_or(least_threshold(snapshot));
  auto identifiers = guard::pii::PiiDetector::make(std::move(pii));
  if (!identifiers) return std::unexpected(std::move(identifiers.error()));
  detectors.push_back(std::move(*identifiers));
  // Names and addresses, as far as dictionaries go.
  detectors.push_back(std::make_unique<guard::NamesDetector>());
  // Attempts to turn the model against its instructions.
  detectors.push_back(std::make_unique<guard::injection::InjectionDetector>());
  if (!snapshot.entities.empty()) {
    // The operator's own.
    auto terms = guard::TermsDetector::make(terms_of(snapshot));
    if (!terms) return std::unexpected(std::move(terms.error()));
    detectors.push_back(std::move(*terms));
  }
  // The request's own instructions, in an answer.
  guard::LeakageOptions leakage;
  for (const auto& policy : snapshot.policies) {
    if (policy.guards.leakage) leakage.words = std::min(leakage.words, policy.guards.leakage->words);
  }
  detectors.push_back(guard::make_leakage_detector(leakage));
  // What an answer must be like: one for each policy that says so, in their order (guards_of goes by it).
  for (const auto& policy : snapshot.policies) {
    if (!policy.guards.answer) continue;
    const auto& wanted = *policy.guards.answer;
    auto answer = guard::make_answer_detector({.languages = wanted.languages,
                                               .most_characters = wanted.max_characters,
                                               .refusals = wanted.refusal > config::GuardAction::allow});
    if (!answer) {
      return fail(Code::configuration, "policy `" + policy.name + "`: guards.answer: " + answer.error().detail);
    }
    detectors.push_back(std::move(*answer));
  }
  // What harms whoever runs or shows an answer.
  detectors.push_back(guard::make_unsafe_detector());
  return guard::DetectorSet::make(std::move(detectors));
}

}  // namespace gatehouse::app
