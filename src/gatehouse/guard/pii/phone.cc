#include "gatehouse/guard/pii/phone.h"

#include <phonenumbers/phonenumberutil.h>

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "gatehouse/guard/pii/characters.h"

namespace gatehouse::guard::pii {
namespace {

namespace library = i18n::phonenumbers;

constexpr std::size_t kLongestNumber = 17;  // digits: 15 of E.164, and 00
constexpr std::size_t kLeastNumber = 7;

struct CountryCode {
  std::uint16_t code;
  std::uint8_t least;  // digits of national numbers
  std::uint8_t most;
};

// ITU-T E.164's list of assigned codes, and the lengths in use. The code of a prefix comes before longer ones never:
// codes are free of prefixes.
constexpr CountryCode kCodes[] = {
    {1, 10, 10},   {7, 10, 10},  {20, 8, 10},  {27, 9, 9},   {30, 10, 10},  {31, 9, 9},   {32, 8, 9},   {33, 9, 9},
    {34, 9, 9},    {36, 8, 9},   {39, 6, 12},  {40, 9, 9},   {41, 9, 9},    {43, 5, 13},  {44, 9, 10},  {45, 8, 8},
    {46, 7, 10},   {47, 8, 8},   {48, 9, 9},   {49, 5, 13},  {51, 8, 9},    {52, 10, 10}, {53, 6, 8},   {54, 10, 11},
    {55, 10, 11},  {56, 9, 9},   {57, 10, 10}, {58, 10, 10}, {60, 8, 10},   {61, 9, 9},   {62, 8, 12},  {63, 8, 10},
    {64, 8, 10},   {65, 8, 8},   {66, 8, 9},   {81, 9, 10},  {82, 8, 10},   {84, 9, 10},  {86, 10, 12}, {90, 10, 10},
    {91, 10, 10},  {92, 9, 10},  {93, 9, 9},   {94, 9, 9},   {95, 7, 10},   {98, 10, 10}, {211, 9, 9},  {212, 9, 9},
    {213, 8, 9},   {216, 8, 8},  {218, 8, 9},  {220, 7, 7},  {221, 9, 9},   {222, 8, 8},  {223, 8, 8},  {224, 9, 9},
    {225, 10, 10}, {226, 8, 8},  {227, 8, 8},  {228, 8, 8},  {229, 8, 10},  {230, 7, 8},  {231, 7, 9},  {232, 8, 8},
    {233, 9, 9},   {234, 7, 10}, {235, 8, 8},  {236, 8, 8},  {237, 9, 9},   {238, 7, 7},  {239, 7, 7},  {240, 9, 9},
    {241, 7, 8},   {242, 9, 9},  {243, 7, 9},  {244, 9, 9},  {245, 7, 9},   {246, 7, 7},  {247, 4, 6},  {248, 7, 7},
    {249, 9, 9},   {250, 9, 9},  {251, 9, 9},  {252, 7, 9},  {253, 8, 8},   {254, 7, 10}, {255, 9, 9},  {256, 9, 9},
    {257, 8, 8},   {258, 8, 9},  {260, 9, 9},  {261, 9, 9},  {262, 9, 9},   {263, 8, 10}, {264, 8, 9},  {265, 7, 9},
    {266, 8, 8},   {267, 7, 8},  {268, 8, 8},  {269, 7, 7},  {290, 4, 5},   {291, 7, 7},  {297, 7, 7},  {298, 6, 6},
    {299, 6, 6},   {350, 8, 8},  {351, 9, 9},  {352, 6, 11}, {353, 7, 9},   {354, 7, 9},  {355, 8, 9},  {356, 8, 8},
    {357, 8, 8},   {358, 6, 11}, {359, 7, 9},  {370, 8, 8},  {371, 8, 8},   {372, 7, 8},  {373, 8, 8},  {374, 8, 8},
    {375, 9, 9},   {376, 6, 9},  {377, 8, 9},  {378, 6, 10}, {380, 9, 9},   {381, 8, 9},  {382, 8, 8},  {383, 8, 8},
    {385, 8, 9},   {386, 8, 8},  {387, 8, 8},  {389, 8, 8},  {420, 9, 9},   {421, 9, 9},  {423, 7, 7},  {500, 5, 5},
    {501, 7, 7},   {502, 8, 8},  {503, 8, 8},  {504, 8, 8},  {505, 8, 8},   {506, 8, 8},  {507, 7, 8},  {508, 6, 6},
    {509, 8, 8},   {590, 9, 9},  {591, 8, 8},  {592, 7, 7},  {593, 8, 9},   {594, 9, 9},  {595, 9, 9},  {596, 9, 9},
    {597, 6, 7},   {598, 8, 8},  {599, 7, 8},  {670, 7, 8},  {672, 6, 6},   {673, 7, 7},  {674, 7, 7},  {675, 8, 8},
    {676, 5, 7},   {677, 5, 7},  {678, 5, 7},  {679, 7, 7},  {680, 7, 7},   {681, 6, 6},  {682, 5, 5},  {683, 4, 7},
    {685, 5, 7},   {686, 8, 8},  {687, 6, 6},  {688, 5, 7},  {689, 8, 8},   {690, 4, 7},  {691, 7, 7},  {692, 7, 7},
    {800, 8, 8},   {850, 8, 10}, {852, 8, 8},  {853, 8, 8},  {855, 8, 9},   {856, 8, 10}, {870, 9, 9},  {880, 8, 10},
    {881, 8, 9},   {882, 7, 12}, {883, 7, 12}, {886, 8, 9},  {888, 11, 11}, {960, 7, 7},  {961, 7, 8},  {962, 8, 9},
    {963, 8, 9},   {964, 8, 10}, {965, 8, 8},  {966, 9, 9},  {967, 7, 9},   {968, 8, 8},  {970, 8, 9},  {971, 8, 9},
    {972, 8, 9},   {973, 8, 8},  {974, 8, 8},  {975, 7, 8},  {976, 8, 8},   {977, 8, 10}, {992, 9, 9},  {993, 8, 8},
    {994, 9, 9},   {995, 9, 9},  {996, 9, 9},  {998, 9, 9}};

// The North American plan: area codes and exchanges begin with 2 to 9 and are no service codes (N11).
bool is_north_american(std::string_view ten) {
  const auto good = [](std::string_view code) { return code[0] >= '2' && !(code[1] == '1' && code[2] == '1'); };
  return ten.size() == 10 && good(ten) && good(ten.substr(3));
}

// What may part two groups: up to three of these, brackets in pairs.
constexpr bool is_between(char c) { return c == ' ' || c == '-' || c == '.' || c == '/' || c == '(' || c == ')'; }

}  // namespace

int country_code(std::string_view digits, std::string_view& national) {
  int code = 0;
  for (std::size_t n = 1; n <= 3 && n < digits.size(); ++n) {
    code = code * 10 + (digits[n - 1] - '0');
    const auto* found = std::ranges::lower_bound(kCodes, code, {}, &CountryCode::code);
    if (found == std::end(kCodes) || found->code != code) continue;
    national = digits.substr(n);
    // "+44 (0) 20 ...": the zero of calls at home, which is not dialled from abroad.
    if (national.size() > found->most && national[0] == '0') national.remove_prefix(1);
    return national.size() >= found->least && national.size() <= found->most ? code : 0;
  }
  return 0;
}

Result<Phones> Phones::make(std::uint16_t kind, const std::vector<std::string>& regions) {
  Phones phones;
  phones.kind_ = kind;
  const auto* util = library::PhoneNumberUtil::GetInstance();
  for (const std::string& region : regions) {
    const int code = util->GetCountryCodeForRegion(region);
    if (code == 0) return fail(Code::configuration, fmt::format("'{}' is no region of telephone numbers", region));
    if (std::ranges::none_of(phones.regions_, [&](const Region& other) { return other.country_code == code; })) {
      phones.regions_.push_back({region, code});
    }
  }
  return phones;
}

bool Phones::is_valid(int country_code, std::string_view national, std::size_t& library_calls) const {
  if (++library_calls > kMostLibraryCalls) return true;
  library::PhoneNumber number;
  number.set_country_code(country_code);
  std::uint64_t value = 0;
  std::size_t zeros = 0;
  while (zeros < national.size() && national[zeros] == '0') ++zeros;
  for (const char c : national) value = value * 10 + static_cast<std::uint64_t>(c - '0');
  number.set_national_number(value);
  if (zeros > 0 && country_code == 39) {  // Italy's numbers keep their zero
    number.set_italian_leading_zero(true);
    number.set_number_of_leading_zeros(static_cast<std::int32_t>(zeros));
  }
  return library::PhoneNumberUtil::GetInstance()->IsValidNumber(number);
}

void Phones::at(Scene& scene, std::size_t digit, std::size_t& library_calls) const {
  const std::string_view text = scene.text;
  const KindFacts& facts = scene.facts(kind_);
  if (!scene.wanted(kind_, std::max(facts.score, facts.score_near))) return;
  std::size_t begin = digit;
  bool plus = false;
  if (begin > 0 && text[begin - 1] == '(') --begin;
  const bool bracket = begin != digit;
  if (begin > 0 && text[begin - 1] == '+') {
    --begin;
    plus = true;
    if (begin > 0 && text[begin - 1] == '(') --begin;  // "(+49) 30 ..."
  }
  const bool outer_bracket = plus && text[begin] == '(';
  if (begin > 0) {
    if (!free_before(text, begin)) return;
    const char c = text[begin - 1];
    if (std::string_view("-._/=&#%@$*\\").find(c) != std::string_view::npos || c == '+') return;
    // A group behind a group is in the middle of a number.
    if (!plus && !bracket && begin > 1 && (c == ' ' || c == ')' || c == ',') && is_number(text[begin - 2]) &&
        c != ',') {
      return;
    }
  }

  PhoneForm form{.plus = plus, .brackets = bracket || outer_bracket};
  PhoneForm shorter;  // without the last group, where a space parted it
  std::size_t at = digit;
  std::size_t open_brackets = bracket || outer_bracket ? 1 : 0;
  while (true) {
    const std::size_t group = at;
    while (at < text.size() && at - group <= kLongestNumber && is_number(text[at])) {
      if (form.digits == kLongestNumber) break;
      form.compact[form.digits++] = text[at++];
    }
    if (at < text.size() && is_number(text[at])) {
      form = shorter;  // too long: perhaps without what was appended last
      break;
    }
    if (scene.cut(at)) {
      scene.hold(begin);
      return;
    }
    form.last_group = static_cast<std::uint8_t>(at - group);
    if (form.groups == 0) form.first_group = form.last_group;
    ++form.groups;
    form.end = at;
    // To the next group.
    std::size_t next = at;
    std::size_t opened = open_brackets;
    bool wrong = false;
    bool space = false;
    while (next < text.size() && next - at < 4) {
      const SeparatorAt separator = separator_at(text, next);
      if (separator.kind != kNone && separator.length == 0) break;
      if (separator.kind == kSpace || separator.kind == kDash) {
        space |= separator.kind == kSpace;
        next += separator.length;
        continue;
      }
      const char c = text[next];
      if (!is_between(c)) break;
      if (c == '(') wrong |= opened++ > 0 || form.brackets;
      if (c == ')') wrong |= opened-- == 0;
      form.brackets |= c == '(';
      ++next;
    }
    if (scene.cut(next) || (next < text.size() && separator_at(text, next).kind != kNone &&
                            separator_at(text, next).length == 0 && !scene.complete)) {
      scene.hold(begin);
      return;
    }
    if (wrong || next == at || next - at > 4 || next >= text.size() || !is_number(text[next])) break;
    if (space && open_brackets == opened) shorter = form;
    if (next - at >= 3 && !form.brackets && !space) break;
    open_brackets = opened;
    at = next;
  }
  if (form.digits < kLeastNumber) return;
  // What comes behind says whether the number ends here.
  const auto edge = [&](std::size_t end) {
    if (!free_behind(text, end)) return false;
    if (end < text.size() && (text[end] == '@' || text[end] == '%')) return false;
    if (end + 1 >= text.size() || !is_alnum(text[end + 1])) return true;
    const char c = text[end];
    return !(c == '_' || c == '/' || ((c == '-' || c == '.' || c == ':' || c == ',') && is_number(text[end + 1])));
  };
  if (scene.cut(form.end + 1)) {
    scene.hold(begin);
    return;
  }
  if (!edge(form.end)) return;
  judge(scene, begin, form, library_calls);
}

void Phones::judge(Scene& scene, std::size_t begin, const PhoneForm& form, std::size_t& library_calls) const {
  const std::string_view digits(form.compact, form.digits);
  const KindFacts& facts = scene.facts(kind_);
  const bool grouped = form.groups > 1 || form.brackets;
  // Nothing but zeros, or one digit all over, is a filler.
  if (digits.find_first_not_of(digits.front()) == std::string_view::npos) return;

  // Where a word speaks for it nobody else need.
  const bool named = scene.near_before(kind_, begin);
  float score = 0.05F;
  float near = grouped || digits.size() >= 9 ? facts.score_near : 0.55F;
  bool ask = false;
  std::string_view national;
  int code = 0;
  if (form.plus || digits.starts_with("00")) {
    code = country_code(form.plus ? digits : digits.substr(2), national);
    if (code == 0) {
      near = form.plus ? 0.6F : 0.5F;
      score = form.plus ? 0.3F : 0.05F;
    } else {
      score = form.plus ? 0.8F : grouped ? 0.6F : 0.3F;
      ask = true;
    }
  } else {
    if (digits.size() > 13) return;
    // Dates and amounts come in groups as well.
    if (grouped && form.groups >= 3 && !form.brackets && form.first_group == 4 && digits.size() == 8) near = 0.3F;
    if (grouped) score = 0.2F;
    for (const Region& region : regions_) {
      std::string_view home = digits;
      if (region.country_code == 1) {
        if (home.size() == 11 && home[0] == '1') home.remove_prefix(1);
        if (!is_north_american(home)) continue;
        // As it is written there: (415) 555-0132, 415-555-0132, 415.555.0132, 415 555 0132.
        const bool usual = form.last_group == 4 && form.groups >= 2 &&
                           (form.first_group == 3 || (form.first_group == 1 && form.groups == 4));
        score = usual ? (form.brackets ? 0.75F : 0.6F) : grouped ? 0.35F : 0.2F;
      } else {
        if (home.size() < 9 || home.size() > 12 || home[0] != '0' || home[1] == '0') continue;
        if (region.country_code != 39) home.remove_prefix(1);
        score = grouped && form.last_group > 2 ? 0.55F : grouped ? 0.5F : 0.3F;
      }
      national = home;
      code = region.country_code;
      if (scene.wanted(kind_, score) && (named || is_valid(code, national, library_calls))) {
        scene.judge(kind_, begin, form.end, score, std::max(near, score));
        return;
      }
      score = 0.2F;
    }
  }
  if (ask && scene.wanted(kind_, score) && !named && !is_valid(code, national, library_calls)) {
    // The library does not know the range, and numbering plans grow; examples in texts are seldom from a real one.
    score = form.plus ? 0.55F : 0.2F;
  }
  scene.judge(kind_, begin, form.end, score, std::max(near, score));
}

}  // namespace gatehouse::guard::pii
