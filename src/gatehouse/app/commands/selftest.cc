#include "gatehouse/app/commands/selftest.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "gatehouse/app/selftest/child_gateway.h"
#include "gatehouse/app/selftest/client.h"
#include "gatehouse/app/selftest/tester.h"
#include "gatehouse/crypto/virtual_key.h"
#include "gatehouse/http/head_writer.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"

namespace gatehouse::app {
namespace {

using llm::Dialect;
using selftest::ChildGateway;
using selftest::Client;

constexpr unsigned kMostRequests = 11;  // of a model in a dialect

int complain(const std::string& why) {
  std::fprintf(stderr, "gatehouse: %s\n", why.c_str());
  return 2;
}

Result<std::vector<std::string>> list_models(const Client& client, const std::string& key) {
  selftest::WireRequest request{.target = "/v1/models"};
  if (!key.empty()) http::append_field(request.fields, "authorization", "Bearer " + key);
  auto answer = client.send(request);
  if (!answer) return fail(answer.error().code, "no gateway answers there: " + answer.error().to_string());
  if (answer->status != 200) {
    const std::string said = json::validate(answer->body) ? json::Value(answer->body)["error"]["message"].string_or("")
                                                          : std::string("no gateway, it seems");
    return fail(Code::forbidden, fmt::format("the gateway lists no models: status {}, {}", answer->status, said));
  }
  return models_of(answer->body);
}

std::vector<Dialect> fronts_of(const SelftestOptions& options) {
  if (options.fronts.empty()) {
    return {Dialect::openai_chat, Dialect::openai_responses, Dialect::anthropic, Dialect::gemini};
  }
  std::vector<Dialect> fronts;
  for (const auto& front : options.fronts) {
    if (const auto dialect = llm::dialect_from_name(front)) fronts.push_back(*dialect);
  }
  return fronts;
}

}  // namespace

std::vector<std::string> models_of(const std::string& listing) {
  std::vector<std::string> models;
  if (!json::validate(listing)) return models;
  json::Value(listing)["data"].elements([&](json::Value model) {
    const std::string id = model["id"].string_or("");
    if (!id.empty() && !id.ends_with('*')) models.push_back(id);
  });
  return models;
}

CLI::App* add_selftest_command(CLI::App& app, SelftestOptions& options) {
  auto* command = app.add_subcommand(
      "selftest", "ask models in every dialect and see that answers are as clients expect them; costs money");
  auto* url = command->add_option("--url", options.url, "a running gateway; without, one is started for the run");
  command->add_option("-c,--config", options.config, "a YAML file, or a folder of them, to start it with")
      ->excludes(url);
  command->add_option("--key", options.key, "a virtual key of the running gateway")->envname("GATEHOUSE_KEY");
  command->add_option("--model", options.models, "only this model; may be given again. Without, all but wildcards");
  command->add_option("--front", options.fronts, "only this dialect; may be given again")
      ->check(CLI::IsMember({"openai_chat", "openai_responses", "anthropic", "gemini"}));
  command->add_option("--timeout", options.timeout, "seconds for each request")
      ->check(CLI::Range(1U, 3600U))
      ->capture_default_str();
  command->add_option("--max-tokens", options.max_tokens, "bound of each answer; more for models that think first")
      ->check(CLI::Range(16U, 65536U))
      ->capture_default_str();
  command->add_flag("--json", options.json, "one JSON object");
  return command;
}

int run_selftest_command(const SelftestOptions& options) {
  std::unique_ptr<ChildGateway> child;
  std::string url = options.url;
  std::string key = options.key;
  if (url.empty()) {
    key = crypto::make_virtual_key();
    auto started = ChildGateway::start(options.config, base::Secret(key));
    if (!started) return complain(started.error().to_string());
    child = std::move(*started);
    url = child->url();
  }
  const auto client = Client::open(url, std::chrono::seconds(options.timeout));
  if (!client) return complain(client.error().to_string());
  auto listed = list_models(*client, key);
  if (!listed) return complain(listed.error().to_string());
  const auto& models = options.models.empty() ? *listed : options.models;
  if (models.empty()) return complain("there are no models to test; wildcards need a --model");
  const auto fronts = fronts_of(options);

  std::fprintf(stderr,
               "gatehouse: this costs money: %zu models in %zu dialects, up to %zu small requests, each answered with "
               "at most %llu tokens\n",
               models.size(), fronts.size(), models.size() * fronts.size() * kMostRequests,
               static_cast<unsigned long long>(options.max_tokens));
  const bool watched = ::isatty(STDERR_FILENO) != 0;
  selftest::Tester tester([&client](const selftest::WireRequest& request) { return client->send(request); },
                          {.key = base::Secret(key), .max_tokens = options.max_tokens});
  selftest::Report report;
  for (const auto& model : models) {
    for (const Dialect front : fronts) {
      if (watched) std::fprintf(stderr, "  %s in %s ...\n", model.c_str(), std::string(llm::name(front)).c_str());
      report.rows.push_back(tester.run(front, model));
    }
  }
  report.spent = tester.spent();
  const std::string text = options.json ? report.to_json() + "\n" : report.to_text();
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
  bool good = report.good();
  if (child != nullptr && !child->stop()) {
    std::fputs("gatehouse: the gateway did not end in order\n", stderr);
    good = false;
  }
  return good ? 0 : 1;
}

}  // namespace gatehouse::app
