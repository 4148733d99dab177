#include "gatehouse/guard/names/name_judge.h"

#include <algorithm>
#include <string>

namespace gatehouse::guard {
namespace {

using namespace lexeme;

constexpr float kLeast = 0.4F;

class Judge {
 public:
  Judge(const Lexicon& lexicon, std::string_view text, const NameRun& run, const NameSurroundings& around,
        std::vector<NameFinding>& out)
      : lexicon_(lexicon), text_(text), run_(run), around_(around), out_(out) {}

  void judge() {
    if (address()) return;
    std::size_t i = organisation();
    while (i < run_.count) {
      const std::size_t taken = one(i);
      i += std::max<std::size_t>(1, taken);
    }
  }

 private:
  const NameToken& at(std::size_t i) const { return run_.tokens[i]; }
  bool dot_behind(std::size_t i) const { return at(i).end < text_.size() && text_[at(i).end] == '.'; }

  void tell(std::size_t first, std::size_t last, std::string_view entity, float score) {
    if (score >= kLeast) out_.push_back({at(first).begin, at(last).end, entity, std::min(score, 0.95F)});
  }

  bool address() {
    std::size_t street = run_.count;
    bool sure = false;
    for (std::size_t i = 0; i < run_.count && street == run_.count; ++i) {
      const bool behind_name = i > 0 && at(i).is(kStreet | kStreetWeak);
      if (behind_name || at(i).street_like) street = i;
      sure = sure || at(i).is(kStreet) || at(i).street_like;
    }
    const bool prefix = at(0).is(kStreetPrefix) && run_.count > 1;
    if (prefix) {
      street = run_.count - 1;
      sure = true;
    }
    if (at(run_.count - 1).is(kUnit) && run_.count <= 2 && around_.number_after) {
      out_.push_back({at(run_.count - 1).begin, around_.number_end, "STREET_ADDRESS", 0.6F});
      return run_.count == 1;
    }
    // A number on both sides: "6750 Koskikatu 25".
    if (street == run_.count && around_.number_before && around_.number_after && run_.count <= 4 &&
        at(0).begin - around_.number_begin > 2 && !at(run_.count - 1).is(kCommon)) {
      out_.push_back({around_.number_begin, around_.number_end, "STREET_ADDRESS", 0.5F});
      return true;
    }
    if (street == run_.count || (!around_.number_before && !around_.number_after)) return false;
    // "12 Sunny Hill" may be twelve of them.
    const float score = around_.number_before && sure ? 0.8F : sure ? 0.75F : 0.5F;
    if (around_.number_after && !sure) return false;
    const std::size_t begin = around_.number_before ? around_.number_begin : at(0).begin;
    const std::size_t end =
        around_.number_after && (prefix || street + 1 == run_.count) ? around_.number_end : at(street).end;
    out_.push_back({begin, end, "STREET_ADDRESS", score});
    return true;
  }

  // A company's suffix takes all that stands in front of it. Gives the first token that is left.
  std::size_t organisation() {
    for (std::size_t i = run_.count; i-- > 1;) {
      const bool suffix = at(i).is(kSuffix) || (at(i).is(kSuffixWeak) && !at(i).is(kCommon));
      const bool body = at(i).is(kBody) || (at(i).is(kBodyWeak) && i + 1 == run_.count && !at(i - 1).is(kCommon));
      if (!suffix && !body) continue;
      std::size_t first = 0;
      while (first < i && (at(first).is(kCommon) || at(first).particle) && !at(first).is(kPlace)) ++first;
      if (first == i) continue;
      tell(first, i, "ORGANIZATION", at(i).is(kSuffix) ? 0.85F : at(i).is(kBody) ? 0.65F : 0.5F);
      return i + 1;
    }
    return 0;
  }

  std::size_t one(std::size_t i) {
    if (at(i).particle) return 1;
    if (const std::size_t taken = place_of_words(i)) return taken;
    if (const std::size_t taken = titled(i)) return taken;
    if (at(i).is(kPlaceHead) && i + 1 < run_.count && !at(i + 1).is(kCommon) && !at(i + 1).initial) {
      tell(i, i + 1, "LOCATION", 0.5F);
      return 2;
    }
    if (const std::size_t taken = person(i)) return taken;
    if (at(i).is(kPlace) && !(at(i).is(kCommon) && around_.sentence_start)) {
      tell(i, i, "LOCATION", at(i).is(kFirst | kFirstWeak) ? 0.5F : 0.65F);
    }
    return 1;
  }

  std::size_t place_of_words(std::size_t i) {
    if (!at(i).is(kPlaceStart)) return 0;
    std::string phrase;
    std::size_t longest = 0;
    for (std::size_t n = 0; n < 5 && i + n < run_.count; ++n) {
      const FoldedWord word(text_.substr(at(i + n).begin, at(i + n).end - at(i + n).begin));
      if (word.view().empty()) break;
      if (n > 0) phrase += ' ';
      phrase += word.view();
      if ((lexicon_.find(phrase) & kPlacePhrase) != 0) longest = n + 1;
    }
    if (longest > 0) tell(i, i + longest - 1, "LOCATION", 0.75F);
    return longest;
  }

  // Part of a name as far as the word itself tells.
  bool namey(std::size_t i) const {
    const NameToken& token = at(i);
    if (token.initial || token.particle || token.comma) return false;
    if (token.is(kSurname | kFirst) || token.surname_like) return true;
    if (token.is(kCommon | kStreet | kSuffix | kTitle | kBody | kPlace)) return false;
    return true;
  }
  bool surname(std::size_t i) const { return at(i).is(kSurname) || at(i).surname_like; }

  // The rest of a name behind `i`: initials, small words, up to three parts. Gives its last token.
  struct Rest {
    std::size_t last = 0;
    std::size_t parts = 0;
    bool initials = false;
  };
  Rest rest(std::size_t i) const {
    Rest rest;
    rest.last = i;
    std::size_t j = i + 1;
    while (j < run_.count && rest.parts < 3) {
      if (at(j).initial && rest.parts == 0) {
        rest.initials = true;
        rest.last = j;
        ++j;
        continue;
      }
      std::size_t next = j;
      while (next < run_.count && at(next).particle) ++next;
      if (next == run_.count || !namey(next)) break;
      rest.last = next;
      ++rest.parts;
      j = next + 1;
    }
    return rest;
  }

  std::size_t titled(std::size_t i) {
    std::size_t name = i;
    bool sure = false;
    while (name < run_.count && at(name).is(kTitle | kTitleWeak)) {
      sure = sure || at(name).is(kTitle);
      ++name;
    }
    if (name == i || name == run_.count) return 0;
    const bool known = at(name).is(kFirst | kSurname) || at(name).surname_like;
    if (at(name).initial ? name + 1 >= run_.count : !namey(name)) return 0;
    if (!sure && !known) return 0;
    const Rest more = rest(name);
    tell(name, more.last, "PERSON", sure ? (known ? 0.95F : 0.85F) : 0.75F);
    return more.last + 1 - i;
  }

  std::size_t person(std::size_t i) {
    const NameToken& token = at(i);
    const Rest more = rest(i);
    const std::size_t taken = more.last + 1 - i;
    const bool announced = around_.announced > 0 && i == 0;
    const bool sentence_start = around_.sentence_start && i == 0;
    const bool surname_last = more.parts > 0 && surname(more.last);
    const bool unknown_last = more.parts > 0 && !at(more.last).known() && !at(more.last).all_capitals;
    float score = 0;
    if (token.initial) {
      // "J. Smith"; "A Tesla" is none.
      if (more.parts == 0) return 0;
      score = dot_behind(i) ? (surname_last ? 0.8F : unknown_last ? 0.55F : 0) : 0;
    } else if (token.is(kFirst)) {
      const bool doubtful = token.is(kCommon | kPlace);
      if (more.parts > 0) {
        score = surname_last ? 0.9F : unknown_last ? 0.8F : 0.65F;
      } else if (more.initials) {
        score = 0.7F;
      } else {
        score = token.all_capitals ? 0.4F : sentence_start ? 0.55F : 0.6F;
      }
      if (doubtful) score -= more.parts > 0 ? 0.1F : 0.35F;
    } else if (token.is(kFirstWeak)) {
      if (more.parts > 0) {
        score = surname_last                                  ? (token.is(kCommon) ? 0.6F : 0.75F)
                : unknown_last && !token.is(kCommon | kPlace) ? 0.5F
                                                              : 0.2F;
        if (more.initials && dot_behind(i + 1)) score += 0.2F;
      }
    } else if (namey(i) && !token.all_capitals) {
      if (more.initials && more.parts > 0 && dot_behind(i + 1)) {
        score = 0.75F;
      } else if (surname_last && more.parts <= 2 && !token.is(kCommon)) {
        score = token.is(kSurname) ? 0.55F : sentence_start ? 0.5F : 0.6F;
      } else if (more.parts == 0 && token.is(kSurname) && !token.is(kCommon | kPlace) && !sentence_start) {
        score = 0.45F;
      } else if (more.parts == 0 && token.surname_like && !token.known() && !sentence_start) {
        score = 0.45F;
      }
    } else {
      return 0;
    }
    if (announced && namey(i) && !token.is(kCommon)) {
      if (around_.announced == 2) score = std::max(score + 0.1F, more.parts > 0 || token.known() ? 0.85F : 0.6F);
      if (around_.announced == 1 && score >= kLeast) score += 0.1F;
    }
    if (score < kLeast) return 0;
    // John Wayne Airport, Santa Rosa.
    for (std::size_t j = i; j <= more.last + 1 && j < run_.count; ++j) {
      if (at(j).is(kFacility) && j > i) return taken;
    }
    if (i > 0 && at(i - 1).is(kFacility)) return taken;
    tell(i, more.last, "PERSON", score);
    return taken;
  }

  const Lexicon& lexicon_;
  std::string_view text_;
  const NameRun& run_;
  const NameSurroundings& around_;
  std::vector<NameFinding>& out_;
};

}  // namespace

void judge_run(const Lexicon& lexicon, std::string_view text, const NameRun& run, const NameSurroundings& around,
               std::vector<NameFinding>& out) {
  Judge(lexicon, text, run, around, out).judge();
}

}  // namespace gatehouse::guard
