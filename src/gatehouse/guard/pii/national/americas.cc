#include <array>

#include "gatehouse/guard/pii/national/digits.h"
#include "gatehouse/guard/pii/national/national.h"

namespace gatehouse::guard::pii::national {
namespace {

// Employment and Social Development Canada, Social Insurance Number Code of Practice: Luhn; 0 and 8 begin none.
bool sin(std::string_view s) { return s[0] != '0' && s[0] != '8' && luhn(s); }
// Canada Post, Addressing Guidelines: D, F, I, O, Q and U are not used, W and Z not in front.
bool ca_postal(std::string_view s) { return s.find_first_of("DFIOQU") == s.npos && !one_of(s[0], "WZ"); }

// Receita Federal, Instrução Normativa RFB 2172/2024: weights 10 to 2 and 11 to 2, modulus 11, 0 for what is above 9.
bool cpf(std::string_view s) {
  const auto check = [](int total) { return total % 11 < 2 ? 0 : 11 - total % 11; };
  return !all_same(s) && check(sum(s, {10, 9, 8, 7, 6, 5, 4, 3, 2})) == digit(s[9]) &&
         check(sum(s, {11, 10, 9, 8, 7, 6, 5, 4, 3, 2})) == digit(s[10]);
}
// Instrução Normativa RFB 2229/2024: since July 2026 the first twelve may be letters, which count as their ASCII code
// less 48; two check digits.
bool cnpj(std::string_view s) {
  constexpr int kWeights[] = {6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2};
  const auto check = [&](std::size_t size) {
    int total = 0;
    for (std::size_t i = 0; i < size; ++i) total += (s[i] - '0') * kWeights[13 - size + i];
    return total % 11 < 2 ? 0 : 11 - total % 11;
  };
  return !all_same(s) && check(12) == digit(s[12]) && check(13) == digit(s[13]);
}
// Caixa, PIS/PASEP/NIT: weights 3 2 9 8 7 6 5 4 3 2, modulus 11.
bool pis(std::string_view s) {
  const int rest = 11 - sum(s, {3, 2, 9, 8, 7, 6, 5, 4, 3, 2}) % 11;
  return !all_same(s) && (rest > 9 ? 0 : rest) == digit(s[10]);
}

// RENAPO, Instructivo normativo para la asignación de la CURP: letters of the names, the day of birth, sex, the state,
// inner consonants, a digit (until 1999) or letter, a check digit. Letters count with Ñ between N and O.
bool curp(std::string_view s) {
  constexpr std::string_view kStates =
      " AS BC BS CC CL CM CS CH DF DG GT GR HG JC MC MN MS NT NL OC PL QT QR SP SL SR TC TS TL VZ YN ZS NE ";
  const std::array<char, 4> state = {' ', s[11], s[12], ' '};
  if (!one_of(s[10], "HMX") || kStates.find(std::string_view(state.data(), 4)) == std::string_view::npos) return false;
  if (!one_of(s[1], "AEIOUX") || s.substr(13, 3).find_first_of("AEIOU") != s.npos) return false;
  if (!is_date((is_digit(s[16]) ? 1900 : 2000) + two(s, 4), two(s, 6), two(s, 8))) return false;
  int total = 0;
  for (std::size_t i = 0; i < 17; ++i) {
    const int value = alnum_value(s[i]);
    total += (value + (s[i] >= 'O' ? 1 : 0)) * (18 - static_cast<int>(i));
  }
  return (10 - total % 10) % 10 == digit(s[17]);
}
// SAT, Código Fiscal de la Federación article 27: letters of the name (three of a company), the day, two characters, a
// check character: weights 13 to 2, modulus 11. Older ones often fail it.
bool rfc(std::string_view s) {
  const char first = s[s.size() - 3];
  return yymmdd(s, s.size() - 9) && first != '0' && first <= 'V' && s[s.size() - 2] != '0' &&
         (is_digit(s.back()) || s.back() == 'A');
}
bool rfc_check(std::string_view s) {
  if (!rfc(s)) return false;
  // A company's begins with a space, the character after Z; & is 24, so that O and what follows count one more.
  int total = s.size() == 12 ? 37 * 13 : 0;
  for (std::size_t i = 0; i + 1 < s.size(); ++i) {
    const int value = alnum_value(s[i]) + (is_upper(s[i]) && s[i] >= 'O' ? 1 : 0);
    total += value * (static_cast<int>(s.size() - i));
  }
  const int check = (11 - total % 11) % 11;
  return s.back() == (check == 10 ? 'A' : static_cast<char>('0' + check));
}
// IMSS: eleven digits by Luhn: the office, the years of joining and of birth, a number.
bool nss(std::string_view s) { return s.substr(0, 2) != "00" && luhn(s); }

// AFIP (ARCA), Resolución General 10/97: the kind (20 to 27 people, 30 to 34 companies), weights 5 4 3 2 7 6 5 4 3 2,
// modulus 11.
bool cuit(std::string_view s) {
  const int kind = two(s, 0);
  return (kind == 20 || in(kind, 23, 27) || kind == 30 || kind == 33 || kind == 34) &&
         (11 - sum(s, {5, 4, 3, 2, 7, 6, 5, 4, 3, 2}) % 11) % 11 == digit(s[10]);
}
bool ar_dni(std::string_view s) { return number(s) >= 1'000'000; }

// Servicio de Registro Civil: weights 2 to 7 from the right, modulus 11, K for 10.
bool rut(std::string_view s) {
  int total = 0;
  int weight = 2;
  for (std::size_t i = s.size() - 1; i-- > 0; weight = weight == 7 ? 2 : weight + 1) total += digit(s[i]) * weight;
  const int check = (11 - total % 11) % 11;
  return s[0] != '0' && s.back() == (check == 10 ? 'K' : static_cast<char>('0' + check)) &&
         !all_same(s.substr(0, s.size() - 1));
}

// DIAN, Orden Administrativa 4 of 1989: weights 3 7 13 17 19 23 29 37 41 from the right, modulus 11.
bool nit(std::string_view s) {
  const int rest = sum(s, {41, 37, 29, 23, 19, 17, 13, 7, 3}) % 11;
  return s[0] != '0' && (rest < 2 ? rest : 11 - rest) == digit(s[9]);
}

// SUNAT: 10, 15, 17 people, 20 companies; weights 5 4 3 2 7 6 5 4 3 2, modulus 11.
bool ruc(std::string_view s) {
  const int kind = two(s, 0);
  return (kind == 10 || in(kind, 15, 17) || kind == 20) &&
         (11 - sum(s, {5, 4, 3, 2, 7, 6, 5, 4, 3, 2}) % 11) % 10 == digit(s[10]);
}

// Registro Civil del Ecuador: the province (01 to 24, 30 abroad), a digit below 6, Luhn.
bool ec_cedula(std::string_view s) { return (in(two(s, 0), 1, 24) || two(s, 0) == 30) && s[2] < '6' && luhn(s); }

// Dirección Nacional de Identificación Civil, Uruguay: weights 2 9 8 7 6 3 4, modulus 10.
bool uy_ci(std::string_view s) { return !all_same(s) && (10 - sum(s, {2, 9, 8, 7, 6, 3, 4}) % 10) % 10 == digit(s[7]); }

// Junta Central Electoral: Luhn over eleven digits.
bool do_cedula(std::string_view s) { return !all_same(s) && luhn(s); }

constexpr std::string_view kSinWords = "sin|nas|social insurance|assurance sociale";
constexpr std::string_view kCuitWords = "cuit|cuil";

constexpr Kind kKinds[] = {
    {.entity = "CA_SIN",
     .description = "Canadian social insurance number",
     .country = "CA",
     .shapes = "###~###~###",
     .valid = sin,
     .words = kSinWords,
     .score = 0.3F,
     .score_near = 0.95F},
    {.entity = "CA_POSTAL_CODE",
     .description = "Canadian postal code",
     .country = "CA",
     .shapes = "@#@_#@#",
     .valid = ca_postal,
     .words = "postal|address|canada",
     .score = 0.35F,
     .score_near = 0.7F},
    {.entity = "CA_PASSPORT",
     .description = "Canadian passport number",
     .country = "CA",
     .shapes = "@@######|@######@@",
     .words = "canadian passport|passport|passeport",
     .score = 0,
     .score_near = 0.6F,
     .needs_word = true},
    {.entity = "BR_CPF",
     .description = "Brazilian taxpayer number of a person",
     .country = "BR",
     .shapes = "###_###_###_##",
     .separators = ".-",
     .valid = cpf,
     .words = "cpf",
     .score = 0.8F,
     .score_near = 0.95F,
     .mixed = true},
    {.entity = "BR_CPF",
     .country = "BR",
     .shapes = "#########-##",
     .separators = "-/",
     .valid = cpf,
     .words = "cpf",
     .score = 0.45F,
     .score_near = 0.95F},
    {.entity = "BR_CNPJ",
     .description = "Brazilian taxpayer number of a company",
     .country = "BR",
     .shapes = "**_***_***_****_##",
     .separators = "./-",
     .valid = cnpj,
     .words = "cnpj",
     .score = 0.85F,
     .score_near = 0.95F,
     .mixed = true},
    {.entity = "BR_CNPJ",
     .country = "BR",
     .shapes = "#{14}",
     .valid = cnpj,
     .words = "cnpj",
     .score = 0.45F,
     .score_near = 0.95F},
    {.entity = "BR_CNPJ",
     .country = "BR",
     .shapes = "*{12}##",
     .valid = cnpj,
     .words = "cnpj",
     .score = 0.3F,
     .score_near = 0.95F},
    {.entity = "BR_PIS",
     .description = "Brazilian social programme number (PIS, PASEP, NIT)",
     .country = "BR",
     .shapes = "###-#####-##-#",
     .separators = ".-",
     .valid = pis,
     .words = "pis|pasep|nit|nis",
     .score = 0.25F,
     .score_near = 0.95F,
     .mixed = true},
    {.entity = "MX_CURP",
     .description = "Mexican population register code",
     .country = "MX",
     .shapes = "@@@@######@@@@@@*#",
     .valid = curp,
     .words = "curp",
     .score = 0.9F,
     .score_near = 0.95F},
    {.entity = "MX_RFC",
     .description = "Mexican taxpayer code",
     .country = "MX",
     .shapes = "@{3,4}-######-***",
     .valid = rfc_check,
     .words = "rfc|registro federal",
     .score = 0.6F,
     .score_near = 0.95F},
    {.entity = "MX_RFC",
     .country = "MX",
     .shapes = "@{3,4}-######-***",
     .valid = rfc,
     .words = "rfc|registro federal",
     .score = 0.25F,
     .score_near = 0.8F},
    {.entity = "MX_NSS",
     .description = "Mexican social security number",
     .country = "MX",
     .shapes = "##-##-##-####-#",
     .valid = nss,
     .words = "nss|imss|seguridad social|seguro social",
     .score = 0.2F,
     .score_near = 0.9F},
    {.entity = "AR_CUIT",
     .description = "Argentine taxpayer or labour number (CUIT, CUIL)",
     .country = "AR",
     .shapes = "##_########_#",
     .separators = "-",
     .valid = cuit,
     .words = kCuitWords,
     .score = 0.65F,
     .score_near = 0.95F},
    {.entity = "AR_CUIT",
     .country = "AR",
     .shapes = "###########",
     .valid = cuit,
     .words = kCuitWords,
     .score = 0.3F,
     .score_near = 0.95F},
    {.entity = "AR_DNI",
     .description = "Argentine identity document number",
     .country = "AR",
     .shapes = "##-###-###|#-###-###",
     .separators = ".",
     .valid = ar_dni,
     .words = "dni|documento nacional|documento",
     .score = 0,
     .score_near = 0.65F,
     .needs_word = true},
    {.entity = "CL_RUT",
     .description = "Chilean identity and tax number (RUN, RUT)",
     .country = "CL",
     .shapes = "##_###_###_*|#_###_###_*",
     .separators = ".-",
     .valid = rut,
     .words = "rut|run",
     .score = 0.7F,
     .score_near = 0.95F,
     .mixed = true},
    {.entity = "CL_RUT",
     .country = "CL",
     .shapes = "#{7,8}_*",
     .separators = "-",
     .valid = rut,
     .words = "rut|run",
     .score = 0.35F,
     .score_near = 0.95F},
    {.entity = "CL_RUT",
     .country = "CL",
     .shapes = "#{7,8}*",
     .valid = rut,
     .words = "rut|run",
     .score = 0.1F,
     .score_near = 0.9F},
    {.entity = "CO_NIT",
     .description = "Colombian tax number",
     .country = "CO",
     .shapes = "###_###_###_#",
     .separators = ".-",
     .valid = nit,
     .words = "nit|rut|dian",
     .score = 0.45F,
     .score_near = 0.95F,
     .mixed = true},
    {.entity = "CO_NIT",
     .country = "CO",
     .shapes = "#########-#",
     .separators = "-",
     .valid = nit,
     .words = "nit|rut|dian",
     .score = 0.2F,
     .score_near = 0.95F},
    {.entity = "CO_CEDULA",
     .description = "Number of a Colombian identity card",
     .country = "CO",
     .shapes = "#-###-###-###|##-###-###|#{7}",
     .separators = ".",
     .words = "cédula|cedula",
     .score = 0,
     .score_near = 0.65F,
     .needs_word = true},
    {.entity = "PE_RUC",
     .description = "Peruvian taxpayer number",
     .country = "PE",
     .shapes = "###########",
     .valid = ruc,
     .words = "ruc|sunat",
     .score = 0.25F,
     .score_near = 0.95F},
    {.entity = "PE_DNI",
     .description = "Peruvian identity document number",
     .country = "PE",
     .shapes = "########",
     .words = "dni|reniec",
     .score = 0,
     .score_near = 0.65F,
     .needs_word = true},
    {.entity = "EC_CEDULA",
     .description = "Number of an Ecuadorian identity card",
     .country = "EC",
     .shapes = "#########-#",
     .separators = "-",
     .valid = ec_cedula,
     .words = "cédula|cedula",
     .score = 0.2F,
     .score_near = 0.9F},
    {.entity = "UY_CI",
     .description = "Number of a Uruguayan identity card",
     .country = "UY",
     .shapes = "#_###_###_#",
     .separators = ".-",
     .valid = uy_ci,
     .words = "cédula|cedula",
     .score = 0.5F,
     .score_near = 0.95F,
     .mixed = true},
    {.entity = "DO_CEDULA",
     .description = "Number of a Dominican identity card",
     .country = "DO",
     .shapes = "###_#######_#",
     .separators = "-",
     .valid = do_cedula,
     .words = "cédula|cedula",
     .score = 0.45F,
     .score_near = 0.95F},
};

}  // namespace

std::span<const Kind> americas() { return kKinds; }

}  // namespace gatehouse::guard::pii::national
