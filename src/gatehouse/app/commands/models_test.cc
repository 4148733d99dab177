#include "gatehouse/app/commands/models.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/config/load.h"
#include "gatehouse/json/value.h"

namespace gatehouse::app {
namespace {

using testing::HasSubstr;
using testing::Not;

const base::WallTime kNow = std::chrono::sys_days{std::chrono::year{2026} / 5 / 1};

std::shared_ptr<const llm::Catalogue> sample() {
  auto parsed = llm::Catalogue::parse(R"({"catalogue":1,"sources":[{"name":"facts","date":"2026-01-02"}]}
{"provider":"groq","host":["api.groq.com"]}
{"m":"llama-70b","p":{"input":0.59,"output":0.79,"batch.input":0.295,"web_search":10},"ctx":131072,"c":"t","s":"0"}
{"m":"old-model","p":{"input":1,"output":1},"dep":true,"s":"0"}
{"provider":"openai","alias":["=oai"],"host":["api.openai.com"]}
{"m":"gpt-4o","p":{"input":2.5,"output":10},"s":"0"}
)");
  EXPECT_TRUE(parsed) << parsed.error().detail;
  return *parsed;
}

config::Loaded configuration() {
  return config::load_text(R"(
auth: { required: false }
providers:
  - { name: fast, kind: openai_compatible, base_url: "https://api.groq.com/openai/v1" }
  - { name: local, kind: openai_compatible, base_url: "http://127.0.0.1:9/v1" }
models:
  - { name: default, targets: [ { provider: fast, model: llama-70b }, { provider: local, model: mine } ] }
  - { name: "all-*", targets: [ { provider: fast, model: "*" } ] }
)",
                           "test.yaml", [](std::string_view) { return std::nullopt; });
}

TEST(ModelsCommand, lists_what_the_filter_lets_through) {
  const auto catalogue = sample();
  std::string out;
  EXPECT_EQ(list_catalogue(*catalogue, {}, kNow, false, out), 2U) << "the deprecated one is not asked for";
  EXPECT_THAT(out, HasSubstr("llama-70b"));
  EXPECT_THAT(out, HasSubstr("facts (2026-01-02)"));
  EXPECT_THAT(out, Not(HasSubstr("old-model")));
  out.clear();
  EXPECT_EQ(list_catalogue(*catalogue, {.text = "OLD", .provider = {}, .with_retired = true}, kNow, false, out), 1U);
  out.clear();
  EXPECT_EQ(list_catalogue(*catalogue, {.text = {}, .provider = "oai"}, kNow, false, out), 1U)
      << "by another name of it";
  EXPECT_THAT(out, HasSubstr("gpt-4o"));
  out.clear();
  EXPECT_EQ(list_catalogue(*catalogue, {.text = "nothing"}, kNow, false, out), 0U);
}

TEST(ModelsCommand, json_has_every_price) {
  const auto catalogue = sample();
  std::string out;
  list_catalogue(*catalogue, {.text = "llama"}, kNow, true, out);
  std::string prices;
  json::Value(out)["models"].elements([&](json::Value model) {
    EXPECT_EQ(model["context_tokens"].integer(), 131'072);
    prices = model["prices"].raw();
  });
  EXPECT_EQ(prices, R"([{"kind":"input","tier":"standard","usd_per_million":0.59},)"
                    R"({"kind":"output","tier":"standard","usd_per_million":0.79},)"
                    R"({"kind":"input","tier":"batch","usd_per_million":0.295},)"
                    R"({"kind":"web_search","tier":"standard","usd_per_thousand":10}])");
}

TEST(ModelsCommand, tells_targets_without_a_price) {
  const config::Loaded loaded = configuration();
  ASSERT_TRUE(loaded.snapshot) << (loaded.problems.empty() ? "" : loaded.problems.front().to_string());
  std::string out;
  const auto book = *llm::PriceBook::make(sample());
  EXPECT_EQ(list_configured(*loaded.snapshot, *book, {}, kNow, false, out), 1U);
  EXPECT_THAT(out, HasSubstr("groq/llama-70b, facts (2026-01-02)"));
  EXPECT_THAT(out, HasSubstr("not known: the price of unknown models"));
  EXPECT_THAT(out, HasSubstr("by the model asked for"));
  const auto own = *llm::PriceBook::make(sample(), {{.provider = "local", .model = "*", .free = true}});
  out.clear();
  EXPECT_EQ(list_configured(*loaded.snapshot, *own, {}, kNow, true, out), 0U);
  EXPECT_EQ(json::find(out, "unknown"), "0");
}

}  // namespace
}  // namespace gatehouse::app
