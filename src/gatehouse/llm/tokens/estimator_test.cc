#include "gatehouse/llm/tokens/estimator.h"

#include <cmath>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace gatehouse::llm {
namespace {

TEST(Estimator, begins_with_the_guess_of_the_family) {
  const Estimator estimator;
  EXPECT_EQ(estimator.calibration("claude-sonnet-4-5").factor, tokens_of_model("claude-sonnet-4-5").factor);
  EXPECT_EQ(estimator.calibration("gpt-4o").factor, 1.0);
  EXPECT_EQ(estimator.calibration("gpt-4o").samples, 0U);
  EXPECT_EQ(estimator.estimate("gpt-4o", 123), 123U);
  EXPECT_TRUE(estimator.models().empty());
}

TEST(Estimator, learns_the_ratio_and_its_error) {
  Estimator estimator;
  for (int i = 0; i < 300; ++i) {
    const auto counted = static_cast<std::uint64_t>(500 + 37 * (i % 40));
    const double noise = i % 2 == 0 ? 1.05 : 0.95;
    const auto reported = static_cast<std::uint64_t>(static_cast<double>(counted) * 1.35 * noise);
    ASSERT_TRUE(estimator.learn("claude-x", counted, reported));
  }
  const Calibration learned = estimator.calibration("claude-x");
  EXPECT_NEAR(learned.factor, 1.35, 0.02);
  EXPECT_NEAR(learned.error, 0.05, 0.01);
  EXPECT_EQ(learned.samples, 300U);
  EXPECT_NEAR(static_cast<double>(estimator.estimate("claude-x", 1000)), 1350, 20);
  ASSERT_EQ(estimator.models().size(), 1U);
  EXPECT_EQ(estimator.models()[0].model, "claude-x");
}

TEST(Estimator, one_absurd_sample_does_little) {
  Estimator estimator;
  for (int i = 0; i < 100; ++i) estimator.learn("m", 1000, 1100);
  const double before = estimator.calibration("m").factor;
  estimator.learn("m", 1000, 1000000000);
  EXPECT_LT(estimator.calibration("m").factor, before * 1.03);
  estimator.learn("m", 1000000000, 1);
  EXPECT_GT(estimator.calibration("m").factor, before * 0.97);
  for (int i = 0; i < 100000; ++i) estimator.learn("m", 1, 1000000);
  EXPECT_LE(estimator.calibration("m").factor, 10.0);
}

TEST(Estimator, what_is_no_sample_is_not_taken) {
  Estimator estimator;
  EXPECT_FALSE(estimator.learn("m", 0, 5));
  EXPECT_FALSE(estimator.learn("m", 5, 0));
  EXPECT_FALSE(estimator.learn("", 5, 5));
  EXPECT_FALSE(estimator.learn(std::string(Estimator::kMaxNameSize + 1, 'm'), 5, 5));
  EXPECT_TRUE(estimator.models().empty());
}

TEST(Estimator, holds_a_bounded_number_of_models) {
  Estimator estimator;
  for (std::size_t i = 0; i < Estimator::kMaxModels; ++i) EXPECT_TRUE(estimator.learn("m" + std::to_string(i), 10, 10));
  EXPECT_FALSE(estimator.learn("one more", 10, 10));
  EXPECT_TRUE(estimator.learn("m7", 10, 10));
  EXPECT_EQ(estimator.models().size(), Estimator::kMaxModels);
  EXPECT_EQ(estimator.refused(), 1U);
  EXPECT_EQ(estimator.calibration("one more").samples, 0U);
}

TEST(Estimator, many_threads_learn_at_once) {
  Estimator estimator;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&estimator, t] {
      for (int i = 0; i < 2000; ++i) {
        estimator.learn("model-" + std::to_string((i + t) % 50), 1000, 1200);
        const Calibration learned = estimator.calibration("model-" + std::to_string(i % 50));
        ASSERT_GE(learned.factor, 1.0);
        ASSERT_LE(learned.factor, 1.3);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  std::uint64_t samples = 0;
  for (const CalibratedModel& model : estimator.models()) samples += model.calibration.samples;
  EXPECT_EQ(estimator.models().size(), 50U);
  EXPECT_EQ(samples, 8000U);
}

}  // namespace
}  // namespace gatehouse::llm
