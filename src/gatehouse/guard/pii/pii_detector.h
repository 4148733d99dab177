#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/guard/detector.h"
#include "gatehouse/guard/pii/kind.h"

namespace gatehouse::guard::pii {

struct PiiOptions {
  // Findings less sure than this are not reported, and what could only lead to them is not looked for. The least
  // threshold of all policies in force.
  float least_score = 0.5F;
  // Entities to look for; empty: all.
  std::vector<std::string> entities;
  // Where telephone numbers without a country code may come from (ISO 3166 alpha-2).
  std::vector<std::string> phone_regions = {"US", "GB", "DE"};
};

// Identifiers of persons, accounts, devices and places, by their form: numbers with check digits, addresses of mail and
// network, telephone numbers, dates of birth. One pass finds digits and the marks @ : . - by vector instructions; only
// there the text is looked at. A run of digits and letters in groups goes through a table of all kinds' groupings at
// once, kinds whose shape fits ask their validator, and words in the neighbourhood, read only then, raise the score.
//
// One stretch of text can be several things (nine digits): each is a finding with its own score, at most kMostReadings.
// What lies inside a finding at least as sure is none. Names, organisations and street addresses are not here.
//
// Immutable; any thread. Linear in the text. A finding is at most kLongestFinding bytes long.
class PiiDetector final : public Detector {
 public:
  // Errors (configuration): an entity or region that nobody knows, a kind whose shape is wrong.
  static Result<std::unique_ptr<PiiDetector>> make(PiiOptions options = {});
  ~PiiDetector() override;

  std::string_view name() const override { return "pii"; }
  Family family() const override { return Family::pii; }
  std::span<const EntityInfo> entities() const override;
  text::ViewKinds views(Direction direction) const override;
  bool concerns(Direction direction, llm::Role role, llm::SegmentKind kind) const override;
  std::vector<Trigger> triggers() const override;
  std::size_t look(const Look& look, std::span<const Hit> hits, Findings& out) const override;

  static constexpr std::size_t kMostReadings = 8;
  static constexpr std::size_t kLongestFinding = 2048;  // of a URL; everything else is far shorter

 private:
  struct Parts;
  explicit PiiDetector(std::unique_ptr<Parts> parts);
  std::unique_ptr<const Parts> parts_;
};

}  // namespace gatehouse::guard::pii
