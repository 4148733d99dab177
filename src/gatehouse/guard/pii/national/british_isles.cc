#include <array>

#include "gatehouse/guard/pii/national/digits.h"
#include "gatehouse/guard/pii/national/national.h"

namespace gatehouse::guard::pii::national {
namespace {

// NHS Data Dictionary, "NHS number": weights 10 to 2, the check digit is 11 less the remainder by 11.
bool nhs(std::string_view s) {
  const int check = 11 - sum(s, {10, 9, 8, 7, 6, 5, 4, 3, 2}) % 11;
  return !all_same(s) && check != 10 && check % 11 == digit(s[9]);
}

// HMRC, National Insurance Manual NIM39110: letters and prefixes that are not used; the suffix is A to D.
bool nino(std::string_view s) {
  constexpr std::array<std::string_view, 7> kUnused = {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"};
  for (const auto prefix : kUnused) {
    if (s.substr(0, 2) == prefix) return false;
  }
  return !one_of(s[0], "DFIQUV") && !one_of(s[1], "DFIOQUV") && one_of(s[8], "ABCD");
}

// DVLA, "Driver number": five of the surname filled up with 9, the decade, the month (50 more for women), the day, the
// year's last digit, two initials (9 for none), a digit and two check letters (their rule is not published).
bool driving_licence(std::string_view s) {
  const std::size_t filler = s.substr(0, 5).find('9');
  const std::size_t name = filler == std::string_view::npos ? 5 : filler;
  for (std::size_t i = 0; i < 5; ++i) {
    if (i < name ? !is_upper(s[i]) : s[i] != '9') return false;
  }
  const int month = two(s, 6) > 50 ? two(s, 6) - 50 : two(s, 6);
  return is_short_date(digit(s[5]) * 10 + digit(s[10]), month, two(s, 8)) && (is_upper(s[12]) || s[12] == '9');
}

// Royal Mail, Programmers' Guide to PAF: the postcode areas, and the letters of the inward code.
constexpr std::string_view kAreas =
    " AB AL B BA BB BD BF BH BL BN BR BS BT BX CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX FK "
    "FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN NP NR "
    "NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC "
    "WD WF WN WR WS WV YO ZE ";

bool postcode(std::string_view s) {
  if (s == "GIR0AA") return true;
  const std::string_view inward = s.substr(s.size() - 3);
  if (one_of(inward[1], "CIKMOV") || one_of(inward[2], "CIKMOV")) return false;
  const std::string_view outward = s.substr(0, s.size() - 3);
  const std::size_t area = is_upper(outward[1]) ? 2 : 1;
  std::array<char, 4> wanted = {' ', outward[0], ' ', ' '};
  if (area == 2) wanted[2] = outward[1];
  if (kAreas.find(std::string_view(wanted.data(), area + 2)) == std::string_view::npos) return false;
  // A letter behind the district's digit: only in London and a few others, and not every letter.
  if (!is_upper(outward.back())) return true;
  return area == 1 ? one_of(outward.back(), "ABCDEFGHJKPSTUW") : one_of(outward.back(), "ABEHMNPRVWXY");
}

// DVLA, INF104 "Vehicle registration numbers and number plates": since 2001 two letters, the half year (02 to 29 for
// March, 51 to 79 for September), three letters.
bool current_plate(std::string_view s) {
  const int age = two(s, 2);
  return !one_of(s[0], "IQZ") && !one_of(s[1], "IQ") && (in(age, 2, 29) || in(age, 51, 79)) &&
         s.substr(4).find_first_of("IQ") == std::string_view::npos;
}
// 1983 to 2001 the year's letter in front, 1963 to 1983 behind; I, O, Q, U and Z were no year's.
constexpr std::string_view kNoYear = "IOQUZ";
bool prefix_plate(std::string_view s) {
  return !one_of(s[0], kNoYear) && s[1] != '0' && s.substr(s.size() - 3).find_first_of("IQ") == std::string_view::npos;
}
bool suffix_plate(std::string_view s) {
  return !one_of(s.back(), kNoYear) && s[3] != '0' && s.substr(0, 3).find_first_of("IQ") == std::string_view::npos;
}

// Department of Social Protection, "PPS number": weights 8 to 2, a second letter counts 9 times; the check letter is the
// remainder by 23, W for 0. S.I. 2012: second letters A and B (people), H (others); W was a wife's.
bool pps(std::string_view s) {
  int total = sum(s, {8, 7, 6, 5, 4, 3, 2});
  if (s.size() == 9 && s[8] != 'W') {
    if (!in(s[8], 'A', 'I')) return false;
    total += (s[8] - 'A' + 1) * 9;
  }
  return s[7] == "WABCDEFGHIJKLMNOPQRSTUV"[total % 23];
}

constexpr std::string_view kPlateWords =
    "registration|number plate|licence plate|license plate|reg|reg no|vehicle reg|vrm|vrn|plate|dvla";

constexpr Kind kKinds[] = {
    {.entity = "UK_NHS",
     .description = "National Health Service number, England, Wales and the Isle of Man",
     .country = "GB",
     .shapes = "###-###-####",
     .valid = nhs,
     .words = "nhs|national health|chi number|health number",
     .score = 0.35F,
     .score_near = 0.95F},
    {.entity = "UK_NINO",
     .description = "National Insurance number",
     .country = "GB",
     .shapes = "@@_##_##_##_@",
     .valid = nino,
     .words = "national insurance|nino|ni number|ni no|insurance number",
     .score = 0.75F,
     .score_near = 0.95F},
    {.entity = "UK_NINO",
     .country = "GB",
     .shapes = "@@-##-##-##-@",
     .valid = nino,
     .words = "national insurance|nino|ni number|ni no|insurance number",
     .score = 0.4F,
     .score_near = 0.9F},
    {.entity = "UK_PASSPORT",
     .description = "British passport number",
     .country = "GB",
     .shapes = "@@#######",
     .words = "passport",
     .score = 0.1F,
     .score_near = 0.6F},
    // HM Passport Office: nine digits, nothing checks them.
    {.entity = "UK_PASSPORT",
     .country = "GB",
     .shapes = "#########",
     .words = "british passport|uk passport|hm passport|passport",
     .score = 0,
     .score_near = 0.6F,
     .needs_word = true},
    {.entity = "UK_DRIVING_LICENCE",
     .description = "Driver number of a British driving licence",
     .country = "GB",
     .shapes = "@*{4}-######-@*#@@",
     .separators = " ",
     .valid = driving_licence,
     .words = "driving|driver|licence|license|dvla",
     .score = 0.75F,
     .score_near = 0.95F},
    {.entity = "UK_POSTCODE",
     .description = "Postcode of the United Kingdom",
     .country = "GB",
     .shapes = "@#_#@@|@##_#@@|@@#_#@@|@@##_#@@|@#@_#@@|@@#@_#@@|gir_0aa",
     .separators = " ",
     .valid = postcode,
     .words = "postcode|post code|postal|address|zip",
     .score = 0.35F,
     .score_near = 0.75F},
    {.entity = "UK_POSTCODE",
     .country = "GB",
     .shapes = "@##@@|@###@@|@@##@@|@@###@@|@#@#@@|@@#@#@@|gir0aa",
     .valid = postcode,
     .words = "postcode|post code|postal code",
     .score = 0.1F,
     .score_near = 0.6F},
    {.entity = "UK_VEHICLE_REGISTRATION",
     .description = "Number plate of a British vehicle",
     .country = "GB",
     .shapes = "@@##-@@@",
     .valid = current_plate,
     .words = kPlateWords,
     .score = 0.2F,
     .score_near = 0.75F},
    {.entity = "UK_VEHICLE_REGISTRATION",
     .country = "GB",
     .shapes = "@#{1,3}-@@@",
     .valid = prefix_plate,
     .words = kPlateWords,
     .score = 0.1F,
     .score_near = 0.6F},
    {.entity = "UK_VEHICLE_REGISTRATION",
     .country = "GB",
     .shapes = "@@@-#{1,3}@",
     .valid = suffix_plate,
     .words = kPlateWords,
     .score = 0.1F,
     .score_near = 0.6F},
    {.entity = "IE_PPS",
     .description = "Irish personal public service number",
     .country = "IE",
     .shapes = "#######-@|#######-@@",
     .valid = pps,
     .words = "pps|ppsn|personal public service|revenue number",
     .score = 0.4F,
     .score_near = 0.95F},
};

}  // namespace

std::span<const Kind> british_isles() { return kKinds; }

}  // namespace gatehouse::guard::pii::national
