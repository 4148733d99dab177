#include "gatehouse/guard/conversation/identity.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "gatehouse/guard/conversation/conversation_testing.h"

namespace gatehouse::guard {
namespace {

using llm::Role;
using llm::SegmentKind;

const ConversationCaller kCaller{.tenant = "team:a", .caller = "key", .end_user = ""};

MessageChain chain(ConversationNamer& namer, const std::vector<testing::Said>& said,
                   const ConversationCaller& caller = kCaller) {
  const auto list = testing::segments_of(said);
  MessageChain out;
  namer.chain(caller, list, out);
  return out;
}

TEST(Identity, AHistoryBeginsWithTheOneBefore) {
  ConversationNamer namer("key");
  const auto one = chain(namer, {{Role::system, "Be kind."}, {Role::user, "Hello"}});
  const auto two = chain(
      namer,
      {{Role::system, "It is nine o'clock."}, {Role::user, "Hello"}, {Role::assistant, "Hi"}, {Role::user, "More"}});
  ASSERT_EQ(one.links.size(), 1U);
  ASSERT_EQ(two.links.size(), 3U);
  EXPECT_EQ(one.links[0].name, two.links[0].name);
  EXPECT_EQ(one.first, two.first);
  EXPECT_EQ(two.links[2].users, 2U);
  EXPECT_EQ(two.links[2].message, 3U);
  EXPECT_NE(two.links[1].name, two.links[2].name);
}

TEST(Identity, EverythingThatIsSaidCounts) {
  ConversationNamer namer("key");
  std::set<ConversationName> names;
  const auto add = [&](const std::vector<testing::Said>& said, const ConversationCaller& caller = kCaller) {
    EXPECT_TRUE(names.insert(chain(namer, said, caller).links.back().name).second);
  };
  add({{Role::user, "ab"}, {Role::user, "c"}});
  add({{Role::user, "a"}, {Role::user, "bc"}});
  add({{Role::user, "abc"}});
  add({{Role::tool, "abc"}});
  add({{Role::assistant, "abc"}});
  add({{Role::user, "abc", SegmentKind::document}});
  add({{Role::user, "abc"}}, {.tenant = "team:b", .caller = "key", .end_user = ""});
  add({{Role::user, "abc"}}, {.tenant = "team:a", .caller = "other", .end_user = ""});
  add({{Role::user, "abc"}}, {.tenant = "team:a", .caller = "key", .end_user = "someone"});
  add({{Role::user, "abc"}}, {.tenant = "team:ak", .caller = "ey", .end_user = ""});
  ConversationNamer other("another key");
  EXPECT_TRUE(names.insert(chain(other, {{Role::user, "abc"}}).links.back().name).second);
}

TEST(Identity, NamesOfDifferentKindsDiffer) {
  ConversationNamer namer("key");
  const std::set<ConversationName> names = {
      namer.by_header(kCaller, "x"), namer.by_answer(kCaller, "x"), namer.by_object(kCaller, "x"),
      namer.by_header({.tenant = "team:b", .caller = "key", .end_user = ""}, "x"),
      namer.by_header({.tenant = "team:a", .caller = "key", .end_user = "x"}, "x")};
  EXPECT_EQ(names.size(), 5U);
  EXPECT_EQ(namer.by_header(kCaller, "x"), namer.by_header(kCaller, "x"));
  EXPECT_EQ(text_of(ConversationName{}), "conv_00000000000000000000000000000000");
}

TEST(Identity, LongHistoriesKeepTheirEnd) {
  ConversationNamer namer("key");
  std::vector<testing::Said> said;
  for (int i = 0; i < 2000; ++i) said.push_back({i % 2 == 0 ? Role::user : Role::assistant, std::to_string(i)});
  const auto all = chain(namer, said);
  EXPECT_EQ(all.links.size(), MessageChain::kMost);
  EXPECT_EQ(all.links.back().message, 1999U);
  EXPECT_EQ(all.links.front().message, 1999U - MessageChain::kMost + 1);
  said.pop_back();
  EXPECT_EQ(chain(namer, said).links.back().name, all.links[MessageChain::kMost - 2].name);
  EXPECT_EQ(chain(namer, said).first, all.first);
}

TEST(Identity, NothingSaid) {
  ConversationNamer namer("key");
  EXPECT_FALSE(chain(namer, {}).any);
  EXPECT_FALSE(chain(namer, {{Role::system, "x"}, {Role::none, "y"}}).any);
}

TEST(Identity, HeaderOfVisibleCharacters) {
  EXPECT_TRUE(is_conversation_header("a-1_:/"));
  EXPECT_TRUE(is_conversation_header(std::string(128, 'x')));
  EXPECT_FALSE(is_conversation_header(std::string(129, 'x')));
  EXPECT_FALSE(is_conversation_header(""));
  EXPECT_FALSE(is_conversation_header("a b"));
  EXPECT_FALSE(is_conversation_header("a\xc3\xa4"));
  EXPECT_FALSE(is_conversation_header(std::string_view("a\0b", 3)));
}

}  // namespace
}  // namespace gatehouse::guard
