#include "gatehouse/providers/sandbox/embedding.h"

#include <cmath>

#include <gtest/gtest.h>

namespace gatehouse::providers::sandbox {
namespace {

double dot(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * b[i];
  return sum;
}

TEST(Embed, gives_unit_vectors) {
  for (const char* text : {"hello world", "x", "", "!!!", "\xE4\xBD\xA0\xE5\xA5\xBD"}) {
    for (const std::size_t dimensions : {1u, 7u, 256u}) {
      const auto vector = embed(text, dimensions);
      ASSERT_EQ(vector.size(), dimensions);
      EXPECT_NEAR(dot(vector, vector), 1, 1e-5) << text;
    }
  }
}

TEST(Embed, like_texts_are_near_and_others_are_not) {
  const auto cat = embed("The cat sleeps on the sofa", 256);
  EXPECT_NEAR(dot(cat, embed("the CAT sleeps on the sofa!", 256)), 1, 1e-6);
  EXPECT_GT(dot(cat, embed("A cat slept on the sofa", 256)), 0.4);
  EXPECT_LT(dot(cat, embed("Quarterly revenue grew by nine percent", 256)), 0.25);
}

TEST(Base64, is_little_endian_floats) {
  EXPECT_EQ(base64_of({1.0F}), "AACAPw==");
  EXPECT_EQ(base64_of({1.0F, -2.0F}), "AACAPwAAAMA=");
  EXPECT_EQ(base64_of({1.0F, -2.0F, 0.5F}), "AACAPwAAAMAAAAA/");
}

}  // namespace
}  // namespace gatehouse::providers::sandbox
