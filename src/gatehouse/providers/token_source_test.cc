#include "gatehouse/providers/token_source.h"

#include <string>

#include <gtest/gtest.h>

#include "gatehouse/crypto/encoding.h"
#include "gatehouse/crypto/testing/signer.h"
#include "gatehouse/json/value.h"

namespace gatehouse::providers {
namespace {

using namespace std::chrono_literals;
using config::ProviderKind;

const base::WallTime kNow = base::WallTime(std::chrono::seconds(1'800'000'000));

config::Provider of(ProviderKind kind) {
  config::Provider made;
  made.name = "p";
  made.kind = kind;
  return made;
}

TEST(TokenSource, WhoNeedsNone) {
  auto plain = of(ProviderKind::openai);
  plain.api_key = base::Secret("k");
  EXPECT_EQ(*token_source_of(plain), std::nullopt);
  auto bearer = of(ProviderKind::bedrock);
  bearer.api_key = base::Secret("k");
  bearer.aws.region = "eu-west-1";
  EXPECT_EQ(*token_source_of(bearer), std::nullopt);
  EXPECT_EQ(*token_source_of(of(ProviderKind::watsonx)), std::nullopt);
}

TEST(TokenSource, Entra) {
  auto azure = of(ProviderKind::azure);
  azure.oauth = config::OAuth{
      .token_url = {}, .tenant_id = "t-1", .client_id = "c 1", .client_secret = base::Secret("s&1"), .scope = {}};
  const auto source = **token_source_of(azure);
  EXPECT_EQ(source.url.to_string(), "https://login.microsoftonline.com/t-1/oauth2/v2.0/token");
  const auto request = token_request(source, kNow);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->url.target, "/t-1/oauth2/v2.0/token");
  EXPECT_EQ(request->method, http::Method::post);
  EXPECT_EQ(request->body,
            "grant_type=client_credentials&scope=https%3A%2F%2Fcognitiveservices.azure.com%2F.default&client_id=c%201&"
            "client_secret=s%261");
  EXPECT_EQ(request->further_fields, "");
  azure.oauth->token_url = *config::parse_base_url("http://127.0.0.1:9/token");
  EXPECT_EQ((*token_source_of(azure))->url.to_string(), "http://127.0.0.1:9/token");
}

TEST(TokenSource, ClientsByBasicAuthentication) {
  auto databricks = of(ProviderKind::databricks);
  databricks.host = "dbc.example";
  databricks.oauth = config::OAuth{
      .token_url = {}, .tenant_id = {}, .client_id = "c:1", .client_secret = base::Secret("s"), .scope = {}};
  const auto source = **token_source_of(databricks);
  EXPECT_EQ(source.url.to_string(), "https://dbc.example/oidc/v1/token");
  const auto request = token_request(source, kNow);
  EXPECT_EQ(request->body, "grant_type=client_credentials&scope=all-apis");
  // base64 of "c%3A1:s".
  EXPECT_EQ(request->further_fields, "authorization: Basic YyUzQTE6cw==\r\n");
  auto own = of(ProviderKind::vllm);
  own.oauth = config::OAuth{.token_url = *config::parse_base_url("https://id.example/token"),
                            .tenant_id = {},
                            .client_id = "c",
                            .client_secret = base::Secret("s"),
                            .scope = {}};
  EXPECT_EQ(token_request(**token_source_of(own), kNow)->body, "grant_type=client_credentials");
}

std::string account(std::string_view pem, std::string_view further = {}) {
  std::string escaped;
  for (const char c : pem) escaped += c == '\n' ? std::string("\\n") : std::string(1, c);
  return R"({"type":"service_account","client_email":"gw@p.example","private_key_id":"k-1","private_key":")" + escaped +
         "\"" + std::string(further) + "}";
}

TEST(TokenSource, ServiceAccountsSignTheirAssertion) {
  const auto signer = crypto::testing::Signer::rsa();
  auto vertex = of(ProviderKind::vertex);
  vertex.credentials = base::Secret(account(signer.pem()));
  const auto source = token_source_of(vertex);
  ASSERT_TRUE(source) << source.error().detail;
  EXPECT_EQ((*source)->url.to_string(), "https://oauth2.googleapis.com/token");
  const auto request = token_request(**source, kNow);
  ASSERT_TRUE(request);
  constexpr std::string_view kBefore = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";
  ASSERT_TRUE(request->body.starts_with(kBefore)) << request->body;
  const std::string token = request->body.substr(kBefore.size());
  const auto first = token.find('.');
  const auto second = token.rfind('.');
  EXPECT_TRUE(signer.public_key()->verify(crypto::SignatureAlgorithm::rs256, token.substr(0, second),
                                          *crypto::from_base64url(token.substr(second + 1))));
  EXPECT_EQ(*crypto::from_base64url(token.substr(0, first)), R"({"alg":"RS256","typ":"JWT","kid":"k-1"})");
  EXPECT_EQ(*crypto::from_base64url(token.substr(first + 1, second - first - 1)),
            R"({"iss":"gw@p.example","scope":"https://www.googleapis.com/auth/cloud-platform",)"
            R"("aud":"https://oauth2.googleapis.com/token","iat":1800000000,"exp":1800003600})");
}

TEST(TokenSource, ServiceAccountsThatAreNone) {
  const auto signer = crypto::testing::Signer::rsa();
  auto vertex = of(ProviderKind::vertex);
  const auto says = [&](std::string document) {
    vertex.credentials = base::Secret(std::move(document));
    const auto source = token_source_of(vertex);
    EXPECT_FALSE(source);
    if (source) return std::string();
    EXPECT_EQ(source.error().code, Code::configuration);
    return source.error().detail;
  };
  EXPECT_EQ(says("key.json"), "`credentials` is no JSON object; give the service account's key file as file:PATH");
  EXPECT_EQ(says(R"({"type":"authorized_user"})"),
            "`credentials` is not a service account's key (its `type` is another)");
  EXPECT_EQ(says(R"({"type":"service_account"})"), "`credentials` has no `client_email`");
  EXPECT_EQ(says(account("x")), "`credentials` cannot sign: the private key is no PEM key without a passphrase");
  EXPECT_EQ(says(account(signer.pem(), R"(,"token_uri":"http://evil.example/token")")),
            "`credentials` has a `token_uri` that is not https");
  EXPECT_EQ(says(account(signer.pem(), R"(,"token_uri":"oauth2")")),
            "`credentials` has a `token_uri` that must begin with https:// or http://");
}

TEST(TokenSource, MetadataAndIbm) {
  auto vertex = of(ProviderKind::vertex);
  vertex.metadata_endpoint = *config::parse_base_url("http://metadata.google.internal");
  const auto metadata = token_request(**token_source_of(vertex), kNow);
  EXPECT_EQ(metadata->method, http::Method::get);
  EXPECT_EQ(metadata->url.target, "/computeMetadata/v1/instance/service-accounts/default/token");
  EXPECT_EQ(metadata->further_fields, "metadata-flavor: Google\r\n");
  auto watsonx = of(ProviderKind::watsonx);
  watsonx.api_key = base::Secret("k/1");
  const auto iam = token_request(**token_source_of(watsonx), kNow);
  EXPECT_EQ(iam->url.authority() + iam->url.target, "iam.cloud.ibm.com/identity/token");
  EXPECT_EQ(iam->body, "grant_type=urn%3Aibm%3Aparams%3Aoauth%3Agrant-type%3Aapikey&apikey=k%2F1");
}

TEST(TokenSource, AwsKeysAreThereAlready) {
  auto bedrock = of(ProviderKind::bedrock);
  bedrock.aws.region = "eu-west-1";
  bedrock.aws.access_key_id = "AKIAEXAMPLE";
  bedrock.aws.secret_access_key = base::Secret("secret");
  auto source = **token_source_of(bedrock);
  ASSERT_TRUE(given_credential(source));
  EXPECT_EQ(given_credential(source)->aws.access_key_id, "AKIAEXAMPLE");
  EXPECT_FALSE(token_request(source, kNow));
  source.aws.role_arn = "arn:aws:iam::123456789012:role/gateway";
  EXPECT_FALSE(given_credential(source));
}

TEST(TokenAnswer, Tokens) {
  const auto token = read_token(200, R"({"access_token":"abc","token_type":"Bearer","expires_in":3600})", kNow);
  ASSERT_TRUE(token);
  EXPECT_EQ(token->token.reveal(), "abc");
  EXPECT_EQ(*token->expires, kNow + 1h);
  EXPECT_FALSE(token->expired(kNow + 58min));
  EXPECT_TRUE(token->expired(kNow + 59min));
  EXPECT_EQ(*read_token(200, R"({"access_token":"abc","expires_in":"120"})", kNow)->expires, kNow + 2min);
  EXPECT_EQ(*read_token(200, R"({"access_token":"abc"})", kNow)->expires, kNow + 10min);
  EXPECT_EQ(*read_token(200, R"({"access_token":"abc","expires_in":99999999999})", kNow)->expires, kNow + 24h);
}

TEST(TokenAnswer, WhatIsNone) {
  const auto says = [](int status, std::string_view body) {
    const auto token = read_token(status, body, kNow);
    EXPECT_FALSE(token) << body;
    if (token) return std::string();
    EXPECT_EQ(token.error().code, Code::upstream_credentials);
    return token.error().detail;
  };
  EXPECT_EQ(says(401, R"({"error":"invalid_client","error_description":"secret s-1 is wrong"})"),
            "the token was refused with status 401: invalid_client");
  EXPECT_EQ(says(400, R"({"error":"no word, but a text"})"), "the token was refused with status 400");
  EXPECT_EQ(says(503, "<html>"), "the token was refused with status 503");
  EXPECT_EQ(says(302, ""), "the token was refused with status 302");
  EXPECT_EQ(says(200, "[]"), "the token's answer is no JSON object");
  EXPECT_EQ(says(200, R"({"access_token":"a\r\nx-evil: 1"})"), "the answer has no token that can be sent");
  EXPECT_EQ(says(200, R"({"access_token":""})"), "the answer has no token that can be sent");
  EXPECT_EQ(says(200, R"({"access_token":")" + std::string(kMostToken + 1, 'a') + "\"}"),
            "the answer has no token that can be sent");
  EXPECT_EQ(says(200, R"({"access_token":"a","token_type":"mac"})"),
            "the token is not one that is simply shown (token_type)");
  EXPECT_EQ(says(200, R"({"access_token":"a","expires_in":0})"), "the token has ended already");
  EXPECT_EQ(says(200, std::string(kMostTokenAnswer + 1, ' ')), "the token's answer is too large");
}

}  // namespace
}  // namespace gatehouse::providers
