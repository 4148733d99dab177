#include <array>

#include "gatehouse/guard/pii/national/digits.h"
#include "gatehouse/guard/pii/national/national.h"

namespace gatehouse::guard::pii::national {
namespace {

// UIDAI, "Aadhaar number": twelve digits by Verhoeff, the first is not 0 or 1; the same backwards is not given.
bool aadhaar(std::string_view s) {
  bool palindrome = true;
  for (std::size_t i = 0; i < 6; ++i) palindrome = palindrome && s[i] == s[11 - i];
  return s[0] >= '2' && !palindrome && verhoeff(s);
}

// Income Tax Department, rule 114: three letters, the kind of holder, the initial, four digits, a check letter whose
// rule is not published.
bool pan_shape(std::string_view s) { return s.substr(5, 4) != "0000"; }
bool pan(std::string_view s) { return pan_shape(s) && one_of(s[3], "ABCEFGHJKLPT"); }

// Central Board of Indirect Taxes, CGST Rules 2017, rule 10: the state (01 to 38; 97 and 99 other), a PAN, a number, Z,
// a check character: values times 1 and 2 in turn, quotient and remainder by 36 summed up.
bool gstin_shape(std::string_view s) {
  const int state = two(s, 0);
  return (in(state, 1, 38) || state == 97 || state == 99) && pan_shape(s.substr(2, 10)) && s[12] != '0';
}
bool gstin(std::string_view s) {
  int total = 0;
  for (std::size_t i = 0; i < 14; ++i) {
    const int product = alnum_value(s[i]) * (i % 2 == 0 ? 1 : 2);
    total += product / 36 + product % 36;
  }
  return gstin_shape(s) && (36 - total % 36) % 36 == alnum_value(s[14]);
}

// Ministry of External Affairs: a letter (not Q, X, Z), seven digits that begin and end with no 0.
bool in_passport(std::string_view s) { return !one_of(s[0], "QXZ") && s[1] != '0' && s[7] != '0'; }

// Central Motor Vehicles Rules 1989, rule 50: the state, the district, a series, a number.
constexpr std::string_view kStates =
    " AN AP AR AS BR CG CH DD DL DN GA GJ HP HR JH JK KA KL LA LD MH ML MN MP MZ NL OD OR PB PY RJ SK TG TN TR TS UA "
    "UK UP WB ";
bool in_plate(std::string_view s) {
  const std::array<char, 4> state = {' ', s[0], s[1], ' '};
  return kStates.find(std::string_view(state.data(), 4)) != std::string_view::npos && s.substr(s.size() - 4) != "0000";
}

// NADRA: the province (1 to 7), the place, a number, a digit that is odd for men.
bool cnic(std::string_view s) { return in(s[0], '1', '7') && s.substr(5, 7) != "0000000" && s[12] != '0'; }

// Department for Registration of Persons, Sri Lanka: the year, the day of the year (500 more for women), a number, a
// check digit; V or X at the end until 2016, the whole year since.
bool day_of_year(int day) { return in(day, 1, 366) || in(day, 501, 866); }
bool lk_old(std::string_view s) { return day_of_year(three(s, 2)); }
bool lk_new(std::string_view s) { return in(four(s, 0), 1900, 2099) && day_of_year(three(s, 4)); }

constexpr std::string_view kVehicleWords =
    "vehicle|registration|number plate|license plate|licence plate|rc|bike|car no|rto";

constexpr Kind kKinds[] = {
    {.entity = "IN_AADHAAR",
     .description = "Indian Aadhaar number",
     .country = "IN",
     .shapes = "####_####_####",
     .separators = " -:",
     .valid = aadhaar,
     .words = "aadhaar|aadhar|uidai|आधार",
     .score = 0.45F,
     .score_near = 0.95F},
    {.entity = "IN_AADHAAR",
     .country = "IN",
     .shapes = "#{12}",
     .valid = aadhaar,
     .words = "aadhaar|aadhar|uidai|आधार",
     .score = 0.3F,
     .score_near = 0.95F},
    {.entity = "IN_PAN",
     .description = "Indian permanent account number of the tax office",
     .country = "IN",
     .shapes = "@@@@@####@",
     .valid = pan,
     .words = "pan|permanent account|income tax|पैन",
     .score = 0.4F,
     .score_near = 0.9F},
    {.entity = "IN_PAN",
     .country = "IN",
     .shapes = "@@@@@####@",
     .valid = pan_shape,
     .words = "pan|permanent account|income tax|पैन",
     .score = 0.15F,
     .score_near = 0.65F},
    {.entity = "IN_GSTIN",
     .description = "Indian goods and services tax number",
     .country = "IN",
     .shapes = "##@@@@@####@*z*",
     .valid = gstin,
     .words = "gst|gstin",
     .score = 0.85F,
     .score_near = 0.95F},
    {.entity = "IN_GSTIN",
     .country = "IN",
     .shapes = "##@@@@@####@*z*",
     .valid = gstin_shape,
     .words = "gst|gstin",
     .score = 0.4F,
     .score_near = 0.8F},
    {.entity = "IN_PASSPORT",
     .description = "Indian passport number",
     .country = "IN",
     .shapes = "@#######",
     .valid = in_passport,
     .words = "passport|पासपोर्ट",
     .score = 0.1F,
     .score_near = 0.65F},
    {.entity = "IN_VOTER",
     .description = "Number of an Indian voter's card (EPIC)",
     .country = "IN",
     .shapes = "@@@#######",
     .words = "voter|epic|election|vote|मतदाता",
     .score = 0.1F,
     .score_near = 0.65F},
    {.entity = "IN_VEHICLE_REGISTRATION",
     .description = "Number plate of an Indian vehicle",
     .country = "IN",
     .shapes = "@@-#{1,2}-@{1,3}-####",
     .valid = in_plate,
     .words = kVehicleWords,
     .score = 0.35F,
     .score_near = 0.8F},
    // Vehicles that move between states ("Bharat"): year, BH, number, series.
    {.entity = "IN_VEHICLE_REGISTRATION",
     .country = "IN",
     .shapes = "##-bh-####-@{1,2}",
     .words = kVehicleWords,
     .score = 0.4F,
     .score_near = 0.8F},
    // Before 1989: letters and up to four digits.
    {.entity = "IN_VEHICLE_REGISTRATION",
     .country = "IN",
     .shapes = "@@####|@@@####",
     .words = kVehicleWords,
     .score = 0.02F,
     .score_near = 0.45F},
    {.entity = "PK_CNIC",
     .description = "Number of a Pakistani identity card",
     .country = "PK",
     .shapes = "#####_#######_#",
     .separators = "-",
     .valid = cnic,
     .words = "cnic|nicop|nadra|شناختی|national identity",
     .score = 0.6F,
     .score_near = 0.9F},
    {.entity = "PK_CNIC",
     .country = "PK",
     .shapes = "#{13}",
     .valid = cnic,
     .words = "cnic|nicop|nadra|شناختی",
     .score = 0,
     .score_near = 0.8F,
     .needs_word = true},
    {.entity = "BD_NID",
     .description = "Number of a Bangladeshi identity card",
     .country = "BD",
     .shapes = "#{10}|#{13}|#{17}",
     .words = "nid|জাতীয় পরিচয়|bangladesh",
     .score = 0,
     .score_near = 0.65F,
     .needs_word = true},
    {.entity = "LK_NIC",
     .description = "Sri Lankan identity card number",
     .country = "LK",
     .shapes = "#########v|#########x",
     .valid = lk_old,
     .words = "nic|national identity|හැඳුනුම්පත්",
     .score = 0.5F,
     .score_near = 0.9F},
    {.entity = "LK_NIC",
     .country = "LK",
     .shapes = "#{12}",
     .valid = lk_new,
     .words = "nic|හැඳුනුම්පත්",
     .score = 0,
     .score_near = 0.8F,
     .needs_word = true},
};

}  // namespace

std::span<const Kind> south_asia() { return kKinds; }

}  // namespace gatehouse::guard::pii::national
