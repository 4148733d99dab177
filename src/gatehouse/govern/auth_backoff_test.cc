#include "gatehouse/govern/auth_backoff.h"

#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace gatehouse::govern {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

base::Address address(const std::string& text) { return *base::Address::parse(text); }

class AuthBackoffTest : public ::testing::Test {
 protected:
  // How long a failure now is refused; zero: answered as usual.
  base::Duration fail(const base::Address& client) {
    const auto until = backoff_.failed(client, now_);
    return until ? *until - now_ : base::Duration::zero();
  }
  base::SteadyTime now_{hours(7)};
  AuthBackoff backoff_{{}, 1024, 42, now_};
  base::Address client_ = address("192.0.2.1");
};

TEST_F(AuthBackoffTest, ForgivesTypingErrorsAndThenDoubles) {
  for (int i = 0; i < 10; ++i) EXPECT_EQ(fail(client_), seconds(0)) << i;
  EXPECT_EQ(fail(client_), seconds(1));
  EXPECT_EQ(fail(client_), seconds(2));
  EXPECT_EQ(fail(client_), seconds(4));
  for (int i = 0; i < 1000; ++i) fail(client_);
  EXPECT_EQ(fail(client_), seconds(300));
}

TEST_F(AuthBackoffTest, TellsWithoutCounting) {
  EXPECT_FALSE(backoff_.refused_until(client_, now_));
  for (int i = 0; i < 12; ++i) fail(client_);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(backoff_.refused_until(client_, now_), now_ + seconds(2));
  EXPECT_EQ(backoff_.refused_until(client_, now_ + milliseconds(1900)), now_ + seconds(2));
  EXPECT_FALSE(backoff_.refused_until(client_, now_ + seconds(2)));
  EXPECT_FALSE(backoff_.refused_until(address("192.0.2.2"), now_));
}

TEST_F(AuthBackoffTest, Forgets) {
  for (int i = 0; i < 1000; ++i) fail(client_);
  now_ += seconds(120);  // half of 21
  EXPECT_GT(fail(client_), seconds(0));
  now_ += seconds(120);
  EXPECT_EQ(fail(client_), seconds(0));
  now_ += hours(24);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(fail(client_), seconds(0)) << i;
  EXPECT_EQ(fail(client_), seconds(1));
}

TEST_F(AuthBackoffTest, ASlowGuesserIsLeftAndAPersistentOneIsNot) {
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(fail(client_), seconds(0));
    now_ += seconds(60);
  }
  base::Duration last{};
  for (int i = 0; i < 100; ++i) {
    last = fail(client_);
    now_ += seconds(5);
  }
  EXPECT_GT(last, seconds(60));
}

TEST_F(AuthBackoffTest, TakesIpv6ByItsNetwork) {
  for (int i = 0; i < 11; ++i) fail(address("2001:db8:1:2::" + std::to_string(i + 1)));
  EXPECT_TRUE(backoff_.refused_until(address("2001:db8:1:2:ffff::9"), now_));
  EXPECT_FALSE(backoff_.refused_until(address("2001:db8:1:3::1"), now_));
  // The address of the other family that has the same first bytes.
  for (int i = 0; i < 11; ++i) fail(address("32.1.13.184"));
  EXPECT_FALSE(backoff_.refused_until(address("2001:db8::1"), now_));
}

TEST_F(AuthBackoffTest, IsBoundedAndKeepsTheWorst) {
  for (int i = 0; i < 1000; ++i) fail(client_);
  for (unsigned i = 0; i < 100'000; ++i) {
    fail(base::Address::v4(
        {10, static_cast<std::uint8_t>(i >> 16U), static_cast<std::uint8_t>(i >> 8U), static_cast<std::uint8_t>(i)}));
  }
  EXPECT_TRUE(backoff_.refused_until(client_, now_));
}

TEST_F(AuthBackoffTest, LastsForYears) {
  for (int day = 0; day < 1000; ++day) {
    now_ += hours(24) + milliseconds(300);
    ASSERT_EQ(fail(client_), seconds(0));
  }
  for (int i = 0; i < 11; ++i) fail(client_);
  EXPECT_EQ(backoff_.refused_until(client_, now_), now_ + seconds(2));
}

TEST_F(AuthBackoffTest, ManyThreadsAtOnce) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < 5000; ++i) {
        backoff_.failed(client_, now_);
        backoff_.failed(base::Address::v4({10, 0, static_cast<std::uint8_t>(t), static_cast<std::uint8_t>(i)}), now_);
        (void)backoff_.refused_until(client_, now_);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(fail(client_), seconds(300));
}

}  // namespace
}  // namespace gatehouse::govern
