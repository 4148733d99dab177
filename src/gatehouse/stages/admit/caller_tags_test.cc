#include "gatehouse/stages/admit/caller_tags.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::stages {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(CallerTags, Pairs) {
  CallerTags tags;
  ASSERT_TRUE(tags.parse("team=search, feature=chat-2 ,,"));
  EXPECT_THAT(tags.all(), ElementsAre("team=search", "feature=chat-2"));
  ASSERT_TRUE(tags.parse(""));
  EXPECT_THAT(tags.all(), IsEmpty());
}

TEST(CallerTags, WhatIsNoPairIsRefused) {
  CallerTags tags;
  for (const auto* wrong : {"a", "=b", "a=", "a b=c", "a=b=c", "a=b c", "a=\x7f", "\xc3\xa4=b", "a=b\tc"}) {
    const auto parsed = tags.parse(wrong);
    ASSERT_FALSE(parsed) << wrong;
    EXPECT_EQ(parsed.error().code, Code::invalid_request);
  }
}

TEST(CallerTags, Bounds) {
  CallerTags tags;
  EXPECT_TRUE(tags.parse("a=" + std::string(CallerTags::kMaxSize - 2, 'x')));
  EXPECT_FALSE(tags.parse("a=" + std::string(CallerTags::kMaxSize - 1, 'x')));
  std::string many;
  for (std::size_t i = 0; i < CallerTags::kMost; ++i) many += "k=" + std::to_string(i) + ",";
  EXPECT_TRUE(tags.parse(many));
  EXPECT_FALSE(tags.parse(many + "k=v"));
}

}  // namespace
}  // namespace gatehouse::stages
