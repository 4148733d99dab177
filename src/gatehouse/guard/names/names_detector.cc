#include "gatehouse/guard/names/names_detector.h"

#include <algorithm>
#include <array>
#include <bit>
#include <string>
#include <utility>

#include "gatehouse/base/strings.h"
#include "gatehouse/guard/names/capital_scan.h"
#include "gatehouse/guard/names/learned_names.h"
#include "gatehouse/guard/names/lexicon.h"
#include "gatehouse/guard/names/merge.h"
#include "gatehouse/guard/names/name_judge.h"
#include "gatehouse/guard/names/name_run.h"
#include "gatehouse/guard/terms/glyphs.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace gatehouse::guard {
namespace {

constexpr std::array<EntityInfo, 13> kEntities = {{
    {"PERSON", "name of a person, by dictionary and form, or by a model", ""},
    {"LOCATION", "country, state, city or another place", "", true},
    {"ORGANIZATION", "company or institution, by what its name ends with, or by a model", "", true},
    {"STREET_ADDRESS", "street with a house number, or a whole address", ""},
    {"ZIP_CODE", "postal code, by a model", ""},
    {"DATE_OF_BIRTH", "date of birth, by context words or by a model", ""},
    {"NATIONALITY", "nationality, religion or political conviction, by a model", "", true},
    {"TITLE", "form of address, rank or profession, by a model", "", true},
    {"AGE", "age of a person, by a model", "", true},
    {"DATE_TIME", "date or time of day, by a model", "", true},
    {"MEDICAL_CONDITION", "disease, injury or finding, by a model", "", true},
    {"MEDICATION", "drug or treatment, by a model", "", true},
    {"LEGAL_REFERENCE", "law, case or docket number, by a model", "", true},
}};

// What surely announces a name, also one that nobody knows, and one in small letters.
constexpr std::string_view kAnnouncements[] = {
    "\\bmy name is ",
    "\\bmy name's ",
    "\\bname: ",
    "\\bje m'appelle ",
    "\\bme llamo ",
    "\\bmi nombre es ",
    "\\bmi chiamo ",
    "\\bmein name ist ",
    "\\bich hei\\xc3\\x9fe ",
    "\\bich heisse ",
    "\\bmeu nome \\xc3\\xa9 ",
    "\\bik heet ",
    "\\bjag heter ",
    "\\bjeg heter ",
    "\\bnazywam si\\xc4\\x99 ",
};
// What may announce one. Looked for where a name may begin, not by the matcher: prose is full of them.
constexpr std::string_view kPerhaps[] = {"name is", "call me", "i am",    "i'm",       "this is",  "dear",      "named",
                                         "called",  "contact", "patient", "signed by", "regards,", "sincerely,"};

bool is_in_word(char c) { return base::is_digit(c) || c == '_' || (base::lower(c) >= 'a' && base::lower(c) <= 'z'); }

// Their last two characters, in bits: by the last one, the letters that stand before it, and in bit 26 the apostrophe.
// Most words do not end so.
constexpr auto kEndsOfPerhaps = [] {
  std::array<std::uint32_t, 256> ends{};
  for (const std::string_view one : kPerhaps) {
    const char before = one[one.size() - 2];
    const auto bit = before == '\'' ? 26U : static_cast<unsigned>(before - 'a');
    ends[static_cast<unsigned char>(one.back())] |= 1U << bit;
  }
  for (unsigned char c = 'a'; c <= 'z'; ++c) ends[c - 0x20U] = ends[c];
  return ends;
}();
bool ends_like_announcement(char before, char last) {
  const char small = base::lower(before);
  const bool letter = small >= 'a' && small <= 'z';
  if (!letter && before != '\'') return false;
  const unsigned bit = letter ? static_cast<unsigned>(small - 'a') : 26U;
  return (kEndsOfPerhaps[static_cast<unsigned char>(last)] >> bit & 1U) != 0;
}

// Whether one of them and a blank stand in front of `at`.
bool perhaps_announced(std::string_view text, std::size_t at) {
  if (at < 4 || text[at - 1] != ' ') return false;
  if (!ends_like_announcement(text[at - 3], text[at - 2])) return false;
  const std::string_view before = text.substr(0, at - 1);
  const char last = base::lower(before.back());
  return std::ranges::any_of(kPerhaps, [&](std::string_view one) {
    if (before.size() < one.size() || one.back() != last) return false;
    const std::size_t begin = before.size() - one.size();
    return base::equals_ignore_case(before.substr(begin), one) && (begin == 0 || !is_in_word(before[begin - 1]));
  });
}

// A house number and a street word in small letters, as French has it.
constexpr std::string_view kStreets[] = {
    "[0-9] rue ",    "[0-9], rue ",    "[0-9] avenue ", "[0-9], avenue ", "[0-9] boulevard ", "[0-9], boulevard ",
    "[0-9] chemin ", "[0-9], chemin ", "[0-9] place ",  "[0-9], place ",  "[0-9] quai ",      "[0-9] all\\xc3\\xa9e "};
constexpr std::string_view kStreetWords[] = {"rue",
                                             "avenue",
                                             "boulevard",
                                             "chemin",
                                             "place",
                                             "quai",
                                             "all\xC3\xA9"
                                             "e"};

// The house number that ends at `end` (one or two blanks or a comma and a blank behind it skipped): where it begins, or
// `end` where there is none.
// False: none is there, by the three bytes in front of `end`. Most capitals of prose are settled by it.
bool may_follow_number(std::string_view text, std::size_t end) {
  if (end < 3) return true;
  if (text[end - 1] != ' ') return false;
  const char before = base::lower(text[end - 2]);
  if (before >= 'a' && before <= 'z') return base::is_digit(text[end - 3]);
  return before == ' ' || before == ',' || base::is_digit(before);
}

std::size_t number_before(std::string_view text, std::size_t end) {
  if (end == 0 || (text[end - 1] != ' ' && end != text.size())) return end;
  std::size_t at = end;
  std::size_t blanks = 0;
  while (at > 0 && text[at - 1] == ' ' && blanks < 2) {
    --at;
    ++blanks;
  }
  if (at > 0 && (blanks > 0 || end == text.size()) && text[at - 1] == ',') --at;
  const std::size_t behind = at;
  if (at >= 2 && ((text[at - 1] >= 'a' && text[at - 1] <= 'z') || (text[at - 1] >= 'A' && text[at - 1] <= 'Z')) &&
      base::is_digit(text[at - 2])) {
    --at;
  }
  const std::size_t digits_end = at;
  while (at > 0 && digits_end - at < 6 && base::is_digit(text[at - 1])) --at;
  const std::size_t digits = digits_end - at;
  if (digits == 0 || digits > 5 || behind == end) return end;
  if (at > 0) {
    const char before = text[at - 1];
    const bool inside = base::is_digit(before) || (base::lower(before) >= 'a' && base::lower(before) <= 'z');
    if (inside || std::string_view(".,:/-_$#").contains(before)) return end;
  }
  return at;
}

bool begins_sentence(std::string_view text, std::size_t at) {
  for (std::size_t back = 0; back < 4; ++back) {
    if (at == 0) return true;
    const char c = text[--at];
    if (c == '.' || c == '!' || c == '?' || c == '\n' || c == ':') return true;
    if (c != ' ' && c != '"' && c != '\'' && c != '*' && c != '>' && c != '-') return false;
  }
  return false;
}

}  // namespace

class NamesDetector::Lexicon : public guard::Lexicon {};

NamesDetector::NamesDetector() : lexicon_(std::make_unique<Lexicon>()) {}
NamesDetector::~NamesDetector() = default;

std::span<const EntityInfo> NamesDetector::entities() const { return kEntities; }

// As it is written: the other readings have no capitals, or are none of prose.
text::ViewKinds NamesDetector::views(Direction) const { return {text::ViewKind::original, text::ViewKind::json}; }

bool NamesDetector::concerns(Direction, llm::Role, llm::SegmentKind kind) const {
  return kind != llm::SegmentKind::media && kind != llm::SegmentKind::url;
}

std::vector<Trigger> NamesDetector::triggers() const {
  std::vector<Trigger> triggers;
  const auto add = [&](std::string_view pattern) {
    triggers.push_back({static_cast<std::uint32_t>(triggers.size()), std::string(pattern), true, false});
  };
  for (const std::string_view pattern : kAnnouncements) add(pattern);
  for (const std::string_view pattern : kStreets) add(pattern);
  return triggers;
}

namespace {

#if defined(__SSE2__)
// From byte 16 - n on, n that are kept and 16 that are not.
constexpr auto kFirstBytes = [] {
  std::array<char, 32> bytes{};
  for (std::size_t i = 0; i < 16; ++i) bytes[i] = static_cast<char>(0xFF);
  return bytes;
}();
#endif

// One look.
class Reader {
 public:
  Reader(const Lexicon& lexicon, const Look& look, std::span<const Hit> hits)
      : lexicon_(lexicon), look_(look), text_(look.text), hits_(hits), frontier_(look.text.size()) {
    if (!look.complete) {
      frontier_ = word_in_progress(text_, 128);
      hold(number_before(text_, text_.size()));
      // "12 ru": a street word may be coming.
      const std::size_t number = number_before(text_, frontier_);
      const std::string_view word = text_.substr(std::min(frontier_, text_.size()));
      for (const std::string_view street : kStreetWords) {
        if (!word.empty() && number < text_.size() - word.size() && begins_like(street, word)) hold(number);
      }
    }
  }

  // What is found anywhere in the text, in the order of begin; gives how far it is sure.
  std::size_t read() {
    small_letters();
    NameRun run;
    Capitals capitals(text_);
    for (std::size_t at = capitals.next(0); at < text_.size(); at = capitals.next(at)) {
      if (const std::size_t end = ordinary(at); end > at) {
        at = end;
        continue;
      }
      read_run(lexicon_, text_, at, look_.complete, run);
      const std::size_t next = std::max(run.end, at + 1);
      if (run.open) {
        if (!run.too_long) hold(number_before(text_, at));
      } else if (!run.too_long && run.count > 0 && is_worth_judging(run)) {
        judge(run);
      }
      at = next;
    }
    std::ranges::sort(found_, {}, [](const NameFinding& one) { return std::pair(one.begin, one.end); });
    return std::max(frontier_, look_.from);
  }
  const std::vector<NameFinding>& found() const { return found_; }

 private:
  static bool begins_like(std::string_view street, std::string_view word) {
    return word.size() <= street.size() && base::equals_ignore_case(street.substr(0, word.size()), word);
  }
  void hold(std::size_t begin) {
    if (begin >= look_.from) frontier_ = std::min(frontier_, begin);
  }

  // 0: not announced, 1: perhaps, 2: surely.
  int announced(std::size_t at) const {
    if (hits_.empty()) return perhaps_announced(text_, at) ? 1 : 0;
    auto hit = std::ranges::lower_bound(hits_, at, {}, &Hit::end);
    for (; hit != hits_.end() && hit->end == at; ++hit) {
      if (hit->trigger < std::size(kAnnouncements)) return 2;
    }
    return perhaps_announced(text_, at) ? 1 : 0;
  }

  // Where the word at `at` ends, if it is one that everybody uses and no other may belong to it: nothing comes of it.
  // It is what read_run and is_worth_judging would make of it, at a fraction of the cost, and most capitals of prose
  // are such. `at` where that is not plain.
  std::size_t ordinary(std::size_t at) const {
    if (!look_.complete) return at;
    Lexicon::ShortWord word;
    const std::size_t size = short_word(at, word);
    const std::size_t end = at + size;
    if (size == 0 || size > Lexicon::ShortWord::kMost || end + 2 >= text_.size()) return at;
    if (!lexicon_.only_common(word) || !ends_run(end, size == 1)) return at;
    if (may_follow_number(text_, at) && number_before(text_, at) != at) return at;
    return announced(at) == 0 ? end : at;
  }

  // The ASCII letters from `at` on, small; how many there are, of which 16 are counted.
  std::size_t short_word(std::size_t at, Lexicon::ShortWord& word) const {
    std::array<char, 16> letters{};
    std::size_t size = 0;
#if defined(__SSE2__)
    if (at + letters.size() <= text_.size()) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text_.data() + at));
      const __m128i small = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
      // Less than 26 above 'a', as signed numbers moved by 128.
      const __m128i is_letter =
          _mm_cmplt_epi8(_mm_add_epi8(small, _mm_set1_epi8(static_cast<char>(0x80 - 'a'))), _mm_set1_epi8(-128 + 26));
      size = static_cast<std::size_t>(std::countr_one(static_cast<unsigned>(_mm_movemask_epi8(is_letter))));
      const __m128i kept = _mm_and_si128(
          small, _mm_loadu_si128(reinterpret_cast<const __m128i*>(kFirstBytes.data() + letters.size() - size)));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(letters.data()), kept);
      word = std::bit_cast<Lexicon::ShortWord>(letters);
      return size;
    }
#endif
    for (; at + size < text_.size() && size < letters.size(); ++size) {
      const char c = base::lower(text_[at + size]);
      if (c < 'a' || c > 'z') break;
      letters[size] = c;
    }
    word = std::bit_cast<Lexicon::ShortWord>(letters);
    return size;
  }

  // Whether the run of a common word is over at `end`, two bytes before the text's end or earlier.
  bool ends_run(std::size_t end, bool initial) const {
    const char next = text_[end + 1];
    switch (text_[end]) {
      case ' ':
        return begins_no_particle(next, text_[end + 2]) ||
               (next >= 'a' && next <= 'z' && is_ordinary_word(text_, end + 1, true));
      case ',':
        return next == '\n' || (next == ' ' && text_[end + 2] >= 'a' && text_[end + 2] <= 'z');
      case '\'':
        return next >= 'a' && next <= 'z';
      case '.':
        return !initial;
      case '\n':
      case '?':
      case '!':
      case ':':
      case ';':
      case '"':
      case ')':
        return true;
      default:
        return false;
    }
  }

  // Most capitals begin a sentence with a word that everybody uses.
  bool is_worth_judging(const NameRun& run) const {
    const NameToken& only = run.tokens[0];
    if (run.count > 1 || only.is(~lexeme::kCommon) || only.surname_like || only.street_like) return true;
    return announced(only.begin) > 0 || number_before(text_, only.begin) < only.begin;
  }

  void judge(const NameRun& run) {
    NameSurroundings around;
    const std::size_t begin = run.tokens[0].begin;
    around.announced = announced(begin);
    around.sentence_start = begins_sentence(text_, begin);
    const std::size_t number = number_before(text_, begin);
    around.number_before = number < begin;
    around.number_begin = number;
    // A house number behind a street: looked for only where there is one.
    bool street = around.number_before;
    for (std::size_t i = 0; i < run.count; ++i) {
      street |= run.tokens[i].street_like || run.tokens[i].is(lexeme::kStreetPrefix | lexeme::kStreet | lexeme::kUnit);
    }
    if (street) {
      std::size_t at = run.end;
      if (at < text_.size() && text_[at] == '.') ++at;
      const std::size_t digits = at + 1;
      const std::size_t limit = std::min(text_.size(), digits + 6);
      std::size_t end = std::min(digits, text_.size());
      if (at < text_.size() && text_[at] == ' ') {
        while (end < limit && base::is_digit(text_[end])) ++end;
        if (end > digits && end < text_.size() && base::lower(text_[end]) >= 'a' && base::lower(text_[end]) <= 'f')
          ++end;
      }
      if (!look_.complete && (end >= text_.size() || glyph_at(text_, end).unfinished)) return hold(number);
      const bool word_behind = end < text_.size() && glyph_at(text_, end).kind == Glyph::Kind::word;
      if (end > digits && end - digits <= 5 && !word_behind) {
        around.number_after = true;
        around.number_end = end;
      }
    }
    judge_run(lexicon_, text_, run, around, found_);
  }

  // Behind what surely announces a name, and French streets.
  void small_letters() {
    for (const Hit& hit : hits_) {
      if (hit.trigger >= std::size(kAnnouncements)) {
        french_street(hit.end);
      } else if (hit.end < text_.size() && text_[hit.end] >= 'a' && text_[hit.end] <= 'z') {
        small_name(hit.end);
      }
    }
  }

  void small_name(std::size_t begin) {
    std::size_t at = begin;
    std::size_t end = begin;
    for (int words = 0; words < 3; ++words) {
      const std::size_t stop = word_end(text_, at, look_.complete);
      if (stop == text_.size() && !look_.complete) return hold(begin);
      if (stop == at) break;
      const NameToken token = token_of(lexicon_, text_, at, stop);
      const bool first = token.is(lexeme::kFirst) && !token.is(lexeme::kCommon);
      const bool more = first || (token.is(lexeme::kSurname | lexeme::kFirstWeak) && !token.is(lexeme::kCommon)) ||
                        token.surname_like;
      if (words == 0 ? !first : !more) break;
      end = stop;
      if (stop + 1 >= text_.size() && !look_.complete) return hold(begin);
      if (stop >= text_.size() || text_[stop] != ' ') break;
      at = stop + 1;
      if (at < text_.size() && !(text_[at] >= 'a' && text_[at] <= 'z')) break;
    }
    if (end > begin) found_.push_back({begin, end, "PERSON", 0.75F});
  }

  void french_street(std::size_t behind) {
    // Back to the number: the word, a blank, perhaps a comma.
    std::size_t word = behind - 1;
    while (word > 0 && text_[word - 1] != ' ') --word;
    const std::size_t begin = number_before(text_, word);
    if (begin == word) return;
    std::size_t at = behind;
    std::size_t end = 0;
    for (int words = 0; words < 6; ++words) {
      const std::size_t stop = word_end(text_, at, look_.complete);
      if (stop == text_.size() && !look_.complete) return hold(begin);
      if (stop == at) break;
      const bool capital = begins_capital(text_, at);
      const bool small = stop - at <= 3;
      if (!capital && !small) break;
      if (capital) end = stop;
      if (stop + 1 >= text_.size() && !look_.complete) return hold(begin);
      if (stop >= text_.size() || (text_[stop] != ' ' && text_[stop] != '\'')) break;
      at = stop + 1;
    }
    if (end > 0) found_.push_back({begin, end, "STREET_ADDRESS", 0.75F});
  }

  const Lexicon& lexicon_;
  const Look& look_;
  std::string_view text_;
  std::span<const Hit> hits_;
  std::size_t frontier_;
  std::vector<NameFinding> found_;
};

}  // namespace

std::size_t NamesDetector::look(const Look& look, std::span<const Hit> hits, Findings& out) const {
  Reader reader(*lexicon_, look, hits);
  const std::size_t sure = reader.read();
  const bool learned = look.meaning != nullptr && look.meaning->answers().has(ml::Want::entities);
  if (learned && look.view == text::ViewKind::original) {
    return read_with_model(*lexicon_, look, reader.found(), sure, out);
  }
  for (const NameFinding& one : reader.found()) {
    if (one.begin < look.from || one.begin >= sure) continue;
    // A model has read the text as it is written: of other readings only what it cannot doubt is news.
    if (learned && one.score < kSure) continue;
    out.add({Family::pii, one.entity, detector_of(one.entity), one.begin, one.end, one.score, look.view});
  }
  return sure;
}

}  // namespace gatehouse::guard
