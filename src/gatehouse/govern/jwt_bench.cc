#include <benchmark/benchmark.h>

#include "gatehouse/crypto/testing/signer.h"
#include "gatehouse/govern/auth_backoff.h"
#include "gatehouse/govern/jwt_cache.h"

namespace gatehouse::govern {
namespace {

using crypto::testing::Signer;
using enum crypto::SignatureAlgorithm;

const base::WallTime kNow{std::chrono::seconds(1'800'000'000)};

// A token that was not seen before, by algorithm.
void verify(benchmark::State& state, crypto::SignatureAlgorithm algorithm) {
  const Signer signer = Signer::of(algorithm);
  JwksCache keys;
  auto set = std::make_shared<const JwkSet>(*JwkSet::parse(R"({"keys":[)" + signer.jwk(R"(,"kid":"k")") + "]}"));
  (void)keys.set_sources({{.issuer = "https://id.example", .keys = set}});
  JwtRule rule;
  rule.issuer = "https://id.example";
  rule.audiences = {"gatehouse"};
  rule.algorithms = {algorithm};
  rule.team.path = *ClaimPath::parse("team");
  const auto verifier = *JwtVerifier::make({rule});
  const std::string token = signer.token(
      algorithm, R"({"alg":")" + std::string(name(algorithm)) + R"(","kid":"k"})",
      R"({"iss":"https://id.example","aud":"gatehouse","sub":"ann","exp":1800000600,"iat":1799999990,"team":"t"})");
  const Node node(NodeKind::team, "t", nullptr);
  const auto lookup = [&](const CallerNames&) { return &node; };
  const auto published = keys.published();
  for (auto _ : state) {
    if (!verifier.verify(token, *published, lookup, kNow)) state.SkipWithError("refused");
  }
}
BENCHMARK_CAPTURE(verify, rs256, rs256);
BENCHMARK_CAPTURE(verify, ps256, ps256);
BENCHMARK_CAPTURE(verify, es256, es256);
BENCHMARK_CAPTURE(verify, eddsa, eddsa);

// The same token again: its keyed hash and a look.
void cached(benchmark::State& state) {
  const std::string token(800, 'x');
  crypto::HmacSha256 hash("secret");
  JwtCache cache;
  auto caller = std::make_shared<JwtCaller>();
  caller->principal.expires_at = kNow + std::chrono::seconds(600);
  cache.put(hash(token), 1, caller);
  for (auto _ : state) benchmark::DoNotOptimize(cache.find(hash(token), 1, kNow));
}
BENCHMARK(cached);

void backoff_failed(benchmark::State& state) {
  const base::SteadyTime start{std::chrono::hours(1)};
  AuthBackoff backoff({}, 16384, 7, start);
  std::uint32_t i = 0;
  for (auto _ : state) {
    ++i;
    benchmark::DoNotOptimize(backoff.failed(
        base::Address::v4({10, static_cast<std::uint8_t>(i >> 8U), static_cast<std::uint8_t>(i), 1}), start));
  }
}
BENCHMARK(backoff_failed);

}  // namespace
}  // namespace gatehouse::govern
