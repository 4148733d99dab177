#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/guard/detector.h"
#include "gatehouse/guard/terms/terms_options.h"

namespace gatehouse::guard {

// Finds what customers define: patterns, words, topics. Patterns are triggers of the common pass and are confirmed by
// RE2 at each hit; word lists up to kTriggerWords are triggers too, by their first words; longer ones are looked up at
// every word of the text, in a table of its own (term_table.h).
//
// Findings of words: at each place where a term begins, the longest; of patterns: what overlapping matches cover
// together. A pattern that hits more than kMostConfirmed times in a text fails the look.
class TermsDetector final : public Detector {
 public:
  // Reads the files that the options name. Errors (Code::configuration, naming the entity): a name that is no name or
  // is there twice, a file that cannot be read, more than the bounds, a pattern that cannot be made safe (why).
  static Result<std::shared_ptr<const TermsDetector>> make(const TermsOptions& options);
  ~TermsDetector() override;

  std::string_view name() const override { return "terms"; }
  Family family() const override { return Family::terms; }
  std::span<const EntityInfo> entities() const override;
  text::ViewKinds views(Direction direction) const override;
  bool concerns(Direction direction, llm::Role role, llm::SegmentKind kind) const override;
  std::vector<Trigger> triggers() const override;
  std::size_t look(const Look& look, std::span<const Hit> hits, Findings& out) const override;

  // Bytes held by the word tables.
  std::size_t memory() const;

  static constexpr std::size_t kTriggerWords = 500;
  static constexpr std::size_t kMostConfirmed = 32'768;

 private:
  class Rules;
  explicit TermsDetector(std::unique_ptr<const Rules> rules);
  std::unique_ptr<const Rules> rules_;
};

}  // namespace gatehouse::guard
