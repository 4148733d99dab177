#include "gatehouse/json/splice.h"

#include <array>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::json {
namespace {

using ::testing::ElementsAre;

TEST(Splice, replaces_inserts_and_deletes) {
  const std::array<Edit, 4> edits = {Edit{0, 0, "<"}, Edit{1, 2, "XYZ"}, Edit{3, 1, ""}, Edit{6, 0, ">"}};
  EXPECT_EQ(splice("abcdef", edits), "<aXYZef>");
  std::vector<std::string_view> pieces;
  EXPECT_EQ(splice_pieces("abcdef", edits, pieces), 8u);
  EXPECT_THAT(pieces, ElementsAre("<", "a", "XYZ", "ef", ">"));
}

TEST(Splice, leaves_a_text_without_edits) {
  EXPECT_EQ(splice("abc", {}), "abc");
  EXPECT_EQ(splice("", {}), "");
}

TEST(Splice, edits_that_touch_are_fine) {
  const std::array<Edit, 2> edits = {Edit{0, 1, "1"}, Edit{1, 1, "2"}};
  EXPECT_EQ(splice("ab", edits), "12");
}

TEST(SpliceDeathTest, aborts_on_edits_that_cannot_be_meant) {
  const std::array<Edit, 2> unordered = {Edit{2, 1, ""}, Edit{0, 1, ""}};
  EXPECT_DEATH(splice("abc", unordered), "out of order");
  const std::array<Edit, 1> outside = {Edit{2, 2, ""}};
  EXPECT_DEATH(splice("abc", outside), "out of range");
  const std::array<Edit, 1> huge = {Edit{1, SIZE_MAX, ""}};
  EXPECT_DEATH(splice("abc", huge), "out of range");
}

}  // namespace
}  // namespace gatehouse::json
