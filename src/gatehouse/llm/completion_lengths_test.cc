#include "gatehouse/llm/completion_lengths.h"

#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace gatehouse::llm {
namespace {

TEST(CompletionLengths, SilentUntilEnoughWereSeen) {
  CompletionLengths lengths;
  for (std::uint32_t i = 1; i < CompletionLengths::kEnough; ++i) lengths.learn("m", 100);
  EXPECT_FALSE(lengths.usual_most("m"));
  lengths.learn("m", 100);
  EXPECT_EQ(lengths.usual_most("m"), 128);
  EXPECT_FALSE(lengths.usual_most("other"));
}

TEST(CompletionLengths, ARareLongOneCountsOnlyWhenItIsNotSoRare) {
  CompletionLengths lengths;
  for (int i = 0; i < 1000; ++i) lengths.learn("m", 100);
  for (int i = 0; i < 5; ++i) lengths.learn("m", 10'000);
  EXPECT_EQ(lengths.usual_most("m"), 128);
  for (int i = 0; i < 5; ++i) lengths.learn("m", 10'000);
  EXPECT_EQ(lengths.usual_most("m"), 16'384);
}

TEST(CompletionLengths, RecentOnesWeighMore) {
  CompletionLengths lengths;
  for (int i = 0; i < 10'000; ++i) lengths.learn("m", 50'000);
  for (int i = 0; i < 100'000; ++i) lengths.learn("m", 10);
  EXPECT_EQ(lengths.usual_most("m"), 16);
}

TEST(CompletionLengths, BoundedInModelsAndNames) {
  CompletionLengths lengths;
  for (std::size_t i = 0; i < CompletionLengths::kMaxModels + 10; ++i) {
    for (std::uint32_t n = 0; n < CompletionLengths::kEnough; ++n) lengths.learn("m" + std::to_string(i), 1);
  }
  EXPECT_TRUE(lengths.usual_most("m0"));
  EXPECT_FALSE(lengths.usual_most("m" + std::to_string(CompletionLengths::kMaxModels + 5)));
  lengths.learn(std::string(300, 'x'), 1);
  EXPECT_FALSE(lengths.usual_most(std::string(300, 'x')));
}

TEST(CompletionLengths, ManyThreadsMeetOneModel) {
  CompletionLengths lengths;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&lengths] {
      for (int i = 0; i < 5000; ++i) lengths.learn("m" + std::to_string(i % 7), 1000);
    });
  }
  for (auto& thread : threads) thread.join();
  for (int i = 0; i < 7; ++i) EXPECT_EQ(lengths.usual_most("m" + std::to_string(i)), 1024);
}

}  // namespace
}  // namespace gatehouse::llm
