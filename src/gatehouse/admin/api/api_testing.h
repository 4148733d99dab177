#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/admin/api/api.h"
#include "gatehouse/govern/directory/directory_testing.h"
#include "gatehouse/guard/vault/vault_testing.h"
#include "gatehouse/json/value.h"

// For tests of the admin API: all of it over a store in memory, spoken to without sockets.
namespace gatehouse::admin::testing {

class FakeUsage final : public UsageReader {
 public:
  Result<UsagePage> summarise(const UsageRequest& request) override {
    asked = request;
    UsagePage page;
    page.total.cost = base::Money::nanos(1'250'000'000);
    page.lines.push_back({.keys = request.by, .sums = page.total});
    return page;
  }
  Result<UsageEntries> entries(const UsageRequest& request) override {
    asked = request;
    UsageEntries page;
    UsageEntry entry;
    entry.request_id = "req_1";
    entry.status = 200;
    entry.prompt_tokens = 3;
    page.entries.push_back(std::move(entry));
    return page;
  }
  UsageRequest asked;
};

struct ApiWorld : govern::testing::World {
  ApiWorld() {
    access = std::move(*govern::AdminAccess::open(*rows, *directory, clock, base::Random(3)));
    limits = std::move(*govern::LimitBook::open(*rows, *directory, sink, base::Random(4)));
    owner = std::string((**access->first_owner()).reveal());
    auto made = std::make_shared<config::Snapshot>();
    config::Provider provider;
    provider.name = "up";
    provider.api_key = base::Secret("sk-upstream-secret");
    made->providers.push_back(std::move(provider));
    config::Model model;
    model.name = "default";
    model.targets = {{.provider = 0, .model = "m", .weight = 1}};
    made->models.push_back(std::move(model));
    made->auth.key_hash_secret = base::Secret("the-hash-secret");
    made->index = config::Index(made->models);
    snapshot = made;
    api = std::make_unique<Api>(ApiServices{.store = *rows,
                                            .directory = *directory,
                                            .access = *access,
                                            .limits = *limits,
                                            .usage = &usage,
                                            .vault = vault.get(),
                                            .clock = clock,
                                            .snapshot = [this] { return snapshot; }},
                                Api::Options{.host_names = {"gateway.example"}, .version = "1"});
  }

  struct Ask {
    std::string key = {};  // empty: the owner's
    std::string if_match = {};
    std::string host = "127.0.0.1:8081";
    std::string origin = {};
    std::string fetch_site = {};
    std::string content_type = "application/json";
    std::string from = "127.0.0.1";
  };
  ApiResponse ask(http::Method method, std::string_view target, std::string_view body, const Ask& how) {
    const std::string authorization = "Bearer " + (how.key.empty() ? owner : how.key);
    ApiRequest request;
    request.method = method;
    const auto mark = target.find('?');
    request.path = target.substr(0, mark);
    if (mark != target.npos) request.query = target.substr(mark + 1);
    request.host = how.host;
    request.origin = how.origin;
    request.sec_fetch_site = how.fetch_site;
    request.content_type = how.content_type;
    request.authorization = authorization;
    request.if_match = how.if_match;
    request.body = body;
    request.from = *base::Address::parse(how.from);
    return api->handle(request);
  }
  ApiResponse get(std::string_view target, std::string key = {}) {
    return ask(http::Method::get, target, {}, {.key = std::move(key)});
  }
  ApiResponse post(std::string_view target, std::string_view body, std::string key = {}) {
    return ask(http::Method::post, target, body, {.key = std::move(key)});
  }
  ApiResponse patch(std::string_view target, std::string_view body, std::string key = {}, std::string if_match = {}) {
    return ask(http::Method::patch, target, body, {.key = std::move(key), .if_match = std::move(if_match)});
  }
  ApiResponse del(std::string_view target, std::string key = {}) {
    return ask(http::Method::del, target, {}, {.key = std::move(key)});
  }
  // A member of an answer, as text.
  static std::string at(const ApiResponse& response, std::string_view path) {
    const auto raw = json::find(response.body, path);
    return json::read_string(raw).value_or(std::string(raw));
  }
  // An admin key with one role.
  std::string key_with(std::string_view role, std::string_view scope) {
    const auto made = post("/admin/v1/admin_keys", R"({"name":"k"})");
    EXPECT_EQ(made.status, 201) << made.body;
    const auto given = post("/admin/v1/roles", R"({"subject":"admin_key:)" + at(made, "object.id") + R"(","role":")" +
                                                   std::string(role) + R"(","scope":")" + std::string(scope) + "\"}");
    EXPECT_EQ(given.status, 201) << given.body;
    return at(made, "key");
  }

  govern::testing::FakeSink sink;
  FakeUsage usage;
  std::unique_ptr<guard::Vault> vault = guard::testing::vault(guard::testing::keyring());
  std::unique_ptr<govern::AdminAccess> access;
  std::unique_ptr<govern::LimitBook> limits;
  std::string owner;
  std::shared_ptr<const config::Snapshot> snapshot;
  std::unique_ptr<Api> api;
};

}  // namespace gatehouse::admin::testing
