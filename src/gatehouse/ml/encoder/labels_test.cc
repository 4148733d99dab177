#include "gatehouse/ml/encoder/labels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::ml {
namespace {

using ::testing::HasSubstr;

TEST(Labels, OfUsualClassifiersAreKnown) {
  for (const char* attack : {"INJECTION", "injection", "LABEL_1", "MALICIOUS", "jailbreak", "unsafe", "1"}) {
    EXPECT_EQ(verdict_of(attack, {}), Verdict::attack) << attack;
  }
  for (const char* none : {"SAFE", "LABEL_0", "BENIGN", "0", "whatever"}) {
    EXPECT_EQ(verdict_of(none, {}), Verdict::none) << none;
  }
  EXPECT_EQ(verdict_of("toxic", {}), Verdict::harmful);
}

TEST(Labels, OfAClassifierAreWhatTheOperatorSays) {
  const LabelMap map = {{"LABEL_0", "attack"}, {"LABEL_1", "none"}, {"LABEL_2", "harmful"}, {"LABEL_3", "PERSON"}};
  EXPECT_EQ(verdict_of("LABEL_0", map), Verdict::attack);
  EXPECT_EQ(verdict_of("label-1", map), Verdict::none);
  EXPECT_EQ(verdict_of("LABEL_2", map), Verdict::harmful);
  const auto wrong = verdict_of("LABEL_3", map);
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().detail, HasSubstr("LABEL_3"));
}

TEST(Labels, OfTokensLoseTheirMark) {
  const auto is = [](const char* label, const char* entity, bool begins) {
    const EntityLabel meaning = entity_of(label, {});
    EXPECT_EQ(meaning.entity, entity) << label;
    EXPECT_EQ(meaning.begins, begins) << label;
  };
  is("O", "", false);
  is("B-PER", "PERSON", true);
  is("I-PER", "PERSON", false);
  is("S-GIVENNAME", "PERSON", true);
  is("U-ORG", "ORGANIZATION", true);
  is("L-ORG", "ORGANIZATION", false);
  is("E-LOC", "LOCATION", false);
  is("street_address", "STREET_ADDRESS", false);
  is("I-BUILDINGNUM", "STREET_ADDRESS", false);
  is("I-DATEOFBIRTH", "DATE_OF_BIRTH", false);
  is("I-TELEPHONENUM", "PHONE_NUMBER", false);
  is("B-MISC", "", true);
  is("B-shoe_size", "SHOE_SIZE", true);
  is("E-MAIL", "EMAIL", false);  // no end of a MAIL
}

TEST(Labels, OfTokensAreWhatTheOperatorSays) {
  const LabelMap map = {{"SHOE_SIZE", "NUMBER"}, {"B-ORG", "none"}, {"PER", "O"}};
  EXPECT_EQ(entity_of("I-SHOESIZE", map).entity, "NUMBER");
  EXPECT_EQ(entity_of("B-ORG", map).entity, "");
  EXPECT_EQ(entity_of("I-ORG", map).entity, "ORGANIZATION");
  EXPECT_EQ(entity_of("B-PER", map).entity, "");
}

TEST(Labels, OfPartsDiffer) {
  EXPECT_NE(entity_of("B-GIVENNAME", {}).part, entity_of("I-SURNAME", {}).part);
  EXPECT_EQ(entity_of("B-GIVEN_NAME", {}).part, entity_of("I-GIVENNAME", {}).part);
}

}  // namespace
}  // namespace gatehouse::ml
