#include "gatehouse/guard/names/names_detector.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/guard/names/capital_scan.h"
#include "gatehouse/guard/names/lexicon.h"
#include "gatehouse/guard/testing/cuts.h"

namespace gatehouse::guard {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

testing::Driver& driver() {
  static const NamesDetector kDetector;
  static testing::Driver kDriver(kDetector);
  return kDriver;
}

// "ENTITY text" of what scores at least 0.5.
std::vector<std::string> found(std::string_view text, float least = 0.5F) {
  std::vector<std::string> out;
  for (const Finding& f : driver().whole(text)) {
    if (f.score >= least)
      out.push_back(std::string(f.entity) + " " + std::string(text.substr(f.begin, f.end - f.begin)));
  }
  return out;
}

TEST(Lexicon, OneSpellingStandsForAll) {
  EXPECT_EQ(FoldedWord("Müller").view(), "muller");
  EXPECT_EQ(FoldedWord("Łukasz").view(), "lukasz");
  EXPECT_EQ(FoldedWord("Иван").view(), "ivan");
  EXPECT_EQ(FoldedWord("Γιώργος").view(), "giorgos");
  EXPECT_EQ(FoldedWord("王").view(), "");
  EXPECT_EQ(FoldedWord(std::string(100, 'a')).view(), "");
  const Lexicon lexicon;
  EXPECT_GT(lexicon.size(), 10'000U);
  EXPECT_NE(lexicon.find("friedrich") & lexeme::kFirst, 0U);
  EXPECT_NE(lexicon.find("new zealand") & lexeme::kPlacePhrase, 0U);
  EXPECT_EQ(lexicon.find("friedri"), 0U);
  EXPECT_EQ(lexicon.find(""), 0U);
}

TEST(CapitalScan, FindsWordsThatBeginWithOne) {
  EXPECT_EQ(Capitals("no capitals here at all, none in so many words").next(0), 46U);
  EXPECT_EQ(Capitals("some words and then Peter").next(0), 20U);
  EXPECT_EQ(Capitals("camelCaseIsNone in a line of text, x_Y none, Zed").next(0), 45U);
  EXPECT_EQ(Capitals("in der Stadt Österreich").next(8), 13U);
  EXPECT_EQ(Capitals("éA").next(0), 0U);
}

TEST(Names, PeopleOfManyCultures) {
  EXPECT_THAT(found("I spoke to Anna Schmidt yesterday."), ElementsAre("PERSON Anna Schmidt"));
  EXPECT_THAT(found("we met Krzysztof Wiśniewski and Siobhan O'Neill there"),
              ElementsAre("PERSON Krzysztof Wiśniewski", "PERSON Siobhan O'Neill"));
  EXPECT_THAT(found("ask Carla de Souza or Ludwig van Beek"),
              ElementsAre("PERSON Carla de Souza", "PERSON Ludwig van Beek"));
  EXPECT_THAT(found("the report of Hiroshi Tanaka, Wei Zhang and Olumide Okafor"),
              ElementsAre("PERSON Hiroshi Tanaka", "PERSON Wei Zhang", "PERSON Olumide Okafor"));
  EXPECT_THAT(found("письмо от Иван Петров сегодня"), ElementsAre("PERSON Иван Петров"));
  EXPECT_THAT(found("by Jean-Luc Moreau and Magda K. Vrublová"),
              ElementsAre("PERSON Jean-Luc Moreau", "PERSON Magda K. Vrublová"));
  EXPECT_THAT(found("then Emily called"), ElementsAre("PERSON Emily"));
  EXPECT_THAT(found("that is Emily’s book and Peter's"), ElementsAre("PERSON Emily", "PERSON Peter"));
}

TEST(Names, TitlesAndAnnouncements) {
  EXPECT_THAT(found("please see Dr. Quillfeather about it"), ElementsAre("PERSON Quillfeather"));
  EXPECT_THAT(found("Frau Zschoche und Herr Prof. Dr. Wenzel kommen"), ElementsAre("PERSON Zschoche", "PERSON Wenzel"));
  EXPECT_THAT(found("Hello, my name is Zorblat Quux."), ElementsAre("PERSON Zorblat Quux"));
  EXPECT_THAT(found("my name is lena andersson and i live here"), ElementsAre("PERSON lena andersson"));
  EXPECT_THAT(found("Je m'appelle Amandine"), ElementsAre("PERSON Amandine"));
  EXPECT_THAT(found("Name: Zorblat Quux\nAge: 7"), ElementsAre("PERSON Zorblat Quux"));
  EXPECT_THAT(found("my name is not important"), IsEmpty());
}

TEST(Names, WordsThatAreAlsoNamesAreNone) {
  for (const std::string_view text :
       {"Will you come in May? Mark the date, Grace is a virtue.", "The Rose Garden is open in April.",
        "Don't go. Can't you?", "How To Write A Good Resume In Ten Easy Steps For Everyone",
        "Chase Bank and the Ford Motor", "Hope this helps! Bill is due.", "A List Of Things", "JSON API for HTTP",
        "Das Haus ist Alt und die Stadt Schön", "Long Short Young Old"}) {
    EXPECT_THAT(found(text, 0.55F), IsEmpty()) << text;
  }
}

TEST(Names, PlacesAndOrganisations) {
  EXPECT_THAT(found("from Berlin to New Zealand"), ElementsAre("LOCATION Berlin", "LOCATION New Zealand"));
  EXPECT_THAT(found("he works at Quandel Logistics GmbH now"), ElementsAre("ORGANIZATION Quandel Logistics GmbH"));
  EXPECT_THAT(found("bought by Smith & Wesson Inc. last year"), ElementsAre("ORGANIZATION Smith & Wesson Inc"));
  EXPECT_THAT(found("we at Zephyr, Inc. think"), ElementsAre("ORGANIZATION Zephyr, Inc"));
  EXPECT_THAT(found("at Santa Rosa we saw John Wayne Airport"), ElementsAre("LOCATION Santa Rosa"));
}

TEST(Names, StreetAddresses) {
  EXPECT_THAT(found("lives at 221B Baker Street in town"), ElementsAre("STREET_ADDRESS 221B Baker Street"));
  EXPECT_THAT(found("wohnt in der Mozartstraße 12a, ganz oben"), ElementsAre("STREET_ADDRESS Mozartstraße 12a"));
  EXPECT_THAT(found("habite 12, rue de la Paix depuis"), ElementsAre("STREET_ADDRESS 12, rue de la Paix"));
  EXPECT_THAT(found("vive en Calle Mayor 5 desde"), ElementsAre("STREET_ADDRESS Calle Mayor 5"));
  EXPECT_THAT(found("at 6750 Koskikatu 25, Apt. 864 now"),
              ElementsAre("STREET_ADDRESS 6750 Koskikatu 25", "STREET_ADDRESS Apt. 864"));
  EXPECT_THAT(found("on 12 March 2024 and 3 Apples 4"), IsEmpty());
}

TEST(Names, FoundCutAnywhere) {
  for (const std::string_view text :
       {"I spoke to Anna Maria Schmidt, Dr. J. R. Quillfeather and Carla de Souza; then Emily’s friend van Beek.",
        "lives at 221B Baker Street, Mozartstraße 12a, 12, rue de la Paix or Calle Mayor 5 or 221, Baker Road here",
        "my name is lena andersson and me llamo José Luis García-Márquez. Name: Zorblat Quux\nNext Line",
        "we at Zephyr, Inc. and Smith & Wesson Inc. in New York City, not New York, O'Brien, Don't, Д’Артаньян Иван",
        "How To Write A Good Resume In Ten Easy Steps For Everyone By Anna Schmidt And Others Of Whom We Know",
        "12 ru 12 rue d'Alsace 5 place Vendôme. 6750 Koskikatu 25 Apt. 864, 9 lives Jean-"}) {
    EXPECT_EQ(driver().all_cuts(text), "") << text;
  }
}

TEST(Names, LongRunsAreFoundCutAnywhere) {
  std::string text = "see ";
  for (int i = 0; i < 40; ++i) text += "Anna Bright Schmidt Of ";
  text += "x. Then Anna Schmidt came. ";
  for (int i = 0; i < 30; ++i) text += "Annaannaannaannaanna ";
  text += "and Peter Miller.";
  EXPECT_EQ(driver().all_cuts(text), "");
}

TEST(Names, ProseIsHeldBackByAWordOnly) {
  std::string text;
  for (int i = 0; i < 20; ++i) text += "it was raining again and nobody came to see the 12 houses by the sea. ";
  std::vector<std::size_t> cuts;
  for (std::size_t i = 1; i < text.size(); ++i) cuts.push_back(i);
  std::size_t held = 0;
  EXPECT_EQ(driver().pieces(text, cuts, driver().whole(text), 256, &held), "");
  EXPECT_LE(held, 12U);
}

TEST(Names, HostileTextIsBounded) {
  for (const std::string_view piece :
       {"A", "A ", "Anna ", "J. ", "Mr ", "Anna de ", "12 Rue ", "12 rue de ", "my name is ", "\xC3", "É", "O'"}) {
    std::string text;
    while (text.size() < 60'000) text += piece;
    driver().whole(text);
  }
}

}  // namespace
}  // namespace gatehouse::guard
