#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "gatehouse/base/function_ref.h"
#include "gatehouse/guard/finding.h"
#include "gatehouse/guard/names/name_judge.h"
#include "gatehouse/ml/reading.h"

// What dictionaries and a model see in the same text, as one list.
namespace gatehouse::guard {

struct MergedName {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string_view entity{};  // static
  float score = 0;
  bool learned = false;  // a model's, perhaps with what the dictionary knew of it
};

// What a model may name: Gatehouse's own spelling of it, static. Empty: nothing that is reported.
std::string_view learned_entity(std::string_view entity);

// The rules, in this order:
//   1. A model's span counts from kModelLeast on. What the dictionary knows about it (a finding of the same entity that
//      it overlaps, or `known`: the lexicon has one of its words as such) raises its score: by kRaise of what is
//      missing to 1, times the dictionary's own score. With that, one from kModelWeak on counts too.
//   2. A dictionary finding that overlaps such a span is no finding of its own. Of the same entity, or a street address
//      over a place, the span takes its extent in: half a name is none. Not beyond the next span of that entity: two
//      names that stand side by side are two. A bracket that a span opened is closed.
//   3. Of another entity the span stands, unless the dictionary is sure (kSure) and the model is not (below
//      kModelSure): then the dictionary's does.
//   4. A dictionary finding that no span overlaps stays where it is sure (kSure), where the model did not read
//      everything (`reading.partial`), and from kSureOfSettled on where only the linear model looked.
//   5. Spans do not overlap in the end: the one with the higher score keeps its extent, the other is cut back to what
//      is left, if that holds a letter or a digit.
// `base`: where in the text what the reading is of begins; spans outside of [base, base + size) are cut. Findings of
// the dictionary may reach over its end; extents are those of the whole text. Appends in the order of begin.
void merge_names(std::string_view text, std::size_t base, std::size_t size, std::span<const NameFinding> dictionary,
                 const ml::Reading& reading,
                 base::FunctionRef<bool(std::string_view entity, std::string_view words)> known,
                 std::vector<MergedName>& out);

inline constexpr float kModelLeast = 0.5F;
inline constexpr float kModelWeak = 0.35F;
inline constexpr float kModelSure = 0.7F;
inline constexpr float kRaise = 0.5F;
inline constexpr float kKnownWord = 0.5F;  // a word of the lexicon counts as such a finding
inline constexpr float kSure = 0.85F;
inline constexpr float kSureOfSettled = 0.6F;
inline constexpr float kMostScore = 0.99F;

// What a model named and a pattern found in the same place (or in more of the text) is what the pattern says: a check
// digit is no opinion. `findings` of one look.
void yield_to_patterns(std::vector<Finding>& findings);

inline constexpr std::string_view kLearnedNames = "names.model";  // the detector of a model's span
inline constexpr float kPatternCounts = 0.5F;

}  // namespace gatehouse::guard
