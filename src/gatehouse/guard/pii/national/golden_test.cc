#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "gatehouse/guard/pii/national/testing.h"

// Numbers that authorities publish as examples or that were computed by the published rule, for each kind; and what a
// check digit is there for: a wrong digit, two digits in each other's place.
namespace gatehouse::guard::pii::national {
namespace {

using testing::Recogniser;

struct Golden {
  std::string_view entity;
  std::vector<std::string_view> valid;
  std::vector<std::string_view> wrong;  // not found, or less sure than every valid one
  // How many in a hundred wrong digits, and swapped neighbours, the scheme tells at least; 0: it has no check.
  int digits;
  int swaps;
};

// NOLINTBEGIN
const std::vector<Golden>& golden() {
  static const std::vector<Golden> table = {
      {"UK_NHS", {"943 476 5919", "450-557-7104", "4010232137"}, {"9434765918", "1111111111", "0000000000"}, 100, 100},
      {"UK_NINO",
       {"JG 10 37 59 A", "JG103759A", "AB 123456 C"},
       {"QQ123456C", "DA123456A", "BG123456A", "GB123456A", "AO123456A", "ZZ123456A", "AA123456E"},
       0,
       0},
      {"UK_PASSPORT", {"925665416", "QT4829135"}, {"QT482913"}, 0, 0},
      {"UK_DRIVING_LICENCE",
       {"MORGA657054SM9IJ", "LI999512018KM9TR", "BAKER802290AB1CD"},
       {"BAKER802291AB1CD", "MORGA613054SM9IJ", "MORGA600054SM9IJ", "MO9GA657054SM9IJ"},
       0,
       0},
      {"UK_POSTCODE",
       {"SW1A 1AA", "EC1A 1BB", "W1A 0AX", "M1 1AE", "B33 8TH", "CR2 6XH", "DN55 1PT", "GIR 0AA", "BT1 1AA"},
       {"QB1 1AA", "ZZ1 1AA", "M1 1CE", "M1 1AV", "SW1I 1AA", "W1Z 1AA"},
       0,
       0},
      {"UK_VEHICLE_REGISTRATION",
       {"KX07 DFG", "YD64-HTR", "P481 LMN", "GHJ 742T"},
       {"KX50 DFG", "KX30 DFG", "QX07 DFG", "KX07 DIG", "Q481 LMN", "GHJ 742Z"},
       0,
       0},
      {"IE_PPS", {"1234567T", "6433435F", "1234567FA", "6433435OA"}, {"1234567U", "6433435A", "1234567FC"}, 100, 100},
      {"DE_TAX_ID",
       {"86095742719", "47 036 892 816", "65929970489"},
       {"86095742718", "06095742716", "11145678904"},
       100,
       88},
      {"DE_TAX_NUMBER", {"2893081508152", "9181081508155", "93/815/08152", "181/815/08155", "133/8150/8159"}, {}, 0, 0},
      {"DE_VAT_ID", {"DE136695976", "DE 482 913 578", "DE-136.695.976"}, {"DE136695975", "DE036695976"}, 100, 100},
      {"DE_PASSPORT", {"C01X00T478", "C01X00T47"}, {"A01X00T478", "C01X00T477", "CO1X00T478"}, 0, 0},
      {"DE_ID_CARD", {"T220001293", "LZ6311T475", "L01X00T47"}, {"T220001292", "C220001293"}, 0, 0},
      {"DE_FUEHRERSCHEIN", {"B072RRE2I55", "J010000SD51"}, {"B072RRE2I45"}, 83, 100},
      {"DE_HEALTH_INSURANCE", {"K482913572", "T007312644"}, {"K482913573", "L482913572"}, 100, 100},
      {"DE_SOCIAL_SECURITY",
       {"13220785M516", "65 170839 J 003", "13 220785 M 516"},
       {"13220785M517", "01220785M516"},
       100,
       87},
      {"DE_LANR", {"482913255", "770123501"}, {"482913355", "482914255"}, 70, 40},
      {"DE_BSNR", {"381234500"}, {"391234500", "380000000"}, 0, 0},
      {"DE_HANDELSREGISTER", {"HRB 12345", "HRA 999", "HRB 7"}, {"HRC 12345", "HRB 1234567"}, 0, 0},
      {"DE_KFZ",
       {"F KL 482", "M-XY 999", "HH-AB-12E", "MIL E 1"},
       {"QX AB 12", "B AB 012", "B ABC 12", "B AB 12K"},
       0,
       0},
      {"DE_PLZ", {"10115", "01067"}, {"00999", "01000", "99999"}, 0, 0},
      {"AT_SVNR", {"1237 010180"}, {"1238010180", "0237010180", "1237 011680"}, 100, 100},
      {"AT_VAT_ID", {"ATU13585627", "ATU 37675002"}, {"ATU13585626"}, 100, 83},
      {"BE_NATIONAL_NUMBER",
       {"85.07.30-033.28", "17073003384", "93051822361"},
       {"85073003327", "85673003328"},
       100,
       100},
      {"BE_ENTERPRISE_NUMBER",
       {"0203.201.340", "BE 0428.759.497", "0428759497"},
       {"0203201341", "2203201340"},
       100,
       100},
      {"CH_AHV", {"756.9217.0769.85", "7561234567897"}, {"7569217076984", "7559217076985"}, 100, 100},
      {"CH_UID", {"CHE-109.322.551", "CHE100155212"}, {"CHE109322552"}, 100, 100},
      {"FR_NIR",
       {"2 55 08 14 168 025 38", "295109912611193", "253072B07300470"},
       {"255081416802537", "955081416802538", "253072C07300470"},
       100,
       100},
      {"FR_SIREN", {"732 829 320", "443061841"}, {"732829321"}, 100, 100},
      {"FR_SIRET", {"732 829 320 00074", "35600000000048"}, {"73282932000075"}, 92, 100},
      {"FR_VAT_ID", {"FR 40 303265045", "FR23334175221"}, {"FR41303265045", "FR40303265046"}, 100, 100},
      {"FR_PASSPORT", {"09AB12345"}, {}, 0, 0},
      {"FR_CNI", {"880692310285"}, {}, 0, 0},
      {"LU_MATRICULE", {"1893120105732", "1990 01 01 12385"}, {"1893120105733", "1893120105742"}, 100, 100},
      {"NL_BSN", {"111222333", "1234.56.782"}, {"111222334", "000000000"}, 100, 100},
      {"NL_VAT_ID", {"NL004495445B01", "NL123456789B13"}, {"NL004495446B01", "NL004495445B00"}, 81, 83},
      {"NL_DOCUMENT", {"SPECI2014", "XR1001R58"}, {"SPECI201O"}, 0, 0},
      {"ES_NIF",
       {"12345678Z", "54362315-K", "54.362.315-K", "4829135D", "K0867756N"},
       {"12345678A", "54362315A", "K0867756M"},
       100,
       100},
      {"ES_NIE", {"X1234567L", "Z8327649-K", "X-2482300-W"}, {"X1234567M", "Y1234567L"}, 100, 100},
      {"ES_CIF", {"A58818501", "J99216582", "Q2818002D"}, {"A58818502", "I58818501", "Q28180024"}, 100, 100},
      {"ES_PASSPORT", {"PAB482913"}, {"PA482913"}, 0, 0},
      {"ES_NUSS", {"28 12345678 40", "281234567840"}, {"281234567841", "541234567840"}, 100, 100},
      {"PT_NIF", {"123 456 789", "501964843"}, {"123456780", "423456789"}, 100, 100},
      {"PT_CITIZEN_CARD", {"00000000 0 ZZ4"}, {"000000000ZZ5"}, 100, 100},
      {"PT_NISS", {"12345678902"}, {"32345678902", "12345678903"}, 94, 100},
      {"IT_FISCAL_CODE",
       {"RSSMRA85T10A562S", "MRT MTT 25D09 F205Z", "RCCMNL83S18D9SVI"},
       {"RSSMRA85T10A562T", "RSSMRA85F10A562S", "RSSMRA85T32A562S"},
       100,
       100},
      {"IT_VAT_CODE", {"00743110157", "IT01333550323"}, {"00743110158", "00000000000"}, 100, 100},
      {"IT_DRIVER_LICENSE", {"RM4829135K", "U1L48C29DX"}, {"U1L48A29DX"}, 0, 0},
      {"IT_IDENTITY_CARD", {"AA 1234567", "1234567AA", "CA12345AA"}, {}, 0, 0},
      {"IT_PASSPORT", {"YA1234567"}, {"YA123456"}, 0, 0},
      {"GR_AMKA", {"01013099997"}, {"01013099998"}, 100, 85},
      {"GR_AFM", {"094259216", "094019245"}, {"094259217", "000000000"}, 100, 100},
      {"FI_PERSONAL_IDENTITY_CODE",
       {"131052-308T", "170393Y246A", "241207A335S"},
       {"131052-308U", "131052-001F"},
       100,
       100},
      {"FI_BUSINESS_ID", {"2077474-0", "0112038-9"}, {"2077474-1"}, 100, 100},
      {"SE_PERSONNUMMER",
       {"811218-9876", "640823-3234", "19811218-9876", "701063-2391"},
       {"811218-9877", "17811218-9876"},
       99,
       100},
      {"SE_ORGANISATIONSNUMMER",
       {"556016-0680", "5560125790", "16556016-0680"},
       {"556016-0681", "551016-0680"},
       100,
       85},
      {"NO_FODSELSNUMMER", {"151086 95088", "41019012393"}, {"15108695089", "15108695078"}, 100, 100},
      {"NO_ORGANISASJONSNUMMER", {"988 077 917", "974760673"}, {"988077918", "788077917"}, 100, 100},
      {"DK_CPR", {"070761-4285", "010190-1238"}, {"310261-4285"}, 100, 100},
      {"DK_CVR", {"13585628", "88146328"}, {"13585629"}, 100, 100},
      {"IS_KENNITALA", {"120174-3399", "4504013150"}, {"1201743389", "1201743398"}, 98, 100},
      {"PL_PESEL", {"44051401458", "07271812347"}, {"44051401459"}, 100, 88},
      {"PL_NIP", {"856-734-62-15", "5260250274"}, {"8567346216"}, 100, 100},
      {"PL_REGON", {"192598184", "123456785"}, {"192598183"}, 100, 100},
      {"PL_ID_CARD", {"ABA 300000"}, {"ABA300001", "OBA300000"}, 100, 100},
      {"PL_PASSPORT", {"ZS 0000177"}, {"ZS0000178"}, 100, 100},
      {"CZ_BIRTH_NUMBER", {"710319/2745", "401220/123"}, {"710319/2746", "541220/123", "401220/000"}, 0, 0},
      {"CZ_ICO", {"25123891", "00006947"}, {"25123892"}, 91, 100},
      {"HU_TAJ", {"111 111 110", "123-456-788"}, {"123456789"}, 100, 100},
      {"HU_TAX_ID", {"8071592153"}, {"8071592154", "7071592153"}, 100, 100},
      {"HU_PERSONAL_ID", {"1-800101-1233"}, {"18001011235"}, 92, 100},
      {"RO_CNP", {"1630615123457", "1800101221144"}, {"1630615123458", "1630615603457"}, 100, 100},
      {"BG_EGN", {"7523169263", "8032056031"}, {"7523169264"}, 100, 100},
      {"EE_PERSONAL_CODE", {"37605030299", "36805280109"}, {"37605030298", "97605030299"}, 98, 100},
      {"LT_PERSONAL_CODE", {"38703181745", "33309240064"}, {"38703181746", "28703181745"}, 92, 100},
      {"LV_PERSONAL_CODE", {"161175-19997", "329999-12345"}, {"161175-19998", "161175-39997"}, 0, 0},
      {"HR_OIB", {"33392005961"}, {"33392005962"}, 100, 100},
      {"SI_EMSO", {"0101006500006"}, {"0101006500007", "0101006600006"}, 100, 100},
      {"RS_JMBG", {"0710952710122", "0101006500006"}, {"0710952710123"}, 100, 100},
      {"RU_INN", {"7707083893", "500100732259"}, {"7707083894", "500100732258", "0007083893"}, 100, 100},
      {"RU_SNILS", {"112-233-445 95", "11223344595"}, {"11223344596", "001-001-998 00"}, 100, 100},
      {"RU_OGRN", {"1022200525819", "1027700132195", "304500116000157"}, {"1022200525818"}, 100, 100},
      {"RU_PASSPORT", {"45 04 346238", "4504 346238"}, {"4504 000000"}, 0, 0},
      {"UA_RNOKPP", {"1759013776", "3184710691"}, {"1759013777", "9959013776"}, 100, 100},
      {"KZ_IIN", {"900101300126"}, {"900101300127", "900101700126"}, 90, 100},
      {"UA_PASSPORT", {"000123456"}, {}, 0, 0},
      {"TR_NATIONAL_ID", {"10000000146", "17291716060"}, {"10000000147", "00000000000"}, 100, 80},
      {"TR_TAX_ID", {"4540536920", "1234567890"}, {"4540536921"}, 100, 88},
      {"TR_LICENSE_PLATE", {"41 KLM 482", "06 A 1234", "41KLM482"}, {"00 KLM 482", "82 KLM 482", "41 QLM 482"}, 0, 0},
      {"IL_ID", {"039337423", "03933742-3"}, {"039337424"}, 100, 100},
      {"SA_NATIONAL_ID", {"1101798278", "2456789011"}, {"1101798279", "3101798278"}, 100, 87},
      {"AE_EMIRATES_ID", {"784-1980-1234567-8"}, {"784-1980-1234567-9", "784-1880-1234567-8"}, 100, 100},
      {"EG_NATIONAL_ID", {"29001011234567"}, {"19001011234567", "29001010534567"}, 0, 0},
      {"KW_CIVIL_ID", {"290010112346"}, {"290010112347", "490010112346"}, 100, 100},
      {"IR_NATIONAL_CODE", {"0499370899", "0084575948", "130-185245-7"}, {"0499370898"}, 100, 100},
      {"IN_AADHAAR",
       {"2341 2341 2346", "4829-1357-2014", "702913572646"},
       {"2341 2341 2347", "1234 1234 1234"},
       100,
       100},
      {"IN_PAN", {"ACUPA7085R"}, {"ACUPA0000R", "ACUZA7085R"}, 0, 0},
      {"IN_GSTIN", {"27AAPFU0939F1ZV"}, {"27AAPFU0939F1ZW", "98AAPFU0939F1ZV"}, 100, 100},
      {"IN_PASSPORT", {"M4829173"}, {"M0829173", "Q4829173", "M4829170"}, 0, 0},
      {"IN_VOTER", {"TLC4410927"}, {}, 0, 0},
      {"IN_VEHICLE_REGISTRATION", {"MH12DE1433", "DL 03 CJ 0482", "22 BH 1234 AA"}, {"XX12DE1433", "MH12DE0000"}, 0, 0},
      {"PK_CNIC", {"34201-0391751-9", "3420103917519"}, {"04201-0391751-9", "34201-0391751-0"}, 0, 0},
      {"BD_NID", {"1234567890"}, {}, 0, 0},
      {"LK_NIC", {"853400937V", "198534000937"}, {"853670937V", "189934000937"}, 0, 0},
      {"CN_RESIDENT_ID",
       {"11010519491231002X", "440524 18800101 0014"},
       {"110105194912310021", "11010519491331002X", "16010519491231002X"},
       100,
       100},
      {"CN_USCC", {"91350100M000100Y43"}, {"91350100M000100Y44", "91350100I000100Y43"}, 100, 100},
      {"CN_PASSPORT", {"E12345678", "EA1234567", "G12345678"}, {}, 0, 0},
      {"JP_MY_NUMBER", {"1234 5678 9018"}, {"123456789019"}, 100, 100},
      {"JP_CORPORATE_NUMBER", {"5835678256246"}, {"6835678256246"}, 100, 100},
      {"JP_PASSPORT", {"TK1234567"}, {}, 0, 0},
      {"JP_DRIVER_LICENSE", {"301234567890"}, {}, 0, 0},
      {"KR_RRN", {"800101-1234560", "850315-1456789"}, {"801301-1234567", "800101-5234560"}, 0, 0},
      {"KR_FRN", {"930817-6123451"}, {"930817-1123451"}, 100, 100},
      {"KR_BRN", {"116-82-00276", "2208162517"}, {"1168200277"}, 100, 75},
      {"KR_PASSPORT", {"M48291357", "S482A9135"}, {"A48291357"}, 0, 0},
      {"KR_DRIVER_LICENSE", {"12-05-334455-21", "120533445521"}, {"10-05-334455-21", "29-05-334455-21"}, 0, 0},
      {"TW_ID", {"A123456789"}, {"A123456788", "A323456789"}, 91, 87},
      {"TW_UBN", {"04595257"}, {"04595258"}, 88, 100},
      {"HK_HKID", {"A1234563", "G123456A", "AB9876543"}, {"A1234564"}, 100, 100},
      {"SG_FIN", {"S1234567D", "F1234567N", "G1234567X", "T1234567J", "M4829135R"}, {"S1234567E"}, 100, 100},
      {"SG_UEN",
       {"00192200M", "197401143C", "S16FC0121D", "T01FC6132D"},
       {"00192200N", "197401143D", "179901143C"},
       100,
       75},
      {"TH_TNIN", {"1 2345 45678 78 1", "3701200482911"}, {"1234545678782", "9234545678781", "1284567890121"}, 85, 0},
      {"PH_TIN", {"123-456-782-000", "123456782"}, {"123-456-783-000", "000-000-000-000"}, 75, 100},
      {"PH_SSS", {"34-1234567-8"}, {}, 0, 0},
      {"PH_PHILHEALTH", {"12-345678901-2"}, {}, 0, 0},
      {"MY_MYKAD", {"770305-02-1234", "770305021234"}, {"770305-17-1234", "771305-02-1234"}, 0, 0},
      {"ID_NIK", {"3171011708450001", "3171015708450001"}, {"2271011708450001", "3171011708450000"}, 0, 0},
      {"ID_NPWP", {"01.300.066.6-091.000", "013000666091000"}, {"013000667091000"}, 60, 62},
      {"VN_CCCD", {"001099012345"}, {"097099012345", "000099012345"}, 0, 0},
      {"AU_ABN", {"51 824 753 556", "83914571673"}, {"51824753557"}, 100, 100},
      {"AU_ACN", {"004 085 616", "005499981"}, {"004085617", "000000000"}, 90, 80},
      {"AU_TFN", {"123 456 782", "459599230"}, {"123456783"}, 100, 100},
      {"AU_MEDICARE", {"2950 12348 1", "2428778132"}, {"7950123481", "2950123491", "2950123480"}, 90, 75},
      {"AU_PASSPORT", {"N1234567", "PA1234567"}, {}, 0, 0},
      {"NZ_IRD", {"49-091-850", "136410132", "35901981"}, {"49091851", "9999993", "200000008"}, 90, 87},
      {"NZ_NHI", {"ZZZ0016", "ZZZ0024", "ZZZ00AX", "ALU18KZ"}, {"ZZZ0017", "ZZZ00AY", "ZIZ0016"}, 88, 100},
      {"CA_SIN", {"193 456 787", "123-456-782", "558123493"}, {"193456788", "046454286", "812345674"}, 100, 60},
      {"CA_POSTAL_CODE", {"K1A 0B1", "H0H 0H0"}, {"W1A 0B1", "K1D 0B1"}, 0, 0},
      {"CA_PASSPORT", {"QT482913"}, {}, 0, 0},
      {"BR_CPF", {"390.533.447-05", "52998224725"}, {"39053344706", "11111111111"}, 98, 100},
      {"BR_CNPJ",
       {"16.727.230/0001-97", "12.ABC.345/01DE-35", "16727230000197"},
       {"16727230000196", "12ABC34501DE34"},
       100,
       100},
      {"BR_PIS", {"120.64125.34-7"}, {"12064125348"}, 100, 100},
      {"MX_CURP", {"BOXW310820HNERXN09"}, {"BOXW310820HNERXN08", "BOXW310820QNERXN09", "BOXW310820HXXRXN09"}, 94, 100},
      {"MX_RFC", {"GODE561231GR8"}, {"GODE561331GR8"}, 100, 100},
      {"MX_NSS", {"92857865437"}, {"92857865438"}, 100, 100},
      {"AR_CUIT", {"20-05536168-2", "20267565393"}, {"20055361683", "21055361682"}, 100, 100},
      {"AR_DNI", {"26.756.539"}, {}, 0, 0},
      {"CL_RUT", {"12.531.909-2", "76086428-5", "60803000K"}, {"12531909-3"}, 100, 100},
      {"CO_NIT", {"213.123.432-1", "800197268-4"}, {"2131234322"}, 94, 88},
      {"CO_CEDULA", {"1.234.567.890"}, {}, 0, 0},
      {"PE_RUC", {"20512333797"}, {"20512333798", "30512333797"}, 100, 100},
      {"PE_DNI", {"12345678"}, {}, 0, 0},
      {"EC_CEDULA", {"171430710-3"}, {"1714307104", "2514307103"}, 100, 100},
      {"UY_CI", {"4.123.987-0"}, {"41239871"}, 94, 100},
      {"DO_CEDULA", {"001-1391820-5"}, {"00113918206"}, 100, 100},
      {"ZA_ID_NUMBER",
       {"7503305044089", "900228 5009 087"},
       {"7503305044088", "9002285009385", "9002285009 178"},
       100,
       75},
      {"NG_NIN", {"12345678901"}, {}, 0, 0},
      {"NG_BVN", {"22123456789"}, {}, 0, 0},
      {"NG_VEHICLE_REGISTRATION", {"LSR-482KJ", "KJA 999PZ", "GGE731BD"}, {"LSR-000KJ"}, 0, 0},
      {"KE_PIN", {"A012345678Z", "P012345678Z"}, {"B012345678Z"}, 0, 0},
      {"KE_NATIONAL_ID", {"12345678"}, {}, 0, 0},
      {"GH_CARD", {"GHA-123456789-0"}, {"GHA-000000000-0"}, 0, 0},
  };
  return table;
}
// NOLINTEND

TEST(NationalGolden, EveryEntityIsThere) {
  std::vector<std::string_view> missing;
  for (const Kind& kind : kinds()) {
    if (std::ranges::none_of(golden(), [&](const Golden& row) { return row.entity == kind.entity; })) {
      missing.push_back(kind.entity);
    }
  }
  EXPECT_TRUE(missing.empty()) << missing.front();
}

TEST(NationalGolden, ValidOnesAreFoundWholeAndWrongOnesAreNot) {
  for (const Golden& row : golden()) {
    const Recogniser recogniser(row.entity);
    float least = 1;
    for (const auto valid : row.valid) {
      const float sure = recogniser.sure_of(valid);
      EXPECT_GE(sure, 0.45F) << row.entity << " " << valid;
      least = std::min(least, sure);
    }
    for (const auto wrong : row.wrong) {
      EXPECT_LT(recogniser.sure_of(wrong), std::max(least, 0.5F)) << row.entity << " " << wrong;
    }
  }
}

TEST(NationalGolden, LowerCaseIsTheSameNumber) {
  for (const Golden& row : golden()) {
    const Recogniser recogniser(row.entity);
    for (const auto valid : row.valid) {
      std::string lower(valid);
      for (char& c : lower) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
      EXPECT_EQ(recogniser.sure_of(lower), recogniser.sure_of(valid)) << row.entity << " " << lower;
    }
  }
}

TEST(NationalGolden, ItStandsByItself) {
  for (const Golden& row : golden()) {
    const Recogniser recogniser(row.entity);
    for (const auto valid : row.valid) {
      for (const auto [front, behind] : {std::pair{"7", ""},
                                         {"", "7"},
                                         {"Q", ""},
                                         {"", "Q"},
                                         {"é", ""},
                                         {"", "é"},
                                         {"77-", ""},
                                         {"", "-77"},
                                         {"77.", ""},
                                         {"", "_77"}}) {
        const std::string text = fmt::format("{}{}{}", front, valid, behind);
        EXPECT_FALSE(recogniser.finds_part(text, std::string_view(front).size(), valid.size()))
            << row.entity << " " << text;
      }
    }
  }
}

constexpr bool is_number(char c) { return c >= '0' && c <= '9'; }

TEST(NationalGolden, CheckDigitsTellAWrongDigit) {
  for (const Golden& row : golden()) {
    if (row.digits == 0) continue;
    const Recogniser recogniser(row.entity);
    for (const auto valid : row.valid) {
      const float sure = recogniser.sure_of(valid);
      int all = 0;
      int told = 0;
      std::string missed;
      for (std::size_t i = 0; i < valid.size(); ++i) {
        if (!is_number(valid[i])) continue;
        for (char c = '0'; c <= '9'; ++c) {
          if (c == valid[i]) continue;
          std::string changed(valid);
          changed[i] = c;
          ++all;
          if (recogniser.sure_of(changed) < sure) {
            ++told;
          } else {
            missed = changed;
          }
        }
      }
      EXPECT_GE(told * 100, all * row.digits) << row.entity << " " << valid << " " << missed;
    }
  }
}

TEST(NationalGolden, CheckDigitsTellSwappedNeighbours) {
  for (const Golden& row : golden()) {
    if (row.swaps == 0) continue;
    const Recogniser recogniser(row.entity);
    for (const auto valid : row.valid) {
      const float sure = recogniser.sure_of(valid);
      int all = 0;
      int told = 0;
      std::string missed;
      for (std::size_t i = 0; i + 1 < valid.size(); ++i) {
        std::size_t next = i + 1;
        if (std::string_view(" -./").find(valid[next]) != std::string_view::npos) ++next;
        if (next >= valid.size() || !is_number(valid[i]) || !is_number(valid[next]) || valid[i] == valid[next])
          continue;
        std::string changed(valid);
        std::swap(changed[i], changed[next]);
        ++all;
        if (recogniser.sure_of(changed) < sure) {
          ++told;
        } else {
          missed = changed;
        }
      }
      EXPECT_GE(told * 100, all * row.swaps) << row.entity << " " << valid << " " << missed;
    }
  }
}

}  // namespace
}  // namespace gatehouse::guard::pii::national
