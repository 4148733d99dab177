// A token is taken apart in one way only: what comes out, written again, is the token. None is good under a key that
// signed none of them, and none gets past the verifier.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "gatehouse/crypto/encoding.h"
#include "gatehouse/govern/jwks_cache.h"
#include "gatehouse/govern/jwt.h"

namespace {

using namespace gatehouse;

void require(bool condition) {
  if (!condition) std::abort();
}

// Public keys of which the private ones were thrown away (RFC 8037 appendix A.2 has the first, RFC 7515 appendix A.3
// the second, whose one token has no issuer of ours).
constexpr std::string_view kKeys = R"({"keys":[
  {"kty":"OKP","crv":"Ed25519","kid":"d","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
  {"kty":"EC","crv":"P-256","kid":"e","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
   "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})";

struct Fixture {
  govern::JwtVerifier verifier;
  govern::JwksCache keys;

  Fixture() {
    govern::JwtRule rule;
    rule.issuer = "https://id.example";
    rule.audiences = {"gatehouse"};
    rule.algorithms = {crypto::SignatureAlgorithm::eddsa, crypto::SignatureAlgorithm::es256};
    rule.team.path = *govern::ClaimPath::parse("a.b");
    rule.roles.path = *govern::ClaimPath::parse("roles");
    verifier = *govern::JwtVerifier::make({rule});
    auto set = std::make_shared<const govern::JwkSet>(*govern::JwkSet::parse(kKeys));
    require(keys.set_sources({{.issuer = rule.issuer, .keys = std::move(set)}}).has_value());
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Fixture fixture;
  const std::string_view token(reinterpret_cast<const char*>(data), size);
  if (const auto jws = govern::parse_jws(token)) {
    require(token.size() <= govern::kMaxTokenSize && jws->kid.size() <= govern::kMaxKidSize);
    const auto first = token.find('.');
    require(std::string(token.substr(0, first + 1)) + crypto::to_base64url(jws->payload) + '.' +
                crypto::to_base64url(jws->signature) ==
            token);
    require(jws->signing_input == token.substr(0, token.rfind('.')));
  }
  const auto caller = fixture.verifier.verify(
      token, *fixture.keys.published(), [](const govern::CallerNames&) -> const govern::Node* { return nullptr; },
      base::WallTime(std::chrono::seconds(1'800'000'000)));
  require(!caller.has_value());
  return 0;
}
