#include "gatehouse/providers/kinds.h"

#include <set>
#include <string_view>

#include <gtest/gtest.h>

#include "gatehouse/providers/profile.h"
#include "gatehouse/providers/quirks.h"

namespace gatehouse::providers {
namespace {

TEST(Kinds, TheTable) {
  std::set<std::string_view> names;
  for (const Kind& kind : kinds()) {
    EXPECT_TRUE(names.insert(kind.name()).second) << kind.name();
    EXPECT_EQ(find_kind(kind.name()), &kind);
    EXPECT_EQ(&kind_of(kind.kind), &kind);
    ASSERT_NE(kind.quirks, nullptr) << kind.name();
    std::set<llm::Dialect> dialects;
    for (const Surface& surface : kind.speaks()) {
      EXPECT_TRUE(dialects.insert(surface.dialect).second) << kind.name();
      EXPECT_FALSE(surface.path.ends_with('/')) << kind.name();
      EXPECT_EQ(surface.auth == Auth::none, kind.in_process) << kind.name();
    }
    const std::string_view base = config::row_of(kind.kind).base_url;
    for (const std::string_view version : kind.versions) {
      EXPECT_TRUE(version.empty() || version.starts_with('/')) << kind.name();
    }
    EXPECT_FALSE(base.ends_with('/')) << kind.name();
    EXPECT_TRUE(base.empty() || base.starts_with("https://") || base.starts_with("http://127.0.0.1")) << kind.name();
  }
  EXPECT_EQ(find_kind("none"), nullptr);
}

TEST(Kinds, QuirksHaveNames) {
  std::uint32_t members = 0;
  std::set<std::string_view> names;
  for (const NamedMember& member : quirk_members()) {
    EXPECT_TRUE(names.insert(member.name).second) << member.name;
    EXPECT_EQ(members & member.member, 0U) << member.name;
    members |= member.member;
  }
  EXPECT_EQ(members, 0xffffffffU);  // every bit of llm::Quirks::Member
  names.clear();
  for (const NamedQuirk& quirk : named_quirks()) {
    EXPECT_TRUE(names.insert(quirk.name).second) << quirk.name;
    EXPECT_FALSE(quirk.meaning.empty());
  }
}

config::Provider provider(config::ProviderKind kind, std::string_view url) {
  config::Provider made;
  made.name = "p";
  made.kind = kind;
  made.api_key = base::Secret("key");
  made.base_url = *config::parse_base_url(url);
  return made;
}

TEST(Profile, VersionsOfBaseUrls) {
  using enum config::ProviderKind;
  struct Case {
    config::ProviderKind kind;
    std::string_view url;
    std::string_view root;
    std::string_view prefix;  // of the main dialect
  };
  for (const Case& c : {Case{openai, "https://h/v1", "/v1", ""},
                        {openai, "https://h", "", ""},
                        {openai_compatible, "https://h/v1", "/v1", ""},
                        {openai_compatible, "https://h/x", "/x", ""},
                        {anthropic, "https://h", "", "/v1"},
                        {anthropic, "https://h/v1", "", "/v1"},
                        {anthropic, "https://h/a/v1", "/a", "/v1"},
                        {gemini, "https://h/v1beta", "", "/v1beta"},
                        {azure, "https://h/openai/v1", "", "/openai/v1"},
                        {azure, "https://h/openai", "", "/openai/v1"},
                        {cohere, "https://h/v1", "", "/v2"},
                        {ollama, "http://h:1/v1", "", "/api"},
                        {deepseek, "https://h/v1", "", "/v1"},
                        {deepseek, "https://h", "", ""},
                        {zai, "https://h/api/paas/v4", "/api", "/paas/v4"}}) {
    const auto made = Profile::make(provider(c.kind, c.url));
    EXPECT_EQ(made->root(), c.root) << c.url;
    EXPECT_EQ(made->spoken().front().prefix, c.prefix) << c.url;
  }
  const auto made = Profile::make(provider(zai, "https://h/api/paas/v4"));
  EXPECT_EQ(made->find(llm::Dialect::anthropic)->prefix, "/anthropic/v1");
}

TEST(Profile, WhatTheOperatorSays) {
  auto own = provider(config::ProviderKind::vllm, "http://127.0.0.1:8000/v1");
  own.speaks = {"openai_chat", "anthropic", "gemini"};
  own.refuses = {"n", "images"};
  own.takes = {"developer"};
  own.quirks = {"reasoning_in_reasoning_content", "alternates"};
  const auto made = Profile::make(own);
  ASSERT_EQ(made->spoken().size(), 3U);
  EXPECT_EQ(made->find(llm::Dialect::anthropic)->prefix, "/v1");
  EXPECT_EQ(made->find(llm::Dialect::anthropic)->auth, Auth::bearer);
  EXPECT_EQ(made->find(llm::Dialect::gemini)->prefix, "/v1beta");
  EXPECT_EQ(made->root(), "");
  EXPECT_EQ(made->find(llm::Dialect::cohere), nullptr);
  EXPECT_TRUE(made->quirks().refuses_any(llm::Quirks::n));
  EXPECT_TRUE(made->quirks().refuses_any(llm::Quirks::images));
  EXPECT_TRUE(made->quirks().refuses_any(llm::Quirks::late_system));  // the kind's
  EXPECT_FALSE(made->quirks().refuses_any(llm::Quirks::developer));
  EXPECT_EQ(made->quirks().reasoning, "reasoning_content");
  EXPECT_TRUE(made->quirks().alternates);
  // The kind's own constant is untouched.
  EXPECT_EQ(kind_of(config::ProviderKind::vllm).quirks->reasoning, "reasoning");
  own.speaks = {"anthropic"};
  EXPECT_EQ(Profile::make(own)->spoken().front().dialect, llm::Dialect::anthropic);
}

TEST(Profile, Credentials) {
  auto of = [](config::ProviderKind kind) { return provider(kind, "https://h"); };
  using enum config::ProviderKind;
  EXPECT_EQ(Profile::make(of(azure))->spoken().front().auth, Auth::api_key_header);
  EXPECT_EQ(Profile::make(of(bedrock))->spoken().front().auth, Auth::bearer);
  EXPECT_FALSE(Profile::make(of(bedrock))->needs_token());
  auto signing = of(bedrock);
  signing.api_key = {};
  signing.aws.access_key_id = "AKIAEXAMPLE";
  signing.aws.secret_access_key = base::Secret("secret");
  EXPECT_EQ(Profile::make(signing)->spoken().front().auth, Auth::aws_v4);
  auto entra = of(azure);
  entra.api_key = {};
  entra.oauth.emplace();
  EXPECT_EQ(Profile::make(entra)->spoken().front().auth, Auth::bearer);
  EXPECT_TRUE(Profile::make(entra)->needs_token());
  EXPECT_TRUE(Profile::make(of(watsonx))->needs_token());
  auto open = of(vllm);
  open.api_key = {};
  EXPECT_EQ(Profile::make(open)->spoken().front().auth, Auth::none);
}

}  // namespace
}  // namespace gatehouse::providers
