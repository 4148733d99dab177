#pragma once

#include <memory>
#include <string>
#include <utility>

#include "gatehouse/pipeline/testing/fakes.h"
#include "gatehouse/stages/admit/admit.h"
#include "gatehouse/stages/authenticate/authenticate.h"
#include "gatehouse/stages/authorise/authorise.h"
#include "gatehouse/stages/decode/decode.h"
#include "gatehouse/stages/forward/forward.h"
#include "gatehouse/stages/list_models/list_models.h"
#include "gatehouse/stages/meter/meter.h"
#include "gatehouse/stages/route/route.h"

// For this room's tests: all stages but the record, over two providers that play what they are told.
namespace gatehouse::stages::testing {

inline config::Snapshot two_providers() {
  config::Snapshot snapshot;
  for (const auto* name : {"first", "second"}) {
    config::Provider provider;
    provider.name = name;
    snapshot.providers.push_back(std::move(provider));
  }
  const auto target = [](std::uint32_t provider, std::string model) {
    return config::Target{.provider = provider, .model = std::move(model)};
  };
  snapshot.models.push_back({.name = "same", .targets = {target(0, "same")}});
  snapshot.models.push_back({.name = "alias", .targets = {target(0, "real \"name\"")}});
  snapshot.models.push_back({.name = "both", .targets = {target(0, "real"), target(1, "real")}});
  snapshot.models.push_back({.name = "wild-*", .targets = {target(1, "inner-*")}});
  snapshot.index = config::Index(snapshot.models);
  return snapshot;
}

inline std::shared_ptr<const govern::DirectoryView> some_keys() {
  static const govern::Node node(govern::NodeKind::key, "of-the-tests", nullptr);
  govern::Traits some;
  some.models = *govern::NameRules::parse({"same", "wild-*"});
  govern::Traits chat_only;
  chat_only.operations = *govern::NameRules::parse({"chat_completions"});
  return pipeline::testing::view_of({{.key = "key-for-everything", .name = "all", .node = &node},
                                     {.key = "key-for-some-models", .name = "some", .node = &node, .traits = some},
                                     {.key = "key-for-chat-only", .name = "chat", .node = &node, .traits = chat_only}});
}

inline pipeline::Stages all_stages() {
  pipeline::Stages stages;
  stages.push_back(std::make_unique<Authenticate>());
  stages.push_back(std::make_unique<Decode>());
  stages.push_back(std::make_unique<Authorise>());
  stages.push_back(std::make_unique<ListModels>());
  stages.push_back(std::make_unique<Admit>());
  stages.push_back(std::make_unique<Route>());
  stages.push_back(std::make_unique<Forward>());
  stages.push_back(std::make_unique<Meter>());
  return stages;
}

inline std::unique_ptr<pipeline::testing::Bench> bench_of(async::Loop& loop,
                                                          config::Snapshot snapshot = two_providers()) {
  return std::make_unique<pipeline::testing::Bench>(loop, std::make_shared<const config::Snapshot>(std::move(snapshot)),
                                                    all_stages(), some_keys());
}

inline constexpr std::string_view kAll = "authorization: Bearer key-for-everything\r\n";

inline std::string chat(std::string_view model, std::string_view fields = kAll) {
  return pipeline::testing::post_json("/v1/chat/completions",
                                      "{ \"model\" : \"" + std::string(model) +
                                          "\", \"messages\":[{\"role\":\"user\",\"content\":\"hi\"}], \"x\": 1.0 }",
                                      fields);
}

inline std::string get(std::string_view path, std::string_view fields = kAll) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nhost: a\r\n" + std::string(fields) + "\r\n";
}

}  // namespace gatehouse::stages::testing
