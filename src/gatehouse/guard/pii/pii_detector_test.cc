#include "gatehouse/guard/pii/pii_detector.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/guard/testing/cuts.h"

namespace gatehouse::guard::pii {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;

std::unique_ptr<PiiDetector> make(float least = 0.5F, std::vector<std::string> entities = {}) {
  auto made = PiiDetector::make({.least_score = least, .entities = std::move(entities)});
  EXPECT_TRUE(made) << made.error().detail;
  return *std::move(made);
}

class Pii : public ::testing::Test {
 protected:
  // "ENTITY text", in order.
  std::vector<std::string> found(std::string_view text) { return list(usual_, text); }
  std::vector<std::string> found_at_any_score(std::string_view text) { return list(all_, text); }
  float score(std::string_view entity, std::string_view text) {
    float best = 0;
    for (const Finding& f : testing::Driver(*all_).whole(text)) {
      if (f.entity == entity) best = std::max(best, f.score);
    }
    return best;
  }

  const std::unique_ptr<PiiDetector> usual_ = make();
  const std::unique_ptr<PiiDetector> all_ = make(0.01F);

 private:
  static std::vector<std::string> list(const std::unique_ptr<PiiDetector>& detector, std::string_view text) {
    std::vector<std::string> names;
    for (const Finding& f : testing::Driver(*detector).whole(text)) {
      names.push_back(std::string(f.entity) + " " + std::string(text.substr(f.begin, f.end - f.begin)));
    }
    return names;
  }
};

TEST_F(Pii, Cards) {
  EXPECT_THAT(found("pay with 4111 1111 1111 1111."), ElementsAre("CREDIT_CARD 4111 1111 1111 1111"));
  EXPECT_THAT(found("5555555555554444"), ElementsAre("CREDIT_CARD 5555555555554444"));
  EXPECT_THAT(found("3782-822463-10005"), ElementsAre("CREDIT_CARD 3782-822463-10005"));
  EXPECT_THAT(found("4111\xC2\xA0"
                    "1111\xC2\xA0"
                    "1111\xC2\xA0"
                    "1111"),
              ElementsAre("CREDIT_CARD 4111\xC2\xA0"
                          "1111\xC2\xA0"
                          "1111\xC2\xA0"
                          "1111"));
  EXPECT_THAT(found("4111\xE2\x80\x91"
                    "1111\xE2\x80\x91"
                    "1111\xE2\x80\x91"
                    "1111")
                  .size(),
              1U);
  EXPECT_THAT(found("order 4111 1111 1111 1112"), IsEmpty());
  EXPECT_THAT(found("4111 1111\n1111 1111"), IsEmpty());
  // A piece of something longer.
  EXPECT_THAT(found("x-4111111111111111-7"), IsEmpty());
  EXPECT_THAT(found("84111111111111111"), IsEmpty());
  EXPECT_THAT(found("a,4111111111111111,b"), ElementsAre("CREDIT_CARD 4111111111111111"));
  EXPECT_THAT(found("card: 4111111111111111 cvv 123"),
              ElementsAre("CREDIT_CARD 4111111111111111", "CARD_SECURITY_CODE 123"));
  // A range that nobody published: only near a word.
  EXPECT_THAT(found("3501 0000 0000 0008"), IsEmpty());
  EXPECT_THAT(found("visa 3501 0000 0000 0008"), Contains("CREDIT_CARD 3501 0000 0000 0008"));
}

TEST_F(Pii, BankAccounts) {
  EXPECT_THAT(found("to DE89370400440532013000,"), ElementsAre("IBAN DE89370400440532013000"));
  EXPECT_THAT(found("GB82 WEST 1234 5698 7654 32"), ElementsAre("IBAN GB82 WEST 1234 5698 7654 32"));
  EXPECT_THAT(found("gb82west12345698765432"), ElementsAre("IBAN gb82west12345698765432"));
  EXPECT_THAT(found("GB82 WEST 1234 5698 7654 33"), Not(Contains(HasSubstr("IBAN"))));
  EXPECT_THAT(found("BIC: DEUTDEFF500, please"), ElementsAre("BIC DEUTDEFF500"));
  EXPECT_THAT(found("SWIFT code NEDSZAJJ"), ElementsAre("BIC NEDSZAJJ"));
  EXPECT_THAT(found("DEUTDEFF500 and the swift fox KEYBOARD"), IsEmpty());
  EXPECT_THAT(found("routing 021000021, account no. 123456789012"),
              IsSupersetOf({"US_ABA_ROUTING 021000021", "US_BANK_ACCOUNT 123456789012"}));
}

TEST_F(Pii, UnitedStates) {
  EXPECT_THAT(found("536-90-4399"), ElementsAre("US_SSN 536-90-4399"));
  EXPECT_THAT(found("my SSN is 536904399").front(), "US_SSN 536904399");
  EXPECT_THAT(found("item 536904399"), IsEmpty());
  EXPECT_THAT(found("666-90-4399 000-12-3456 536-00-4399 536-90-0000 078-05-1120"), Not(Contains(HasSubstr("US_SSN"))));
  EXPECT_THAT(found("912-70-1234"), ElementsAre("US_ITIN 912-70-1234"));
  EXPECT_THAT(found("NPI 1234567893"), Contains("US_NPI 1234567893"));
  EXPECT_THAT(found("NPI 1234567894"), Not(Contains(HasSubstr("US_NPI"))));
  EXPECT_THAT(found("1EG4-TE5-MK73"), ElementsAre("US_MBI 1EG4-TE5-MK73"));
  EXPECT_THAT(found("1SG4-TE5-MK73"), IsEmpty());
  EXPECT_THAT(found("DEA AB1234563"), Contains("US_DEA AB1234563"));
  EXPECT_THAT(found("passport A12345678"), Contains("US_PASSPORT A12345678"));
  EXPECT_THAT(found("driver's license: D1234567"), Contains("US_DRIVER_LICENSE D1234567"));
  EXPECT_THAT(found("MRN: 00482913"), Contains("MEDICAL_RECORD_NUMBER 00482913"));
}

TEST_F(Pii, Things) {
  EXPECT_THAT(found("VIN 1M8GDM9AXKP042788"), ElementsAre("VIN 1M8GDM9AXKP042788"));
  EXPECT_GT(score("VIN", "vin 1M8GDM9AXKP042788"), score("VIN", "vin 1M8GDM9A1KP042788"));
  EXPECT_THAT(found("IMEI 490154203237518"), Contains("IMEI 490154203237518"));
  EXPECT_THAT(found("send to 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
              ElementsAre("CRYPTO_WALLET 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"));
}

TEST_F(Pii, Mail) {
  EXPECT_THAT(found("to a.b+c@mail.example.org."), ElementsAre("EMAIL a.b+c@mail.example.org"));
  EXPECT_THAT(found("<x_y@ex-ample.co.uk>"), ElementsAre("EMAIL x_y@ex-ample.co.uk"));
  EXPECT_THAT(found("\xE9\x82\xAE\xE7\xAE\xB1"
                    "li@example.cn\xE3\x80\x82"),
              ElementsAre("EMAIL li@example.cn"));
  EXPECT_THAT(found("j\xC3\xBCrgen@example.de"), ElementsAre("EMAIL j\xC3\xBCrgen@example.de"));
  EXPECT_THAT(found("user@localhost @home a@b a@b.c1 @@x.com foo@.com"), IsEmpty());
  EXPECT_THAT(found(std::string(65, 'a') + "@example.org"), IsEmpty());
}

TEST_F(Pii, Network) {
  EXPECT_THAT(found("from 203.0.113.7:443, 10.0.0.0/8"),
              ElementsAre("IP_ADDRESS 203.0.113.7", "IP_ADDRESS 10.0.0.0/8"));
  EXPECT_THAT(found("version 1.2.3.4, 10.20.30.40.50, 256.1.1.10, 1.10.01.10"), IsEmpty());
  EXPECT_THAT(found("[2001:db8::1]:80"), ElementsAre("IP_ADDRESS 2001:db8::1"));
  EXPECT_THAT(found("fe80::1:2%eth0 and ::ffff:203.0.113.7"),
              ElementsAre("IP_ADDRESS fe80::1:2%eth0", "IP_ADDRESS ::ffff:203.0.113.7"));
  EXPECT_THAT(found("std::vector<a::b> at 12:34:56, 1:2:3:4"), IsEmpty());
  EXPECT_THAT(
      found("00:1A:2b:3c:4D:5e 00-1A-2b-3c-4D-5e aabb.ccdd.eeff"),
      ElementsAre("MAC_ADDRESS 00:1A:2b:3c:4D:5e", "MAC_ADDRESS 00-1A-2b-3c-4D-5e", "MAC_ADDRESS aabb.ccdd.eeff"));
  EXPECT_THAT(found("ff:ff:ff:ff:ff:ff 00:00:00:00:00:00 00:1A:2b:3c:4D 00:1A:2b:3c:4D:5e:6f"), IsEmpty());
  EXPECT_THAT(found_at_any_score("see https://example.org/a(b)?c=d. Then"),
              Contains("URL https://example.org/a(b)?c=d"));
  EXPECT_THAT(found_at_any_score("(http://x.example.org/a)"), Contains("URL http://x.example.org/a"));
  EXPECT_THAT(found_at_any_score("www.example.org example.com file.txt"),
              ElementsAre("URL www.example.org", "DOMAIN_NAME example.com"));
  EXPECT_THAT(found("https://example.org/"), IsEmpty()) << "a URL is below the usual threshold";
}

TEST_F(Pii, Telephones) {
  EXPECT_THAT(found("+49 30 90227-0 or +1 (415) 555-0132"),
              ElementsAre("PHONE_NUMBER +49 30 90227-0", "PHONE_NUMBER +1 (415) 555-0132"));
  EXPECT_THAT(found("(415) 555-0132"), ElementsAre("PHONE_NUMBER (415) 555-0132"));
  EXPECT_THAT(found("call 0171 1234567"), Contains("PHONE_NUMBER 0171 1234567"));
  EXPECT_THAT(found("tel. 01 42 68 53 00"), Contains("PHONE_NUMBER 01 42 68 53 00"));
  EXPECT_THAT(found("4155550132 and 1 2 3 4 5 6 7 8 and 2021-05-20"), IsEmpty());
  EXPECT_THAT(found("1,234,567,890.00 or 12/345/6789"), IsEmpty());
  EXPECT_THAT(found("https://example.org/4155550132"), IsEmpty());
}

TEST_F(Pii, Dates) {
  EXPECT_THAT(found("born 12 March 1984 in"), ElementsAre("DATE_OF_BIRTH 12 March 1984"));
  EXPECT_THAT(found("Date of birth: 03/12/1984"), ElementsAre("DATE_OF_BIRTH 03/12/1984"));
  EXPECT_THAT(found("DOB 19840312"), Contains("DATE_OF_BIRTH 19840312"));
  EXPECT_THAT(found("geboren am 5. M\xC3\xA4rz 1980"), ElementsAre("DATE_OF_BIRTH 5. M\xC3\xA4rz 1980"));
  EXPECT_THAT(found("nacida el 5 de marzo de 1980"), ElementsAre("DATE_OF_BIRTH 5 de marzo de 1980"));
  EXPECT_THAT(found("\xE7\x94\x9F\xE5\xB9\xB4\xE6\x9C\x88\xE6\x97\xA5: 1980\xE5\xB9\xB4"
                    "5\xE6\x9C\x88"
                    "20\xE6\x97\xA5"),
              ElementsAre("DATE_OF_BIRTH 1980\xE5\xB9\xB4"
                          "5\xE6\x9C\x88"
                          "20\xE6\x97\xA5"));
  EXPECT_THAT(found("March 5th, 1980 is her birthday"), ElementsAre("DATE_OF_BIRTH March 5th, 1980"));
  EXPECT_THAT(found("the meeting of 03/12/1984"), IsEmpty());
  EXPECT_THAT(found("born 31/02/1984"), IsEmpty());
  EXPECT_THAT(found_at_any_score("at 2024-06-05T09:15:30.500-07:00 sharp"),
              Contains("DATE 2024-06-05T09:15:30.500-07:00"));
  EXPECT_THAT(found_at_any_score("1/2 or 3.4 or v2021-05"), Not(Contains("DATE 2021-05")));
}

TEST_F(Pii, Places) {
  EXPECT_THAT(found("48.85661, 2.35222"), ElementsAre("GPS_COORDINATES 48.85661, 2.35222"));
  EXPECT_THAT(found("at 40\xC2\xB0"
                    "26'46\"N 79\xC2\xB0"
                    "58'56\"W"),
              ElementsAre("GPS_COORDINATES 40\xC2\xB0"
                          "26'46\"N 79\xC2\xB0"
                          "58'56\"W"));
  EXPECT_THAT(found("48.85, 2.35 and 95.12345, 2.12345"), IsEmpty());
  EXPECT_THAT(found("zip 94103-1234"), Contains("POSTAL_CODE 94103-1234"));
}

TEST_F(Pii, WordsCountOnBothSides) {
  EXPECT_GT(score("US_SSN", "my ssn 536904399"), score("US_SSN", "536904399"));
  EXPECT_GT(score("US_SSN", "536904399 is my ssn"), score("US_SSN", "536904399"));
  EXPECT_EQ(score("US_SSN", "536904399 is it.\nssn"), score("US_SSN", "536904399"));
}

TEST_F(Pii, OneStretchManyReadings) {
  const auto readings = testing::Driver(*all_).whole("130692544");
  EXPECT_GT(readings.size(), 2U);
  EXPECT_LE(readings.size(), PiiDetector::kMostReadings);
  EXPECT_TRUE(std::ranges::all_of(readings, [](const Finding& f) { return f.begin == 0 && f.end == 9; }));
  // Nothing is said twice.
  for (const Finding& a : readings) {
    EXPECT_EQ(std::ranges::count(readings, a.entity, &Finding::entity), 1) << a.entity;
  }
}

TEST_F(Pii, WhatLiesInsideASurerOneIsNone) {
  const auto list = found_at_any_score("4111 1111 1111 1111");
  EXPECT_THAT(list, ElementsAre("CREDIT_CARD 4111 1111 1111 1111"));
}

TEST_F(Pii, OnlyTheEntitiesAskedFor) {
  const auto detector = make(0.5F, {"EMAIL", "US_SSN"});
  const auto list = testing::Driver(*detector).whole("a@example.org 4111 1111 1111 1111 536-90-4399");
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].entity, "EMAIL");
  EXPECT_EQ(list[0].detector, "pii.email");
  EXPECT_EQ(list[1].entity, "US_SSN");
}

TEST_F(Pii, RefusesWhatNobodyKnows) {
  EXPECT_FALSE(PiiDetector::make({.entities = {"SHOE_SIZE"}}));
  EXPECT_FALSE(PiiDetector::make({.phone_regions = {"XX"}}));
}

TEST_F(Pii, EveryEntityIsToldOnceAndWithADescription) {
  std::vector<std::string_view> names;
  for (const EntityInfo& info : usual_->entities()) {
    EXPECT_FALSE(info.description.empty()) << info.entity;
    names.push_back(info.entity);
  }
  std::ranges::sort(names);
  EXPECT_EQ(std::ranges::adjacent_find(names), names.end());
  EXPECT_GE(names.size(), 50U);
}

// Text that says nothing of anybody.
TEST_F(Pii, ProseAndTablesAreQuiet) {
  EXPECT_THAT(found("In 1987 the ferry took 54 people in 3 hours; chapter 12.3, page 1024, at 12:30 on 3/4, for "
                    "$1,234,567.89 or 19.99 EUR, +5% or -12, ISO 27001, RFC 9110, x86-64, 0x7fff, C++23, v1.2.3."),
              IsEmpty());
  EXPECT_THAT(
      found("2024-03-15;100482;4711;19.99;7730019284\n{\"id\":93847561,\"at\":1710513742,\"ms\":1710513742123,"
            "\"uuid\":\"550e8400-e29b-41d4-a716-446655440000\",\"sha\":\"da39a3ee5e6b4b0d3255bfef95601890afd80709\"}"),
      IsEmpty());
}

const std::vector<std::string>& samples() {
  static const std::vector<std::string> kSamples = {
      "pay with 4111 1111 1111 1111, cvv 123, or 3782-822463-10005 today",
      "GB82 WEST 1234 5698 7654 32 and SC18 SSCB 1101 0000 0000 0000 1497 USD in words",
      "BIC: DEUTDEFF500, SWIFT code NEDSZAJJ and so on",
      "my SSN is 536904399, his 536-90-4399; 912-70-1234 is my itin number",
      "mail a.b+c@mail.example.org. Or <x_y@ex-ample.co.uk>, j\xC3\xBCrgen@example.de",
      "from 203.0.113.7:443, 10.0.0.0/8 [2001:db8::1]:80 fe80::1:2%eth0 ::ffff:203.0.113.7 a::b",
      "00:1A:2b:3c:4D:5e 00-1A-2b-3c-4D-5e aabb.ccdd.eeff aa:bb:cc:dd:ee:f",
      "see https://user:pw@example.org/a(b)?c=d&at=48.85661. Then http://[2001:db8::1]/x www.example.org/y example.com",
      "+49 30 90227-0 or +1 (415) 555-0132, 0 (171) 123 45 67, 00 44 20 7946 0000, call 0171/1234567",
      "born 12 March 1984, on March 5th, 1980; 5. M\xC3\xA4rz 1980; 5 de marzo de 1980 fecha de nacimiento",
      "2024-06-05T09:15:30.500-07:00 and 03/12/1984 12:30 DOB 19840312 May-21 21-May-2020 1980\xE5\xB9\xB4"
      "5\xE6\x9C\x88"
      "20\xE6\x97\xA5",
      "48.85661, 2.35222 and 40\xC2\xB0"
      "26'46.5\"N 79\xC2\xB0"
      "58'56\"W near 1.5, 2.5",
      "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4 "
      "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
      "4111\xC2\xA0"
      "1111\xC2\xA0"
      "1111\xC2\xA0"
      "1111 and 4111\xE2\x80\x91"
      "1111\xE2\x80\x91"
      "1111\xE2\x80\x91"
      "1111",
      "AA 12 34 56 B and B AB 1234, MIL EF 12E, HRB 123456 of M, id code is030594W903B.",
      "NPI 1234567893 MBI 1EG4-TE5-MK73 DEA AB1234563 VIN 1M8GDM9AXKP042788 IMEI 49-015420-323751-8 MRN 00482913",
      "1 2 3 4 5 6 7 8 9 10 11 12 4111 1111 1111 1111 1111 1111 2222 3333 4444 123-45-6789-0 1.2.3.4.5",
      "\xEC\x97\xAC\xEA\xB6\x8C\xEB\xB2\x88\xED\x98\xB8\xEB\x8A\x94 M123A4567\xEC\x9E\x85\xEB\x8B\x88\xEB\x8B\xA4 "
      "\xE7\x94\xB5\xE8\xAF\x9D"
      "13812345678\xE3\x80\x82",
      "130692544 sin 876 543 210 tfn 51 824 753 556 abn passport C01234565 zip 94103-1234 \xC3\xA9"
      "12345678 \xFF\xC2",
  };
  return kSamples;
}

TEST_F(Pii, TheSameForEveryCut) {
  for (const std::string& sample : samples()) {
    EXPECT_EQ(testing::Driver(*usual_).all_cuts(sample), "") << sample;
    EXPECT_EQ(testing::Driver(*all_).all_cuts(sample), "") << sample;
  }
}

TEST_F(Pii, TheSameForEveryCutOfWhatIsRunTogether) {
  std::mt19937 random(7);
  const auto pick = [&](const auto& list) { return list[random() % list.size()]; };
  const std::vector<std::string> joints = {"",  " ",  ", ", "\n", "-",        "/",
                                           ".", ": ", "|",  "  ", "\xC3\xA9", "\xED\x95\x9C"};
  testing::Driver driver(*all_);
  for (int round = 0; round < 12; ++round) {
    std::string text;
    while (text.size() < 500) {
      const std::string& sample = pick(samples());
      const std::size_t begin = random() % sample.size();
      text += sample.substr(begin, 1 + random() % 60) + pick(joints);
    }
    EXPECT_EQ(driver.all_cuts(text), "") << ::testing::PrintToString(text);
  }
}

TEST_F(Pii, ProseIsHardlyHeldBack) {
  const std::string text =
      "The library opens at nine, and by ten there is hardly a chair left beside the windows. It was built in 1987 by "
      "54 people: a well-known fact. Show me a quieter place in town, they say, and I will go there instead.";
  testing::Driver driver(*usual_);
  const auto expected = driver.whole(text);
  std::vector<std::size_t> cuts;
  std::size_t sum = 0;
  std::size_t most = 0;
  for (std::size_t cut = 1; cut < text.size(); ++cut) {
    std::size_t held = 0;
    const std::size_t one[] = {cut};
    ASSERT_EQ(driver.pieces(text, one, expected, 256, &held), "");
    sum += held;
    most = std::max(most, held);
  }
  EXPECT_LE(most, 32U);
  EXPECT_LE(sum / text.size(), 12U);
}

// Nothing holds a stream for ever.
TEST_F(Pii, TheHoldIsBounded) {
  for (const std::string_view piece :
       {"1", "1 ", "a", "4111 1111 ", "a.", "1-", "aa ", "(", "http://a.b/", "@", "+1 "}) {
    std::string text;
    while (text.size() < 20'000) text += piece;
    Findings found;
    const std::size_t frontier = usual_->look({.text = text, .complete = false}, {}, found);
    EXPECT_LE(text.size() - frontier, PiiDetector::kLongestFinding + 64) << piece;
  }
}

TEST_F(Pii, TooManyFindingsAreSaid) {
  std::string text;
  for (std::size_t i = 0; i <= Findings::kMost; ++i) text += "a@example.org ";
  Findings found;
  usual_->look({.text = text}, {}, found);
  EXPECT_EQ(found.list().size(), Findings::kMost);
  EXPECT_FALSE(found.failure().empty());
}

}  // namespace
}  // namespace gatehouse::guard::pii
