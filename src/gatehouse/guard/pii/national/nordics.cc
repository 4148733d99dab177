#include "gatehouse/guard/pii/national/digits.h"
#include "gatehouse/guard/pii/national/national.h"

namespace gatehouse::guard::pii::national {
namespace {

// Digital and Population Data Services Agency (DVV), Act 661/2009 and Decree 690/2022: the day of birth, a sign of the
// century (a '+', a '-' or a letter), a number from 002 (from 900 temporary), the remainder by 31 as a character.
bool hetu(std::string_view s) {
  const bool lettered = s.size() == 11;
  if (lettered && !one_of(s[6], "ABCDEFYXWVU")) return false;
  const int year = two(s, 4);
  const int month = two(s, 2);
  const int day = two(s, 0);
  const bool born = !lettered                ? is_date(1800 + year, month, day) || is_date(1900 + year, month, day)
                    : one_of(s[6], "ABCDEF") ? is_date(2000 + year, month, day)
                                             : is_date(1900 + year, month, day);
  const int serial = three(s, lettered ? 7 : 6);
  return born && serial >= 2 &&
         s.back() == "0123456789ABCDEFHJKLMNPRSTUVWXY"[(number(s.substr(0, 6)) * 1000 + serial) % 31];
}

// Patentti- ja rekisterihallitus: weights 7 9 10 5 8 4 2, modulus 11; a remainder of 1 is not used.
bool y_tunnus(std::string_view s) {
  const int rest = sum(s, {7, 9, 10, 5, 8, 4, 2}) % 11;
  return !all_same(s) && rest != 1 && (rest == 0 ? 0 : 11 - rest) == digit(s[7]);
}

// Skatteverket, SKV 704 and folkbokföringslagen § 18: ten digits by Luhn, the day of birth; 60 more on the day make a
// coordination number.
bool personnummer(std::string_view s) {
  const std::string_view ten = s.substr(s.size() - 10);
  const int day = two(ten, 4) > 60 ? two(ten, 4) - 60 : two(ten, 4);
  if (!luhn(ten)) return false;
  if (s.size() == 10) return is_short_date(two(ten, 0), two(ten, 2), day);
  return in(two(s, 0), 18, 20) && is_date(four(s, 0), two(ten, 2), day);
}
// With the century in front it looks like a point in time (20140115-1230): not where the last four are no time of day
// and the day is none of the last years.
bool personnummer_no_time(std::string_view s) {
  const bool time = four(s, 0) >= 1970 && two(s, 8) < 24 && two(s, 10) < 60;
  return four(s, 0) < 2016 && !time && personnummer(s);
}

// Lag 1974:174, Skatteverket SKV 709: Luhn; the third digit is at least 2, so that it is no day; the first tells the
// kind of company.
bool organisationsnummer(std::string_view s) {
  const std::string_view ten = s.substr(s.size() - 10);
  return one_of(ten[0], "12356789") && ten[2] >= '2' && luhn(ten);
}

// Skatteetaten, folkeregisterforskriften § 2-2-1: the day of birth (40 more for a D number), two check digits; months
// add 40 in health registers (H numbers) and 65 or 80 in test data.
bool fodselsnummer(std::string_view s) {
  const int day = two(s, 0) > 40 ? two(s, 0) - 40 : two(s, 0);
  int month = two(s, 2);
  for (const int shift : {80, 65, 40}) {
    if (month > shift) {
      month -= shift;
      break;
    }
  }
  const auto rest = [](int total) { return (11 - total % 11) % 11; };
  return is_short_date(two(s, 4), month, day) && rest(sum(s, {3, 7, 6, 1, 8, 9, 4, 5, 2})) == digit(s[9]) &&
         rest(sum(s, {5, 4, 3, 2, 7, 6, 5, 4, 3, 2})) == digit(s[10]);
}

// Brønnøysundregistrene: weights 3 2 7 6 5 4 3 2, modulus 11; the first digit is 8 or 9.
bool no_organisation(std::string_view s) {
  return one_of(s[0], "89") && (11 - sum(s, {3, 2, 7, 6, 5, 4, 3, 2}) % 11) % 11 == digit(s[8]);
}

// CPR-kontoret, "Personnummeret i CPR-systemet": the day of birth, four digits of which the first tells the century.
// Since 2007 numbers without check are given; before, weights 4 3 2 7 6 5 4 3 2 1 made a multiple of 11.
bool cpr(std::string_view s) {
  const int year = two(s, 4);
  const int seventh = digit(s[6]);
  int century = 1900;
  if (seventh >= 5 && seventh <= 8) century = year <= 57 ? 2000 : 1800;
  if ((seventh == 4 || seventh == 9) && year <= 36) century = 2000;
  return is_date(century + year, two(s, 2), two(s, 0));
}
bool cpr_check(std::string_view s) { return cpr(s) && sum(s, {4, 3, 2, 7, 6, 5, 4, 3, 2, 1}) % 11 == 0; }

// Erhvervsstyrelsen: weights 2 7 6 5 4 3 2 1 make a multiple of 11.
bool cvr(std::string_view s) { return s[0] != '0' && sum(s, {2, 7, 6, 5, 4, 3, 2, 1}) % 11 == 0; }

// Þjóðskrá Íslands (Registers Iceland): the day of birth (40 more for companies), two digits from 20 on, a check digit,
// the century (9, 0; 8 was the 19th).
bool kennitala(std::string_view s) {
  const int day = two(s, 0) > 40 ? two(s, 0) - 40 : two(s, 0);
  const int century = s[9] == '9' ? 1900 : s[9] == '0' ? 2000 : -1;
  return century > 0 && is_date(century + two(s, 4), two(s, 2), day) &&
         (11 - sum(s, {3, 2, 7, 6, 5, 4, 3, 2}) % 11) % 11 == digit(s[8]);
}

constexpr std::string_view kFinnishWords =
    "henkilötunnus|henkilotunnus|hetu|personbeteckning|personal identity code|identity code|sotu";
constexpr std::string_view kSwedishWords =
    "personnummer|person nr|pers nr|pnr|samordningsnummer|personal identity|swedish id|identity number";
constexpr std::string_view kCompanyWords = "organisationsnummer|org nr|orgnr|orgnummer|company identity|bolag|momsreg";
constexpr std::string_view kDanishWords = "cpr|cpr-nr|cpr-nummer|personnummer|cprnr";

constexpr Kind kKinds[] = {
    {.entity = "FI_PERSONAL_IDENTITY_CODE",
     .description = "Finnish personal identity code",
     .country = "FI",
     .shapes = "######_###*",
     .separators = "-+",
     .valid = hetu,
     .words = kFinnishWords,
     .score = 0.7F,
     .score_near = 0.95F,
     .glued = true},
    {.entity = "FI_PERSONAL_IDENTITY_CODE",
     .country = "FI",
     .shapes = "######@###*",
     .valid = hetu,
     .words = kFinnishWords,
     .score = 0.75F,
     .score_near = 0.95F,
     .glued = true},
    {.entity = "FI_BUSINESS_ID",
     .description = "Finnish business identity code",
     .country = "FI",
     .shapes = "#######_#",
     .separators = "-",
     .valid = y_tunnus,
     .words = "y-tunnus|ytunnus|fo-nummer|business id",
     .score = 0.35F,
     .score_near = 0.95F},
    {.entity = "SE_PERSONNUMMER",
     .description = "Swedish personal identity or coordination number",
     .country = "SE",
     .shapes = "########-####",
     .separators = "-+",
     .valid = personnummer_no_time,
     .words = kSwedishWords,
     .score = 0.6F,
     .score_near = 0.95F,
     .glued = true},
    {.entity = "SE_PERSONNUMMER",
     .country = "SE",
     .shapes = "########-####",
     .separators = "-+",
     .valid = personnummer,
     .words = kSwedishWords,
     .score = 0.3F,
     .score_near = 0.9F},
    {.entity = "SE_PERSONNUMMER",
     .country = "SE",
     .shapes = "######_####",
     .separators = "-+",
     .valid = personnummer,
     .words = kSwedishWords,
     .score = 0.55F,
     .score_near = 0.95F},
    {.entity = "SE_PERSONNUMMER",
     .country = "SE",
     .shapes = "##########",
     .valid = personnummer,
     .words = kSwedishWords,
     .score = 0.3F,
     .score_near = 0.9F},
    {.entity = "SE_ORGANISATIONSNUMMER",
     .description = "Swedish company registration number",
     .country = "SE",
     .shapes = "######_####|16######_####",
     .separators = "-",
     .valid = organisationsnummer,
     .words = kCompanyWords,
     .score = 0.4F,
     .score_near = 0.95F},
    {.entity = "SE_ORGANISATIONSNUMMER",
     .country = "SE",
     .shapes = "##########|16##########",
     .valid = organisationsnummer,
     .words = kCompanyWords,
     .score = 0.25F,
     .score_near = 0.9F},
    {.entity = "NO_FODSELSNUMMER",
     .description = "Norwegian birth or D number",
     .country = "NO",
     .shapes = "######-#####",
     .valid = fodselsnummer,
     .words = "fødselsnummer|fodselsnummer|personnummer|fødselsnr|fnr|d-nummer|national identity",
     .score = 0.65F,
     .score_near = 0.95F},
    {.entity = "NO_ORGANISASJONSNUMMER",
     .description = "Norwegian organisation number",
     .country = "NO",
     .shapes = "###-###-###",
     .separators = " ",
     .valid = no_organisation,
     .words = "organisasjonsnummer|org nr|orgnr|foretaksregisteret|mva",
     .score = 0.25F,
     .score_near = 0.95F},
    {.entity = "DK_CPR",
     .description = "Danish civil registration number",
     .country = "DK",
     .shapes = "######_####",
     .separators = "-",
     .valid = cpr_check,
     .words = kDanishWords,
     .score = 0.5F,
     .score_near = 0.95F},
    {.entity = "DK_CPR",
     .country = "DK",
     .shapes = "######_####",
     .separators = "-",
     .valid = cpr,
     .words = kDanishWords,
     .score = 0.25F,
     .score_near = 0.85F},
    {.entity = "DK_CPR",
     .country = "DK",
     .shapes = "######-####",
     .separators = " ",
     .valid = cpr,
     .words = kDanishWords,
     .score = 0.1F,
     .score_near = 0.8F},
    {.entity = "DK_CVR",
     .description = "Danish company number",
     .country = "DK",
     .shapes = "##-##-##-##",
     .separators = " ",
     .valid = cvr,
     .words = "cvr|cvr-nr|se-nr|moms",
     .score = 0.15F,
     .score_near = 0.9F},
    {.entity = "IS_KENNITALA",
     .description = "Icelandic identification number",
     .country = "IS",
     .shapes = "######-####",
     .separators = "-",
     .valid = kennitala,
     .words = "kennitala|kt|kennitölu",
     .score = 0.35F,
     .score_near = 0.95F},
};

}  // namespace

std::span<const Kind> nordics() { return kKinds; }

}  // namespace gatehouse::guard::pii::national
