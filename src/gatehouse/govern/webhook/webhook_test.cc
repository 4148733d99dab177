#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/govern/webhook/event.h"
#include "gatehouse/govern/webhook/outbox.h"

namespace gatehouse::govern::webhook {
namespace {

using std::chrono::seconds;

const base::WallTime kTime{std::chrono::milliseconds(1'767'571'200'250)};  // 2026-01-05T00:00:00.250Z

TEST(WebhookEvent, IsJsonWithItsUnits) {
  EXPECT_EQ(to_json(LimitEvent{.hard = true,
                               .limit = "monthly",
                               .node_kind = "team",
                               .node = "sup\"port",
                               .resource = Resource::usd,
                               .period = Period::month,
                               .used = 1'500'000'000,
                               .amount = 2'000'000'000},
                    "evt_1", kTime),
            R"({"id":"evt_1","type":"limit.hard","time":"2026-01-05T00:00:00.250Z","data":{"limit":"monthly",)"
            R"("node_kind":"team","node":"sup\"port","resource":"usd","window":"month","used":1.5,"amount":2}})");
  LimitEvent tokens;
  tokens.resource = Resource::total_tokens;
  tokens.used = 7;
  tokens.amount = 10;
  const std::string soft = to_json(tokens, "e", kTime);
  EXPECT_NE(soft.find(R"("type":"limit.soft")"), std::string::npos);
  EXPECT_NE(soft.find(R"("used":7,"amount":10)"), std::string::npos);
  anomaly::Alert alert{.principal = "ci",
                       .signal = anomaly::Signal::spend,
                       .observed = 2e9,
                       .expected = 1e8,
                       .score = 5,
                       .since = kTime};
  EXPECT_EQ(to_json(alert, "e", kTime),
            R"({"id":"e","type":"anomaly.raised","time":"2026-01-05T00:00:00.250Z","data":{"principal":"ci",)"
            R"("signal":"spend","observed_per_minute":2,"expected_per_minute":0.1,"score":5,)"
            R"("since":"2026-01-05T00:00:00.250Z","throttled":false}})");
  alert.over = true;
  EXPECT_NE(to_json(alert, "e", kTime).find("anomaly.cleared"), std::string::npos);
  EXPECT_EQ(
      to_json(KeyEvent{.type = EventType::key_revoked, .key_id = "k1", .key_name = "ci", .team = "t", .actor = "ann"},
              "e", kTime),
      R"({"id":"e","type":"key.revoked","time":"2026-01-05T00:00:00.250Z","data":{"key_id":"k1","key_name":"ci",)"
      R"("team":"t","actor":"ann"}})");
}

TEST(WebhookEvent, IsSigned) {
  // printf '1767571200.{"a":1}' | openssl dgst -sha256 -hmac whsec
  EXPECT_EQ(sign(base::Secret("whsec"), R"({"a":1})", kTime),
            "t=1767571200,v1=4ba6363af1454017afc1213cba6a9e1c4b92efd8ad974775cdcedc3c3676cff6");
  EXPECT_NE(sign(base::Secret("whsec"), R"({"a":1})", kTime), sign(base::Secret("other"), R"({"a":1})", kTime));
}

class OutboxTest : public ::testing::Test {
 protected:
  // The body of what may be sent now, or "".
  std::string next() {
    message_ = outbox_.next(now_);
    return message_ ? message_->body : "";
  }
  void done(int status) { outbox_.done(message_->ticket, status, now_, random_); }

  base::SteadyTime now_{std::chrono::hours(1)};
  base::Random random_{1};
  Outbox outbox_{{.events = 3, .bytes = 100, .tries = 3}};
  std::optional<Outbox::Message> message_;
};

TEST_F(OutboxTest, SendsInOrderOneAtATime) {
  EXPECT_EQ(next(), "");
  EXPECT_TRUE(outbox_.push("a"));
  EXPECT_TRUE(outbox_.push("b"));
  EXPECT_EQ(next(), "a");
  const auto first = message_;
  EXPECT_EQ(next(), "");
  message_ = first;
  done(204);
  done(204);  // known already
  EXPECT_EQ(next(), "b");
  done(200);
  EXPECT_EQ(next(), "");
  EXPECT_EQ(outbox_.counts().sent, 2U);
}

TEST_F(OutboxTest, TriesAgainWithPausesAndGivesUp) {
  outbox_.push("a");
  outbox_.push("b");
  EXPECT_EQ(next(), "a");
  done(503);
  EXPECT_EQ(next(), "");
  now_ += std::chrono::milliseconds(999);
  EXPECT_EQ(next(), "");
  now_ += std::chrono::milliseconds(501);
  EXPECT_EQ(next(), "a");
  EXPECT_EQ(message_->attempt, 2U);
  done(0);
  now_ += std::chrono::milliseconds(1999);
  EXPECT_EQ(next(), "");
  now_ += seconds(1);
  EXPECT_EQ(next(), "a");
  done(429);
  EXPECT_EQ(outbox_.counts().dropped_tried, 1U);
  EXPECT_EQ(next(), "b");
  EXPECT_EQ(message_->attempt, 1U);
  EXPECT_EQ(outbox_.counts().failed_tries, 3U);
}

TEST_F(OutboxTest, DoesNotRepeatWhatIsRefusedForGood) {
  for (const int status : {400, 404, 410, 302}) {
    outbox_.push("a");
    EXPECT_EQ(next(), "a") << status;
    done(status);
    EXPECT_EQ(next(), "") << status;
  }
  EXPECT_EQ(outbox_.counts().dropped_tried, 4U);
}

TEST_F(OutboxTest, IsBoundedAndCountsWhatIsDropped) {
  EXPECT_FALSE(outbox_.push(std::string(101, 'x')));
  for (int i = 0; i < 5; ++i) outbox_.push(std::to_string(i));
  EXPECT_EQ(outbox_.counts().waiting, 3U);
  EXPECT_EQ(outbox_.counts().dropped_full, 3U);
  EXPECT_EQ(next(), "0");
}

TEST_F(OutboxTest, AnyThreadMayPush) {
  Outbox outbox({.events = 100'000, .bytes = 10'000'000});
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&outbox] {
      for (int i = 0; i < 1000; ++i) outbox.push("event");
    });
  }
  std::uint64_t sent = 0;
  while (sent < 1000) {
    if (const auto message = outbox.next(now_)) {
      outbox.done(message->ticket, 200, now_, random_);
      ++sent;
    }
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(outbox.counts().waiting + sent, 4000U);
}

}  // namespace
}  // namespace gatehouse::govern::webhook
