#include "gatehouse/guard/pii/shapes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/guard/pii/characters.h"

namespace gatehouse::guard::pii {
namespace {

using ::testing::HasSubstr;

Result<ShapeTable> table_of(std::string_view shapes, float least = 0) {
  const Kind kind{.entity = "X", .shapes = shapes, .score = 0.1F, .score_near = 0.6F};
  return ShapeTable::make({&kind, 1}, least);
}

// The shapes at the end of a run of groups.
std::size_t shapes_at(const ShapeTable& table, std::initializer_list<std::size_t> groups) {
  ShapeTable::Node node = ShapeTable::kRoot;
  for (const std::size_t group : groups) {
    node = table.child(node, group);
    if (node == ShapeTable::kNone) return 0;
  }
  return table.shapes(node).size();
}

TEST(Shapes, SeparatorsMayStandOrNot) {
  const auto table = table_of("###-##-####");
  ASSERT_TRUE(table);
  EXPECT_EQ(shapes_at(*table, {9}), 1U);
  EXPECT_EQ(shapes_at(*table, {3, 6}), 1U);
  EXPECT_EQ(shapes_at(*table, {5, 4}), 1U);
  EXPECT_EQ(shapes_at(*table, {3, 2, 4}), 1U);
  EXPECT_EQ(shapes_at(*table, {3, 2}), 0U);
  EXPECT_EQ(shapes_at(*table, {4, 5}), 0U);
}

TEST(Shapes, AllSeparatorsOrNone) {
  const auto table = table_of("@@##~****~*{1,2}");
  ASSERT_TRUE(table);
  EXPECT_EQ(shapes_at(*table, {9}), 1U);
  EXPECT_EQ(shapes_at(*table, {10}), 1U);
  EXPECT_EQ(shapes_at(*table, {4, 4, 1}), 1U);
  EXPECT_EQ(shapes_at(*table, {4, 5}), 0U);
}

TEST(Shapes, SeparatorsThatMustStand) {
  const auto table = table_of("###_##");
  ASSERT_TRUE(table);
  EXPECT_EQ(shapes_at(*table, {3, 2}), 1U);
  EXPECT_EQ(shapes_at(*table, {5}), 0U);
}

TEST(Shapes, ClassesAndCharacters) {
  const auto table = table_of("de#@*");
  ASSERT_TRUE(table);
  const ShapeTable::Node node = table->child(ShapeTable::kRoot, 5);
  ASSERT_NE(node, ShapeTable::kNone);
  const ShapeTable::Shape& shape = table->shapes(node).front();
  EXPECT_EQ(shape.digits, 0b00100U);
  EXPECT_EQ(shape.letters, 0b01011U);
  EXPECT_EQ(shape.fixed, 0b00011U);
  EXPECT_EQ(shape.characters, "DE");
  EXPECT_EQ(shape.separators, kSpace | kDash);
}

TEST(Shapes, TellsEarlyThatNothingFits) {
  const auto table = table_of("@###-##-####|@@##-##-###");
  ASSERT_TRUE(table);
  const ShapeTable::Node node = table->child(table->child(ShapeTable::kRoot, 4), 2);
  EXPECT_TRUE(table->may_fit(node, 0b111110, 6));
  EXPECT_TRUE(table->may_fit(node, 0b111100, 6));
  EXPECT_FALSE(table->may_fit(node, 0b111111, 6)) << "no letter in front";
  EXPECT_FALSE(table->may_fit(node, 0b011110, 6)) << "a letter behind";
}

TEST(Shapes, LettersInFront) {
  const auto table = table_of("@@-##-@|@-@@@-##");
  ASSERT_TRUE(table);
  EXPECT_TRUE(table->may_lead(1));
  EXPECT_TRUE(table->may_lead(2));
  EXPECT_TRUE(table->may_lead(3));
  EXPECT_FALSE(table->may_lead(5));
  EXPECT_TRUE(table->may_lead_twice());
}

TEST(Shapes, WhatCannotReachTheThresholdIsLeftOut) {
  EXPECT_EQ(shapes_at(*table_of("###", 0.6F), {3}), 1U);
  EXPECT_EQ(shapes_at(*table_of("###", 0.7F), {3}), 0U);
}

TEST(Shapes, SaysWhatIsWrong) {
  for (const std::string_view wrong :
       {"@@@", "##!", "{2}", "#{3,2}", "#{x}", "#{41}", "-", "@-@-@-##", "#-#-#-#-#-#-#-#-#-#-#-#-#-#-#-#"}) {
    const auto table = table_of(wrong);
    ASSERT_FALSE(table) << wrong;
    EXPECT_EQ(table.error().code, Code::configuration);
    EXPECT_THAT(table.error().detail, HasSubstr(wrong));
  }
}

// Adding a row must not make the tree explode: it is made once for each configuration.
TEST(Shapes, AllKindsFitTogether) {
  const auto table = ShapeTable::make(all_kinds(), 0);
  ASSERT_TRUE(table) << table.error().detail;
  EXPECT_LT(table->node_count(), 6000U);
  EXPECT_LT(table->shape_count(), 12'000U);
}

}  // namespace
}  // namespace gatehouse::guard::pii
