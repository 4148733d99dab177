#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "gatehouse/guard/detector.h"

namespace gatehouse::guard {

// Names of people, places and organisations and street addresses, by dictionary and form (PERSON, LOCATION,
// ORGANIZATION, STREET_ADDRESS), and where a model answers what it names, these and more (learned_names.h, merge.h).
// A request's text is asked about whole; an answer's in pieces (pieces.h), so that what is found is the same however
// it arrives, and what is held back is the piece in progress.
//
// Looks at runs of capitalised words (found by a vectorised search for capitals; text without them costs next to
// nothing), at what announces a name ("my name is", "Dr", "Name:") and at what follows a house number. Scores are how
// often such a finding is right: 0.9 a title or an announcement before a known name, 0.85 known first name and surname,
// 0.4 to 0.6 a first name alone, a place, a word that is also something else.
class NamesDetector final : public Detector {
 public:
  NamesDetector();
  ~NamesDetector() override;

  std::string_view name() const override { return "names"; }
  Family family() const override { return Family::pii; }
  std::span<const EntityInfo> entities() const override;
  text::ViewKinds views(Direction direction) const override;
  bool concerns(Direction direction, llm::Role role, llm::SegmentKind kind) const override;
  std::vector<Trigger> triggers() const override;
  std::size_t look(const Look& look, std::span<const Hit> hits, Findings& out) const override;

 private:
  class Lexicon;
  std::unique_ptr<const Lexicon> lexicon_;
};

}  // namespace gatehouse::guard
