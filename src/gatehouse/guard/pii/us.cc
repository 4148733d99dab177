#include "gatehouse/guard/pii/checks.h"
#include "gatehouse/guard/pii/kind.h"

// The United States.
namespace gatehouse::guard::pii {
namespace {

// Social Security Administration, "Social Security Number Randomization": areas 000, 666 and 900 to 999, group 00 and
// serial 0000 are never given; two numbers from advertisements are void.
bool valid_ssn(std::string_view compact) {
  const long long area = number(compact.substr(0, 3));
  return area != 0 && area != 666 && area < 900 && compact.substr(3, 2) != "00" && compact.substr(5) != "0000" &&
         compact != "078051120" && compact != "219099999" && compact != "123456789" && !all_same(compact);
}

// IRS: begins with 9, fourth and fifth digit 50-65, 70-88, 90-92, 94-99.
bool valid_itin(std::string_view compact) {
  const long long group = number(compact.substr(3, 2));
  return compact[0] == '9' && ((group >= 50 && group <= 65) || (group >= 70 && group <= 88) ||
                               (group >= 90 && group <= 92) || (group >= 94 && group <= 99));
}

// CMS, "NPI check digit": Luhn over 80840 and the number, which adds 24 to the sum of the nine digits before the last.
bool valid_npi(std::string_view compact) {
  if ((compact[0] != '1' && compact[0] != '2') || all_same(compact.substr(0, 9))) return false;
  int sum = 24;
  bool twice = true;
  for (std::size_t i = 9; i-- > 0; twice = !twice) {
    const int d = digit(compact[i]);
    sum += twice ? (d > 4 ? d * 2 - 9 : d * 2) : d;
  }
  return (10 - sum % 10) % 10 == digit(compact[9]);
}

// DEA: kind of registrant, first letter of the name or 9, the last digit is that of odd + 2 * even places.
bool valid_dea(std::string_view compact) {
  if (std::string_view("ABCDEFGHJKLMPRSTUX").find(compact[0]) == std::string_view::npos) return false;
  if (compact[1] != '9' && !is_upper(compact[1])) return false;
  const auto d = [&](std::size_t i) { return digit(compact[i + 1]); };
  return (d(1) + d(3) + d(5) + 2 * (d(2) + d(4) + d(6))) % 10 == d(7) && !all_same(compact.substr(2));
}

// CMS, "Understanding the Medicare Beneficiary Identifier": C A AN N A AN N A A N N, without S L O I B Z.
bool valid_mbi(std::string_view compact) {
  constexpr std::string_view kForm = "CAXNAXNAANN";
  for (std::size_t i = 0; i < compact.size(); ++i) {
    const char c = compact[i];
    const bool letter = is_upper(c);
    if (letter && std::string_view("SLOIBZ").find(c) != std::string_view::npos) return false;
    if (kForm[i] == 'A' && !letter) return false;
    if ((kForm[i] == 'N' || kForm[i] == 'C') && letter) return false;
    if (kForm[i] == 'C' && c == '0') return false;
  }
  return true;
}

// American Bankers Association: Federal Reserve districts, weights 3 7 1.
bool valid_aba(std::string_view compact) {
  const long long district = number(compact.substr(0, 2));
  const bool known =
      district <= 12 || (district >= 21 && district <= 32) || (district >= 61 && district <= 72) || district == 80;
  constexpr int kWeights[] = {3, 7, 1, 3, 7, 1, 3, 7, 1};
  return known && weighted(compact, kWeights) % 10 == 0 && !all_same(compact) && !compact.starts_with("0000");
}

bool not_all_same(std::string_view compact) { return !all_same(compact); }

constexpr std::string_view kSsnWords =
    "ssn|ssns|social security|soc sec|ss number|ss no|social|tax id|taxpayer id|tin|seguro social|itin";
constexpr std::string_view kItinWords = "itin|tax id|taxpayer|individual taxpayer|tin|tax identification|irs";
constexpr std::string_view kMbiWords = "mbi|medicare|beneficiary|cms";
constexpr std::string_view kLicenseWords =
    "driver license|drivers license|driver's license|driver\xE2\x80\x99s license|driving license|driver licence|"
    "driving licence|drivers lic|driver lic|license number|licence number|license no|dl|dln|dmv|lic";
constexpr std::string_view kPassportWords = "passport|passports|travel document|pasaporte";

constexpr Kind kKinds[] = {
    {.entity = "US_SSN",
     .description = "Social Security number",
     .country = "US",
     .shapes = "###_##_####",
     .separators = "-",
     .valid = valid_ssn,
     .words = kSsnWords,
     .score = 0.65F,
     .score_near = 0.95F},
    {.entity = "US_SSN",
     .country = "US",
     .shapes = "###-##-####",
     .separators = " -.",
     .valid = valid_ssn,
     .words = kSsnWords,
     .score = 0.15F,
     .score_near = 0.85F},
    {.entity = "US_ITIN",
     .description = "individual taxpayer identification number",
     .country = "US",
     .shapes = "###_##_####",
     .separators = "-",
     .valid = valid_itin,
     .words = kItinWords,
     .score = 0.6F,
     .score_near = 0.95F},
    {.entity = "US_ITIN",
     .country = "US",
     .shapes = "###-##-####",
     .valid = valid_itin,
     .words = kItinWords,
     .score = 0.15F,
     .score_near = 0.85F},
    {.entity = "US_NPI",
     .description = "National Provider Identifier of a health care provider (Luhn)",
     .country = "US",
     .shapes = "#{10}|####~###~###",
     .valid = valid_npi,
     .words = "npi|national provider|provider id|provider number|provider identifier",
     .score = 0.3F,
     .score_near = 0.95F},
    {.entity = "US_DEA",
     .description = "DEA registration (certificate) number of a prescriber",
     .country = "US",
     .shapes = "@*#{7}",
     .valid = valid_dea,
     .words = "dea|certificate|registration|prescriber|schedule",
     .score = 0.4F,
     .score_near = 0.9F},
    {.entity = "US_MBI",
     .description = "Medicare Beneficiary Identifier",
     .country = "US",
     .shapes = "#@*#_@*#_@@##",
     .separators = "-",
     .valid = valid_mbi,
     .words = kMbiWords,
     .score = 0.8F,
     .score_near = 0.95F},
    {.entity = "US_MBI",
     .country = "US",
     .shapes = "#@*#~@*#~@@##",
     .valid = valid_mbi,
     .words = kMbiWords,
     .score = 0.4F,
     .score_near = 0.9F},
    {.entity = "US_ABA_ROUTING",
     .description = "bank routing number",
     .country = "US",
     .shapes = "####~####~#",
     .separators = "-",
     .valid = valid_aba,
     .words = "aba|routing|rtn|bank|wire|ach|transit",
     .score = 0.15F,
     .score_near = 0.85F},
    {.entity = "US_BANK_ACCOUNT",
     .description = "bank account number, near a word for it",
     .country = "US",
     .shapes = "#{8,17}",
     .valid = not_all_same,
     .words = "account number|account no|account #|acct|bank account|checking|savings|account|debit|ach",
     .score = 0.05F,
     .score_near = 0.6F},
    {.entity = "US_PASSPORT",
     .description = "passport number",
     .country = "US",
     .shapes = "#{9}|@#{8}",
     .valid = not_all_same,
     .words = kPassportWords,
     .score = 0.05F,
     .score_near = 0.65F},
    {.entity = "US_DRIVER_LICENSE",
     .description = "driver's licence of a state, near a word for it",
     .country = "US",
     .shapes = "@#{6,8}|@#{11,14}|@@#{6,7}|@@@#{6}|@-###-###-###-###|@###-####-####|@####-#####-#####|#{7,10}|#{12}",
     .valid = not_all_same,
     .words = kLicenseWords,
     .score = 0.07F,
     .score_near = 0.65F,
     .mixed = true},
    {.entity = "US_DRIVER_LICENSE",
     .country = "US",
     .shapes = "#{11,14}|#@#{8}|##@@@#####|@#@#@#@|#{3}@@#{4}",
     .words = kLicenseWords,
     .score = 0.05F,
     .score_near = 0.6F},
    {.entity = "US_EIN",
     .description = "employer identification number",
     .country = "US",
     .shapes = "##_#######",
     .separators = "-",
     .words = "ein|employer identification|federal tax|tax id|fein",
     .score = 0.2F,
     .score_near = 0.85F},
};

}  // namespace

std::span<const Kind> us_kinds() { return kKinds; }

}  // namespace gatehouse::guard::pii
