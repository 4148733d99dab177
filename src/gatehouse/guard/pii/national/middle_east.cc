#include "gatehouse/guard/pii/national/digits.h"
#include "gatehouse/guard/pii/national/national.h"

namespace gatehouse::guard::pii::national {
namespace {

// Nüfus ve Vatandaşlık İşleri (law 5490): the tenth digit checks the odd places seven times less the even ones, the
// eleventh the sum of all before it.
bool tckn(std::string_view s) {
  const int odd = digit(s[0]) + digit(s[2]) + digit(s[4]) + digit(s[6]) + digit(s[8]);
  const int even = digit(s[1]) + digit(s[3]) + digit(s[5]) + digit(s[7]);
  return s[0] != '0' && ((odd * 7 - even) % 10 + 10) % 10 == digit(s[9]) &&
         (odd + even + digit(s[9])) % 10 == digit(s[10]);
}
// Gelir İdaresi Başkanlığı, vergi kimlik numarası: each digit plus its distance from the end modulo 10, times a power
// of two, modulo 9 (9 stays), summed up.
bool vkn(std::string_view s) {
  int total = 0;
  for (int i = 0; i < 9; ++i) {
    const int value = (digit(s[static_cast<std::size_t>(i)]) + 9 - i) % 10;
    const int power = value * (1 << (9 - i)) % 9;
    total += value != 0 && power == 0 ? 9 : power;
  }
  return !all_same(s) && (10 - total % 10) % 10 == digit(s[9]);
}
// Karayolları Trafik Yönetmeliği, article 53: the province (01 to 81), one to three letters without Q, W and X, a
// number.
bool tr_plate(std::string_view s) { return in(two(s, 0), 1, 81) && s.find_first_of("QWX") == s.npos; }

// Population and Immigration Authority: Luhn over nine digits.
bool il_id(std::string_view s) { return !all_same(s) && luhn(s); }

// National Information Center, Saudi Arabia: 1 a citizen, 2 a resident (Iqama); Luhn.
bool sa_id(std::string_view s) { return one_of(s[0], "12") && luhn(s); }

// Federal Authority for Identity (ICP): 784 is the country in ISO 3166, the year of birth, Luhn.
bool emirates_id(std::string_view s) { return in(four(s, 3), 1900, 2099) && luhn(s); }

// Civil Affairs, law 143 of 1994: the century (2 or 3), the day of birth, the governorate, a number, a check digit
// whose rule is not published.
bool eg_id(std::string_view s) {
  const int governorate = two(s, 7);
  const bool known = in(governorate, 1, 4) || in(governorate, 11, 19) || in(governorate, 21, 29) ||
                     in(governorate, 31, 35) || governorate == 88;
  return known && one_of(s[0], "23") && is_date((s[0] == '2' ? 1900 : 2000) + two(s, 1), two(s, 3), two(s, 5));
}

// Public Authority for Civil Information: the century, the day of birth, weights 2 1 6 3 7 9 10 5 8 4 2, modulus 11.
bool kw_civil(std::string_view s) {
  return one_of(s[0], "123") && yymmdd(s, 1) && 11 - sum(s, {2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}) % 11 == digit(s[11]);
}

// National Organization for Civil Registration: weights 10 to 2, modulus 11.
bool ir_code(std::string_view s) {
  const int rest = sum(s, {10, 9, 8, 7, 6, 5, 4, 3, 2}) % 11;
  return !all_same(s) && (rest < 2 ? rest : 11 - rest) == digit(s[9]);
}

constexpr std::string_view kIdWords = "kimlik|tckn|tc no|tc kimlik|turkish id|nüfus|national id";
constexpr std::string_view kVehicleWords = "plaka|plate|araç|plakalı";

constexpr Kind kKinds[] = {
    {.entity = "TR_NATIONAL_ID",
     .description = "Turkish identity number",
     .country = "TR",
     .shapes = "#{11}",
     .valid = tckn,
     .words = kIdWords,
     .score = 0.45F,
     .score_near = 0.95F},
    {.entity = "TR_TAX_ID",
     .description = "Turkish tax number",
     .country = "TR",
     .shapes = "#{10}",
     .valid = vkn,
     .words = "vergi|vkn|vergi no|tax id",
     .score = 0.15F,
     .score_near = 0.9F},
    {.entity = "TR_LICENSE_PLATE",
     .description = "Number plate of a Turkish vehicle",
     .country = "TR",
     .shapes = "##_@{1,3}_#{2,4}",
     .valid = tr_plate,
     .words = kVehicleWords,
     .score = 0.25F,
     .score_near = 0.75F},
    {.entity = "TR_LICENSE_PLATE",
     .country = "TR",
     .shapes = "##@{1,3}#{2,4}",
     .valid = tr_plate,
     .words = kVehicleWords,
     .score = 0.05F,
     .score_near = 0.65F},
    {.entity = "IL_ID",
     .description = "Israeli identity number",
     .country = "IL",
     .shapes = "#########|########_#",
     .separators = "-",
     .valid = il_id,
     .words = "תעודת זהות|מספר זהות|teudat zehut|israeli id",
     .score = 0.25F,
     .score_near = 0.95F},
    {.entity = "SA_NATIONAL_ID",
     .description = "Saudi identity or residence number",
     .country = "SA",
     .shapes = "##########",
     .valid = sa_id,
     .words = "هوية|الهوية|إقامة|الإقامة|iqama|national id|saudi id",
     .score = 0.15F,
     .score_near = 0.9F},
    {.entity = "AE_EMIRATES_ID",
     .description = "Emirates identity number",
     .country = "AE",
     .shapes = "784-####-#######-#",
     .valid = emirates_id,
     .words = "emirates id|هوية|الهوية",
     .score = 0.8F,
     .score_near = 0.95F},
    {.entity = "EG_NATIONAL_ID",
     .description = "Egyptian national number",
     .country = "EG",
     .shapes = "#{14}",
     .valid = eg_id,
     .words = "الرقم القومي|رقم قومي|بطاقة|national id|egyptian id",
     .score = 0.3F,
     .score_near = 0.9F},
    {.entity = "KW_CIVIL_ID",
     .description = "Kuwaiti civil number",
     .country = "KW",
     .shapes = "############",
     .valid = kw_civil,
     .words = "civil id|الرقم المدني|البطاقة المدنية|مدني",
     .score = 0.3F,
     .score_near = 0.95F},
    {.entity = "IR_NATIONAL_CODE",
     .description = "Iranian national code",
     .country = "IR",
     .shapes = "###-######-#",
     .separators = "-",
     .valid = ir_code,
     .words = "کد ملی|کدملی|شماره ملی|code melli|melli",
     .score = 0.2F,
     .score_near = 0.95F},
};

}  // namespace

std::span<const Kind> middle_east() { return kKinds; }

}  // namespace gatehouse::guard::pii::national
