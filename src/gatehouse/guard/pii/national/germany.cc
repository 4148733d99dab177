#include <array>
#include <cstddef>
#include <cstdint>

#include "gatehouse/guard/pii/national/digits.h"
#include "gatehouse/guard/pii/national/national.h"

namespace gatehouse::guard::pii::national {
namespace {

// Bundeszentralamt für Steuern, § 139b AO and § 1 StIdV: the last of eleven digits checks by ISO 7064 MOD 11,10, the
// first is not 0.
bool tax_id_check(std::string_view s) {
  if (s[0] == '0' || !mod11_10(s)) return false;
  std::array<int, 10> times{};
  for (const char c : s.substr(0, 10)) {
    if (++times[static_cast<std::size_t>(digit(c))] > 3) return false;
  }
  return true;
}
// Of the first ten digits exactly one occurs twice or, since 2016, three times, though not in a row; the others at most
// once. Made-up examples often break that.
bool tax_id(std::string_view s) {
  if (!tax_id_check(s)) return false;
  std::array<int, 10> times{};
  for (const char c : s.substr(0, 10)) ++times[static_cast<std::size_t>(digit(c))];
  for (std::size_t i = 0; i < 8; ++i) {
    if (s[i] == s[i + 1] && s[i] == s[i + 2]) return false;
  }
  int several = 0;
  for (const int count : times) several += count > 1 ? 1 : 0;
  return several == 1;
}

// ELSTER, "Aufbau der Steuernummer": the states' numbers in one form of 13 digits begin with the state's key and have 0
// as the fifth.
bool tax_number(std::string_view s) {
  constexpr std::array<std::string_view, 16> kStates = {"10", "11", "21", "22", "23", "24", "26", "27",
                                                        "28", "30", "31", "32", "40", "41", "5",  "9"};
  if (s[4] != '0') return false;
  for (const auto state : kStates) {
    if (s.starts_with(state)) return true;
  }
  return false;
}

// § 27a UStG; Bundeszentralamt für Steuern: nine digits, the last by MOD 11,10.
bool vat_id(std::string_view s) { return s[2] != '0' && mod11_10(s.substr(2)); }

// Technische Richtlinie BSI TR-03127 and PassVwV: serial numbers use digits and consonants; the first tells a
// passport's issuing office from an identity card's. The check digit of ICAO 9303 stands behind the nine characters of
// a serial number, on most papers only in the machine readable zone.
constexpr std::string_view kSerial = "0123456789CFGHJKLMNPRTVWXYZ";
bool passport(std::string_view s) { return one_of(s[0], "CFGHJK") && only(s, kSerial); }
bool passport_check(std::string_view s) { return passport(s) && icao(s); }
bool id_card(std::string_view s) { return one_of(s[0], "LMNPRTVWXY") && only(s, kSerial); }
bool id_card_check(std::string_view s) { return id_card(s) && icao(s); }

// Anlage 8 FeV: a letter and key of the authority, five characters, a check digit (weights 9 to 1, modulus 11, X for
// 10), the number of the copy.
bool driving_licence(std::string_view s) {
  int total = 0;
  for (std::size_t i = 0; i < 9; ++i) total += alnum_value(s[i]) * (9 - static_cast<int>(i));
  return total % 11 == (s[9] == 'X' ? 10 : is_digit(s[9]) ? digit(s[9]) : -1);
}

// The sum of the digits of each digit times its weight.
template <std::size_t N>
int digit_sums(std::string_view s, const int (&weights)[N]) {
  int total = 0;
  for (std::size_t i = 0; i < N; ++i) {
    const int product = digit(s[i]) * weights[i];
    total += product / 10 + product % 10;
  }
  return total;
}

// § 290 SGB V, GKV-Spitzenverband: the letter as two digits, weights 1 and 2 in turn, sums of digits, modulus 10.
bool health_insurance(std::string_view s) {
  const int letter = s[0] - 'A' + 1;
  std::array<char, 10> spelt{};
  spelt[0] = static_cast<char>('0' + letter / 10);
  spelt[1] = static_cast<char>('0' + letter % 10);
  s.substr(1, 8).copy(spelt.data() + 2, 8);
  return digit_sums({spelt.data(), spelt.size()}, {1, 2, 1, 2, 1, 2, 1, 2, 1, 2}) % 10 == digit(s[9]);
}

// § 147 SGB VI, §§ 2 to 4 VKVV: area, day of birth (50 more on it where the serial numbers of a day ran out), first
// letter of the name at birth, serial number, check digit.
bool social_security(std::string_view s) {
  const int letter = s[8] - 'A' + 1;
  std::array<char, 12> spelt{};
  s.substr(0, 8).copy(spelt.data(), 8);
  spelt[8] = static_cast<char>('0' + letter / 10);
  spelt[9] = static_cast<char>('0' + letter % 10);
  s.substr(9, 2).copy(spelt.data() + 10, 2);
  const int day = two(s, 2) > 50 ? two(s, 2) - 50 : two(s, 2);
  return two(s, 0) >= 2 && is_short_date(two(s, 6), two(s, 4), day) &&
         digit_sums({spelt.data(), spelt.size()}, {2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1}) % 10 == digit(s[11]);
}

// Kassenärztliche Bundesvereinigung, Richtlinie nach § 75 Abs. 7 SGB V: a physician's six digits, a check digit
// (weights 4 and 9 in turn, modulus 10), two of the specialty; a practice's number begins with the key of its region.
bool lanr(std::string_view s) { return two(s, 7) != 0 && (10 - sum(s, {4, 9, 4, 9, 4, 9}) % 10) % 10 == digit(s[6]); }
bool bsnr(std::string_view s) {
  constexpr std::array<int, 18> kRegions = {1, 2, 3, 17, 20, 35, 38, 46, 51, 52, 71, 72, 73, 78, 83, 88, 93, 98};
  for (const int region : kRegions) {
    if (two(s, 0) == region) return s.find_first_not_of('0', 2) != s.npos;
  }
  return false;
}

// § 8 FZV and the list of the Kraftfahrt-Bundesamt: the districts' letters, also those brought back since 2012.
constexpr std::string_view kDistricts =
    " A AA AB ABG ABI AC AE AH AIB AIC AK ALF ALZ AM AN ANA ANG ANK AP APD ARN ART AS ASL ASZ AT AU AUR AW AZ AZE B "
    "BA BAD BAR BB BBG BBL BC BCH BD BE BED BER BF BGD BGL BH BI BID BIN BIR BIT BIW BK BKS BL BLB BLK BM BN BNA BO "
    "BOG BOH BOR BOT BP BRA BRB BRG BRK BRL BRV BS BSB BSK BT BTF BUL BW BWL BYL BZ BZA C CA CAS CB CE CHA CLP CLZ "
    "CO COC COE CR CUX CW D DA DAH DAN DAU DBR DD DE DEG DEL DGF DH DI DIL DIN DIZ DKB DL DLG DM DN DO DON DS DU "
    "DUD DW DZ E EA EB EBE EBN EBS ECK ED EE EF EG EH EI EIC EIL EIN EIS EL EM EMD EMS EN ER ERB ERH ERK ERZ ES ESB "
    "ESW EU EW F FB FD FDB FDS FEU FF FFB FG FI FKB FL FLO FN FO FOR FR FRG FRI FRW FS FT FTL FW FZ G GA GAN GAP GC "
    "GD GDB GE GEL GEM GEO GER GF GG GHA GHC GI GK GL GLA GM GMN GN GNT GOA GOH GP GR GRA GRH GRI GRM GRS GRZ GS GT "
    "GTH GUB GUN GV GVM GW GZ H HA HAB HAL HAM HAS HB HBN HBS HC HCH HD HDH HDL HE HEB HEF HEI HEL HER HET HF HG "
    "HGN HGW HH HHM HI HIG HIP HK HL HM HMU HN HO HOG HOH HOL HOM HOR HOT HP HR HRO HS HSK HST HU HUN HUS HV HVL "
    "HWI HX HY HZ IGB IK IL ILL IN IS IZ J JE JEV JL JUL K KA KAR KB KC KE KEH KEL KEM KF KG KH KI KIB KK KL KLE "
    "KLZ KM KN KO KR KRU KS KT KU KW KY KYF L LA LAN LAU LB LBS LBZ LC LD LDK LDS LEO LER LEV LF LG LH LI LIB LIF "
    "LIP LL LM LN LO LOS LP LR LRO LSA LSN LSZ LU LUK LUN LUP LWL M MA MAB MAI MAK MAL MB MC MD ME MED MEG MEI MEK "
    "MEL MER MET MG MGH MGN MH MHL MI MIL MK MKK ML MM MN MO MOD MOL MON MOS MQ MR MS MSE MSH MSP MST MT MTK MTL MU "
    "MUC MVL MW MY MYK MZ MZG N NAB NAI NAU NB ND NDH NE NEA NEB NEC NEN NES NEU NEW NF NH NI NK NL NM NMB NMS NOH "
    "NOL NOM NOR NP NR NRW NT NU NVP NW NWM NY NZ OA OAL OB OBB OBG OC OCH OD OE OF OG OH OHA OHV OHZ OK OL OP OPR "
    "OR OS OSL OTW OVI OVL OVP OZ P PA PAF PAN PAR PB PCH PE PEG PER PF PI PIR PK PL PM PN PR PRU PS PW PZ QFT QLB "
    "R RA RC RD RDG RE REG REH REI RG RH RI RID RIE RL RM RN RO ROD ROF ROK ROL ROS ROT ROW RP RPL RS RSL RT RU RV "
    "RW RZ S SAB SAD SAL SAN SAW SB SBG SBK SC SCZ SDH SDL SDT SE SEB SEE SEF SEL SFB SFT SG SGH SHA SHG SHK SHL SI "
    "SIG SIM SK SL SLE SLF SLG SLK SLN SLS SLZ SM SN SO SOB SOG SOK SON SP SPB SPN SR SRB SRO ST STA STB STC STD "
    "STE STH STL STO SU SUL SW SWA SY SZ SZB TBB TDO TE TET TF TG THL THW TIR TO TP TR TS TT TUT UE UEM UER UFF UH "
    "UL UM UN USI V VAI VB VEC VER VG VIB VIE VIT VK VL VOH VR VS W WA WAF WAK WAN WAR WAT WB WBS WDA WE WEB WEG "
    "WEL WEN WER WES WF WG WHV WI WIL WIS WIT WIZ WK WL WLG WM WMS WN WND WO WOB WOH WOL WOR WOS WR WRN WS WSF WST "
    "WSW WT WTL WTM WUG WUN WUR WW WZ WZL X XF Y Z ZE ZEL ZI ZIG ZP ZR ZS ZW ZZ ";

// A bit for each of up to three letters, so that "is a 2021" in prose costs nothing.
constexpr std::size_t district_bit(std::string_view letters) {
  std::size_t bit = 0;
  for (const char c : letters) bit = bit * 27 + static_cast<std::size_t>(c - 'A' + 1);
  return bit;
}
constexpr auto kDistrictBits = [] {
  std::array<std::uint64_t, (27 * 27 * 27 + 63) / 64> bits{};
  std::string_view rest = kDistricts.substr(1);
  while (!rest.empty()) {
    const std::size_t bit = district_bit(rest.substr(0, rest.find(' ')));
    bits[bit / 64] |= std::uint64_t{1} << (bit % 64);
    rest.remove_prefix(rest.find(' ') + 1);
  }
  return bits;
}();
bool is_district(std::string_view letters) {
  const std::size_t bit = district_bit(letters);
  return ((kDistrictBits[bit / 64] >> (bit % 64)) & 1U) != 0;
}
// The compact text does not tell where the district ends: one or two letters follow it, then a number without leading
// zero; E (electric) or H (historic) may end it.
bool plate(std::string_view s) {
  const std::size_t letters = s.find_first_of("0123456789");
  if (s[letters] == '0' || (is_upper(s.back()) && !one_of(s.back(), "EH"))) return false;
  for (std::size_t district = 1; district <= 3 && district < letters; ++district) {
    if (letters - district <= 2 && is_district(s.substr(0, district))) return true;
  }
  return false;
}

// Deutsche Post: delivery areas from 01 to 99; none ends a range at 000 of its first or last.
bool postcode(std::string_view s) {
  const auto value = number(s);
  return value > 1000 && value < 99999;
}

constexpr std::string_view kTaxWords = "steuer|idnr|st-nr|st nr|st.-nr|finanzamt|tin|tax id|tax number";
constexpr std::string_view kPassportWords = "reisepass|pass-nr|passnummer|pass nr|passport";
constexpr std::string_view kCardWords = "personalausweis|ausweis|perso|identity card|id card";
constexpr std::string_view kRegisterWords = "handelsregister|amtsgericht|registergericht|registernummer|eingetragen";

constexpr Kind kKinds[] = {
    {.entity = "DE_TAX_ID",
     .description = "German tax identification number of a person",
     .country = "DE",
     .shapes = "##-###-###-###",
     .separators = " ",
     .valid = tax_id,
     .words = kTaxWords,
     .score = 0.6F,
     .score_near = 0.95F},
    {.entity = "DE_TAX_ID",
     .country = "DE",
     .shapes = "##-###-###-###",
     .separators = " ",
     .valid = tax_id_check,
     .words = kTaxWords,
     .score = 0.3F,
     .score_near = 0.85F},
    {.entity = "DE_TAX_NUMBER",
     .description = "German tax number, as a state or in one form for all",
     .country = "DE",
     .shapes = "##_###_#{4,5}|###_###_#{4,5}|##_####_####|###_####_####",
     .separators = "/",
     .words = kTaxWords,
     .score = 0.35F,
     .score_near = 0.85F},
    {.entity = "DE_TAX_NUMBER",
     .country = "DE",
     .shapes = "#{13}",
     .valid = tax_number,
     .words = kTaxWords,
     .score = 0.15F,
     .score_near = 0.8F},
    {.entity = "DE_TAX_NUMBER",
     .country = "DE",
     .shapes = "#{10,11}|#{13}|##_###_#####|###_###_#####",
     .separators = " ",
     .words = "steuernummer|st-nr|st nr|st.-nr|steuer-nr|steuernr",
     .score = 0,
     .score_near = 0.65F,
     .needs_word = true},
    {.entity = "DE_VAT_ID",
     .description = "German VAT identification number",
     .country = "DE",
     .shapes = "de-###-###-###",
     .separators = " -.",
     .valid = vat_id,
     .words = "ust|umsatzsteuer|vat|mwst",
     .score = 0.8F,
     .score_near = 0.95F,
     .mixed = true},
    {.entity = "DE_PASSPORT",
     .description = "Serial number of a German passport",
     .country = "DE",
     .shapes = "@*{8}#",
     .valid = passport_check,
     .words = kPassportWords,
     .score = 0.35F,
     .score_near = 0.95F},
    {.entity = "DE_PASSPORT",
     .country = "DE",
     .shapes = "@*{8}",
     .valid = passport,
     .words = kPassportWords,
     .score = 0.1F,
     .score_near = 0.65F},
    {.entity = "DE_ID_CARD",
     .description = "Serial number of a German identity card",
     .country = "DE",
     .shapes = "@*{8}#",
     .valid = id_card_check,
     .words = kCardWords,
     .score = 0.35F,
     .score_near = 0.95F},
    {.entity = "DE_ID_CARD",
     .country = "DE",
     .shapes = "@*{8}",
     .valid = id_card,
     .words = kCardWords,
     .score = 0.1F,
     .score_near = 0.65F},
    {.entity = "DE_FUEHRERSCHEIN",
     .description = "Number of a German driving licence",
     .country = "DE",
     .shapes = "@##*{8}",
     .valid = driving_licence,
     .words = "führerschein|fuehrerschein|fahrerlaubnis|driving licence|driver",
     .score = 0.35F,
     .score_near = 0.95F},
    {.entity = "DE_FUEHRERSCHEIN",
     .country = "DE",
     .shapes = "@@########*",
     .words = "führerschein|fuehrerschein|fahrerlaubnis|driving licence|driver",
     .score = 0.1F,
     .score_near = 0.65F},
    {.entity = "DE_HEALTH_INSURANCE",
     .description = "German health insurance number, its part that stays for life",
     .country = "DE",
     .shapes = "@###-###-###",
     .separators = " ",
     .valid = health_insurance,
     .words = "krankenversich|krankenkasse|kvnr|egk|versicherten|gesundheitskarte|health insurance",
     .score = 0.35F,
     .score_near = 0.95F},
    {.entity = "DE_SOCIAL_SECURITY",
     .description = "German pension insurance number",
     .country = "DE",
     .shapes = "##-######-@-###",
     .valid = social_security,
     .words = "rvnr|rentenversicherung|sozialversicherung|svnr|sv-nummer|versicherungsnummer",
     .score = 0.75F,
     .score_near = 0.95F},
    {.entity = "DE_LANR",
     .description = "German physician's number for life",
     .country = "DE",
     .shapes = "#########",
     .valid = lanr,
     .words = "lanr|arztnummer|lebenslange|arzt-nr|behandelnde",
     .score = 0.25F,
     .score_near = 0.9F},
    {.entity = "DE_BSNR",
     .description = "German practice's number of the health insurance physicians",
     .country = "DE",
     .shapes = "#########",
     .valid = bsnr,
     .words = "bsnr|betriebsstätten|betriebsstaetten|praxisnummer",
     .score = 0,
     .score_near = 0.7F,
     .needs_word = true},
    {.entity = "DE_HANDELSREGISTER",
     .description = "Entry in a German commercial register",
     .country = "DE",
     .shapes = "hra-#{3,6}|hrb-#{3,6}",
     .words = kRegisterWords,
     .score = 0.6F,
     .score_near = 0.9F},
    // Short ones might also be a hardness after Rockwell.
    {.entity = "DE_HANDELSREGISTER",
     .country = "DE",
     .shapes = "hra-#{1,2}|hrb-#{1,2}",
     .words = kRegisterWords,
     .score = 0.2F,
     .score_near = 0.75F},
    {.entity = "DE_KFZ",
     .description = "Number plate of a German vehicle",
     .country = "DE",
     .shapes = "@{1,3}_@{1,2}_#{1,4}|@{1,3}_@{1,2}_#{1,4}@",
     .valid = plate,
     .words = "kennzeichen|kfz|nummernschild|fahrzeug|license plate|licence plate|number plate",
     .score = 0.1F,
     .score_near = 0.6F,
     .mixed = true},
    {.entity = "DE_PLZ",
     .description = "German postcode",
     .country = "DE",
     .shapes = "#####",
     .valid = postcode,
     .words = "plz|postleitzahl",
     .score = 0.02F,
     .score_near = 0.6F},
};

}  // namespace

std::span<const Kind> germany() { return kKinds; }

}  // namespace gatehouse::guard::pii::national
