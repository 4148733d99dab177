#include "gatehouse/ml/service/window_queue.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/ml/service/testing/fake_models.h"

namespace gatehouse::ml {
namespace {

using Queue = WindowQueue<std::string>;

TEST(WindowQueue, ClassesWasteAtMostAQuarter) {
  for (std::size_t tokens = 1; tokens <= 8192; ++tokens) {
    const std::size_t most = Queue::length_class(tokens);
    ASSERT_GE(most, tokens);
    if (tokens > 16) {
      ASSERT_LE(most * 4, tokens * 5) << tokens;
    }
  }
}

TEST(WindowQueue, ABatchIsOfOneModelOneQuestionAndLikeLength) {
  const testing::FakeModel one;
  const testing::FakeModel two;
  Queue queue;
  std::vector<std::string> batch;
  queue.add(&one, 1, 100, 5, "a");
  queue.add(&two, 1, 100, 1, "b");
  queue.add(&one, 2, 100, 2, "c");
  queue.add(&one, 1, 20, 3, "d");
  queue.add(&one, 1, 98, 4, "e");
  std::vector<std::vector<std::string>> batches;
  while (!queue.empty()) {
    queue.take(8, 10'000, 0, batch);
    batches.push_back(batch);
  }
  EXPECT_EQ(batches, (std::vector<std::vector<std::string>>{{"b"}, {"c"}, {"d"}, {"e", "a"}}));
}

TEST(WindowQueue, IsBoundedByCountTokensAndWhoCouldHelp) {
  const testing::FakeModel model;
  Queue queue;
  for (int i = 0; i < 20; ++i) queue.add(&model, 1, 100, 0, std::to_string(i));
  std::vector<std::string> batch;
  queue.take(8, 10'000, 0, batch);
  EXPECT_EQ(batch.size(), 8U);
  queue.take(8, 300, 0, batch);
  EXPECT_EQ(batch.size(), 2U) << "padding counts";
  queue.take(8, 10, 0, batch);
  EXPECT_EQ(batch.size(), 1U);
  EXPECT_EQ(queue.size(), 9U);
  queue.take(8, 10'000, 2, batch);
  EXPECT_EQ(batch.size(), 3U) << "two others are idle";
  queue.take(8, 10'000, 100, batch);
  EXPECT_EQ(batch.size(), 1U);
}

TEST(WindowQueue, WhatIsRemovedIsNotTaken) {
  const testing::FakeModel model;
  Queue queue;
  const auto gone = queue.add(&model, 1, 10, 0, "gone");
  queue.add(&model, 1, 10, 1, "stays");
  queue.remove(gone);
  queue.remove(gone);
  EXPECT_EQ(queue.size(), 1U);
  std::vector<std::string> batch;
  queue.take(8, 10'000, 0, batch);
  EXPECT_EQ(batch, std::vector<std::string>{"stays"});
  EXPECT_TRUE(queue.empty());
  queue.take(8, 10'000, 0, batch);
  EXPECT_TRUE(batch.empty());
}

// One long text and a never ending stream of short ones, more than can be read: both go on.
TEST(WindowQueue, NeitherALongTextNorManyShortOnesStarve) {
  const testing::FakeModel model;
  Queue queue;
  std::uint64_t tag = 0;
  for (int i = 0; i < 100; ++i) {
    queue.add(&model, 1, 256, tag, "long");
    tag += Queue::kPatience * 256;
  }
  std::vector<std::string> batch;
  int longs = 0;
  int shorts = 0;
  int waited = 0;
  int longest_wait = 0;
  for (int round = 0; round < 400; ++round) {
    for (int i = 0; i < 3; ++i) queue.add(&model, 1, 256, queue.now(), "short");
    queue.take(2, 10'000, 0, batch);
    const auto of_long = std::ranges::count(batch, "long");
    longs += static_cast<int>(of_long);
    shorts += static_cast<int>(batch.size()) - static_cast<int>(of_long);
    waited = of_long > 0 ? 0 : waited + 1;
    longest_wait = std::max(longest_wait, waited);
  }
  EXPECT_GE(longs, 30);
  EXPECT_GE(shorts, 700);
  EXPECT_LE(longest_wait, 20);
}

}  // namespace
}  // namespace gatehouse::ml
