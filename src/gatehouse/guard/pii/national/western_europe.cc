#include <array>

#include "gatehouse/guard/pii/national/digits.h"
#include "gatehouse/guard/pii/national/national.h"

namespace gatehouse::guard::pii::national {
namespace {

// Dachverband der Sozialversicherungsträger, § 31 ASVG: three digits, a check digit, the day of birth; months 13 to 15
// where a day's numbers ran out.
bool at_svnr(std::string_view s) {
  const int month = two(s, 6) > 12 ? 12 : two(s, 6);
  return s[0] != '0' && two(s, 6) <= 15 && is_short_date(two(s, 8), month, two(s, 4)) &&
         sum(s, {3, 7, 9, 0, 5, 8, 4, 2, 1, 6}) % 11 == digit(s[3]);
}

// Bundesministerium für Finanzen, BMF-010219: ATU and eight digits, the last is (10 - (sum of digits + 4)) modulo 10.
bool at_vat(std::string_view s) {
  const std::string_view d = s.substr(3);
  int total = 4;
  for (std::size_t i = 0; i < 7; ++i) {
    const int value = digit(d[i]) * (i % 2 == 0 ? 1 : 2);
    total += value / 10 + value % 10;
  }
  return (10 - total % 10) % 10 == digit(d[7]);
}

// Royal Decree of 3 April 1984 (Rijksregister / Registre national): the day of birth, a serial number, 97 less the
// remainder of the nine digits by 97, with a 2 in front for who was born since 2000. Numbers "bis" (Banque Carrefour)
// add 20 or 40 to the month; day and month may be 0 where unknown.
bool be_national_number(std::string_view s) {
  const int month = two(s, 2) % 20;
  const bool born =
      month == 0 || two(s, 4) == 0 ? month <= 12 && two(s, 4) <= 31 : is_short_date(two(s, 0), month, two(s, 4));
  const long long front = number(s.substr(0, 9));
  const long long check = number(s.substr(9));
  return born && two(s, 2) < 60 && front % 1000 != 0 &&
         (97 - front % 97 == check || 97 - (2'000'000'000 + front) % 97 == check);
}

// Royal Decree of 24 June 2003 (Crossroads Bank for Enterprises): 97 less the remainder of the front.
bool be_enterprise(std::string_view s) {
  const std::string_view d = s.substr(s.size() - 10);
  return one_of(d[0], "01") && number(d) != 0 && 97 - number(d.substr(0, 8)) % 97 == number(d.substr(8));
}

// GS1 modulus 10: weights 1 and 3 in turn, from the right.
bool ean13(std::string_view s) { return sum(s, {1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1}) % 10 == 0; }

// Bundesamt für Statistik, Verordnung über die UID: weights 5 4 3 2 7 6 5 4, modulus 11.
bool ch_uid(std::string_view s) {
  const int check = 11 - sum(s.substr(3), {5, 4, 3, 2, 7, 6, 5, 4}) % 11;
  return check != 10 && check % 11 == digit(s[11]);
}

// INSEE, décret 82-103: sex, year, month (20 and more where papers are lacking), département or 99 for abroad, commune,
// serial number; the key is 97 less the remainder by 97, with Corsica's 2A read as 19 and 2B as 18.
bool nir_front(std::string_view s) {
  const int month = two(s, 3);
  const bool corsica = s[5] == '2' && (s[6] == 'A' || s[6] == 'B');
  if (!corsica && (!is_digit(s[5]) || !is_digit(s[6]) || two(s, 5) == 0)) return false;
  return one_of(s[0], "123478") && (in(month, 1, 12) || month == 20 || in(month, 30, 42) || month >= 50) &&
         s.substr(7, 3) != "000" && s.substr(10, 3) != "000";
}
bool nir(std::string_view s) {
  if (!nir_front(s)) return false;
  std::array<char, 13> spelt{};
  s.substr(0, 13).copy(spelt.data(), 13);
  if (s[6] == 'A') spelt[5] = '1', spelt[6] = '9';
  if (s[6] == 'B') spelt[5] = '1', spelt[6] = '8';
  return 97 - number({spelt.data(), spelt.size()}) % 97 == number(s.substr(13));
}

// Born with papers: others have months and a first digit that card numbers have as well.
bool nir_usual(std::string_view s) { return one_of(s[0], "12") && in(two(s, 3), 1, 12) && nir(s); }

// INSEE, SIRENE: both by ISO/IEC 7812; La Poste's establishments have sums of digits divisible by 5 instead.
bool siren(std::string_view s) { return !all_same(s) && luhn(s); }
bool siret(std::string_view s) {
  if (!siren(s.substr(0, 9))) return false;
  if (luhn(s)) return true;
  int total = 0;
  for (const char c : s) total += digit(c);
  return s.starts_with("356000000") && total % 5 == 0;
}
// Article 286 ter CGI: the key of the SIREN is (12 + 3 (SIREN mod 97)) mod 97 where it is digits.
bool fr_vat(std::string_view s) {
  const std::string_view company = s.substr(4);
  if (!siren(company)) return false;
  if (!is_digit(s[2]) || !is_digit(s[3])) return !one_of(s[2], "IO") && !one_of(s[3], "IO");
  return (12 + 3 * (number(company) % 97)) % 97 == two(s, 2);
}

// Luxembourg, règlement grand-ducal du 21 décembre 1987 and law of 19 June 2013: the day of birth, three digits; the
// twelfth checks the first eleven by Luhn, the thirteenth the same by Verhoeff.
bool lu_matricule(std::string_view s) {
  std::array<char, 12> other{};
  s.substr(0, 11).copy(other.data(), 11);
  other[11] = s[12];
  return yyyymmdd(s) && luhn(s.substr(0, 12)) && verhoeff({other.data(), other.size()});
}

// Rijksdienst voor Identiteitsgegevens, Wet algemene bepalingen burgerservicenummer: weights 9 to 2 and -1, the sum is
// a multiple of 11.
bool bsn(std::string_view s) { return !all_same(s) && sum(s, {9, 8, 7, 6, 5, 4, 3, 2, -1}) % 11 == 0; }
// Belastingdienst: NL, nine digits, B and two digits. The older ones are a BSN or RSIN; those of sole traders since
// 2020 check by MOD 97-10 over the whole.
bool nl_vat(std::string_view s) { return s.substr(12) != "00" && (bsn(s.substr(2, 9)) || mod97(s) == 1); }
// RvIG, "Kenmerken van paspoorten en identiteitskaarten": two letters, six letters or digits, a digit; no letter O.
bool nl_document(std::string_view s) { return s.find('O') == s.npos; }

constexpr std::string_view kNirWords =
    "sécurité sociale|securite sociale|nir|insee|carte vitale|numéro de sécu|numero de secu";
constexpr std::string_view kBelgianWords =
    "rijksregister|registre national|numéro national|numero national|insz|niss|nationaal nummer|national number|nn|rrn";

constexpr Kind kKinds[] = {
    {.entity = "AT_SVNR",
     .description = "Austrian social insurance number",
     .country = "AT",
     .shapes = "####-######",
     .valid = at_svnr,
     .words = "svnr|sv-nummer|sv-nr|sozialversicherung|versicherungsnummer|e-card|svn",
     .score = 0.35F,
     .score_near = 0.95F},
    {.entity = "AT_VAT_ID",
     .description = "Austrian VAT identification number",
     .country = "AT",
     .shapes = "atu-########",
     .separators = " ",
     .valid = at_vat,
     .words = "uid|ust|umsatzsteuer|vat",
     .score = 0.8F,
     .score_near = 0.95F},
    {.entity = "BE_NATIONAL_NUMBER",
     .description = "Belgian national register number",
     .country = "BE",
     .shapes = "##_##_##_###_##",
     .separators = ".- ",
     .valid = be_national_number,
     .words = kBelgianWords,
     .score = 0.8F,
     .score_near = 0.95F,
     .mixed = true},
    {.entity = "BE_NATIONAL_NUMBER",
     .country = "BE",
     .shapes = "######-###-##",
     .valid = be_national_number,
     .words = kBelgianWords,
     .score = 0.45F,
     .score_near = 0.95F},
    {.entity = "BE_ENTERPRISE_NUMBER",
     .description = "Belgian enterprise or VAT number",
     .country = "BE",
     .shapes = "be-####-###-###|####_###_###",
     .separators = " .",
     .valid = be_enterprise,
     .words = "kbo|bce|btw|tva|ondernemingsnummer|entreprise|vat",
     .score = 0.6F,
     .score_near = 0.95F,
     .mixed = true},
    {.entity = "BE_ENTERPRISE_NUMBER",
     .country = "BE",
     .shapes = "##########",
     .valid = be_enterprise,
     .words = "kbo|bce|btw|tva|ondernemingsnummer|entreprise",
     .score = 0.25F,
     .score_near = 0.9F},
    // Zentrale Ausgleichsstelle, AHVN13: 756 is Switzerland in GS1's numbers; Liechtenstein uses the same.
    {.entity = "CH_AHV",
     .description = "Swiss social insurance number (AHV, AVS)",
     .country = "CH",
     .shapes = "756-####-####-##",
     .separators = ". ",
     .valid = ean13,
     .words = "ahv|avs|sozialversicherung|navs|assurance sociale|ahv-nummer",
     .score = 0.8F,
     .score_near = 0.95F},
    {.entity = "CH_UID",
     .description = "Swiss enterprise identification number",
     .country = "CH",
     .shapes = "che-###-###-###",
     .separators = "-. ",
     .valid = ch_uid,
     .words = "uid|ide|mwst|tva|iva",
     .score = 0.85F,
     .score_near = 0.95F,
     .mixed = true},
    {.entity = "FR_NIR",
     .description = "French social security number with its key",
     .country = "FR",
     .shapes = "#-##-##-#*-###-###-##",
     .separators = " .-",
     .valid = nir_usual,
     .words = kNirWords,
     .score = 0.7F,
     .score_near = 0.95F},
    {.entity = "FR_NIR",
     .country = "FR",
     .shapes = "#-##-##-#*-###-###-##",
     .separators = " .-",
     .valid = nir,
     .words = kNirWords,
     .score = 0.35F,
     .score_near = 0.95F},
    {.entity = "FR_NIR",
     .country = "FR",
     .shapes = "#-##-##-#*-###-###",
     .separators = " .-",
     .valid = nir_front,
     .words = kNirWords,
     .score = 0,
     .score_near = 0.7F,
     .needs_word = true},
    {.entity = "FR_PASSPORT",
     .description = "French passport number",
     .country = "FR",
     .shapes = "##@@#####",
     .words = "passeport|passport",
     .score = 0.1F,
     .score_near = 0.65F},
    {.entity = "FR_CNI",
     .description = "Number of a French identity card",
     .country = "FR",
     .shapes = "#{12}",
     .words = "carte d'identité|carte nationale|carte d'identite|cni",
     .score = 0,
     .score_near = 0.6F,
     .needs_word = true},
    {.entity = "FR_SIRET",
     .description = "French establishment number",
     .country = "FR",
     .shapes = "###-###-###-#####",
     .separators = " ",
     .valid = siret,
     .words = "siret|siren|rcs",
     .score = 0.45F,
     .score_near = 0.95F},
    {.entity = "FR_SIREN",
     .description = "French company number",
     .country = "FR",
     .shapes = "###-###-###",
     .separators = " ",
     .valid = siren,
     .words = "siren|rcs|siret",
     .score = 0.25F,
     .score_near = 0.9F},
    {.entity = "FR_VAT_ID",
     .description = "French VAT identification number",
     .country = "FR",
     .shapes = "fr-**-###-###-###",
     .separators = " ",
     .valid = fr_vat,
     .words = "tva|vat|intracommunautaire",
     .score = 0.8F,
     .score_near = 0.95F},
    {.entity = "LU_MATRICULE",
     .description = "Luxembourg national identification number",
     .country = "LU",
     .shapes = "########-#####|####-##-##-#####",
     .separators = " ",
     .valid = lu_matricule,
     .words = "matricule|ccss|numéro national|numero national",
     .score = 0.75F,
     .score_near = 0.95F},
    {.entity = "NL_BSN",
     .description = "Dutch citizen service number",
     .country = "NL",
     .shapes = "####-##-###|###-###-###",
     .separators = ". ",
     .valid = bsn,
     .words = "bsn|burgerservice|sofinummer|sofi|citizen service",
     .score = 0.3F,
     .score_near = 0.95F},
    {.entity = "NL_VAT_ID",
     .description = "Dutch VAT identification number",
     .country = "NL",
     .shapes = "nl-####-##-###-b-##",
     .separators = " .",
     .valid = nl_vat,
     .words = "btw|vat|omzetbelasting",
     .score = 0.8F,
     .score_near = 0.95F},
    {.entity = "NL_DOCUMENT",
     .description = "Number of a Dutch passport or identity card",
     .country = "NL",
     .shapes = "@@*{6}#",
     .valid = nl_document,
     .words = "paspoort|identiteitskaart|documentnummer|passport|id-kaart",
     .score = 0,
     .score_near = 0.6F,
     .needs_word = true},
};

}  // namespace

std::span<const Kind> western_europe() { return kKinds; }

}  // namespace gatehouse::guard::pii::national
