#include "gatehouse/govern/name_rules.h"

#include <gtest/gtest.h>

#include "gatehouse/govern/principal.h"

namespace gatehouse::govern {
namespace {

TEST(NameRules, UnsetAdmitsAllAndEmptyAdmitsNone) {
  EXPECT_TRUE(NameRules().admits("gpt-5"));
  EXPECT_TRUE(NameRules().admits(""));
  const auto none = NameRules::parse({});
  ASSERT_TRUE(none);
  EXPECT_FALSE(none->admits("gpt-5"));
  EXPECT_FALSE(none->admits(""));
  EXPECT_FALSE(none->admits_all());
}

TEST(NameRules, NamesAndPrefixes) {
  const auto rules = NameRules::parse({"default", "gpt-5*", "claude-haiku-4-5", "a"});
  ASSERT_TRUE(rules);
  for (const char* name : {"default", "gpt-5", "gpt-5.6-mini", "claude-haiku-4-5", "a"}) {
    EXPECT_TRUE(rules->admits(name)) << name;
  }
  for (const char* name :
       {"", "defaul", "default2", "Default", "gpt-4", "gpt-", "xgpt-5", "claude-haiku-4", "b", "*"}) {
    EXPECT_FALSE(rules->admits(name)) << name;
  }
  EXPECT_TRUE(NameRules::parse({"x", "*"})->admits("anything"));
}

TEST(NameRules, RefusesWhatItWouldMisread) {
  for (const char* pattern : {"", "*-mini", "gpt*mini", "**", "gpt-*5*"}) {
    const auto rules = NameRules::parse({"good", pattern});
    ASSERT_FALSE(rules) << pattern;
    EXPECT_EQ(rules.error().code, Code::configuration);
  }
  EXPECT_NE(NameRules::parse({"gpt*mini"}).error().detail.find("gpt*mini"), std::string::npos);
}

TEST(Principal, AsksItsRules) {
  Principal principal;
  principal.models = *NameRules::parse({"default"});
  EXPECT_TRUE(principal.may_use_model("default"));
  EXPECT_FALSE(principal.may_use_model("chat"));
  EXPECT_TRUE(principal.may_use_operation("chat"));
  principal.operations = *NameRules::parse({"embeddings"});
  EXPECT_FALSE(principal.may_use_operation("chat"));
}

}  // namespace
}  // namespace gatehouse::govern
