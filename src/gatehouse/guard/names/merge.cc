#include "gatehouse/guard/names/merge.h"

#include <algorithm>
#include <utility>

#include "gatehouse/base/strings.h"

namespace gatehouse::guard {
namespace {

// Names that are declared, by this detector or by the patterns'.
constexpr std::string_view kLearned[] = {
    "PERSON",       "LOCATION",    "ORGANIZATION", "STREET_ADDRESS",    "DATE_OF_BIRTH", "NATIONALITY",     "TITLE",
    "AGE",          "DATE_TIME",   "ZIP_CODE",     "MEDICAL_CONDITION", "MEDICATION",    "LEGAL_REFERENCE", "EMAIL",
    "PHONE_NUMBER", "CREDIT_CARD", "IBAN",         "IP_ADDRESS",        "US_SSN",
};

bool says_something(std::string_view text) {
  return std::ranges::any_of(text, [](char c) {
    const char low = base::lower(c);
    return (low >= 'a' && low <= 'z') || base::is_digit(c) || (static_cast<unsigned char>(c) & 0x80U) != 0;
  });
}

bool overlap(std::size_t a_begin, std::size_t a_end, std::size_t b_begin, std::size_t b_end) {
  return a_begin < b_end && b_begin < a_end;
}

bool same_kind(std::string_view dictionary, std::string_view model) {
  return dictionary == model || (dictionary == "STREET_ADDRESS" && model == "LOCATION");
}

bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

// The end of a span with the bracket that closes what it opened: "Ann Lee (painter" without it is neither here nor
// there.
std::size_t closed(std::string_view text, std::size_t begin, std::size_t end, std::size_t limit) {
  const std::string_view words = text.substr(begin, end - begin);
  if (std::ranges::count(words, '(') <= std::ranges::count(words, ')')) return end;
  std::size_t at = end;
  while (at < limit && is_blank(text[at])) ++at;
  return at < limit && text[at] == ')' ? at + 1 : end;
}

float raised(float score, float by) { return std::min(score + (1 - score) * kRaise * by, kMostScore); }

// Spans of one list against each other, the stronger first.
void part(std::string_view text, std::vector<MergedName>& list) {
  std::ranges::sort(list, [](const MergedName& a, const MergedName& b) {
    if (a.score != b.score) return a.score > b.score;
    if (a.end - a.begin != b.end - b.begin) return a.end - a.begin > b.end - b.begin;
    return a.begin < b.begin;
  });
  // By begin; what is in it overlaps nothing.
  std::vector<MergedName> kept;
  kept.reserve(list.size());
  for (MergedName one : list) {
    const auto next = std::ranges::lower_bound(kept, one.begin, {}, &MergedName::begin);
    if (next != kept.begin()) one.begin = std::max(one.begin, std::prev(next)->end);
    if (next != kept.end() && next->begin < one.end) {
      // What is left in front of the stronger one, or else behind it.
      if (next->begin > one.begin && says_something(text.substr(one.begin, next->begin - one.begin))) {
        one.end = next->begin;
      } else {
        one.begin = next->end;
        const auto after = std::next(next);
        if (after != kept.end()) one.end = std::min(one.end, after->begin);
      }
    }
    while (one.begin < one.end && is_blank(text[one.begin])) ++one.begin;
    while (one.end > one.begin && is_blank(text[one.end - 1])) --one.end;
    if (one.begin >= one.end || !says_something(text.substr(one.begin, one.end - one.begin))) continue;
    kept.insert(std::ranges::lower_bound(kept, one.begin, {}, &MergedName::begin), one);
  }
  list = std::move(kept);
}

}  // namespace

std::string_view learned_entity(std::string_view entity) {
  const auto* const found = std::ranges::find(kLearned, entity);
  return found == std::end(kLearned) ? std::string_view() : *found;
}

void merge_names(std::string_view text, std::size_t base, std::size_t size, std::span<const NameFinding> dictionary,
                 const ml::Reading& reading,
                 base::FunctionRef<bool(std::string_view entity, std::string_view words)> known,
                 std::vector<MergedName>& out) {
  std::vector<MergedName> merged;
  std::vector<bool> taken(dictionary.size());
  std::size_t first = 0;  // of the dictionary's: those before it end in front of all further spans
  const std::size_t end_of_text = std::min(base + size, text.size());
  for (std::size_t at = 0; at < reading.entities.size(); ++at) {
    const ml::EntitySpan& span = reading.entities[at];
    const std::string_view entity = learned_entity(span.entity);
    MergedName one{.begin = base + span.begin,
                   .end = std::min(base + span.end, end_of_text),
                   .entity = entity,
                   .score = std::clamp(span.score, 0.0F, kMostScore),
                   .learned = true};
    while (one.begin < one.end && is_blank(text[one.begin])) ++one.begin;
    while (one.end > one.begin && is_blank(text[one.end - 1])) --one.end;
    // Not a number: compared so that it does not pass.
    if (entity.empty() || one.begin >= one.end || !(span.score >= kModelWeak)) continue;
    one.end = closed(text, one.begin, one.end, end_of_text);
    // Where the model tells two names apart, a run of capitals that the dictionary takes for one joins them no more.
    const auto neighbour = [&](std::size_t other) {
      return other < reading.entities.size() && learned_entity(reading.entities[other].entity) == entity &&
             reading.entities[other].score >= kModelLeast;
    };
    const std::size_t least_begin = at > 0 && neighbour(at - 1) ? base + reading.entities[at - 1].end : 0;
    const std::size_t most_end = neighbour(at + 1) ? base + reading.entities[at + 1].begin : text.size();
    while (first < dictionary.size() && dictionary[first].end <= one.begin) ++first;
    float support = known(entity, text.substr(one.begin, one.end - one.begin)) ? kKnownWord : 0;
    bool overruled = false;
    const std::size_t begin = one.begin;
    const std::size_t end = one.end;
    for (std::size_t i = first; i < dictionary.size() && dictionary[i].begin < end; ++i) {
      if (!overlap(dictionary[i].begin, dictionary[i].end, begin, end)) continue;
      if (same_kind(dictionary[i].entity, entity))
        support = std::max(support, dictionary[i].score);
      else
        overruled = overruled || (dictionary[i].score >= kSure && span.score < kModelSure);
    }
    one.score = raised(one.score, support);
    if (overruled || one.score < kModelLeast) continue;
    for (std::size_t i = first; i < dictionary.size() && dictionary[i].begin < end; ++i) {
      const NameFinding& finding = dictionary[i];
      if (!overlap(finding.begin, finding.end, begin, end)) continue;
      taken[i] = true;
      if (!same_kind(finding.entity, entity)) continue;
      one.begin = std::min(one.begin, std::max(finding.begin, least_begin));
      one.end = std::max(one.end, std::min(finding.end, most_end));
      if (finding.entity != entity) one.entity = "STREET_ADDRESS";
    }
    merged.push_back(one);
  }
  const float least = reading.partial ? 0.0F : reading.settled ? kSureOfSettled : kSure;
  for (std::size_t i = 0; i < dictionary.size(); ++i) {
    const NameFinding& finding = dictionary[i];
    if (taken[i] || finding.score < least) continue;
    merged.push_back({finding.begin, finding.end, finding.entity, finding.score, false});
  }
  part(text, merged);
  out.insert(out.end(), merged.begin(), merged.end());
}

void yield_to_patterns(std::vector<Finding>& findings) {
  const auto learned = [](const Finding& finding) { return finding.detector == kLearnedNames; };
  if (std::ranges::none_of(findings, learned)) return;
  // Ascending in begin: how far what was seen by now reaches.
  std::vector<std::pair<std::size_t, std::size_t>> patterns;
  for (const Finding& finding : findings) {
    // A model may know better what a date or a number of five digits is.
    const bool pattern = (finding.family == Family::pii || finding.family == Family::secrets) &&
                         !finding.detector.starts_with("names.") && finding.entity != "DATE" &&
                         finding.entity != "POSTAL_CODE" && finding.score >= kPatternCounts;
    if (pattern) patterns.emplace_back(finding.begin, finding.end);
  }
  if (patterns.empty()) return;
  std::size_t next = 0;
  std::size_t reach = 0;
  std::erase_if(findings, [&](const Finding& finding) {
    if (!learned(finding)) return false;
    for (; next < patterns.size() && patterns[next].first <= finding.begin; ++next) {
      reach = std::max(reach, patterns[next].second);
    }
    return finding.end <= reach;
  });
}

}  // namespace gatehouse::guard
