#include "gatehouse/guard/pii/words.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/guard/pii/kind.h"

namespace gatehouse::guard::pii {
namespace {

using Behind = WordContext::Behind;

struct Lists {
  WordIndex index;
  std::uint16_t social = *index.add("ssn|social security|d n i");
  std::uint16_t birth = *index.add("geboren|n\xC3\xA9 le|\xE7\x94\x9F\xE6\x97\xA5|date of birth");
};

bool before(std::string_view text, std::uint16_t Lists::* list) {
  const Lists lists;
  WordContext context(lists.index, text, true);
  return context.before(lists.*list, text.size());
}

TEST(Words, ShortOnesAreWordsLongOnesBeginThem) {
  EXPECT_TRUE(before("my SSN: ", &Lists::social));
  EXPECT_TRUE(before("all ssns ", &Lists::social));
  EXPECT_TRUE(before("customerSsn=", &Lists::social));
  EXPECT_TRUE(before("ssn_2 ", &Lists::social));
  EXPECT_FALSE(before("lessn ", &Lists::social));
  EXPECT_FALSE(before("ssnx ", &Lists::social));
  EXPECT_TRUE(before("die Geborenen ", &Lists::birth));
  EXPECT_FALSE(before("neugeboren ", &Lists::birth));
}

TEST(Words, ASpaceIsOneSignOrNone) {
  EXPECT_TRUE(before("Social-Security ", &Lists::social));
  EXPECT_TRUE(before("socialSecurityNumber ", &Lists::social));
  EXPECT_TRUE(before("date_of_birth ", &Lists::birth));
  EXPECT_TRUE(before("dateOfBirth ", &Lists::birth));
  EXPECT_FALSE(before("social  security ", &Lists::social));
  EXPECT_TRUE(before("D.N.I ", &Lists::social));
  EXPECT_TRUE(before("dni ", &Lists::social));
}

TEST(Words, OtherAlphabets) {
  EXPECT_TRUE(before("N\xC3\x89 LE ", &Lists::birth));
  EXPECT_TRUE(before("\xE4\xBB\x96\xE7\x9A\x84\xE7\x94\x9F\xE6\x97\xA5\xE6\x98\xAF", &Lists::birth));
  EXPECT_FALSE(before("\xE7\x94\x9F", &Lists::birth));
}

TEST(Words, OnlyNear) {
  const std::string word = "ssn ";
  EXPECT_TRUE(before(word + std::string(kWordsBefore - word.size(), '.'), &Lists::social));
  EXPECT_FALSE(before(word + std::string(kWordsBefore, '.'), &Lists::social));
  // It ends before the place.
  const Lists lists;
  WordContext context(lists.index, "my social security", true);
  EXPECT_FALSE(context.before(lists.social, 9));
}

TEST(Words, BehindOnTheSameLine) {
  const Lists lists;
  const auto behind = [&](std::string_view text, bool complete) {
    WordContext context(lists.index, text, complete);
    return context.behind(lists.social, 2);
  };
  EXPECT_EQ(behind("12 is the ssn", true), Behind::yes);
  EXPECT_EQ(behind("12 is the\nssn", true), Behind::no);
  EXPECT_EQ(behind("12 is the\nssn", false), Behind::no);
  EXPECT_EQ(behind("12 is the", false), Behind::open);
  // It may become "ssnx".
  EXPECT_EQ(behind("12 is ssn", false), Behind::open);
  EXPECT_EQ(behind("12 is ssn.", false), Behind::yes);
  EXPECT_EQ(behind("12 is " + std::string(kWordsBehind, '.') + " ssn", false), Behind::no);
}

TEST(Words, PlacesMayDescend) {
  const Lists lists;
  const std::string text = "ssn 11 " + std::string(300, ' ') + "geboren 22";
  WordContext context(lists.index, text, true);
  EXPECT_TRUE(context.before(lists.birth, text.size() - 2));
  EXPECT_FALSE(context.before(lists.social, text.size() - 2));
  EXPECT_TRUE(context.before(lists.social, 4));
  EXPECT_FALSE(context.before(lists.birth, 4));
}

TEST(Words, RefusesWhatIsNone) {
  WordIndex index;
  EXPECT_FALSE(index.add("a"));
  EXPECT_FALSE(index.add("fine|9x"));
  EXPECT_FALSE(index.add("ends "));
  EXPECT_EQ(*index.add("one|two"), *index.add("one|two"));
}

}  // namespace
}  // namespace gatehouse::guard::pii
