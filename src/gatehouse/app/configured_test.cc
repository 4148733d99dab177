#include "gatehouse/app/configured.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/app/builtin_stages.h"
#include "gatehouse/pipeline/stage.h"

namespace gatehouse::app {
namespace {

Result<std::shared_ptr<const Configured>> configured(const config::Snapshot& snapshot) {
  return configure(std::make_shared<const config::Snapshot>(snapshot), llm::Catalogue::built_in(),
                   base::ManualClock().wall());
}

TEST(BuiltinStages, TheOrder) {
  const auto stages = builtin_stages();
  std::vector<std::string> names;
  for (const auto& stage : **stages) names.emplace_back(stage->name());
  EXPECT_EQ(names, (std::vector<std::string>{"authenticate", "decode", "authorise", "list_models", "recall_response",
                                             "admit", "inspect", "converse", "route", "realtime", "forward", "meter",
                                             "repair", "release", "keep_response", "record"}));
}

TEST(Configured, LimitsAndTimesReachTheSessions) {
  config::Snapshot snapshot;
  snapshot.limits.head_bytes = 1;
  snapshot.limits.head_fields = 2;
  snapshot.limits.requests_per_connection = 3;
  snapshot.timeouts.head = config::milliseconds(4);
  snapshot.timeouts.body = config::milliseconds(5);
  snapshot.timeouts.body_min_rate = 6;
  snapshot.timeouts.idle = config::milliseconds(7);
  snapshot.timeouts.write = config::milliseconds(8);
  const auto made = configured(snapshot);
  const auto& options = (*made)->server_options;
  EXPECT_EQ(options.head.bytes, 1U);
  EXPECT_EQ(options.head.fields, 2U);
  EXPECT_EQ(options.requests_per_connection, 3U);
  EXPECT_EQ(options.head_timeout, config::milliseconds(4));
  EXPECT_EQ(options.body_timeout, config::milliseconds(5));
  EXPECT_EQ(options.body_min_rate, 6U);
  EXPECT_EQ(options.idle_timeout, config::milliseconds(7));
  EXPECT_EQ(options.write_timeout, config::milliseconds(8));
  EXPECT_EQ((*made)->api_tls, nullptr);
}

TEST(Configured, OwnPricesGoBeforeTheCatalogue) {
  config::Snapshot snapshot;
  config::Price own;
  own.model = "gpt-4o";
  own.input = base::Money::usd(7);
  own.output = base::Money::usd(9);
  snapshot.prices.push_back(own);
  const auto made = configured(snapshot);
  const auto price = (*made)->prices->find("p", "openai", "", "gpt-4o");
  EXPECT_TRUE(price.overridden);
  const llm::Usage usage{.prompt_tokens = 1'000'000, .completion_tokens = 1'000'000, .known = true};
  EXPECT_EQ(llm::price_of(price.prices, usage, base::ManualClock().wall()).total(), base::Money::usd(16));
  EXPECT_FALSE((*made)->prices->find("p", "openai_compatible", "host", "nobody-knows-it").price_known);
  own.output.reset();
  snapshot.prices.push_back(own);
  EXPECT_EQ(configured(snapshot).error().code, Code::configuration);
}

TEST(Configured, ACertificateThatIsNotThere) {
  config::Snapshot snapshot;
  snapshot.listen.tls = config::ListenTls{.cert = "/nowhere/cert.pem", .key = "/nowhere/key.pem", .client_ca = {}};
  EXPECT_EQ(configured(snapshot).error().code, Code::configuration);
}

}  // namespace
}  // namespace gatehouse::app
