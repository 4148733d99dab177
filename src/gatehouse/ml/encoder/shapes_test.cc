#include "gatehouse/ml/encoder/shapes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/ml/testing/tiny_model.h"

namespace gatehouse::ml {
namespace {

using ::testing::ElementsAre;

TEST(Shapes, SayHowAWordIsWritten) {
  EXPECT_EQ(shape_of("paris"), kShapeSmall);
  EXPECT_EQ(shape_of("Paris"), kShapeCapitalised);
  EXPECT_EQ(shape_of("I"), kShapeCapitalised);
  EXPECT_EQ(shape_of("B2b"), kShapeCapitalised);
  EXPECT_EQ(shape_of("NATO"), kShapeCapitals);
  EXPECT_EQ(shape_of("R2D2"), kShapeCapitals);
  EXPECT_EQ(shape_of("iPhone"), kShapeMixed);
  EXPECT_EQ(shape_of("McDonald"), kShapeMixed);
  EXPECT_EQ(shape_of("42"), kShapeDigits);
  EXPECT_EQ(shape_of("3."), kShapeDigits);
  EXPECT_EQ(shape_of("..."), kShapeOther);
  EXPECT_EQ(shape_of(""), kShapeOther);
}

TEST(Shapes, KnowOtherAlphabets) {
  EXPECT_EQ(shape_of("Ärger"), kShapeCapitalised);
  EXPECT_EQ(shape_of("МОСКВА"), kShapeCapitals);
  EXPECT_EQ(shape_of("москва"), kShapeSmall);
  EXPECT_EQ(shape_of("東京"), kShapeSmall);  // letters without case
  EXPECT_EQ(shape_of("٣٤"), kShapeDigits);
  EXPECT_EQ(shape_of("\xFF\xFE"), kShapeOther);
}

TEST(Shapes, AreThoseOfTheWholeWord) {
  const std::string_view text = "ab Parisian NATOs";
  std::vector<Token> tokens;
  testing::FakeTokenizer().encode(text, 100, tokens);
  EXPECT_THAT(shapes_of(text, tokens), ElementsAre(0, 1, 1, 1, 3, 3));
}

}  // namespace
}  // namespace gatehouse::ml
