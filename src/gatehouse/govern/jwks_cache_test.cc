#include "gatehouse/govern/jwks_cache.h"

#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "gatehouse/crypto/testing/signer.h"

namespace gatehouse::govern {
namespace {

using crypto::testing::Signer;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr const char* kIssuer = "https://id.example";

std::string key_set(std::string_view kid) {
  return R"({"keys":[)" + Signer::ed25519().jwk(R"(,"kid":")" + std::string(kid) + "\"") + "]}";
}

class JwksCacheTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(cache_.set_sources({{.issuer = kIssuer, .url = "https://id.example/keys"}})); }
  // What a keeper does each second; answers with `body_` and counts.
  void second(base::Duration by = seconds(1)) {
    now_ += by;
    for (const auto& note : kids_.drain()) cache_.unknown_kid(note, now_);
    while (auto fetch = cache_.next(now_)) {
      ++fetches_;
      if (body_.empty()) {
        cache_.failed(fetch->ticket, now_);
      } else {
        (void)cache_.fetched(fetch->ticket, body_, now_);
      }
    }
    cache_.expire(now_);
  }
  void run(base::Duration time) {
    for (const auto end = now_ + time; now_ < end;) second();
  }
  IssuerKeys::Found found() { return *cache_.published()->find(kIssuer); }
  bool has(std::string_view kid) {
    return found().keys != nullptr && found().keys->find(kid, crypto::SignatureAlgorithm::eddsa) != nullptr;
  }

  JwksCache cache_;
  UnknownKids kids_;
  base::SteadyTime now_{std::chrono::hours(5)};
  std::string body_ = key_set("one");
  int fetches_ = 0;
};

TEST_F(JwksCacheTest, FetchesAtOnceAndThenRegularly) {
  EXPECT_EQ(found().keys, nullptr);
  second();
  EXPECT_TRUE(has("one"));
  run(minutes(61));
  EXPECT_EQ(fetches_, 7);
}

TEST_F(JwksCacheTest, OnlyOneFetchIsInFlight) {
  const auto fetch = cache_.next(now_);
  ASSERT_TRUE(fetch);
  EXPECT_EQ(fetch->url, "https://id.example/keys");
  EXPECT_FALSE(cache_.next(now_));
  EXPECT_FALSE(cache_.next(now_ + std::chrono::hours(1)));
  EXPECT_TRUE(*cache_.fetched(fetch->ticket, body_, now_));
  EXPECT_FALSE(*cache_.fetched(fetch->ticket, key_set("two"), now_));  // answered once
  EXPECT_TRUE(has("one"));
}

TEST_F(JwksCacheTest, AFloodOfUnknownIdsCausesOneFetch) {
  run(minutes(2));
  ASSERT_EQ(fetches_, 1);
  for (int i = 0; i < 60; ++i) {
    for (int kid = 0; kid < 1000; ++kid) kids_.note(found().id, std::to_string(i * 1000 + kid));
    second();
  }
  EXPECT_EQ(fetches_, 2);
}

TEST_F(JwksCacheTest, AFloodThatLastsCostsNoMoreThanTwiceTheRegularFetches) {
  second();
  int before = fetches_;
  for (int i = 0; i < 3600; ++i) {
    for (int kid = 0; kid < 20; ++kid) kids_.note(found().id, std::to_string(i * 1000 + kid));
    second();
    if (i == 599) before = fetches_;
  }
  EXPECT_LE(before, 6);
  EXPECT_LE(fetches_ - before, 11);  // in 50 minutes
}

TEST_F(JwksCacheTest, SeesARotationSoonAndEndsTheOldKey) {
  run(minutes(3));
  const auto generation = cache_.published()->generation();
  body_ = key_set("two");
  kids_.note(found().id, "two");
  run(seconds(1));
  EXPECT_TRUE(has("two"));
  EXPECT_FALSE(has("one"));
  EXPECT_NE(cache_.published()->generation(), generation);
}

TEST_F(JwksCacheTest, SeesARotationWithinTheRegularTimeDuringAFlood) {
  second();
  for (int i = 0; i < 1800; ++i) {
    kids_.note(found().id, std::to_string(i));
    second();
  }
  body_ = key_set("two");
  int took = 0;
  for (; !has("two"); ++took) {
    kids_.note(found().id, "flood" + std::to_string(took));
    second();
  }
  EXPECT_LE(took, 601);
}

TEST_F(JwksCacheTest, AnIdThatAFetchDidNotBringAsksForNoMore) {
  run(minutes(2));
  for (int i = 0; i < 400; ++i) {
    kids_.note(found().id, "stale");
    second();
  }
  EXPECT_EQ(fetches_, 2);
}

TEST_F(JwksCacheTest, AnUnchangedSetKeepsItsGeneration) {
  second();
  const auto generation = cache_.published()->generation();
  run(minutes(30));
  EXPECT_EQ(cache_.published()->generation(), generation);
}

TEST_F(JwksCacheTest, FailuresPauseLongerAndKeepTheOldKeysForADay) {
  second();
  body_ = "{}";
  fetches_ = 0;
  run(minutes(10));
  EXPECT_EQ(fetches_, 1);
  EXPECT_TRUE(has("one"));
  run(minutes(10));
  EXPECT_LE(fetches_, 8);  // 5 s, 10 s, 20 s ...
  EXPECT_GE(fetches_, 6);
  for (int i = 0; i < 24 * 60; ++i) second(minutes(1));
  EXPECT_EQ(found().keys, nullptr);
  EXPECT_GT(cache_.status().front().failures, 10U);
  body_ = key_set("two");
  run(minutes(11));
  EXPECT_TRUE(has("two"));
}

TEST_F(JwksCacheTest, ABodyThatIsWrongIsSaidAndTakenForAFailure) {
  const auto fetch = cache_.next(now_);
  const auto result = cache_.fetched(fetch->ticket, std::string(kMaxJwksSize + 1, ' '), now_);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().detail, "the key set is too large");
  EXPECT_FALSE(cache_.next(now_));
  EXPECT_TRUE(cache_.next(now_ + seconds(5)));
}

TEST_F(JwksCacheTest, DiscoversWhereTheKeysAre) {
  ASSERT_TRUE(cache_.set_sources({{.issuer = "https://id.example/realm/", .discover = true}}));
  auto fetch = cache_.next(now_);
  ASSERT_TRUE(fetch);
  EXPECT_EQ(fetch->url, "https://id.example/realm/.well-known/openid-configuration");
  EXPECT_FALSE(*cache_.fetched(
      fetch->ticket, R"({"issuer":"https://id.example/realm/","jwks_uri":"https://id.example/certs"})", now_));
  fetch = cache_.next(now_);
  ASSERT_TRUE(fetch);
  EXPECT_EQ(fetch->url, "https://id.example/certs");
  EXPECT_TRUE(*cache_.fetched(fetch->ticket, body_, now_));
  EXPECT_EQ(cache_.next(now_ + minutes(11))->url, "https://id.example/certs");
}

TEST_F(JwksCacheTest, RefusesWrongDiscovery) {
  for (const auto* document : {R"({"issuer":"https://other.example","jwks_uri":"https://id.example/certs"})",
                               R"({"issuer":"https://id.example"})",
                               R"({"issuer":"https://id.example","jwks_uri":"http://127.0.0.1:8081/x"})", "x", "[]"}) {
    ASSERT_TRUE(cache_.set_sources({{.issuer = "https://id.example/", .discover = true}}));
    ASSERT_TRUE(cache_.set_sources({{.issuer = "https://id.example", .discover = true}}));
    const auto fetch = cache_.next(now_);
    EXPECT_FALSE(cache_.fetched(fetch->ticket, document, now_)) << document;
    EXPECT_FALSE(cache_.next(now_));
  }
}

TEST_F(JwksCacheTest, AReloadKeepsWhatStaysAndForgetsWhatGoes) {
  second();
  const auto id = found().id;
  const auto given = std::make_shared<const JwkSet>(*JwkSet::parse(key_set("given")));
  ASSERT_TRUE(cache_.set_sources(
      {{.issuer = "https://b.example", .keys = given}, {.issuer = kIssuer, .url = "https://id.example/keys"}}));
  EXPECT_TRUE(has("one"));
  EXPECT_EQ(found().id, id);
  EXPECT_EQ(cache_.published()->find("https://b.example")->keys, given.get());
  EXPECT_FALSE(cache_.next(now_));
  const auto old = cache_.next(now_ + minutes(10));
  ASSERT_TRUE(cache_.set_sources({{.issuer = kIssuer, .url = "https://id.example/other"}}));
  EXPECT_FALSE(*cache_.fetched(old->ticket, key_set("late"), now_));
  EXPECT_EQ(found().keys, nullptr);
  EXPECT_FALSE(cache_.published()->find("https://b.example"));
}

TEST_F(JwksCacheTest, RefusesSources) {
  EXPECT_FALSE(cache_.set_sources({{.issuer = kIssuer}}));
  EXPECT_FALSE(cache_.set_sources({{.issuer = "", .url = "https://a"}}));
  EXPECT_FALSE(cache_.set_sources({{.issuer = "a", .url = "https://a", .discover = true}}));
  EXPECT_FALSE(cache_.set_sources({{.issuer = "a", .url = "https://a"}, {.issuer = "a", .url = "https://b"}}));
  std::vector<JwksSource> many;
  for (std::size_t i = 0; i <= kMaxIssuers; ++i) many.push_back({.issuer = std::to_string(i), .url = "https://a"});
  EXPECT_FALSE(cache_.set_sources(many));
  second();
  EXPECT_TRUE(has("one"));  // as it was
}

TEST(UnknownKids, TakesAFloodFromManyThreads) {
  UnknownKids kids;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&kids, t] {
      for (int i = 0; i < 2000; ++i) kids.note(1, std::to_string(t * 10'000 + i));
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(kids.drain().size(), UnknownKids::kSlots);
  EXPECT_TRUE(kids.drain().empty());
  kids.note(3, "a");
  kids.note(3, "a");
  kids.note(4, "a");
  const auto notes = kids.drain();
  EXPECT_EQ(notes.size(), 2U);
  EXPECT_EQ(notes[0].kid, notes[1].kid);
}

}  // namespace
}  // namespace gatehouse::govern
