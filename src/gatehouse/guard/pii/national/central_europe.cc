#include "gatehouse/guard/pii/national/digits.h"
#include "gatehouse/guard/pii/national/national.h"

namespace gatehouse::guard::pii::national {
namespace {

// Ustawa o ewidencji ludności (24 September 2010), article 15: the day of birth, the century in the month (80 for the
// 19th, 20 for the 21st), weights 1 3 7 9.
bool pesel(std::string_view s) {
  const int coded = two(s, 2);
  constexpr int kCenturies[] = {1900, 2000, 2100, 2200, 1800};
  return is_date(kCenturies[coded / 20] + two(s, 0), coded % 20, two(s, 4)) &&
         (10 - sum(s, {1, 3, 7, 9, 1, 3, 7, 9, 1, 3}) % 10) % 10 == digit(s[10]);
}
// Ministerstwo Finansów, ustawa z 13 października 1995: weights 6 5 7 2 3 4 5 6 7, modulus 11, 10 is not given.
bool nip(std::string_view s) {
  return s[0] != '0' && s.substr(1, 2) != "00" && sum(s, {6, 5, 7, 2, 3, 4, 5, 6, 7}) % 11 == digit(s[9]);
}
// Główny Urząd Statystyczny: weights 8 9 2 3 4 5 6 7, modulus 11, 10 becomes 0.
bool regon(std::string_view s) { return !all_same(s) && sum(s, {8, 9, 2, 3, 4, 5, 6, 7}) % 11 % 10 == digit(s[8]); }
// Rozporządzenie w sprawie dowodu osobistego: letters count from A = 10; all times 7 3 1 in turn, the check digit 9.
bool pl_id_card(std::string_view s) {
  constexpr int kWeights[] = {7, 3, 1, 9, 7, 3, 1, 7, 3};
  int total = 0;
  for (std::size_t i = 0; i < 9; ++i) total += alnum_value(s[i]) * kWeights[i];
  return total % 10 == 0 && s.substr(0, 3).find_first_of("OQ") == s.npos;
}
bool pl_passport(std::string_view s) {
  constexpr int kWeights[] = {7, 3, 9, 1, 7, 3, 1, 7, 3};
  int total = 0;
  for (std::size_t i = 0; i < 9; ++i) total += alnum_value(s[i]) * kWeights[i];
  return total % 10 == 0;
}

// Act 133/2000 Sb. (Czechia), 301/1995 Z. z. (Slovakia): the day of birth, 50 more on a woman's month, 20 more since
// 2004 where a day's numbers ran out. Nine digits until 1953; ten are a multiple of 11, until 1985 also where the check
// would be 10 and stands as 0.
bool birth_number(std::string_view s) {
  int month = two(s, 2) > 50 ? two(s, 2) - 50 : two(s, 2);
  const int yy = two(s, 0);
  if (s.size() == 9) return yy <= 53 && is_date(1900 + yy, month, two(s, 4)) && s.substr(6) != "000";
  const int year = yy >= 54 ? 1900 + yy : 2000 + yy;
  if (year >= 2004 && month > 20) month -= 20;
  if (!is_date(year, month, two(s, 4))) return false;
  const long long value = number(s);
  return value % 11 == 0 || (year < 1986 && s[9] == '0' && number(s.substr(0, 9)) % 11 == 10);
}
// Český statistický úřad: weights 8 to 2, modulus 11.
bool ico(std::string_view s) {
  return s != "00000000" && (11 - sum(s, {8, 7, 6, 5, 4, 3, 2}) % 11) % 10 == digit(s[7]);
}

// Act XX of 1996, annex: TAJ, weights 3 and 7 in turn, modulus 10.
bool taj(std::string_view s) { return !all_same(s) && sum(s, {3, 7, 3, 7, 3, 7, 3, 7}) % 10 == digit(s[8]); }
// The same act, tax number of a person: an 8, days since 1867, weights 1 to 9, modulus 11.
bool hu_tax(std::string_view s) { return sum(s, {1, 2, 3, 4, 5, 6, 7, 8, 9}) % 11 == digit(s[9]); }
// The same act, personal identifier: sex and century, the day of birth, weights 1 to 10 until 1996, then 10 to 1.
bool hu_personal(std::string_view s) {
  const int check = digit(s[10]);
  return s[0] != '0' && s[0] != '9' && yymmdd(s, 1) &&
         (sum(s, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}) % 11 == check ||
          sum(s, {10, 9, 8, 7, 6, 5, 4, 3, 2, 1}) % 11 == check);
}

// Legea 105/1996, OUG 97/2005: sex and century, the day of birth, the county, weights 2 7 9 1 4 6 3 5 8 2 7 9, modulus
// 11, 10 becomes 1.
bool cnp(std::string_view s) {
  const int county = two(s, 7);
  const int rest = sum(s, {2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9}) % 11;
  return s[0] != '0' && yymmdd(s, 1) &&
         (in(county, 1, 48) || in(county, 51, 52) || county == 70 || in(county, 80, 83)) &&
         (rest == 10 ? 1 : rest) == digit(s[12]);
}

// Наредба за ЕСГРАОН (GRAO): the day of birth, 20 more on the month for the 19th century, 40 for the 21st; weights 2 4
// 8 5 10 9 7 3 6, modulus 11, then 10.
bool egn(std::string_view s) {
  const int coded = two(s, 2);
  const int century = coded > 40 ? 2000 : coded > 20 ? 1800 : 1900;
  const int month = coded > 40 ? coded - 40 : coded > 20 ? coded - 20 : coded;
  return is_date(century + two(s, 0), month, two(s, 4)) &&
         sum(s, {2, 4, 8, 5, 10, 9, 7, 3, 6}) % 11 % 10 == digit(s[9]);
}

// Siseministeerium (RT I, isikukood) and the Lithuanian law on the population register: sex and century, the day of
// birth, weights 1 to 9 and 1, modulus 11; where that gives 10, weights 3 to 9 and 1 2 3.
bool baltic(std::string_view s) {
  int rest = sum(s, {1, 2, 3, 4, 5, 6, 7, 8, 9, 1}) % 11;
  if (rest == 10) rest = sum(s, {3, 4, 5, 6, 7, 8, 9, 1, 2, 3}) % 11 % 10;
  const int century = 1800 + (digit(s[0]) - 1) / 2 * 100;
  return in(s[0], '1', '8') && is_date(century + two(s, 1), two(s, 3), two(s, 5)) && rest == digit(s[10]);
}
bool lithuanian(std::string_view s) { return in(s[0], '3', '6') && baltic(s); }

// Ministru kabineta noteikumi (PMLP): the day of birth, the century, weights 1 6 3 7 9 10 5 8 4 2 taken from 1101,
// modulus 11. Since 2017 numbers begin with 32 and tell nothing.
bool latvian(std::string_view s) {
  constexpr int kCenturies[] = {1800, 1900, 2000};
  if (s[6] > '2') return false;
  return is_date(kCenturies[digit(s[6])] + two(s, 4), two(s, 2), two(s, 0)) &&
         (1101 - sum(s, {1, 6, 3, 7, 9, 10, 5, 8, 4, 2})) % 11 % 10 == digit(s[10]);
}

// Zakon o osobnom identifikacijskom broju (NN 60/08): ISO 7064 MOD 11,10.
bool oib(std::string_view s) { return !all_same(s) && mod11_10(s); }

// JMBG, Yugoslavia 1976 and the laws of its successors (EMŠO in Slovenia): the day of birth with three digits of the
// year, the region, weights 7 to 2 twice, modulus 11.
bool jmbg(std::string_view s) {
  const int year = three(s, 4) >= 800 ? 1000 + three(s, 4) : 2000 + three(s, 4);
  const int check = 11 - sum(s, {7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2}) % 11;
  return is_date(year, two(s, 2), two(s, 0)) && check != 10 && check % 11 == digit(s[12]);
}
bool emso(std::string_view s) { return s[7] == '5' && jmbg(s); }

constexpr std::string_view kBirthWords = "rodné číslo|rodne cislo|rodného čísla|rodného|rč|birth number";

constexpr Kind kKinds[] = {
    {.entity = "PL_PESEL",
     .description = "Polish population register number",
     .country = "PL",
     .shapes = "#{11}",
     .valid = pesel,
     .words = "pesel",
     .score = 0.4F,
     .score_near = 0.95F},
    {.entity = "PL_NIP",
     .description = "Polish tax number",
     .country = "PL",
     .shapes = "###-###-##-##|###-##-##-###",
     .valid = nip,
     .words = "nip|numer identyfikacji podatkowej|vat",
     .score = 0.35F,
     .score_near = 0.95F},
    {.entity = "PL_REGON",
     .description = "Polish business register number",
     .country = "PL",
     .shapes = "#########",
     .valid = regon,
     .words = "regon",
     .score = 0.2F,
     .score_near = 0.95F},
    {.entity = "PL_ID_CARD",
     .description = "Number of a Polish identity card",
     .country = "PL",
     .shapes = "@@@-######",
     .separators = " ",
     .valid = pl_id_card,
     .words = "dowód|dowod|dowodu|identity card|id card",
     .score = 0.3F,
     .score_near = 0.95F},
    {.entity = "PL_PASSPORT",
     .description = "Polish passport number",
     .country = "PL",
     .shapes = "@@-#######",
     .separators = " ",
     .valid = pl_passport,
     .words = "paszport|passport",
     .score = 0.2F,
     .score_near = 0.85F},
    {.entity = "CZ_BIRTH_NUMBER",
     .description = "Czech and Slovak birth number",
     .country = "CZ",
     .shapes = "######_###|######_####",
     .separators = "/",
     .valid = birth_number,
     .words = kBirthWords,
     .score = 0.6F,
     .score_near = 0.95F},
    {.entity = "CZ_BIRTH_NUMBER",
     .country = "CZ",
     .shapes = "##########",
     .valid = birth_number,
     .words = kBirthWords,
     .score = 0.3F,
     .score_near = 0.9F},
    {.entity = "CZ_ICO",
     .description = "Czech and Slovak company number",
     .country = "CZ",
     .shapes = "########",
     .valid = ico,
     .words = "ičo|ico|identifikační číslo",
     .score = 0.15F,
     .score_near = 0.9F},
    {.entity = "HU_TAJ",
     .description = "Hungarian social security number",
     .country = "HU",
     .shapes = "###-###-###",
     .valid = taj,
     .words = "taj|taj-szám|társadalombiztosítási",
     .score = 0.25F,
     .score_near = 0.95F},
    {.entity = "HU_TAX_ID",
     .description = "Hungarian tax number of a person",
     .country = "HU",
     .shapes = "8#########",
     .valid = hu_tax,
     .words = "adóazonosító|adoazonosito|adószám|adójel",
     .score = 0.2F,
     .score_near = 0.95F},
    {.entity = "HU_PERSONAL_ID",
     .description = "Hungarian personal identifier",
     .country = "HU",
     .shapes = "#-######-####",
     .valid = hu_personal,
     .words = "személyi szám|személyi azonosító|személyazonosító|szemelyi",
     .score = 0.35F,
     .score_near = 0.95F},
    {.entity = "RO_CNP",
     .description = "Romanian personal numeric code",
     .country = "RO",
     .shapes = "#{13}",
     .valid = cnp,
     .words = "cnp|cod numeric personal",
     .score = 0.4F,
     .score_near = 0.95F},
    {.entity = "BG_EGN",
     .description = "Bulgarian uniform civil number",
     .country = "BG",
     .shapes = "##########",
     .valid = egn,
     .words = "егн|egn|единен граждански",
     .score = 0.3F,
     .score_near = 0.95F},
    {.entity = "EE_PERSONAL_CODE",
     .description = "Estonian personal identification code",
     .country = "EE",
     .shapes = "#{11}",
     .valid = baltic,
     .words = "isikukood|isikukoodi|personal code",
     .score = 0.35F,
     .score_near = 0.95F},
    {.entity = "LT_PERSONAL_CODE",
     .description = "Lithuanian personal code",
     .country = "LT",
     .shapes = "#{11}",
     .valid = lithuanian,
     .words = "asmens kodas|asmens kodo|asmens kodą|personal code",
     .score = 0.35F,
     .score_near = 0.95F},
    {.entity = "LV_PERSONAL_CODE",
     .description = "Latvian personal code",
     .country = "LV",
     .shapes = "######_#####",
     .separators = "-",
     .valid = latvian,
     .words = "personas kods|personas koda|personas kodu|personal code",
     .score = 0.65F,
     .score_near = 0.95F},
    {.entity = "LV_PERSONAL_CODE",
     .country = "LV",
     .shapes = "######-#####",
     .separators = "-",
     .valid = latvian,
     .words = "personas kods|personas koda|personas kodu|personal code",
     .score = 0.3F,
     .score_near = 0.95F},
    {.entity = "LV_PERSONAL_CODE",
     .country = "LV",
     .shapes = "32####-#####",
     .separators = "-",
     .words = "personas kods|personas koda|personas kodu|personal code",
     .score = 0,
     .score_near = 0.75F,
     .needs_word = true},
    {.entity = "HR_OIB",
     .description = "Croatian personal identification number",
     .country = "HR",
     .shapes = "#{11}",
     .valid = oib,
     .words = "oib|osobni identifikacijski",
     .score = 0.25F,
     .score_near = 0.95F},
    {.entity = "SI_EMSO",
     .description = "Slovenian personal number (EMŠO)",
     .country = "SI",
     .shapes = "#{13}",
     .valid = emso,
     .words = "emšo|emso|enotna matična",
     .score = 0.45F,
     .score_near = 0.95F},
    {.entity = "RS_JMBG",
     .description = "Personal number of Serbia and its neighbours (JMBG)",
     .country = "RS",
     .shapes = "#{13}",
     .valid = jmbg,
     .words = "jmbg|јмбг|matični broj|матични број",
     .score = 0.4F,
     .score_near = 0.95F},
};

}  // namespace

std::span<const Kind> central_europe() { return kKinds; }

}  // namespace gatehouse::guard::pii::national
