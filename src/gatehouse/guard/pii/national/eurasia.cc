#include "gatehouse/guard/pii/national/digits.h"
#include "gatehouse/guard/pii/national/national.h"

namespace gatehouse::guard::pii::national {
namespace {

// Federal Tax Service, order ММВ-7-6/435@: one check digit of a company's ten, two of a person's twelve.
bool inn(std::string_view s) {
  if (s.substr(0, 2) == "00") return false;
  if (s.size() == 10) return sum(s, {2, 4, 10, 3, 5, 9, 4, 6, 8}) % 11 % 10 == digit(s[9]);
  return sum(s, {7, 2, 4, 10, 3, 5, 9, 4, 6, 8}) % 11 % 10 == digit(s[10]) &&
         sum(s, {3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8}) % 11 % 10 == digit(s[11]);
}
// Social Fund (Pension Fund), order 1015n: weights 9 to 1, modulus 101, 100 becomes 0; not checked up to 001-001-998.
bool snils(std::string_view s) {
  return number(s.substr(0, 9)) > 1'001'998 && sum(s, {9, 8, 7, 6, 5, 4, 3, 2, 1}) % 101 % 100 == two(s, 9);
}
// Federal Tax Service, order SAE-3-09/257@: the front modulo 11 (13 digits) or 13 (15 digits), then 10.
bool ogrn(std::string_view s) {
  const int modulus = s.size() == 13 ? 11 : 13;
  return one_of(s[0], "12358") && number(s.substr(0, s.size() - 1)) % modulus % 10 == digit(s.back());
}
// Decree 828 of 8 July 1997: the region's code (OKATO), the year of the form, six digits; nothing checks them.
bool ru_passport(std::string_view s) { return two(s, 0) != 0 && s.substr(4) != "000000"; }

// State Tax Service of Ukraine, order 822: days since 31 December 1899, weights -1 5 7 9 4 6 10 5 7, modulus 11,
// then 10.
bool rnokpp(std::string_view s) {
  const int total = sum(s, {-1, 5, 7, 9, 4, 6, 10, 5, 7}) % 11;
  return in(static_cast<int>(number(s.substr(0, 5))), 3650, 73050) && (total + 11) % 11 % 10 == digit(s[9]);
}

// Government of Kazakhstan, resolution 853 of 2003: the day of birth, sex and century, weights 1 to 11, modulus 11;
// where that gives 10, weights 3 to 11 and 1 2.
bool kz_iin(std::string_view s) {
  int rest = sum(s, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}) % 11;
  if (rest == 10) rest = sum(s, {3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2}) % 11;
  return yymmdd(s) && in(s[6], '0', '6') && rest == digit(s[11]);
}

constexpr Kind kKinds[] = {
    {.entity = "RU_INN",
     .description = "Russian taxpayer number",
     .country = "RU",
     .shapes = "#{12}",
     .valid = inn,
     .words = "инн|inn|налогоплательщик",
     .score = 0.4F,
     .score_near = 0.95F},
    {.entity = "RU_INN",
     .country = "RU",
     .shapes = "#{10}",
     .valid = inn,
     .words = "инн|inn|налогоплательщик",
     .score = 0.15F,
     .score_near = 0.9F},
    {.entity = "RU_SNILS",
     .description = "Russian pension insurance number",
     .country = "RU",
     .shapes = "###_###_###_##",
     .separators = "- ",
     .valid = snils,
     .words = "снилс|snils|страховой номер",
     .score = 0.65F,
     .score_near = 0.95F,
     .mixed = true},
    {.entity = "RU_SNILS",
     .country = "RU",
     .shapes = "###########",
     .valid = snils,
     .words = "снилс|snils|страховой номер",
     .score = 0.35F,
     .score_near = 0.95F},
    {.entity = "RU_OGRN",
     .description = "Russian state registration number",
     .country = "RU",
     .shapes = "#{13}|#{15}",
     .valid = ogrn,
     .words = "огрн|огрнип|ogrn",
     .score = 0.2F,
     .score_near = 0.95F},
    {.entity = "RU_PASSPORT",
     .description = "Series and number of a Russian passport",
     .country = "RU",
     .shapes = "##-##-######",
     .separators = " ",
     .valid = ru_passport,
     .words = "паспорт|passport|серия",
     .score = 0,
     .score_near = 0.65F,
     .needs_word = true},
    {.entity = "UA_RNOKPP",
     .description = "Ukrainian taxpayer number of a person",
     .country = "UA",
     .shapes = "##########",
     .valid = rnokpp,
     .words = "рнокпп|іпн|ипн|ідентифікаційний|податковий номер|rnokpp|ipn",
     .score = 0.2F,
     .score_near = 0.95F},
    {.entity = "UA_PASSPORT",
     .description = "Number of a Ukrainian identity card",
     .country = "UA",
     .shapes = "#########",
     .words = "паспорт|id-картка|passport of ukraine",
     .score = 0,
     .score_near = 0.6F,
     .needs_word = true},
    {.entity = "KZ_IIN",
     .description = "Kazakh individual identification number",
     .country = "KZ",
     .shapes = "############",
     .valid = kz_iin,
     .words = "иин|жсн|iin",
     .score = 0.35F,
     .score_near = 0.95F},
};

}  // namespace

std::span<const Kind> eurasia() { return kKinds; }

}  // namespace gatehouse::guard::pii::national
