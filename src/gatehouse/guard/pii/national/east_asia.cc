#include <array>

#include "gatehouse/guard/pii/national/digits.h"
#include "gatehouse/guard/pii/national/national.h"

namespace gatehouse::guard::pii::national {
namespace {

// GB 11643-1999: the place (GB/T 2260, its first two digits a province), the day of birth, a number, ISO 7064 MOD 11-2.
bool resident(std::string_view s) {
  const int province = two(s, 0);
  const bool known = in(province, 11, 15) || in(province, 21, 23) || in(province, 31, 37) || in(province, 41, 46) ||
                     in(province, 50, 54) || in(province, 61, 65) || province == 71 || province == 91 ||
                     in(province, 81, 83);
  return known && yyyymmdd(s, 6) && (is_digit(s[17]) || s[17] == 'X') && mod11_2(s);
}
// GB 32100-2015: the authority, the kind, the place, nine characters, modulus 31 over powers of 3; no I, O, S, V, Z.
bool uscc(std::string_view s) {
  constexpr std::string_view kCharacters = "0123456789ABCDEFGHJKLMNPQRTUWXY";
  int total = 0;
  int weight = 1;
  for (std::size_t i = 0; i < 18; ++i) {
    const std::size_t value = kCharacters.find(s[i]);
    if (value == std::string_view::npos) return false;
    total += static_cast<int>(value) * (i == 17 ? 1 : weight);
    weight = weight * 3 % 31;
  }
  return total % 31 == 0 && one_of(s[0], "123456789ANY");
}

// Ordinance of the Ministry of Internal Affairs and Communications 85 of 2014, article 5: weights 6 5 4 3 2 7 6 5 4 3
// 2, modulus 11, remainders 0 and 1 give 0.
bool my_number(std::string_view s) {
  const int rest = sum(s, {6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2}) % 11;
  return !all_same(s) && (rest <= 1 ? 0 : 11 - rest) == digit(s[11]);
}
// Ordinance of the Ministry of Finance 70 of 2014: the first digit is 9 less the remainder by 9 of the others times 1
// and 2 in turn.
bool jp_corporate(std::string_view s) {
  return s[0] != '0' && 9 - sum(s.substr(1), {2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1}) % 9 == digit(s[0]);
}

// Resident Registration Act, enforcement rule 2: the day of birth, sex and century, the place (00 to 95) until October
// 2020, weights 2 to 9 and 2 to 5, modulus 11; numbers given since are not checked by it. 9 and 0 were the 19th
// century.
bool kr_born(std::string_view s, std::string_view sexes) {
  return one_of(s[6], sexes) && is_date((one_of(s[6], "1256") ? 1900 : 2000) + two(s, 0), two(s, 2), two(s, 4));
}
int kr_total(std::string_view s) { return sum(s, {2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5}) % 11; }
bool rrn(std::string_view s) { return kr_born(s, "1234"); }
bool rrn_check(std::string_view s) { return rrn(s) && two(s, 7) <= 95 && (11 - kr_total(s)) % 10 == digit(s[12]); }
// Immigration Act: foreigners have 5 to 8 there, and 2 more on the check digit.
bool frn(std::string_view s) { return kr_born(s, "5678"); }
bool frn_check(std::string_view s) { return frn(s) && (13 - kr_total(s)) % 10 == digit(s[12]); }
// National Tax Service: weights 1 3 7 1 3 7 1 3 5, the ninth product's tens once more, modulus 10.
bool kr_brn(std::string_view s) {
  const int total = sum(s, {1, 3, 7, 1, 3, 7, 1, 3, 5}) + digit(s[8]) * 5 / 10;
  return s.substr(0, 3) != "000" && (10 - total % 10) % 10 == digit(s[9]);
}
// Passport Act, enforcement rule: M and S ordinary, R of a resident, O official, D diplomatic; since 2021 the fifth
// character is a letter.
bool kr_passport(std::string_view s) { return one_of(s[0], "MSROD"); }
// National Police Agency: the place (11 to 28), the year, a number, two digits.
bool kr_licence(std::string_view s) { return in(two(s, 0), 11, 28) && two(s, 0) != 27; }

// Ministry of the Interior, Household Registration Act: the letter as two digits, sex (1, 2; 8, 9 for foreigners),
// weights 1 9 8 7 6 5 4 3 2 1 1, a multiple of 10.
bool tw_id(std::string_view s) {
  constexpr std::array<int, 26> kLetters = {10, 11, 12, 13, 14, 15, 16, 17, 34, 18, 19, 20, 21,
                                            22, 35, 23, 24, 25, 26, 27, 28, 29, 32, 30, 31, 33};
  const int letter = kLetters[static_cast<std::size_t>(s[0] - 'A')];
  return one_of(s[1], "1289") &&
         (letter / 10 + letter % 10 * 9 + sum(s.substr(1), {8, 7, 6, 5, 4, 3, 2, 1, 1})) % 10 == 0;
}
// Ministry of Finance, unified business number: sums of digits of the products, a multiple of 5; where the seventh
// digit is 7, its 28 may count 0 or 1.
bool tw_ubn(std::string_view s) {
  constexpr int kWeights[] = {1, 2, 1, 2, 1, 2, 4, 1};
  int total = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    const int product = digit(s[i]) * kWeights[i];
    total += product / 10 + product % 10;
  }
  return !all_same(s) && (total % 5 == 0 || (s[6] == '7' && (total + 1) % 5 == 0));
}

// Immigration Department, Registration of Persons Ordinance: one or two letters (A = 10, none = 36), six digits,
// weights 9 to 2, modulus 11, A for 10.
bool hkid(std::string_view s) {
  const std::size_t front = s.size() - 7;
  const int total = (front == 2 ? alnum_value(s[0]) : 36) * 9 + alnum_value(s[front - 1]) * 8 +
                    sum(s.substr(front), {7, 6, 5, 4, 3, 2});
  const int check = (11 - total % 11) % 11;
  return s.back() == (check == 10 ? 'A' : static_cast<char>('0' + check));
}

constexpr std::string_view kRrnWords = "주민등록|주민번호|rrn|resident registration";
constexpr std::string_view kFrnWords = "외국인등록|외국인 등록|frn|foreigner registration|alien registration";
constexpr std::string_view kBrnWords = "사업자등록|사업자 등록|사업자번호|brn|business registration";
constexpr std::string_view kResidentWords = "身份证|身份證|公民身份|居民身份|resident identity|id card";

constexpr Kind kKinds[] = {
    {.entity = "CN_RESIDENT_ID",
     .description = "Chinese resident identity number",
     .country = "CN",
     .shapes = "######-########-###*",
     .separators = " ",
     .valid = resident,
     .words = kResidentWords,
     .score = 0.85F,
     .score_near = 0.95F},
    {.entity = "CN_USCC",
     .description = "Chinese unified social credit code of a body",
     .country = "CN",
     .shapes = "**######*{10}",
     .valid = uscc,
     .words = "社会信用|信用代码|uscc",
     .score = 0.45F,
     .score_near = 0.95F},
    {.entity = "CN_PASSPORT",
     .description = "Chinese passport number",
     .country = "CN",
     .shapes = "e*#######|g########|@@#######|p#######|@########",
     .words = "护照|護照|chinese passport",
     .score = 0,
     .score_near = 0.7F,
     .needs_word = true},
    {.entity = "JP_MY_NUMBER",
     .description = "Japanese individual number",
     .country = "JP",
     .shapes = "####-####-####",
     .valid = my_number,
     .words = "マイナンバー|個人番号|my number",
     .score = 0.3F,
     .score_near = 0.95F},
    {.entity = "JP_CORPORATE_NUMBER",
     .description = "Japanese corporate number",
     .country = "JP",
     .shapes = "#-####-####-####",
     .valid = jp_corporate,
     .words = "法人番号|corporate number",
     .score = 0.2F,
     .score_near = 0.95F},
    {.entity = "JP_PASSPORT",
     .description = "Japanese passport number",
     .country = "JP",
     .shapes = "@@#######",
     .words = "旅券|パスポート|japanese passport",
     .score = 0,
     .score_near = 0.75F,
     .needs_word = true},
    {.entity = "JP_DRIVER_LICENSE",
     .description = "Number of a Japanese driving licence",
     .country = "JP",
     .shapes = "#{12}",
     .words = "運転免許|免許証|免許の番号",
     .score = 0,
     .score_near = 0.75F,
     .needs_word = true},
    {.entity = "KR_RRN",
     .description = "South Korean resident registration number",
     .country = "KR",
     .shapes = "######-#######",
     .separators = "-",
     .valid = rrn_check,
     .words = kRrnWords,
     .score = 0.55F,
     .score_near = 0.95F},
    {.entity = "KR_RRN",
     .country = "KR",
     .shapes = "######_#######",
     .separators = "-",
     .valid = rrn,
     .words = kRrnWords,
     .score = 0.5F,
     .score_near = 0.9F},
    {.entity = "KR_RRN",
     .country = "KR",
     .shapes = "#############",
     .valid = rrn,
     .words = kRrnWords,
     .score = 0.1F,
     .score_near = 0.85F},
    {.entity = "KR_FRN",
     .description = "South Korean registration number of a foreigner",
     .country = "KR",
     .shapes = "######-#######",
     .separators = "-",
     .valid = frn_check,
     .words = kFrnWords,
     .score = 0.55F,
     .score_near = 0.95F},
    {.entity = "KR_FRN",
     .country = "KR",
     .shapes = "######_#######",
     .separators = "-",
     .valid = frn,
     .words = kFrnWords,
     .score = 0.5F,
     .score_near = 0.9F},
    {.entity = "KR_FRN",
     .country = "KR",
     .shapes = "#############",
     .valid = frn,
     .words = kFrnWords,
     .score = 0.1F,
     .score_near = 0.85F},
    {.entity = "KR_BRN",
     .description = "South Korean business registration number",
     .country = "KR",
     .shapes = "###_##_#####",
     .separators = "-",
     .valid = kr_brn,
     .words = kBrnWords,
     .score = 0.45F,
     .score_near = 0.95F},
    {.entity = "KR_BRN",
     .country = "KR",
     .shapes = "##########",
     .valid = kr_brn,
     .words = kBrnWords,
     .score = 0.2F,
     .score_near = 0.95F},
    {.entity = "KR_PASSPORT",
     .description = "South Korean passport number",
     .country = "KR",
     .shapes = "@########|@###@####",
     .valid = kr_passport,
     .words = "여권|korean passport|passport",
     .score = 0.1F,
     .score_near = 0.65F},
    {.entity = "KR_DRIVER_LICENSE",
     .description = "Number of a South Korean driving licence",
     .country = "KR",
     .shapes = "##_##_######_##",
     .valid = kr_licence,
     .words = "운전면허|면허번호|면허|driver|license|licence",
     .score = 0.35F,
     .score_near = 0.85F},
    {.entity = "KR_DRIVER_LICENSE",
     .country = "KR",
     .shapes = "############",
     .valid = kr_licence,
     .words = "운전면허|면허번호",
     .score = 0.05F,
     .score_near = 0.75F},
    {.entity = "TW_ID",
     .description = "Taiwanese identity or residence number",
     .country = "TW",
     .shapes = "@#########",
     .valid = tw_id,
     .words = "身分證|身份證|統一證號|居留證|taiwan",
     .score = 0.4F,
     .score_near = 0.95F},
    {.entity = "TW_UBN",
     .description = "Taiwanese unified business number",
     .country = "TW",
     .shapes = "########",
     .valid = tw_ubn,
     .words = "統一編號|統編",
     .score = 0,
     .score_near = 0.9F,
     .needs_word = true},
    {.entity = "HK_HKID",
     .description = "Hong Kong identity card number",
     .country = "HK",
     .shapes = "@######-*|@@######-*",
     .separators = " -",
     .valid = hkid,
     .words = "hkid|身份證|身分證|identity card|hong kong id",
     .score = 0.3F,
     .score_near = 0.95F},
    // As the card has it, A123456(3): brackets are in no shape, so without the check digit.
    {.entity = "HK_HKID",
     .country = "HK",
     .shapes = "@######|@@######",
     .words = "hkid|香港身份證|香港身分證|hong kong id",
     .score = 0,
     .score_near = 0.65F,
     .needs_word = true},
};

}  // namespace

std::span<const Kind> east_asia() { return kKinds; }

}  // namespace gatehouse::guard::pii::national
