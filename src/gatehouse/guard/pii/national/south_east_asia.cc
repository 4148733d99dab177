#include "gatehouse/guard/pii/national/digits.h"
#include "gatehouse/guard/pii/national/national.h"

namespace gatehouse::guard::pii::national {
namespace {

// Immigration and Checkpoints Authority, National Registration Act: S and T citizens and residents, F, G and M
// foreigners; weights 2 7 6 5 4 3 2, 4 more for T and G, 3 more for M; the remainder by 11 picks the letter.
bool fin_shape(std::string_view s) { return one_of(s[0], "STFGM"); }
bool fin(std::string_view s) {
  if (!fin_shape(s)) return false;
  const int shift = one_of(s[0], "TG") ? 4 : s[0] == 'M' ? 3 : 0;
  const auto rest = static_cast<std::size_t>((sum(s.substr(1), {2, 7, 6, 5, 4, 3, 2}) + shift) % 11);
  const std::string_view letters = one_of(s[0], "ST") ? "JZIHGFEDCBA" : s[0] == 'M' ? "XWUTRQPNJLK" : "XWUTRQPNMLK";
  return s[8] == letters[rest];
}

// ACRA, "Unique entity number": businesses eight digits, companies the year and five, others the year as a letter and
// two digits, the kind and four. Modulus 11.
bool uen_business(std::string_view s) { return s[8] == "XMKECAWLJDB"[sum(s, {10, 4, 9, 3, 8, 2, 7, 1}) % 11]; }
bool uen_company(std::string_view s) {
  return in(four(s, 0), 1800, 2099) && s[9] == "ZKCMDNERGWH"[sum(s, {10, 8, 6, 4, 9, 7, 5, 3, 1}) % 11];
}
bool uen_other(std::string_view s) {
  constexpr std::string_view kCharacters = "ABCDEFGHJKLMNPQRSTUVWX0123456789";
  constexpr int kWeights[] = {4, 3, 5, 3, 10, 2, 2, 5, 7};
  if (!one_of(s[0], "RST")) return false;
  int total = 0;
  for (std::size_t i = 0; i < 9; ++i) {
    const std::size_t value = kCharacters.find(s[i]);
    if (value == std::string_view::npos) return false;
    total += static_cast<int>(value) * kWeights[i];
  }
  return s[9] == kCharacters[static_cast<std::size_t>((total - 5 + 11) % 11)];
}

// Department of Provincial Administration: the kind of person (1 to 8), the province and district, weights 13 to 2,
// modulus 11, then 10.
bool thai_id(std::string_view s) {
  const int province = two(s, 1);
  const bool known = in(province, 10, 27) || in(province, 30, 49) || in(province, 50, 58) || in(province, 60, 67) ||
                     in(province, 70, 77) || in(province, 80, 86) || in(province, 90, 96);
  return known && in(s[0], '1', '8') &&
         (11 - sum(s, {13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2}) % 11) % 10 == digit(s[12]);
}

// Bureau of Internal Revenue: eight digits, the ninth is their sum with weights 9 to 2 modulo 11 (10 is not given),
// then a branch's three or five digits.
bool ph_tin(std::string_view s) {
  return s.substr(0, 9) != "000000000" && sum(s, {9, 8, 7, 6, 5, 4, 3, 2}) % 11 == digit(s[8]);
}
// National Registration Department (JPN): the day of birth, the place (states 01 to 16 and 21 to 59, countries above),
// a number; nothing checks them.
bool mykad(std::string_view s) {
  const int place = two(s, 6);
  return yymmdd(s) && (in(place, 1, 16) || in(place, 21, 68) || in(place, 71, 72) || in(place, 74, 79) ||
                       in(place, 82, 93) || in(place, 98, 99));
}

// Law 23 of 2006 on population administration: province, regency and district, the day of birth (40 more for women), a
// number from 0001.
bool nik(std::string_view s) {
  const int province = two(s, 0);
  const bool known = in(province, 11, 19) || province == 21 || in(province, 31, 36) || in(province, 51, 53) ||
                     in(province, 61, 65) || in(province, 71, 76) || in(province, 81, 82) || in(province, 91, 97);
  const int day = two(s, 6) > 40 ? two(s, 6) - 40 : two(s, 6);
  return known && two(s, 2) != 0 && two(s, 4) != 0 && is_short_date(two(s, 10), two(s, 8), day) &&
         s.substr(12) != "0000";
}
// Directorate General of Taxes, PER-04/PJ/2020: nine digits by Luhn, the office, the branch.
bool npwp(std::string_view s) { return s.substr(0, 9) != "000000000" && luhn(s.substr(0, 9)); }

// Circular 07/2016/TT-BCA: the province or country (001 to 096), century and sex, the year of birth, six digits.
bool cccd(std::string_view s) { return in(three(s, 0), 1, 96); }

constexpr std::string_view kThaiWords = "บัตรประชาชน|ประจำตัวประชาชน|เลขประจำตัว|thai id|tnin|thai national";
constexpr std::string_view kUenWords = "uen|unique entity|acra";

constexpr Kind kKinds[] = {
    {.entity = "SG_FIN",
     .description = "Singaporean identity number of citizens (NRIC) and foreigners (FIN)",
     .country = "SG",
     .shapes = "@#######@",
     .valid = fin,
     .words = "nric|fin|singapore id|identity card",
     .score = 0.6F,
     .score_near = 0.95F},
    {.entity = "SG_FIN",
     .country = "SG",
     .shapes = "@#######@",
     .valid = fin_shape,
     .words = "nric|fin|singapore id",
     .score = 0.1F,
     .score_near = 0.6F},
    {.entity = "SG_UEN",
     .description = "Singaporean unique entity number",
     .country = "SG",
     .shapes = "########@",
     .valid = uen_business,
     .words = kUenWords,
     .score = 0.35F,
     .score_near = 0.95F},
    {.entity = "SG_UEN",
     .country = "SG",
     .shapes = "#########@",
     .valid = uen_company,
     .words = kUenWords,
     .score = 0.5F,
     .score_near = 0.95F},
    {.entity = "SG_UEN",
     .country = "SG",
     .shapes = "@##@@####@|@##@*####@",
     .valid = uen_other,
     .words = kUenWords,
     .score = 0.5F,
     .score_near = 0.95F},
    {.entity = "TH_TNIN",
     .description = "Thai national identity number",
     .country = "TH",
     .shapes = "#_####_#####_##_#",
     .valid = thai_id,
     .words = kThaiWords,
     .score = 0.75F,
     .score_near = 0.95F},
    {.entity = "TH_TNIN",
     .country = "TH",
     .shapes = "#############",
     .valid = thai_id,
     .words = kThaiWords,
     .score = 0.35F,
     .score_near = 0.95F},
    {.entity = "PH_TIN",
     .description = "Philippine taxpayer number",
     .country = "PH",
     .shapes = "###_###_###_###|###_###_###_#####",
     .valid = ph_tin,
     .words = "tin|bir|tax id|taxpayer",
     .score = 0.45F,
     .score_near = 0.95F},
    {.entity = "PH_TIN",
     .country = "PH",
     .shapes = "###-###-###|############",
     .valid = ph_tin,
     .words = "tin|bir|tax id|taxpayer",
     .score = 0.2F,
     .score_near = 0.9F},
    {.entity = "PH_SSS",
     .description = "Philippine social security number",
     .country = "PH",
     .shapes = "##-#######-#",
     .words = "sss|social security",
     .score = 0,
     .score_near = 0.7F,
     .needs_word = true},
    {.entity = "PH_PHILHEALTH",
     .description = "Philippine health insurance number",
     .country = "PH",
     .shapes = "##-#########-#",
     .words = "philhealth",
     .score = 0,
     .score_near = 0.8F,
     .needs_word = true},
    {.entity = "MY_MYKAD",
     .description = "Malaysian identity card number",
     .country = "MY",
     .shapes = "######_##_####",
     .separators = "-",
     .valid = mykad,
     .words = "mykad|nric|ic|kad pengenalan|no kp",
     .score = 0.6F,
     .score_near = 0.9F},
    {.entity = "MY_MYKAD",
     .country = "MY",
     .shapes = "############",
     .valid = mykad,
     .words = "mykad|nric|ic|kad pengenalan|no kp",
     .score = 0.1F,
     .score_near = 0.85F},
    {.entity = "ID_NIK",
     .description = "Indonesian identity number",
     .country = "ID",
     .shapes = "################",
     .valid = nik,
     .words = "nik|ktp|nomor induk|kependudukan",
     .score = 0.35F,
     .score_near = 0.9F},
    {.entity = "ID_NPWP",
     .description = "Indonesian taxpayer number",
     .country = "ID",
     .shapes = "##_###_###_#_###_###",
     .separators = ".- ",
     .valid = npwp,
     .words = "npwp|wajib pajak",
     .score = 0.65F,
     .score_near = 0.95F,
     .mixed = true},
    {.entity = "ID_NPWP",
     .country = "ID",
     .shapes = "###############",
     .valid = npwp,
     .words = "npwp|wajib pajak",
     .score = 0.1F,
     .score_near = 0.9F},
    {.entity = "VN_CCCD",
     .description = "Vietnamese citizen identity number",
     .country = "VN",
     .shapes = "############",
     .valid = cccd,
     .words = "cccd|căn cước|cmnd|chứng minh",
     .score = 0.05F,
     .score_near = 0.85F},
};

}  // namespace

std::span<const Kind> south_east_asia() { return kKinds; }

}  // namespace gatehouse::guard::pii::national
