#include "gatehouse/govern/jwt.h"

#include <string>

#include <gtest/gtest.h>

#include "gatehouse/crypto/testing/signer.h"
#include "gatehouse/govern/jwt_cache.h"
#include "gatehouse/govern/jwt_door.h"

namespace gatehouse::govern {
namespace {

using crypto::KeyType;
using crypto::testing::Signer;
using std::chrono::seconds;
using enum crypto::SignatureAlgorithm;

constexpr std::int64_t kNow = 1'800'000'000;
const base::WallTime kWall{seconds(kNow)};
constexpr const char* kIssuer = "https://id.example";

ClaimPath path(std::string_view text) { return *ClaimPath::parse(text); }

JwtRule rule() {
  JwtRule rule;
  rule.name = "corporate";
  rule.issuer = kIssuer;
  rule.audiences = {"gatehouse", "other"};
  rule.algorithms = {rs256, es256, eddsa};
  rule.team.path = path("team");
  rule.team.otherwise = "guests";
  rule.user.path = path("sub");
  rule.roles.path = path("realm_access.roles");
  rule.models.path = path(R"(https://example\.com/models)");
  rule.priority.path = path("priority");
  return rule;
}

// Claims of a good token; `further` goes in as it stands, and times are given from now.
std::string claims(std::string_view further = {}, std::int64_t expires = 600, std::int64_t issued = -10) {
  return R"({"iss":"https://id.example","aud":"gatehouse","sub":"ann","exp":)" + std::to_string(kNow + expires) +
         R"(,"iat":)" + std::to_string(kNow + issued) + std::string(further) + "}";
}

class JwtTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    rsa_ = new Signer(Signer::rsa());
    ec_ = new Signer(Signer::ec(KeyType::p256));
    ed_ = new Signer(Signer::ed25519());
  }
  static void TearDownTestSuite() {
    delete rsa_;
    delete ec_;
    delete ed_;
  }

  JwtTest() {
    publish(R"({"keys":[)" + rsa_->jwk(R"(,"kid":"r")") + "," + ec_->jwk(R"(,"kid":"e")") + "," +
            ed_->jwk(R"(,"kid":"d")") + "]}");
  }
  void publish(const std::string& document) {
    auto set = JwkSet::parse(document);
    ASSERT_TRUE(set) << set.error().detail;
    ASSERT_TRUE(cache_.set_sources({{.issuer = kIssuer, .keys = std::make_shared<const JwkSet>(*std::move(set))},
                                    {.issuer = "https://waiting.example", .url = "https://waiting.example/keys"}}));
  }

  std::expected<JwtCaller, JwtRefusal> verify(const std::string& token, const JwtRule& with = rule(),
                                              base::WallTime now = kWall) {
    auto verifier = JwtVerifier::make({with});
    EXPECT_TRUE(verifier) << verifier.error().detail;
    return verifier->verify(
        token, *cache_.published(),
        [this](const CallerNames& names) { return names.team == "nobody" ? nullptr : &node_; }, now);
  }
  // The fault of a token with these claims, or "none".
  std::string fault(const std::string& payload, const JwtRule& with = rule(), base::WallTime now = kWall) {
    const auto caller = verify(ed_->token(eddsa, R"({"alg":"EdDSA","kid":"d"})", payload), with, now);
    return caller ? "none" : std::string(name(caller.error().fault));
  }
  std::string fault_of(const std::string& token, const JwtRule& with = rule()) {
    const auto caller = verify(token, with);
    if (caller) return "none";
    // Nothing of the token, and no reason before the signature is known.
    EXPECT_NE(caller.error().error.detail, "");
    return std::string(name(caller.error().fault));
  }

  static Signer* rsa_;
  static Signer* ec_;
  static Signer* ed_;
  JwksCache cache_;
  Node node_{NodeKind::team, "t", nullptr};
};
Signer* JwtTest::rsa_ = nullptr;
Signer* JwtTest::ec_ = nullptr;
Signer* JwtTest::ed_ = nullptr;

TEST_F(JwtTest, TurnsATokenIntoAPrincipal) {
  auto with = rule();
  with.best_priority = Priority::high;
  with.weight = 7;
  const auto caller = verify(
      rsa_->token(rs256, R"({"alg":"RS256","kid":"r","typ":"JWT"})",
                  claims(R"(,"team":"support","realm_access":{"roles":["developer","auditor"]},"priority":"critical",
                           "https://example.com/models":["gpt-5*","small"])")),
      with);
  ASSERT_TRUE(caller) << name(caller.error().fault);
  EXPECT_EQ(caller->subject, "ann");
  EXPECT_EQ(caller->issuer, kIssuer);
  EXPECT_EQ(caller->roles, (std::vector<std::string>{"developer", "auditor"}));
  EXPECT_EQ(caller->principal.key_name, "corporate");
  EXPECT_EQ(caller->principal.team, "support");
  EXPECT_EQ(caller->principal.user, "ann");
  EXPECT_EQ(caller->principal.node, &node_);
  EXPECT_EQ(caller->principal.priority, Priority::high);
  EXPECT_EQ(caller->principal.weight, 7U);
  EXPECT_TRUE(caller->principal.may_use_model("gpt-5-mini"));
  EXPECT_FALSE(caller->principal.may_use_model("claude"));
  EXPECT_EQ(caller->principal.expires_at, kWall + seconds(630));
}

TEST_F(JwtTest, HasDefaults) {
  const auto caller = verify(ec_->token(es256, R"({"alg":"ES256","kid":"e"})", claims()));
  ASSERT_TRUE(caller) << name(caller.error().fault);
  EXPECT_EQ(caller->principal.team, "guests");
  EXPECT_TRUE(caller->roles.empty());
  EXPECT_TRUE(caller->principal.may_use_model("any"));
  EXPECT_EQ(caller->principal.priority, Priority::normal);
}

TEST_F(JwtTest, RefusesForgedTokens) {
  const std::string good = ed_->token(eddsa, R"({"alg":"EdDSA","kid":"d"})", claims());
  EXPECT_EQ(fault_of(good), "none");
  const auto first = good.find('.');
  const auto second = good.rfind('.');
  // No signature, and an algorithm that needs none.
  EXPECT_EQ(fault_of(good.substr(0, second + 1)), "malformed");
  for (const auto* alg : {"none", "None", "NONE", ""}) {
    const std::string header = crypto::to_base64url(std::string(R"({"alg":")") + alg + R"(","kid":"d"})");
    EXPECT_EQ(fault_of(header + good.substr(first)), "malformed") << alg;
    EXPECT_EQ(fault_of(header + good.substr(first, second - first + 1)), "malformed") << alg;
  }
  // HS256 with the issuer's public key as the secret, in the spellings that libraries have fallen for.
  for (const std::string& secret : {rsa_->modulus(), rsa_->jwk(), crypto::to_base64url(rsa_->modulus())}) {
    const std::string input =
        crypto::to_base64url(R"({"alg":"HS256","kid":"r"})") + '.' + crypto::to_base64url(claims());
    EXPECT_EQ(fault_of(input + '.' + crypto::to_base64url(crypto::HmacSha256(secret)(input))), "malformed");
    // The same with an algorithm that is allowed: still no signature of the key's.
    const std::string posing =
        crypto::to_base64url(R"({"alg":"RS256","kid":"r"})") + '.' + crypto::to_base64url(claims());
    EXPECT_EQ(fault_of(posing + '.' + crypto::to_base64url(crypto::HmacSha256(secret)(posing))), "signature");
  }
  // Other claims under the old signature, another key under the same id, an algorithm that is not the key's.
  EXPECT_EQ(
      fault_of(good.substr(0, first + 1) + crypto::to_base64url(claims(R"(,"team":"root")")) + good.substr(second)),
      "signature");
  EXPECT_EQ(fault_of(Signer::ed25519().token(eddsa, R"({"alg":"EdDSA","kid":"d"})", claims())), "signature");
  EXPECT_EQ(fault_of(ed_->token(eddsa, R"({"alg":"ES256","kid":"d"})", claims())), "unknown_key");
  EXPECT_EQ(fault_of(ec_->token(es256, R"({"alg":"ES256","kid":"r"})", claims())), "unknown_key");
  // A key that comes with the token.
  const Signer own = Signer::ed25519();
  EXPECT_EQ(fault_of(own.token(eddsa, R"({"alg":"EdDSA","kid":"d","jwk":)" + own.jwk() + "}", claims())), "signature");
  EXPECT_EQ(fault_of(own.token(eddsa, R"({"alg":"EdDSA","kid":"x","jku":"https://evil.example/keys"})", claims())),
            "unknown_key");
  // Another curve than the algorithm's.
  const Signer p384 = Signer::ec(KeyType::p384);
  EXPECT_EQ(fault_of(p384.token(es384, R"({"alg":"ES256","kid":"e"})", claims())), "signature");
  EXPECT_EQ(fault_of(p384.token(es384, R"({"alg":"ES384","kid":"e"})", claims())), "algorithm");
  EXPECT_EQ(fault_of(std::string(1024UL * 1024, 'a')), "malformed");
}

TEST_F(JwtTest, OnlyTheRulesAlgorithms) {
  auto with = rule();
  with.algorithms = {ps256};
  EXPECT_EQ(fault_of(rsa_->token(rs256, R"({"alg":"RS256","kid":"r"})", claims()), with), "algorithm");
  EXPECT_EQ(fault_of(rsa_->token(ps256, R"({"alg":"PS256","kid":"r"})", claims()), with), "none");
}

TEST_F(JwtTest, SaysWhichKeyIsUnknown) {
  const auto caller = verify(ed_->token(eddsa, R"({"alg":"EdDSA","kid":"new"})", claims()));
  ASSERT_FALSE(caller);
  EXPECT_EQ(caller.error().fault, JwtFault::unknown_key);
  EXPECT_EQ(caller.error().kid, "new");
  EXPECT_EQ(caller.error().issuer, cache_.published()->find(kIssuer)->id);
  EXPECT_EQ(caller.error().error.code, Code::unauthenticated);
}

TEST_F(JwtTest, RotatedKeys) {
  const std::string token = ed_->token(eddsa, R"({"alg":"EdDSA","kid":"d"})", claims());
  const Signer next = Signer::ed25519();
  publish(R"({"keys":[)" + next.jwk(R"(,"kid":"n")") + "]}");
  EXPECT_EQ(fault_of(token), "unknown_key");
  EXPECT_EQ(fault_of(next.token(eddsa, R"({"alg":"EdDSA","kid":"n"})", claims())), "none");
}

TEST_F(JwtTest, TokensOfIssuersWhoseKeysAreNotThereYet) {
  auto with = rule();
  with.issuer = "https://waiting.example";
  const auto caller = verify(ed_->token(eddsa, R"({"alg":"EdDSA"})", R"({"iss":"https://waiting.example"})"), with);
  ASSERT_FALSE(caller);
  EXPECT_EQ(caller.error().fault, JwtFault::no_keys);
  EXPECT_EQ(caller.error().error.http_status(), 503);
}

TEST_F(JwtTest, Issuers) {
  for (const auto* payload : {R"({})", R"({"iss":7})", R"({"iss":"https://id.example/"})",
                              R"({"iss":"HTTPS://id.example"})", R"({"iss":["https://id.example"]})"}) {
    EXPECT_EQ(fault(payload), "issuer") << payload;
  }
}

TEST_F(JwtTest, Times) {
  EXPECT_EQ(fault(claims({}, 600)), "none");
  EXPECT_EQ(fault(claims({}, -29)), "none");  // leeway
  EXPECT_EQ(fault(claims({}, -30)), "expired");
  EXPECT_EQ(fault(claims({}, -3600, -7200)), "expired");
  EXPECT_EQ(fault(claims(R"(,"nbf":)" + std::to_string(kNow + 30))), "none");
  EXPECT_EQ(fault(claims(R"(,"nbf":)" + std::to_string(kNow + 31))), "not_yet");
  EXPECT_EQ(fault(claims({}, 600, 31)), "not_yet");
  EXPECT_EQ(fault(claims({}, 86'390, -10)), "none");
  EXPECT_EQ(fault(claims({}, 86'391, -10)), "lifetime");
  EXPECT_EQ(fault(R"({"iss":"https://id.example","aud":"gatehouse","exp":9999999999})"), "lifetime");
  EXPECT_EQ(fault(R"({"iss":"https://id.example","aud":"gatehouse","exp":1800000000.5})"), "none");
  for (const auto* exp : {"\"1800000600\"", "-1", "1e300", "null", "[1800000600]", "true", "1e99999"}) {
    EXPECT_EQ(fault(R"({"iss":"https://id.example","aud":"gatehouse","exp":)" + std::string(exp) + "}"), "claims")
        << exp;
  }
  EXPECT_EQ(fault(R"({"iss":"https://id.example","aud":"gatehouse"})"), "claims");
}

TEST_F(JwtTest, Audiences) {
  const auto with = [](const std::string& audience) {
    return R"({"iss":"https://id.example","exp":1800000600)" + audience + "}";
  };
  EXPECT_EQ(fault(with(R"(,"aud":["x","other"])")), "none");
  for (const auto* audience : {"", R"(,"aud":"x")", R"(,"aud":[])", R"(,"aud":["Gatehouse"])", R"(,"aud":7)",
                               R"(,"aud":["gatehouse",7])", R"(,"aud":{"gatehouse":1})", R"(,"aud":"gatehouse ")"}) {
    EXPECT_EQ(fault(with(audience)), "audience") << audience;
  }
}

TEST_F(JwtTest, Types) {
  const auto typed = [](std::string_view type) {
    return ed_->token(eddsa, R"({"alg":"EdDSA","kid":"d","typ":")" + std::string(type) + "\"}", claims());
  };
  EXPECT_EQ(fault_of(typed("at+jwt")), "none");
  EXPECT_EQ(fault_of(typed("logout+jwt")), "type");
}

TEST_F(JwtTest, RequiredClaims) {
  auto with = rule();
  with.required = {{.path = path("tenant.id"), .any_of = {"a", "b", "7"}}, {.path = path("email"), .any_of = {}}};
  EXPECT_EQ(fault(claims(R"(,"tenant":{"id":"b"},"email":"x")"), with), "none");
  EXPECT_EQ(fault(claims(R"(,"tenant":{"id":["z","a"]},"email":"x")"), with), "none");
  EXPECT_EQ(fault(claims(R"(,"tenant":{"id":7},"email":"x")"), with), "none");
  EXPECT_EQ(fault(claims(R"(,"tenant":{"id":"c"},"email":"x")"), with), "claims");
  EXPECT_EQ(fault(claims(R"(,"tenant":{"id":"b"})"), with), "claims");
  EXPECT_EQ(fault(claims(R"(,"tenant":{"id":"b"},"email":null)"), with), "claims");
}

TEST_F(JwtTest, MapsOnlyWhatIsAllowed) {
  auto with = rule();
  with.team.allowed = *NameRules::parse({"support", "eng-*"});
  with.roles.allowed = *NameRules::parse({"developer"});
  with.models.allowed = *NameRules::parse({"gpt-*"});
  EXPECT_EQ(fault(claims(R"(,"team":"eng-1")"), with), "none");
  EXPECT_EQ(fault(claims(R"(,"team":["x","eng-1"])"), with), "none");
  EXPECT_EQ(fault(claims(R"(,"team":"root")"), with), "claims");
  EXPECT_EQ(fault(claims(R"(,"team":["root"])"), with), "claims");
  EXPECT_EQ(fault(claims(R"(,"team":7)"), with), "claims");
  EXPECT_EQ(fault(claims(R"(,"team":"")"), with), "claims");
  EXPECT_EQ(fault(claims(R"(,"team":"eng-\u0000")"), with), "claims");
  EXPECT_EQ(fault(claims(R"(,"team":"eng-)" + std::string(kMaxClaimValue, 'x') + "\""), with), "claims");
  EXPECT_EQ(fault(claims(R"(,"team":"nobody")")), "unknown_caller");
  EXPECT_EQ(fault(claims(R"(,"priority":"urgent")")), "claims");
  with.team.required = true;
  EXPECT_EQ(fault(claims(), with), "claims");
  const auto caller = verify(ed_->token(eddsa, R"({"alg":"EdDSA","kid":"d"})",
                                        claims(R"(,"team":"support","realm_access":{"roles":"owner developer"},
                          "https://example.com/models":"* claude gpt-5*")")),
                             with);
  ASSERT_TRUE(caller) << name(caller.error().fault);
  EXPECT_EQ(caller->roles, std::vector<std::string>{"developer"});
  EXPECT_TRUE(caller->principal.may_use_model("gpt-5"));
  EXPECT_FALSE(caller->principal.may_use_model("gpt-4"));
  EXPECT_FALSE(caller->principal.may_use_model("claude"));
}

TEST_F(JwtTest, WithoutANodeOnlyWhereTheRuleSaysSo) {
  auto with = rule();
  with.node_required = false;
  EXPECT_EQ(fault(claims(R"(,"team":"nobody")"), with), "none");
}

TEST_F(JwtTest, TheDoorVerifiesOnceAndPassesUnknownKeysOn) {
  const auto verifier = *JwtVerifier::make({rule()});
  UnknownKids unknown;
  crypto::HmacSha256 hash("secret");
  JwtDoor door(verifier, cache_.published(), unknown, 16);
  int asked = 0;
  const auto lookup = [&](const CallerNames&) {
    ++asked;
    return &node_;
  };
  const std::string token = ed_->token(eddsa, R"({"alg":"EdDSA","kid":"d"})", claims());
  EXPECT_FALSE(door.known(token, hash, kWall));
  const auto first = door.find(token, hash, lookup, kWall);
  ASSERT_TRUE(first) << name(first.error().fault);
  EXPECT_EQ(*door.find(token, hash, lookup, kWall), *first);
  EXPECT_TRUE(door.known(token, hash, kWall));
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(door.find(token, hash, lookup, kWall + seconds(630)).error().fault, JwtFault::expired);
  EXPECT_EQ(door.find(std::string(1024UL * 1024, 'a'), hash, lookup, kWall).error().fault, JwtFault::malformed);
  EXPECT_TRUE(unknown.drain().empty());
  const std::string other = ed_->token(eddsa, R"({"alg":"EdDSA","kid":"new"})", claims());
  EXPECT_EQ(door.find(other, hash, lookup, kWall).error().fault, JwtFault::unknown_key);
  const auto notes = unknown.drain();
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_EQ(notes[0].issuer, cache_.published()->find(kIssuer)->id);
  EXPECT_EQ(door.refused()[static_cast<std::size_t>(JwtFault::unknown_key)], 1U);
  // A key that is withdrawn ends what was verified with it.
  ASSERT_TRUE(door.find(token, hash, lookup, kWall));
  publish(R"({"keys":[)" + ed_->jwk(R"(,"kid":"new")") + "]}");
  door.set_keys(cache_.published());
  EXPECT_EQ(door.find(token, hash, lookup, kWall).error().fault, JwtFault::unknown_key);
  EXPECT_TRUE(door.find(other, hash, lookup, kWall));
}

TEST(ClaimPath, ReadsPaths) {
  EXPECT_EQ(path("a.b").find(R"({"a":{"b":"x"}})"), "\"x\"");
  EXPECT_EQ(path(R"(a\.b)").find(R"({"a":{"b":"x"},"a.b":"y"})"), "\"y\"");
  EXPECT_EQ(path(R"(a\\)").find(R"({"a\\":1})"), "1");
  EXPECT_EQ(path("a.b").find(R"({"a":"b"})"), "");
  EXPECT_EQ(ClaimPath().find("{}"), "");
  for (const auto* text : {"", ".", "a.", ".a", "a..b", "a\\", "a\\b", "a.b.c.d.e.f.g.h.i"}) {
    EXPECT_FALSE(ClaimPath::parse(text)) << text;
  }
}

TEST(JwtVerifier, ChecksRules) {
  EXPECT_TRUE(JwtVerifier::make({rule()}));
  EXPECT_FALSE(JwtVerifier::make({rule(), rule()}));
  const auto wrong = [](auto change) {
    auto with = rule();
    change(with);
    return !JwtVerifier::make({with}).has_value();
  };
  EXPECT_TRUE(wrong([](JwtRule& r) { r.issuer.clear(); }));
  EXPECT_TRUE(wrong([](JwtRule& r) { r.audiences.clear(); }));
  EXPECT_TRUE(wrong([](JwtRule& r) { r.audiences = {""}; }));
  EXPECT_TRUE(wrong([](JwtRule& r) { r.algorithms.clear(); }));
  EXPECT_TRUE(wrong([](JwtRule& r) { r.types.clear(); }));
  EXPECT_TRUE(wrong([](JwtRule& r) { r.leeway = seconds(301); }));
  EXPECT_TRUE(wrong([](JwtRule& r) { r.leeway = seconds(-1); }));
  EXPECT_TRUE(wrong([](JwtRule& r) { r.max_lifetime = seconds(59); }));
  EXPECT_TRUE(wrong([](JwtRule& r) { r.weight = 0; }));
  EXPECT_TRUE(wrong([](JwtRule& r) { r.required.emplace_back(); }));
}

std::shared_ptr<const JwtCaller> caller_until(base::WallTime expires) {
  auto caller = std::make_shared<JwtCaller>();
  caller->principal.expires_at = expires;
  return caller;
}

TEST(JwtCache, RemembersUntilTheEndAndForOneGeneration) {
  JwtCache cache(16);
  const auto token = crypto::sha256("token");
  const auto caller = caller_until(kWall + seconds(10));
  EXPECT_EQ(cache.find(token, 1, kWall), nullptr);
  cache.put(token, 1, caller);
  EXPECT_EQ(cache.find(token, 1, kWall), caller);
  EXPECT_EQ(cache.find(crypto::sha256("other"), 1, kWall), nullptr);
  EXPECT_EQ(cache.find(token, 1, kWall + seconds(10)), nullptr);
  EXPECT_EQ(cache.size(), 0U);
  cache.put(token, 1, caller);
  EXPECT_EQ(cache.find(token, 2, kWall), nullptr);
  EXPECT_EQ(cache.size(), 0U);
}

TEST(JwtCache, IsBoundedAndForgetsWhatWasUsedLongestAgo) {
  JwtCache cache(JwtCache::kWays);  // one set
  std::vector<crypto::Digest> tokens;
  for (std::size_t i = 0; i <= JwtCache::kWays; ++i) tokens.push_back(crypto::sha256(std::to_string(i)));
  for (std::size_t i = 0; i < JwtCache::kWays; ++i) cache.put(tokens[i], 1, caller_until(kWall + seconds(10)));
  EXPECT_NE(cache.find(tokens[0], 1, kWall), nullptr);
  cache.put(tokens.back(), 1, caller_until(kWall + seconds(10)));
  EXPECT_EQ(cache.find(tokens[1], 1, kWall), nullptr);
  EXPECT_NE(cache.find(tokens[0], 1, kWall), nullptr);
  EXPECT_NE(cache.find(tokens.back(), 1, kWall), nullptr);
  for (int i = 0; i < 1000; ++i)
    cache.put(crypto::sha256("x" + std::to_string(i)), 1, caller_until(kWall + seconds(1)));
  EXPECT_EQ(cache.size(), JwtCache::kWays);
}

}  // namespace
}  // namespace gatehouse::govern
