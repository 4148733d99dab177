#include "gatehouse/json/unique.h"

#include <string>

#include <gtest/gtest.h>

namespace gatehouse::json {
namespace {

TEST(Unique, TakesWhatHasEachMemberOnce) {
  for (const auto* text : {R"({})", R"([])", R"(1)", R"( {"a":1,"b":{"a":2}} )", R"([{"a":1},{"a":1}])"}) {
    EXPECT_TRUE(require_unique_members(text)) << text;
  }
}

TEST(Unique, FindsAMemberTwiceAtAnyDepthAndInAnySpelling) {
  for (const auto* text : {R"({"a":1,"a":1})", R"({"x":[{"a":{"b":1,"c":2,"b":3}}]})", R"({"a":1,"\u0061":2})"}) {
    const auto result = require_unique_members(text);
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().detail, "JSON with a member twice");
  }
}

TEST(Unique, RefusesWhatIsNotJson) {
  for (const auto* text : {"", "{", "{}x", "{\"a\":\xff}"}) EXPECT_FALSE(require_unique_members(text)) << text;
}

TEST(Unique, HasBounds) {
  const std::string deep = std::string(16, '[') + std::string(16, ']');
  EXPECT_TRUE(require_unique_members(deep));
  EXPECT_FALSE(require_unique_members("[" + deep + "]"));
  EXPECT_TRUE(require_unique_members(R"({"a":{"b":1}})", {.depth = 2, .members = 2}));
  EXPECT_FALSE(require_unique_members(R"({"a":{"b":1}})", {.depth = 2, .members = 1}));
}

}  // namespace
}  // namespace gatehouse::json
