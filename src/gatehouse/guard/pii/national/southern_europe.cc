#include <array>

#include "gatehouse/guard/pii/national/digits.h"
#include "gatehouse/guard/pii/national/national.h"

namespace gatehouse::guard::pii::national {
namespace {

// Ministerio del Interior, "Cálculo del dígito de control del NIF/NIE": the remainder by 23 picks the letter.
constexpr std::string_view kSpanish = "TRWAGMYFPDXBNJZSQVHLCKE";
bool nif(std::string_view s) {
  const long long value = number(s.substr(0, s.size() - 1));
  return value != 0 && s.back() == kSpanish[static_cast<std::size_t>(value % 23)];
}
// K, L and M (children, Spaniards abroad, foreigners without NIE) stand in front of seven digits.
bool nif_klm(std::string_view s) { return one_of(s[0], "KLM") && nif(s.substr(1)); }
// X, Y and Z stand for 0, 1 and 2.
bool nie(std::string_view s) {
  const long long value = (s[0] - 'X') * 10'000'000LL + number(s.substr(1, 7));
  return s[8] == kSpanish[static_cast<std::size_t>(value % 23)];
}
// Orden EHA/451/2008: the kind of body, seven digits, a control digit or letter.
bool cif(std::string_view s) {
  if (!one_of(s[0], "ABCDEFGHJNPQRSUVW")) return false;
  int total = 0;
  for (std::size_t i = 1; i < 8; ++i) {
    const int value = digit(s[i]) * (i % 2 == 1 ? 2 : 1);
    total += value / 10 + value % 10;
  }
  const auto check = static_cast<std::size_t>((10 - total % 10) % 10);
  const bool as_letter = s[8] == "JABCDEFGHI"[check];
  const bool as_digit = s[8] == static_cast<char>('0' + check);
  if (one_of(s[0], "NPQRSW")) return as_letter;
  return one_of(s[0], "ABEH") ? as_digit : as_letter || as_digit;
}
// Tesorería General de la Seguridad Social: province, eight digits, the remainder by 97 of both together.
bool nuss(std::string_view s) {
  const int province = two(s, 0);
  const long long serial = number(s.substr(2, 8));
  const long long value = serial < 10'000'000 ? province * 10'000'000LL + serial : number(s.substr(0, 10));
  return (in(province, 1, 53) || province == 66) && serial != 0 && value % 97 == number(s.substr(10));
}

// Autoridade Tributária, Decreto-Lei 14/2013: weights 9 to 2, modulus 11, 0 for what is above 9.
bool pt_nif(std::string_view s) {
  const int rest = sum(s, {9, 8, 7, 6, 5, 4, 3, 2}) % 11;
  // 45 people and 7 estates, funds and the like, not all of them; 4 begins no others.
  const bool kind = one_of(s[0], "1235689") || s.starts_with("45") || (s[0] == '7' && one_of(s[1], "01245789"));
  return kind && (rest < 2 ? 0 : 11 - rest) == digit(s[8]);
}
// Agência para a Modernização Administrativa, "Validação de Número de Documento do Cartão de Cidadão": every second
// character from the right twice, 9 less where that is above 9, a multiple of 10.
bool cartao_cidadao(std::string_view s) {
  int total = 0;
  for (std::size_t i = 0; i < s.size(); ++i) {
    int value = alnum_value(s[i]);
    if (i % 2 == 0) value = value * 2 > 9 ? value * 2 - 9 : value * 2;
    total += value;
  }
  return total % 10 == 0;
}
// Segurança Social, NISS: weights are primes from 29 down to 2, 9 less the remainder by 10.
bool niss(std::string_view s) {
  return one_of(s[0], "12") && 9 - sum(s, {29, 23, 19, 17, 13, 11, 7, 5, 3, 2}) % 10 == digit(s[10]);
}

// Decreto ministeriale 23 dicembre 1976: surname, name, year, month, day (40 more for women), municipality, check
// letter. Where two would be the same, digits become letters ("omocodia").
constexpr std::string_view kOmocodia = "LMNPQRSTUV";
constexpr int omocode(char c) {
  return is_digit(c) ? digit(c)
                     : static_cast<int>(kOmocodia.find(c) == std::string_view::npos ? 99 : kOmocodia.find(c));
}
bool fiscal_shape(std::string_view s) {
  for (const std::size_t i : {6U, 7U, 9U, 10U, 12U, 13U, 14U}) {
    if (omocode(s[i]) > 9) return false;
  }
  const int day = omocode(s[9]) * 10 + omocode(s[10]);
  const std::size_t month = std::string_view("ABCDEHLMPRST").find(s[8]);
  return month != std::string_view::npos &&
         is_short_date(omocode(s[6]) * 10 + omocode(s[7]), static_cast<int>(month) + 1, day > 40 ? day - 40 : day);
}
bool fiscal_code(std::string_view s) {
  // What a character in an odd place counts, by its value.
  constexpr std::array<int, 26> kOdd = {1,  0,  5, 7, 9, 13, 15, 17, 19, 21, 2,  4,  18,
                                        20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23};
  int total = 0;
  for (std::size_t i = 0; i < 15; ++i) {
    const int value = is_digit(s[i]) ? digit(s[i]) : s[i] - 'A';
    total += i % 2 == 0 ? kOdd[static_cast<std::size_t>(value)] : value;
  }
  return fiscal_shape(s) && total % 26 == s[15] - 'A';
}

// Agenzia delle Entrate, DPR 633/1972 article 35: seven digits, the office of the province, Luhn.
bool partita_iva(std::string_view s) {
  const std::string_view d = s.substr(s.size() - 11);
  const int office = three(d, 7);
  const bool known = in(office, 1, 100) || office == 120 || office == 121 || office == 888 || office == 999;
  return known && d.substr(0, 7) != "0000000" && luhn(d);
}

// Ministero delle Infrastrutture: two letters of the province's office and seven digits, or U1 and seven characters
// that are no A, E, I, O, Q or V; the check letter's rule is not published.
bool it_licence_u1(std::string_view s) { return only(s.substr(2, 7), "BCDFGHLJKMNPRSTUWYXZ0123456789"); }

// AADE, Law 4174/2013: powers of two as weights, modulus 11, then 10.
bool afm(std::string_view s) {
  return !all_same(s) && sum(s, {256, 128, 64, 32, 16, 8, 4, 2}) % 11 % 10 == digit(s[8]);
}
// IDIKA, Law 3655/2008: the day of birth, four digits, Luhn.
bool amka(std::string_view s) { return ddmmyy(s) && luhn(s); }

constexpr std::string_view kFiscalWords = "codice fiscale|cod fisc|tax code|fiscal code|cf";
constexpr std::string_view kNifWords = "nif|dni|identidad";

constexpr Kind kKinds[] = {
    {.entity = "ES_NIF",
     .description = "Spanish tax number of a person (DNI)",
     .country = "ES",
     .shapes = "#{8}-@",
     .valid = nif,
     .words = kNifWords,
     .score = 0.5F,
     .score_near = 0.95F},
    {.entity = "ES_NIF",
     .country = "ES",
     .shapes = "##_###_###_@",
     .separators = ".-",
     .valid = nif,
     .words = kNifWords,
     .score = 0.7F,
     .score_near = 0.95F,
     .mixed = true},
    {.entity = "ES_NIF",
     .country = "ES",
     .shapes = "#{7}-@",
     .valid = nif,
     .words = kNifWords,
     .score = 0.3F,
     .score_near = 0.9F},
    {.entity = "ES_NIF",
     .country = "ES",
     .shapes = "@#{7}-@",
     .valid = nif_klm,
     .words = kNifWords,
     .score = 0.45F,
     .score_near = 0.95F},
    {.entity = "ES_NIE",
     .description = "Spanish identity number of a foreigner",
     .country = "ES",
     .shapes = "x-#{7}-@|y-#{7}-@|z-#{7}-@",
     .valid = nie,
     .words = "nie|extranjero",
     .score = 0.6F,
     .score_near = 0.95F},
    {.entity = "ES_CIF",
     .description = "Spanish tax number of a company",
     .country = "ES",
     .shapes = "@-#{7}-*",
     .valid = cif,
     .words = "cif|nif|razón social",
     .score = 0.35F,
     .score_near = 0.95F},
    {.entity = "ES_PASSPORT",
     .description = "Spanish passport number",
     .country = "ES",
     .shapes = "@@@######",
     .words = "pasaporte|passport",
     .score = 0.1F,
     .score_near = 0.65F},
    {.entity = "ES_NUSS",
     .description = "Spanish social security number",
     .country = "ES",
     .shapes = "##-########-##",
     .separators = " /-",
     .valid = nuss,
     .words = "seguridad social|nuss|naf|afiliación|afiliacion",
     .score = 0.45F,
     .score_near = 0.95F},
    {.entity = "PT_NIF",
     .description = "Portuguese taxpayer number",
     .country = "PT",
     .shapes = "###-###-###",
     .separators = " ",
     .valid = pt_nif,
     .words = "nif|contribuinte|nipc|número fiscal|numero fiscal|identificação fiscal",
     .score = 0.25F,
     .score_near = 0.95F},
    {.entity = "PT_CITIZEN_CARD",
     .description = "Number of a Portuguese citizen card",
     .country = "PT",
     .shapes = "########-#-@*#",
     .separators = " ",
     .valid = cartao_cidadao,
     .words = "cartão de cidadão|cartao de cidadao|cartão cidadão|documento de identificação",
     .score = 0.6F,
     .score_near = 0.95F},
    {.entity = "PT_NISS",
     .description = "Portuguese social security number",
     .country = "PT",
     .shapes = "###########",
     .valid = niss,
     .words = "niss|segurança social|seguranca social",
     .score = 0.2F,
     .score_near = 0.95F},
    {.entity = "IT_FISCAL_CODE",
     .description = "Italian fiscal code of a person",
     .country = "IT",
     .shapes = "@{6}**@**@***@",
     .separators = " ",
     .valid = fiscal_code,
     .words = kFiscalWords,
     .score = 0.85F,
     .score_near = 0.95F},
    {.entity = "IT_FISCAL_CODE",
     .country = "IT",
     .shapes = "@@@_@@@_##@##_@###@",
     .separators = " ",
     .valid = fiscal_code,
     .words = kFiscalWords,
     .score = 0.85F,
     .score_near = 0.95F},
    {.entity = "IT_FISCAL_CODE",
     .country = "IT",
     .shapes = "@{6}##@##@###@",
     .separators = " ",
     .valid = fiscal_shape,
     .words = kFiscalWords,
     .score = 0.4F,
     .score_near = 0.75F},
    {.entity = "IT_VAT_CODE",
     .description = "Italian VAT number",
     .country = "IT",
     .shapes = "it-#{11}",
     .valid = partita_iva,
     .words = "partita iva|piva|iva|vat",
     .score = 0.75F,
     .score_near = 0.95F},
    {.entity = "IT_VAT_CODE",
     .country = "IT",
     .shapes = "#{11}|#{8}_###",
     .separators = "_",
     .valid = partita_iva,
     .words = "partita iva|piva|iva|vat|codice fiscale",
     .score = 0.35F,
     .score_near = 0.95F},
    {.entity = "IT_DRIVER_LICENSE",
     .description = "Number of an Italian driving licence",
     .country = "IT",
     .shapes = "@@#######@",
     .words = "patente|licenza|driving|driver|licen",
     .score = 0.1F,
     .score_near = 0.65F},
    {.entity = "IT_DRIVER_LICENSE",
     .country = "IT",
     .shapes = "u1*{7}@",
     .valid = it_licence_u1,
     .words = "patente|licenza|driving|driver|license|licence",
     .score = 0.2F,
     .score_near = 0.7F},
    {.entity = "IT_IDENTITY_CARD",
     .description = "Number of an Italian identity card",
     .country = "IT",
     .shapes = "@@-#######|#######@@|@@#####@@",
     .separators = " ",
     .words = "carta d'identità|carta d'identita|carta di identità|carta identità|carta identita|cie|identity card",
     .score = 0.1F,
     .score_near = 0.65F},
    {.entity = "IT_PASSPORT",
     .description = "Italian passport number",
     .country = "IT",
     .shapes = "@@#######",
     .words = "passaporto|passport",
     .score = 0.1F,
     .score_near = 0.6F},
    {.entity = "GR_AMKA",
     .description = "Greek social security number",
     .country = "GR",
     .shapes = "###########",
     .valid = amka,
     .words = "αμκα|amka",
     .score = 0.3F,
     .score_near = 0.95F},
    {.entity = "GR_AFM",
     .description = "Greek tax number",
     .country = "GR",
     .shapes = "#########",
     .valid = afm,
     .words = "αφμ|afm",
     .score = 0.2F,
     .score_near = 0.95F},
};

}  // namespace

std::span<const Kind> southern_europe() { return kKinds; }

}  // namespace gatehouse::guard::pii::national
