#include "gatehouse/providers/request_head.h"

#include <array>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "gatehouse/http/testing/session.h"
#include "gatehouse/providers/plan.h"

namespace gatehouse::providers {
namespace {

TEST(RequestHead, WhatPassesToTheProvider) {
  for (const auto* name : {"accept", "Accept-Encoding", "content-type", "user-agent", "x-stainless-lang", "traceparent",
                           "openai-beta", "idempotency-key", "x-request-id", "x-gatehouse-", "anthropic-version",
                           "Anthropic-Beta", "x-goog-api-client"}) {
    EXPECT_TRUE(passes_to_provider(name)) << name;
  }
  for (const auto* name : {"host",
                           "Host",
                           "content-length",
                           "transfer-encoding",
                           "connection",
                           "keep-alive",
                           "te",
                           "trailer",
                           "upgrade",
                           "proxy-authorization",
                           "proxy-connection",
                           "expect",
                           "Authorization",
                           "X-API-Key",
                           "api-key",
                           "x-goog-api-key",
                           "cookie",
                           "OpenAI-Organization",
                           "openai-project",
                           "forwarded",
                           "x-forwarded-for",
                           "X-Forwarded-Host",
                           "x-forwarded-proto",
                           "x-forwarded-port",
                           "x-real-ip",
                           "via",
                           "cf-connecting-ip",
                           "true-client-ip",
                           "ocp-apim-subscription-key",
                           "x-goog-user-project",
                           "X-Goog-Iam-Authorization-Token",
                           "anthropic-organization-id",
                           "anthropic_workspace_id",
                           "x-amz-security-token",
                           "X-Amz-Date",
                           "x_amz_content_sha256",
                           "x-amzn-bedrock-guardrailidentifier",
                           "x-gatehouse-tags",
                           "X-Gatehouse-Conversation"}) {
    EXPECT_FALSE(passes_to_provider(name)) << name;
  }
}

TEST(RequestHead, WhatPassesTranslated) {
  for (const auto* name : {"user-agent", "traceparent", "idempotency-key", "x-title", "accept-encoding"}) {
    EXPECT_TRUE(passes_translated(name)) << name;
  }
  for (const auto* name : {"accept", "content-type", "content-encoding", "content-md5", "anthropic-version",
                           "anthropic-beta", "openai-beta", "x-stainless-lang", "x-goog-api-client", "authorization",
                           "x-amz-date", "host", "x-gatehouse-tags"}) {
    EXPECT_FALSE(passes_translated(name)) << name;
  }
}

TEST(RequestHead, WhatPassesToTheCaller) {
  for (const auto* name :
       {"content-type", "content-encoding", "x-ratelimit-remaining-tokens", "retry-after", "retry-after-ms",
        "x-should-retry", "anthropic-ratelimit-tokens-remaining", "apim-request-id", "request-id",
        "openai-processing-ms", "x-request-id", "date", "server", "www-authenticate"}) {
    EXPECT_TRUE(passes_to_caller(name)) << name;
  }
  for (const auto* name : {"content-length", "Transfer-Encoding", "connection", "keep-alive", "upgrade", "trailer",
                           "Set-Cookie", "alt-svc", "strict-transport-security", "x-gatehouse-model",
                           "X-Goog-Upload-URL", "x-goog-upload-control-url"}) {
    EXPECT_FALSE(passes_to_caller(name)) << name;
  }
}

config::Provider provider() {
  config::Provider made;
  made.name = "p";
  made.base_url = {.tls = true, .host = "models.example", .port = 8443, .path = "/api/v1"};
  made.api_key = base::Secret("provider-key");
  return made;
}

constexpr std::array<std::string_view, 2> kBody{"{\"a\":", "1}"};

UpstreamRequest with_body() {
  UpstreamRequest made;
  made.body = kBody;
  return made;
}

UpstreamRequest without_body(http::Method method) {
  UpstreamRequest made;
  made.method = method;
  return made;
}

UpstreamRequest pulled(http::BodySource& source, std::optional<std::uint64_t> length) {
  UpstreamRequest made;
  made.body_source = &source;
  made.body_length = length;
  return made;
}

std::string written(const config::Provider& to, UpstreamRequest request, const http::Fields& fields) {
  request.fields = &fields;
  if (request.method_text.empty()) request.method_text = "POST";
  if (request.path.empty()) request.path = "/chat/completions";
  std::string out = "left over";
  HeadTemplate(to).write(request, out);
  return out;
}

TEST(HeadTemplate, TheProvidersKeyTakesTheCallersPlace) {
  http::Fields fields;
  fields.add({"Host", "gateway.example"});
  fields.add({"Authorization", "Bearer gh-callers"});
  fields.add({"x-api-key", "gh-callers"});
  fields.add({"Content-Type", "application/json"});
  fields.add({"Content-Length", "99"});
  fields.add({"Accept-Encoding", "gzip"});
  EXPECT_EQ(written(provider(), with_body(), fields),
            "POST /api/v1/chat/completions HTTP/1.1\r\n"
            "host: models.example:8443\r\n"
            "authorization: Bearer provider-key\r\n"
            "Content-Type: application/json\r\n"
            "Accept-Encoding: gzip\r\n"
            "content-length: 7\r\n"
            "\r\n");
}

config::Provider of(config::ProviderKind kind) {
  auto made = provider();
  made.kind = kind;
  made.base_url.path = {};
  return made;
}

// The head as a plan has it.
std::string planned(const config::Provider& to, llm::Dialect dialect, bool same, const http::Fields& fields,
                    std::string_view credential = {}) {
  Plan plan;
  plan.dialect = dialect;
  plan.same = same;
  UpstreamRequest request = with_body();
  request.fields = &fields;
  request.method_text = "POST";
  request.path = "/x";
  request.plan = &plan;
  std::string out;
  HeadTemplate(to).write(request, out, credential);
  return out;
}

TEST(HeadTemplate, WhatDrivesAnUploadPassesInOne) {
  http::Fields fields;
  fields.add({"X-Goog-Upload-Command", "upload, finalize"});
  fields.add({"X-Goog-Upload-Offset", "8"});
  fields.add({"X-Goog-Upload-File-Name", "a.txt"});
  fields.add({"x-goog-upload-header-x-http-method-override", "DELETE"});
  fields.add({"x-goog-upload-url", "https://other.example"});
  fields.add({"x_goog_upload_command", "cancel"});
  fields.add({"x-goog-user-project", "other"});
  Plan plan;
  plan.dialect = llm::Dialect::gemini;
  plan.upload = true;
  UpstreamRequest request = with_body();
  request.fields = &fields;
  request.method_text = "POST";
  request.path = "/upload/v1beta/files?upload_id=real";
  request.plan = &plan;
  std::string out;
  HeadTemplate(of(config::ProviderKind::gemini)).write(request, out);
  EXPECT_EQ(out,
            "POST /upload/v1beta/files?upload_id=real HTTP/1.1\r\n"
            "host: models.example:8443\r\n"
            "x-goog-api-key: provider-key\r\n"
            "X-Goog-Upload-Command: upload, finalize\r\n"
            "X-Goog-Upload-Offset: 8\r\n"
            "X-Goog-Upload-File-Name: a.txt\r\n"
            "content-length: 7\r\n\r\n");
  plan.upload = false;
  HeadTemplate(of(config::ProviderKind::gemini)).write(request, out);
  EXPECT_EQ(out.find("pload-"), std::string::npos) << out;
}

TEST(HeadTemplate, EachKindsKey) {
  using enum config::ProviderKind;
  const http::Fields none;
  const auto has = [&](config::ProviderKind kind, llm::Dialect dialect, std::string_view line) {
    const auto head = planned(of(kind), dialect, true, none);
    EXPECT_NE(head.find(line), std::string::npos) << head;
    // Once, and in no other field.
    EXPECT_EQ(head.find("provider-key"), head.rfind("provider-key")) << head;
  };
  has(azure, llm::Dialect::openai_chat, "\r\napi-key: provider-key\r\n");
  has(anthropic, llm::Dialect::anthropic, "\r\nx-api-key: provider-key\r\n");
  has(gemini, llm::Dialect::gemini, "\r\nx-goog-api-key: provider-key\r\n");
  has(cohere, llm::Dialect::cohere, "\r\nauthorization: Bearer provider-key\r\n");
  has(bedrock, llm::Dialect::bedrock, "\r\nauthorization: Bearer provider-key\r\n");
  // One provider, two dialects, two fields.
  has(deepseek, llm::Dialect::openai_chat, "\r\nauthorization: Bearer provider-key\r\n");
  has(deepseek, llm::Dialect::anthropic, "\r\nx-api-key: provider-key\r\n");
  // A key that buys a token is not sent.
  auto watsonx_head = planned(of(watsonx), llm::Dialect::openai_chat, false, none, "authorization: Bearer bought\r\n");
  EXPECT_EQ(watsonx_head.find("provider-key"), std::string::npos);
  EXPECT_NE(watsonx_head.find("\r\nauthorization: Bearer bought\r\n"), std::string::npos);
  auto vertex_head = of(vertex);
  vertex_head.project = "p-1";
  EXPECT_EQ(planned(vertex_head, llm::Dialect::gemini, true, none).find("openai-project"), std::string::npos);
}

TEST(HeadTemplate, VersionsOfAnthropic) {
  http::Fields fields;
  const auto count = [](const std::string& head, std::string_view what) {
    std::size_t found = 0;
    for (auto at = head.find(what); at != std::string::npos; at = head.find(what, at + 1)) ++found;
    return found;
  };
  const auto claude = of(config::ProviderKind::anthropic);
  auto head = planned(claude, llm::Dialect::anthropic, false, fields);
  EXPECT_EQ(count(head, "anthropic-version: 2023-06-01\r\n"), 1U);
  EXPECT_EQ(count(head, "content-type: application/json\r\n"), 1U);
  fields.add({"anthropic-version", "2024-01-01"});
  fields.add({"anthropic-beta", "b-1"});
  fields.add({"Content-Type", "application/json; charset=x"});
  head = planned(claude, llm::Dialect::anthropic, true, fields);
  EXPECT_EQ(count(head, "anthropic-version: "), 1U);
  EXPECT_EQ(count(head, "anthropic-version: 2024-01-01\r\nanthropic-beta: b-1\r\n"), 1U);
  EXPECT_EQ(count(head, "Content-Type: application/json; charset=x\r\n"), 1U);
  // What the caller said to another dialect is not Anthropic's.
  head = planned(claude, llm::Dialect::anthropic, false, fields);
  EXPECT_EQ(count(head, "anthropic-version: 2023-06-01\r\n"), 1U);
  EXPECT_EQ(count(head, "anthropic-beta"), 0U);
  EXPECT_EQ(count(head, "charset"), 0U);
  EXPECT_EQ(count(planned(of(config::ProviderKind::openai), llm::Dialect::openai_chat, false, fields), "anthropic"),
            0U);
  // Claude in a cloud has its version in the body.
  EXPECT_EQ(count(planned(of(config::ProviderKind::vertex), llm::Dialect::anthropic, false, {}), "anthropic"), 0U);
  auto dated = claude;
  dated.api_version = "2025-02-02";
  EXPECT_EQ(count(planned(dated, llm::Dialect::anthropic, false, {}), "anthropic-version: 2025-02-02\r\n"), 1U);
  auto configured = claude;
  configured.headers.push_back({.name = "Anthropic-Version", .value = base::Secret("own")});
  head = planned(configured, llm::Dialect::anthropic, true, fields);
  EXPECT_EQ(count(head, "nthropic-"), 2U) << head;  // the configured version and the caller's beta
}

TEST(HeadTemplate, NoKeyNoCredential) {
  auto local = provider();
  local.api_key = {};
  local.base_url = {.tls = false, .host = "::1", .port = 80, .path = ""};
  http::Fields fields;
  fields.add({"authorization", "Bearer gh-callers"});
  EXPECT_EQ(written(local, with_body(), fields),
            "POST /chat/completions HTTP/1.1\r\nhost: [::1]\r\ncontent-length: 7\r\n\r\n");
}

TEST(HeadTemplate, ConfiguredHeadersReplaceTheCallers) {
  auto to = provider();
  to.organization = "org-1";
  to.project = "proj-1";
  to.headers.push_back({.name = "User-Agent", .value = base::Secret("gatehouse")});
  http::Fields fields;
  fields.add({"user-agent", "caller/1"});
  fields.add({"USER-AGENT", "caller/2"});
  fields.add({"openai-organization", "org-callers"});
  fields.add({"x-other", "kept"});
  const auto head = written(to, with_body(), fields);
  EXPECT_NE(head.find("openai-organization: org-1\r\nopenai-project: proj-1\r\nUser-Agent: gatehouse\r\n"),
            std::string::npos);
  EXPECT_EQ(head.find("caller"), std::string::npos);
  EXPECT_NE(head.find("x-other: kept\r\n"), std::string::npos);
}

TEST(HeadTemplate, WhatConnectionNamesStays) {
  http::Fields fields;
  fields.add({"connection", "close, X-Hop"});
  fields.add({"x-hop", "1"});
  fields.add({"x-end", "2"});
  const auto head = written(provider(), with_body(), fields);
  EXPECT_EQ(head.find("x-hop"), std::string::npos);
  EXPECT_NE(head.find("x-end: 2\r\n"), std::string::npos);
}

TEST(HeadTemplate, AnAnswerThatWillBeReadIsAskedForUncoded) {
  http::Fields fields;
  fields.add({"Accept-Encoding", "gzip, br"});
  auto request = with_body();
  EXPECT_NE(written(provider(), request, fields).find("Accept-Encoding"), std::string::npos);
  request.inspected = true;
  EXPECT_EQ(written(provider(), request, fields).find("Accept-Encoding"), std::string::npos);
}

TEST(HeadTemplate, Framing) {
  const http::Fields none;
  http::testing::PiecesSource source({});
  const auto has = [&](UpstreamRequest request, std::string_view line) {
    const auto head = written(provider(), request, none);
    EXPECT_TRUE(head.ends_with("\r\n\r\n"));
    return head.find(line) != std::string::npos;
  };
  EXPECT_TRUE(has(pulled(source, std::nullopt), "\r\ntransfer-encoding: chunked\r\n"));
  EXPECT_FALSE(has(pulled(source, std::nullopt), "content-length"));
  EXPECT_TRUE(has(pulled(source, 12), "\r\ncontent-length: 12\r\n"));
  EXPECT_FALSE(has(pulled(source, 12), "transfer-encoding"));
  // RFC 9110, 8.6: a method that anticipates a body says that there is none.
  EXPECT_TRUE(has(without_body(http::Method::post), "\r\ncontent-length: 0\r\n"));
  for (const auto method : {http::Method::get, http::Method::head, http::Method::del, http::Method::options}) {
    EXPECT_FALSE(has(without_body(method), "content-length"));
  }
  auto deleting = with_body();
  deleting.method = http::Method::del;
  EXPECT_TRUE(has(deleting, "\r\ncontent-length: 7\r\n"));
}

}  // namespace
}  // namespace gatehouse::providers
