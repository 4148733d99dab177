#include "gatehouse/govern/jws.h"

#include <string>

#include <gtest/gtest.h>

#include "gatehouse/crypto/testing/signer.h"
#include "gatehouse/govern/jwks.h"

namespace gatehouse::govern {
namespace {

using crypto::to_base64url;
using crypto::testing::Signer;
using enum crypto::SignatureAlgorithm;

std::string unsigned_token(std::string_view header, std::string_view payload = "{}") {
  return to_base64url(header) + "." + to_base64url(payload) + "." + to_base64url("signature");
}

TEST(Jws, ReadsTheRfcsExamples) {
  // RFC 7515, appendix A.3.
  const std::string es =
      "eyJhbGciOiJFUzI1NiJ9."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
      "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
  const auto keys = JwkSet::parse(R"({"keys":[{"kty":"EC","crv":"P-256",
      "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})");
  ASSERT_TRUE(keys) << keys.error().detail;
  const auto jws = parse_jws(es);
  ASSERT_TRUE(jws) << jws.error().detail;
  EXPECT_EQ(jws->algorithm, es256);
  EXPECT_EQ(jws->payload, "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}");
  EXPECT_TRUE(jws->verify(*keys->find("", es256)));
  // RFC 8037, appendix A.4; its payload is no JSON, so only the signature.
  const auto key = crypto::PublicKey::ed25519(*crypto::from_base64url("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"));
  EXPECT_TRUE(key->verify(eddsa, "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
                          *crypto::from_base64url("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5B"
                                                  "hVsPt9g7sVvpAr_MuM0KAg")));
}

TEST(Jws, TakesHeadersThatAreInUse) {
  const auto jws = parse_jws(unsigned_token(R"({"typ":"application/at+JWT","alg":"PS512","kid":"a/b=","x5t":"x"})"));
  ASSERT_TRUE(jws) << jws.error().detail;
  EXPECT_EQ(jws->type, "at+jwt");
  EXPECT_EQ(jws->kid, "a/b=");
  EXPECT_EQ(jws->algorithm, ps512);
}

TEST(Jws, RefusesHeaders) {
  for (const auto* header : {R"({})",
                             R"({"alg":"none"})",
                             R"({"alg":"None"})",
                             R"({"alg":""})",
                             R"({"alg":"HS256"})",
                             R"({"alg":null})",
                             R"({"alg":["RS256"]})",
                             R"({"alg":"rs256"})",
                             R"({"alg":"ES512"})",
                             R"({"alg":"dir","enc":"A128GCM"})",
                             R"({"alg":"RS256","alg":"none"})",
                             R"({"alg":"RS256","\u0061lg":"none"})",
                             R"({"alg":"RS256","crit":["exp"]})",
                             R"({"alg":"RS256","crit":[]})",
                             R"({"alg":"RS256","b64":false})",
                             R"({"alg":"RS256","zip":"DEF"})",
                             R"({"alg":"RS256","kid":7})",
                             R"({"alg":"RS256","kid":""})",
                             R"({"alg":"RS256","typ":7})",
                             R"([])",
                             R"("x")",
                             R"({"alg":"RS256"}x)",
                             ""}) {
    EXPECT_FALSE(parse_jws(unsigned_token(header))) << header;
  }
  EXPECT_FALSE(parse_jws(unsigned_token(R"({"alg":"RS256","kid":")" + std::string(kMaxKidSize + 1, 'k') + "\"}")));
}

TEST(Jws, RefusesPayloads) {
  const std::string header = R"({"alg":"RS256"})";
  EXPECT_TRUE(parse_jws(unsigned_token(header)));
  for (const auto* payload :
       {"", "[]", "1", "{\"a\":1,\"a\":2}", "{\"a\":{\"b\":1,\"b\":1}}", "{", "{\"a\":\"\xff\"}"}) {
    EXPECT_FALSE(parse_jws(unsigned_token(header, payload))) << payload;
  }
}

TEST(Jws, IsStrictAboutItsSpelling) {
  const std::string good = unsigned_token(R"({"alg":"RS256"})");
  const auto first = good.find('.');
  for (const std::string& token :
       {std::string(), std::string("."), std::string(".."), std::string("..."), good + ".", good + "=", good + "\n",
        " " + good, good.substr(0, good.rfind('.')), good.substr(0, good.rfind('.') + 1), good.substr(first),
        std::string(good).replace(first, 1, ".."), "e30." + good}) {
    EXPECT_FALSE(parse_jws(token)) << token;
  }
  // The same bytes in another spelling: unused bits that are not zero.
  std::string other = unsigned_token(R"({"alg":"RS256"} )");
  ASSERT_TRUE(parse_jws(other));
  const auto at = other.find('.') - 1;
  ASSERT_NE(other.find('.') % 4, 0U);
  other[at] = static_cast<char>(other[at] + 1);
  EXPECT_FALSE(parse_jws(other));
}

TEST(Jws, HasBounds) {
  EXPECT_FALSE(parse_jws(std::string(1024UL * 1024, 'a')));
  EXPECT_FALSE(parse_jws(std::string(1024UL * 1024, '.')));
  const std::string header = R"({"alg":"RS256"})";
  EXPECT_TRUE(parse_jws(unsigned_token(header, R"({"a":")" + std::string(10'000, 'a') + "\"}")));
  EXPECT_FALSE(parse_jws(unsigned_token(header, R"({"a":")" + std::string(kMaxTokenSize, 'a') + "\"}")));
  EXPECT_FALSE(parse_jws(unsigned_token(R"({"alg":"RS256","x":")" + std::string(kMaxTokenHeaderSize, 'a') + "\"}")));
  std::string deep = "1";
  for (int i = 0; i < 20; ++i) deep = R"({"a":)" + deep + "}";
  EXPECT_FALSE(parse_jws(unsigned_token(header, deep)));
  EXPECT_FALSE(parse_jws(to_base64url(header) + ".e30." + std::string(2000, 'A')));
}

TEST(Jws, TellsTokensFromKeys) {
  EXPECT_TRUE(looks_like_jws(unsigned_token(R"({"alg":"RS256"})")));
  for (const auto* key : {"", "gh-abc", "sk-a.b.c", "eyJhbGciOiJSUzI1NiJ9", "eyJh.b"}) {
    EXPECT_FALSE(looks_like_jws(key)) << key;
  }
}

}  // namespace
}  // namespace gatehouse::govern
