#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/base/buffer.h"
#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/base/find.h"
#include "gatehouse/base/function_ref.h"
#include "gatehouse/base/ids.h"
#include "gatehouse/base/intrusive_list.h"
#include "gatehouse/base/secret.h"
#include "gatehouse/base/strings.h"

namespace gatehouse::base {
namespace {

TEST(Error, EveryCodeHasItsOwnSlug) {
  std::set<std::string_view> slugs;
  for (std::size_t i = 0; i < kCodeCount; ++i) slugs.insert(code_info(static_cast<Code>(i)).slug);
  EXPECT_EQ(slugs.size(), kCodeCount);
  EXPECT_EQ(Error(Code::unknown_model).http_status(), 404);
  EXPECT_EQ(Error(Code::too_large).http_status(), 413);
  EXPECT_EQ(Error(Code::upstream_timeout, "no first byte").to_string(), "upstream_timeout: no first byte");
}

TEST(Ids, SortByTimeAndDoNotRepeat) {
  Random random(7);
  ManualClock clock;
  std::set<std::string> seen;
  std::string last;
  for (int i = 0; i < 1000; ++i) {
    const auto id = new_request_id(clock.wall(), random);
    EXPECT_GT(std::string(view(id)), last.substr(0, 14));
    last = std::string(view(id));
    EXPECT_TRUE(seen.insert(last).second);
    clock.advance(std::chrono::milliseconds(1));
  }
  EXPECT_EQ(last.substr(0, 4), "req_");
}

TEST(Random, BelowStaysBelowAndReachesAll) {
  Random random(1);
  std::vector<int> hits(5);
  for (int i = 0; i < 5000; ++i) ++hits.at(random.below(5));
  for (int hit : hits) EXPECT_GT(hit, 800);
}

TEST(Buffer, KeepsOrderAcrossGrowthAndConsume) {
  Buffer buffer;
  std::string expected;
  std::string got;
  for (int i = 0; i < 500; ++i) {
    const std::string piece(static_cast<std::size_t>(i % 37), static_cast<char>('a' + i % 26));
    buffer.append(piece);
    expected += piece;
    const std::size_t take = std::min<std::size_t>(buffer.size(), static_cast<std::size_t>(i % 23));
    got += buffer.view().substr(0, take);
    buffer.consume(take);
  }
  got += buffer.view();
  EXPECT_EQ(got, expected);
  buffer.clear();
  buffer.release();
  EXPECT_EQ(buffer.capacity(), 0U);
}

TEST(Strings, Numbers) {
  EXPECT_EQ(parse_u64("18446744073709551615"), 18446744073709551615U);
  for (const char* bad : {"", "-1", "+1", " 1", "1 ", "18446744073709551616", "0x1"})
    EXPECT_FALSE(parse_u64(bad)) << bad;
  EXPECT_EQ(trim(" \t a b\t"), "a b");
  EXPECT_TRUE(equals_ignore_case("Content-Length", "content-lengtH"));
  EXPECT_FALSE(equals_ignore_case("a", "ab"));
  EXPECT_EQ(edit_distance("tragets", "targets"), 2U);
}

TEST(Secret, IsGoneAfterTheMove) {
  Secret a("a-very-long-secret-that-lives-on-the-heap");
  Secret b(std::move(a));
  EXPECT_TRUE(a.empty());  // NOLINT(bugprone-use-after-move): that it is empty is the promise
  EXPECT_EQ(b.reveal(), "a-very-long-secret-that-lives-on-the-heap");
}

struct Item : ListNode {
  int value = 0;
};

TEST(IntrusiveList, ItemsLeaveWhenTheyDie) {
  IntrusiveList<Item> list;
  Item a;
  a.value = 1;
  {
    Item b;
    list.push_back(a);
    list.push_front(b);
    EXPECT_EQ(&list.front(), &b);
  }
  EXPECT_EQ(list.front().value, 1);
  a.unlink();
  EXPECT_TRUE(list.empty());
}

TEST(FunctionRef, Calls) {
  int sum = 0;
  auto add = [&sum](int x) { sum += x; };
  FunctionRef<void(int)> f(add);
  f(2);
  f(3);
  EXPECT_EQ(sum, 5);
}

TEST(Find, HoldsWhatMemmemFinds) {
  EXPECT_TRUE(holds("abc\"type\"x", "\"type\"", 2));
  EXPECT_TRUE(holds("\"type\"", "\"type\"", 2));
  EXPECT_FALSE(holds("\"type", "\"type\"", 2));
  EXPECT_FALSE(holds("type\"", "\"type\"", 2));
  EXPECT_FALSE(holds("", "a", 0));
  EXPECT_FALSE(holds("yyyyyyyy\"tyyype\"", "\"type\"", 2));
  // Every text of three letters in every one of seven, by each of its letters.
  for (unsigned in = 0; in < 2187; ++in) {
    std::string body;
    for (unsigned rest = in, i = 0; i < 7; ++i, rest /= 3) body += static_cast<char>('a' + rest % 3);
    for (const std::string_view text : {"aab", "aba", "bcb", "cab", "aaa"}) {
      for (std::size_t seldom = 0; seldom < 3; ++seldom) {
        ASSERT_EQ(holds(body, text, seldom), body.find(text) != std::string::npos) << body << " " << text;
      }
    }
  }
}

}  // namespace
}  // namespace gatehouse::base
