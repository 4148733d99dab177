#include "gatehouse/guard/pii/national/national.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/guard/pii/national/testing.h"
#include "gatehouse/guard/testing/cuts.h"

namespace gatehouse::guard::pii::national {
namespace {

using testing::Recogniser;

TEST(National, TheTableKeepsItsRules) {
  std::set<std::string_view> seen;
  for (const Kind& kind : kinds()) {
    const std::string_view country = kind.country == "GB" ? "UK" : kind.country;
    EXPECT_TRUE(kind.entity.starts_with(country) && kind.entity[2] == '_') << kind.entity;
    EXPECT_FALSE(kind.words.empty()) << kind.entity;
    EXPECT_LT(kind.score, kind.score_near) << kind.entity;
    EXPECT_LE(kind.score_near, 0.95F) << kind.entity;
    EXPECT_EQ(kind.needs_word, kind.score == 0) << kind.entity;
    if (seen.insert(kind.entity).second) {
      EXPECT_FALSE(kind.description.empty()) << kind.entity;
    }
    // A shape that nothing checks needs a word to reach a policy's usual threshold, but for a commercial register's,
    // whose letters are one.
    if (kind.valid == nullptr && kind.entity != "DE_HANDELSREGISTER") {
      EXPECT_LT(kind.score, 0.5F) << kind.entity;
    }
  }
  EXPECT_GE(seen.size(), 150U);
  std::set<std::string_view> countries;
  for (const auto entity : seen) countries.insert(entity.substr(0, 2));
  EXPECT_GE(countries.size(), 60U);
}

TEST(National, AnEntityHasOneTable) {
  // Rows of one entity follow each other: the first describes it.
  std::set<std::string_view> done;
  std::string_view last;
  for (const Kind& kind : kinds()) {
    if (kind.entity != last) {
      EXPECT_TRUE(done.insert(kind.entity).second) << kind.entity;
    }
    last = kind.entity;
  }
}

// The front of an identifier, `?` any digit and `%` any digit or letter: whether any way to fill it is valid. So a day
// that does not exist is refused whatever the check digits are.
struct Front {
  std::string_view entity;
  std::string_view front;
  bool any;
};

bool any_valid(const Recogniser& recogniser, std::string text, std::size_t at = 0) {
  at = text.find_first_of("?%", at);
  if (at == std::string::npos) return recogniser.sure_of(text) > 0;
  const std::string_view choices = text[at] == '?' ? "0123456789" : "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  for (const char c : choices) {
    text[at] = c;
    if (any_valid(recogniser, text, at + 1)) return true;
  }
  return false;
}

TEST(National, DaysExistInTheirCentury) {
  const std::vector<Front> fronts = {
      {"FI_PERSONAL_IDENTITY_CODE", "290296-12?%", true},
      {"FI_PERSONAL_IDENTITY_CODE", "290297-12?%", false},
      {"FI_PERSONAL_IDENTITY_CODE", "290200A12?%", true},
      {"FI_PERSONAL_IDENTITY_CODE", "290200-12?%", false},  // neither 1900 nor 1800 had it
      {"FI_PERSONAL_IDENTITY_CODE", "310490-12?%", false},
      {"FI_PERSONAL_IDENTITY_CODE", "310590-12?%", true},
      {"FI_PERSONAL_IDENTITY_CODE", "010100Z12?%", false},
      {"FI_PERSONAL_IDENTITY_CODE", "131052-001%", false},
      {"FI_PERSONAL_IDENTITY_CODE", "131052-002%", true},
      {"SE_PERSONNUMMER", "19920229-12??", true},
      {"SE_PERSONNUMMER", "19900229-12??", false},
      {"SE_PERSONNUMMER", "900228-12??", true},
      {"SE_PERSONNUMMER", "900230-12??", false},
      {"SE_PERSONNUMMER", "19900188-12??", true},  // coordination number: 28 and 60
      {"SE_PERSONNUMMER", "19900192-12??", false},
      {"SE_PERSONNUMMER", "19901328-12??", false},
      {"SE_ORGANISATIONSNUMMER", "551980-12??", false},
      {"SE_ORGANISATIONSNUMMER", "552080-12??", true},
      {"NO_FODSELSNUMMER", "28029012???", true},
      {"NO_FODSELSNUMMER", "30029012???", false},
      {"NO_FODSELSNUMMER", "68029012???", true},  // D number
      {"NO_FODSELSNUMMER", "72029012???", false},
      {"NO_FODSELSNUMMER", "28829012???", true},  // test data
      {"DK_CPR", "290200-4???", true},
      {"DK_CPR", "290200-1???", false},
      {"DK_CPR", "000190-1???", false},
      {"IS_KENNITALA", "290200-20??", true},
      {"IS_KENNITALA", "300200-20??", false},
      {"PL_PESEL", "900228123??", true},
      {"PL_PESEL", "900230123??", false},
      {"PL_PESEL", "002229123??", true},
      {"PL_PESEL", "000229123??", false},
      {"PL_PESEL", "901328123??", false},
      {"CZ_BIRTH_NUMBER", "905228/????", true},
      {"CZ_BIRTH_NUMBER", "905230/????", false},
      {"CZ_BIRTH_NUMBER", "047228/????", true},
      {"CZ_BIRTH_NUMBER", "037228/????", false},
      {"CZ_BIRTH_NUMBER", "530228/1??", true},
      {"CZ_BIRTH_NUMBER", "540228/1??", false},
      {"RO_CNP", "1900228400???", true},
      {"RO_CNP", "1900230400???", false},
      {"RO_CNP", "1900228490???", false},
      {"BG_EGN", "004229????", true},
      {"BG_EGN", "000229????", false},
      {"BG_EGN", "903328????", false},
      {"EE_PERSONAL_CODE", "60002291???", true},
      {"EE_PERSONAL_CODE", "30002291???", false},
      {"EE_PERSONAL_CODE", "39002301???", false},
      {"LT_PERSONAL_CODE", "39002281???", true},
      {"LT_PERSONAL_CODE", "39002291???", false},
      {"LV_PERSONAL_CODE", "290200-2????", true},
      {"LV_PERSONAL_CODE", "290200-1????", false},
      {"RS_JMBG", "2902000710???", true},
      {"RS_JMBG", "2902900710???", false},
      {"SI_EMSO", "2902000500???", true},
      {"SI_EMSO", "2902000700???", false},
      {"FR_NIR", "1901275123456??", true},
      {"FR_NIR", "1901375123456??", false},
      {"FR_NIR", "190122A123456??", true},
      {"FR_NIR", "190122C123456??", false},
      {"FR_NIR", "1901200123456??", false},
      {"FR_NIR", "5901275123456??", false},
      {"BE_NATIONAL_NUMBER", "90.02.28-123.??", true},
      {"BE_NATIONAL_NUMBER", "90.02.30-123.??", false},
      {"BE_NATIONAL_NUMBER", "90.42.28-123.??", true},
      {"BE_NATIONAL_NUMBER", "90.62.28-123.??", false},
      {"BE_NATIONAL_NUMBER", "90.00.00-123.??", true},
      {"IT_FISCAL_CODE", "RSSMRA90B28H501%", true},
      {"IT_FISCAL_CODE", "RSSMRA90B30H501%", false},
      {"IT_FISCAL_CODE", "RSSMRA90B68H501%", true},
      {"IT_FISCAL_CODE", "RSSMRA90B70H501%", false},
      {"IT_FISCAL_CODE", "RSSMRA90F10H501%", false},
      {"GR_AMKA", "2902001????", true},
      {"GR_AMKA", "2902011????", false},
      {"AT_SVNR", "12??290200", true},
      {"AT_SVNR", "12??290201", false},
      {"AT_SVNR", "12??011590", true},
      {"AT_SVNR", "12??011690", false},
      {"CN_RESIDENT_ID", "11010519900228???%", true},
      {"CN_RESIDENT_ID", "11010519900230???%", false},
      {"CN_RESIDENT_ID", "16010519900228???%", false},
      {"CN_RESIDENT_ID", "11010518400228???%", false},
      {"KR_RRN", "900228-1234???", true},
      {"KR_RRN", "900230-1234???", false},
      {"KR_RRN", "000229-3234???", true},
      {"KR_RRN", "000229-1234???", false},
      {"KR_FRN", "000229-7234???", true},
      {"KR_FRN", "000229-5234???", false},
      {"ZA_ID_NUMBER", "9002285009?8?", true},
      {"ZA_ID_NUMBER", "9002305009?8?", false},
      {"ZA_ID_NUMBER", "900228500938?", false},
      {"ZA_ID_NUMBER", "900228500907?", false},
      {"LU_MATRICULE", "1990022812???", true},
      {"LU_MATRICULE", "1990023012???", false},
      {"DE_SOCIAL_SECURITY", "15290200C1??", true},
      {"DE_SOCIAL_SECURITY", "15290201C1??", false},
      {"DE_SOCIAL_SECURITY", "15790200C1??", true},
      {"DE_SOCIAL_SECURITY", "15820190C1??", false},
      {"MX_CURP", "BOXW900228HNERXN0?", true},
      {"MX_CURP", "BOXW900230HNERXN0?", false},
      {"MX_CURP", "BOXW000229HNERXNA?", true},
      {"MX_CURP", "BOXW000229HNERXN0?", false},
      {"MX_RFC", "GODE900228GR%", true},
      {"MX_RFC", "GODE900230GR%", false},
      {"MY_MYKAD", "900228-14-5123", true},
      {"MY_MYKAD", "900230-14-5123", false},
      {"ID_NIK", "3171012802900001", true},
      {"ID_NIK", "3171013002900001", false},
      {"ID_NIK", "3171016802900001", true},
      {"ID_NIK", "3171017202900001", false},
      {"EG_NATIONAL_ID", "29002280512345", false},
      {"EG_NATIONAL_ID", "29002280112345", true},
      {"EG_NATIONAL_ID", "29002300112345", false},
      {"EG_NATIONAL_ID", "30002290112345", true},
      {"KW_CIVIL_ID", "290022812???", true},
      {"KW_CIVIL_ID", "290023012???", false},
      {"KZ_IIN", "900228300???", true},
      {"KZ_IIN", "900230300???", false},
      {"HU_PERSONAL_ID", "1-900228-1???", true},
      {"HU_PERSONAL_ID", "1-900230-1???", false},
      {"UK_DRIVING_LICENCE", "BAKER902280AB1CD", true},
      {"UK_DRIVING_LICENCE", "BAKER902300AB1CD", false},
      {"UK_DRIVING_LICENCE", "BAKER952280AB1CD", true},
      {"UK_DRIVING_LICENCE", "BAKER963280AB1CD", false},
      {"LK_NIC", "903661234V", true},
      {"LK_NIC", "903671234V", false},
      {"LK_NIC", "905011234V", true},
      {"LK_NIC", "908671234V", false},
      {"AE_EMIRATES_ID", "784-1990-1234567-?", true},
      {"AE_EMIRATES_ID", "784-1890-1234567-?", false},
  };
  std::map<std::string_view, std::unique_ptr<Recogniser>> recognisers;
  for (const Front& front : fronts) {
    auto& recogniser = recognisers[front.entity];
    if (!recogniser) recogniser = std::make_unique<Recogniser>(front.entity);
    EXPECT_EQ(any_valid(*recogniser, std::string(front.front)), front.any) << front.entity << " " << front.front;
  }
}

TEST(National, SeparatorsAreThoseInUse) {
  const std::vector<Front> cases = {
      {"UK_NHS", "943-476-5919", true},
      {"UK_NHS", "943-476 5919", false},
      {"UK_NHS", "943.476.5919", false},
      {"UK_NHS", "943\n476 5919", false},
      {"UK_NHS",
       "943\xC2\xA0"
       "476\xC2\xA0"
       "5919",
       true},  // no-break spaces
      {"UK_NHS",
       "943\xE2\x80\x91"
       "476\xE2\x80\x91"
       "5919",
       true},  // U+2011
      {"UK_NHS", "94 3476 5919", false},
      {"FI_PERSONAL_IDENTITY_CODE", "131052/308T", false},
      {"FI_PERSONAL_IDENTITY_CODE", "131052 308T", false},
      {"FI_PERSONAL_IDENTITY_CODE", "131052308T", false},
      {"BR_CPF", "390.533.447-05", true},
      {"BR_CPF", "390533447-05", true},
      {"BR_CPF", "390 533 447 05", false},
      {"CA_SIN", "193 456787", false},
      {"CA_SIN", "193-456 787", false},
      {"DE_TAX_NUMBER", "181-815-08155", false},
      {"IN_AADHAAR", "2341:2341:2346", true},
      {"IN_AADHAAR", "2341/2341/2346", false},
      {"CZ_BIRTH_NUMBER", "710319-2745", false},
      {"CH_AHV", "756.9217.0769.85", true},
      {"CH_AHV", "756-9217-0769-85", false},
      {"ES_NIE", "X 1234567 L", true},
      {"IT_FISCAL_CODE", "RSS MRA 85T10 A562S", true},
      {"IT_FISCAL_CODE", "RSS-MRA-85T10-A562S", false},
      {"CL_RUT", "12.531.909-2", true},
      {"DE_KFZ", "F-KL 482", true},
      {"DE_KFZ", "FKL482", false},
      {"NL_BSN", "1234.56.782", true},
      {"KR_RRN", "850315+1456789", false},
  };
  for (const Front& row : cases) {
    EXPECT_EQ(Recogniser(row.entity).sure_of(row.front) > 0, row.any) << row.entity << " " << row.front;
  }
}

// What a policy with its usual threshold sees.
std::vector<std::string_view> entities_of(const PiiDetector& detector, std::string_view text) {
  Findings found;
  Look look;
  look.text = text;
  detector.look(look, {}, found);
  std::vector<std::string_view> entities;
  for (const Finding& finding : found.list()) entities.push_back(finding.entity);
  return entities;
}

TEST(National, WordsSpeakForANumber) {
  const auto detector = PiiDetector::make().value();
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"UK_NHS", "Her NHS number: 943 476 5919, please file it."},
      {"UK_PASSPORT", "My British passport is 925665416"},
      {"UK_POSTCODE", "Postcode SW1A 1AA"},
      {"IE_PPS", "PPSN 1234567FA"},
      {"DE_TAX_ID", "Meine Steuer-ID lautet 86 095 742 719."},
      {"DE_TAX_NUMBER", "St.-Nr. 181/815/08155"},
      {"DE_ID_CARD", "Personalausweisnummer L01X00T47"},
      {"DE_PASSPORT", "Reisepass C01X00T47"},
      {"DE_KFZ", "Kennzeichen F-KL 482"},
      {"DE_PLZ", "PLZ 10115 Berlin"},
      {"DE_LANR", "LANR 482913255"},
      {"AT_SVNR", "SVNR: 1237 010180"},
      {"FR_NIR", "Numéro de sécurité sociale 2 55 08 14 168 025 38"},
      {"FR_CNI", "ma carte d'identité 880692310285"},
      {"NL_BSN", "Burgerservicenummer 111222333"},
      {"BE_NATIONAL_NUMBER", "rijksregisternummer 85073003328"},
      {"ES_NIF", "con DNI 54362315K"},
      {"ES_PASSPORT", "pasaporte n.º PAB482913"},
      {"PT_NIF", "contribuinte 123 456 789"},
      {"IT_IDENTITY_CARD", "carta d'identità AA 1234567"},
      {"IT_VAT_CODE", "Partita IVA 00743110157"},
      {"GR_AFM", "ΑΦΜ 094259216"},
      {"FI_BUSINESS_ID", "Y-tunnus 2077474-0"},
      {"SE_PERSONNUMMER", "personnummer 8112189876"},
      {"NO_FODSELSNUMMER", "fødselsnummer 15108695088"},
      {"DK_CPR", "CPR-nr. 010190-1238"},
      {"PL_PESEL", "PESEL 44051401458"},
      {"CZ_BIRTH_NUMBER", "rodné číslo 7103192745"},
      {"HU_TAJ", "TAJ szám: 111 111 110"},
      {"RO_CNP", "CNP 1630615123457"},
      {"BG_EGN", "ЕГН 7523169263"},
      {"RU_INN", "ИНН 7707083893"},
      {"RU_PASSPORT", "Паспорт 45 04 346238"},
      {"UA_RNOKPP", "РНОКПП 3184710691"},
      {"TR_NATIONAL_ID", "T.C. Kimlik No 10000000146"},
      {"IL_ID", "תעודת זהות 039337423"},
      {"EG_NATIONAL_ID", "الرقم القومي 29001011234567"},
      {"IN_AADHAAR", "Aadhaar 234123412346"},
      {"IN_PAN", "PAN ACUPA7085R"},
      {"IN_PASSPORT", "passport M4829173"},
      {"CN_RESIDENT_ID", "身份证号码是11010519491231002X。"},
      {"JP_MY_NUMBER", "マイナンバーは123456789018です"},
      {"KR_RRN", "주민등록번호 8503151456789"},
      {"KR_PASSPORT", "여권 S482A9135는 만료"},
      {"TW_ID", "身分證字號A123456789"},
      {"HK_HKID", "HKID A1234563"},
      {"HK_HKID", "HKID: A123456(3)"},
      {"SG_FIN", "NRIC S1234567D"},
      {"TH_TNIN", "เลขประจำตัวประชาชน 3701200482911"},
      {"MY_MYKAD", "MyKad 770305021234"},
      {"ID_NIK", "NIK 3171011708450001"},
      {"VN_CCCD", "CCCD 001099012345"},
      {"AU_TFN", "TFN 123 456 782"},
      {"AU_MEDICARE", "Medicare card 2950 12348 1"},
      {"NZ_IRD", "IRD number 49-091-850"},
      {"CA_SIN", "mon NAS: 193 456 787"},
      {"BR_CPF", "CPF 39053344705"},
      {"MX_RFC", "RFC GODE561231GR8"},
      {"AR_CUIT", "CUIT 20267565393"},
      {"CL_RUT", "RUT 12531909-2"},
      {"CO_CEDULA", "cédula 1.234.567.890"},
      {"ZA_ID_NUMBER", "RSA ID 9002285009087"},
      {"NG_NIN", "my NIN is 12345678901"},
  };
  for (const auto& [entity, text] : cases) {
    const auto found = entities_of(*detector, text);
    EXPECT_TRUE(std::ranges::find(found, entity) != found.end()) << entity << ": " << text;
  }
}

TEST(National, WithoutAWordPlainNumbersAreNothing) {
  const auto detector = PiiDetector::make().value();
  for (const std::string_view text : {
           "order 9434765919 shipped",
           "the total of 123 456 789 units",
           "build 20240115123045 passed",
           "at 20240115-1230 the job ran",
           "in 1712345678901 ms",
           "ticket 44051401458",
           "row 10115 of 80331",
           "part M4829173",
           "SKU PAB482913",
           "tracking RB4829135",
           "code QT4829135 applies",
           "see M48291357",
           "ISBN 978-3-16-148410-0",
           "version 12.345.678",
           "a 123/456 ratio of 78/90",
           "batch 2950123481",
           "id 123456782",
           "the numbers 11 22 33 44 55 66",
           "K1 ABC and M3 GTR",
           "7103192745",
           "12345678901",
           "1234-5678-9012-3456",
           "from 900101 to 991231",
           "es am 12 bis zu 2020",
           "0203201340",
           "7707083893",
       }) {
    const auto found = entities_of(*detector, text);
    EXPECT_TRUE(found.empty()) << text << ": " << (found.empty() ? "" : found.front());
  }
}

TEST(National, FormsThatNothingElseHasNeedNoWord) {
  const auto detector = PiiDetector::make().value();
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"UK_NINO", "JG 10 37 59 A"},
      {"UK_DRIVING_LICENCE", "MORGA657054SM9IJ"},
      {"DE_TAX_ID", "86095742719"},
      {"DE_SOCIAL_SECURITY", "65170839J003"},
      {"DE_VAT_ID", "DE136695976"},
      {"CH_AHV", "756.9217.0769.85"},
      {"FR_NIR", "255081416802538"},
      {"IT_FISCAL_CODE", "RSSMRA85T10A562S"},
      {"ES_NIE", "X1234567L"},
      {"FI_PERSONAL_IDENTITY_CODE", "131052-308T"},
      {"SE_PERSONNUMMER", "19811218-9876"},
      {"NO_FODSELSNUMMER", "15108695088"},
      {"BE_NATIONAL_NUMBER", "85.07.30-033.28"},
      {"LV_PERSONAL_CODE", "161175-19997"},
      {"CN_RESIDENT_ID", "11010519491231002X"},
      {"BR_CPF", "390.533.447-05"},
      {"BR_CNPJ", "16.727.230/0001-97"},
      {"MX_CURP", "BOXW310820HNERXN09"},
      {"AR_CUIT", "20-05536168-2"},
      {"CL_RUT", "12.531.909-2"},
      {"AE_EMIRATES_ID", "784-1980-1234567-8"},
      {"IN_GSTIN", "27AAPFU0939F1ZV"},
      {"SG_FIN", "S1234567D"},
      {"ZA_ID_NUMBER", "9002285009087"},
  };
  for (const auto& [entity, text] : cases) {
    const auto found = entities_of(*detector, text);
    EXPECT_TRUE(std::ranges::find(found, entity) != found.end()) << entity << ": " << text;
  }
}

TEST(National, NoCutChangesWhatIsFound) {
  PiiOptions options;
  options.least_score = 0.3F;
  const auto detector = PiiDetector::make(options).value();
  guard::testing::Driver driver(*detector);
  for (const std::string_view text : {
           "NINO JG 10 37 59 A, born with NHS 943 476 5919; plate KX07 DFG. Nothing else here.",
           "Kennzeichen F-KL 482, Steuer-ID 86 095 742 719, RVNR 65 170839 J 003.",
           "NIR 2 55 08 14 168 025 38 et SIRET 732 829 320 00074 chez nous",
           "minun hetu131052-308T. 身份证号码是11010519491231002X。 여권 S482A9135는 만료",
           "CPF 390.533.447-05, CNPJ 16.727.230/0001-97, RUT 12.531.909-2",
           "111222333 is my burgerservicenummer; ИНН 7707083893, ΑΦΜ 094259216",
       }) {
    EXPECT_EQ(driver.all_cuts(text), "") << text;
  }
}

}  // namespace
}  // namespace gatehouse::guard::pii::national
