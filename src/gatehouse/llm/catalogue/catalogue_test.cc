#include "gatehouse/llm/catalogue/catalogue.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace gatehouse::llm {
namespace {

const base::WallTime kNow = std::chrono::sys_days{std::chrono::year{2026} / 9 / 30} + std::chrono::hours(12);

constexpr std::string_view kText =
    R"({"catalogue":1,"sources":[{"name":"facts","date":"2026-01-02","licence":"MIT"},{"name":"more","date":"2026-02-03","licence":"MIT"}]}
{"provider":"azure","name":"Azure","host":["*.openai.azure.com"],"resells":["openai"]}
{"m":"own-model","p":{"input":1,"output":2},"s":"0"}
{"provider":"groq","name":"Groq","host":["api.groq.com"]}
{"m":"shared-70b","p":{"input":0.5,"output":0.75},"s":"0"}
{"m":"agreed-8b","p":{"input":0.05,"output":0.08},"s":"0"}
{"provider":"hub_groq","name":"Hub","host":["hub.example.com/groq"]}
{"m":"shared-70b","p":{"input":0.6,"output":0.75},"s":"0"}
{"m":"agreed-8b","p":{"input":0.05,"output":0.08},"s":"0"}
{"m":"only-here","p":{"input":3,"output":4},"s":"0"}
{"provider":"hub","name":"Hub","host":["hub.example.com"]}
{"m":"hub-auto","s":"1"}
{"provider":"openai","name":"OpenAI","alias":["=oai","*openai"],"host":["api.openai.com"],"makes":["^gpt-","^o1"]}
{"m":"GPT-4o","r":["=gpt-4o-2024-08-06","^gpt-4o-audio"],"p":{"input":2.5,"input>200000":5,"cached":1.25,"output":10,"batch.input":1.25,"web_search":10},"ctx":128000,"out":16384,"c":"vtj","end":"2027-01-01","s":"01"}
{"m":"o1","p":[{"input":15,"output":60},{"from":"2026-06-01","input":10,"output":40},{"day":[1800,59400],"input":5,"output":20}],"dep":true,"s":"0"}
)";

std::shared_ptr<const Catalogue> sample() {
  auto parsed = Catalogue::parse(std::string(kText));
  EXPECT_TRUE(parsed) << parsed.error().detail;
  return *parsed;
}

std::string id_of(const ModelInfo* model) {
  return model == nullptr ? "-" : std::string(model->provider) + "/" + std::string(model->id);
}

TEST(Catalogue, reads_a_row) {
  const auto catalogue = sample();
  EXPECT_EQ(catalogue->models().size(), 9U);
  const ModelInfo* model = catalogue->find("openai", "", "gpt-4o");
  ASSERT_NE(model, nullptr);
  EXPECT_EQ(model->id, "GPT-4o");
  EXPECT_EQ(model->context_tokens, 128'000U);
  EXPECT_EQ(model->max_output_tokens, 16'384U);
  EXPECT_TRUE(model->can(Capability::vision));
  EXPECT_TRUE(model->can(Capability::tools));
  EXPECT_FALSE(model->can(Capability::reasoning));
  EXPECT_EQ(model->retires, "2027-01-01");
  EXPECT_EQ(model->sources, 3U);
  EXPECT_EQ(catalogue->sources()[1].date, "2026-02-03");
  const auto lines = lines_at(model->prices, kNow);
  ASSERT_EQ(lines.size(), 6U);
  EXPECT_EQ(lines[1], (PriceLine{.rate = 5'000'000'000, .above_prompt_tokens = 200'000, .kind = PriceKind::input}));
  EXPECT_EQ(lines[4], (PriceLine{.rate = 1'250'000'000, .kind = PriceKind::input, .tier = ServiceTier::batch}));
  EXPECT_EQ(lines[5], (PriceLine{.rate = 10'000'000'000'000, .kind = PriceKind::web_search}));
  EXPECT_TRUE(catalogue->find("openai", "", "o1")->deprecated);
  EXPECT_EQ(catalogue->find("openai", "", "o1")->prices.periods.size(), 3U);
  EXPECT_FALSE(catalogue->find("", "hub.example.com", "hub-auto")->prices.known());
}

TEST(Catalogue, finds_by_name_rule_date_and_prefix) {
  const auto catalogue = sample();
  const auto find = [&](std::string_view provider, std::string_view endpoint, std::string_view model) {
    return id_of(catalogue->find(provider, endpoint, model));
  };
  EXPECT_EQ(find("openai", "", "gpt-4o-2024-08-06"), "openai/GPT-4o");
  EXPECT_EQ(find("OAI", "", "GPT-4O-2024-08-06"), "openai/GPT-4o");
  EXPECT_EQ(find("my-openai-account", "", "gpt-4o"), "openai/GPT-4o");
  EXPECT_EQ(find("openai", "", "gpt-4o-20240806"), "openai/GPT-4o");
  EXPECT_EQ(find("openai", "", "gpt-4o-audio-preview"), "openai/GPT-4o");
  EXPECT_EQ(find("openai", "", "gpt-4o-mini"), "-");
  EXPECT_EQ(find("openai", "", "openai/gpt-4o"), "openai/GPT-4o");
  EXPECT_EQ(find("azure", "", "gpt-4o"), "openai/GPT-4o") << "what it resells";
  EXPECT_EQ(find("azure", "", "own-model"), "azure/own-model");
  EXPECT_EQ(find("azure", "", "shared-70b"), "-") << "a known provider does not have every model";
}

TEST(Catalogue, the_host_decides_who_is_paid) {
  const auto catalogue = sample();
  const auto find = [&](std::string_view provider, std::string_view endpoint, std::string_view model) {
    return id_of(catalogue->find(provider, endpoint, model));
  };
  EXPECT_EQ(find("openai_compatible", "api.groq.com", "shared-70b"), "groq/shared-70b");
  EXPECT_EQ(find("openai", "https://api.groq.com/openai/v1", "shared-70b"), "groq/shared-70b");
  EXPECT_EQ(find("openai", "API.GROQ.COM:443", "shared-70b"), "groq/shared-70b");
  EXPECT_EQ(find("", "https://me.openai.azure.com/openai/v1", "gpt-4o"), "openai/GPT-4o");
  EXPECT_EQ(find("", "hub.example.com/groq/v1", "shared-70b"), "hub_groq/shared-70b");
  EXPECT_EQ(find("", "hub.example.com/v1", "hub-auto"), "hub/hub-auto");
  EXPECT_EQ(find("", "api.groq.com.evil.example", "shared-70b"), "-");
  EXPECT_EQ(catalogue->provider_id("oai", ""), "openai");
  EXPECT_EQ(catalogue->provider_id("openai_compatible", "10.0.0.7"), "");
}

TEST(Catalogue, without_provider_it_does_not_guess) {
  const auto catalogue = sample();
  const auto find = [&](std::string_view model) {
    return id_of(catalogue->find("openai_compatible", "10.0.0.7", model));
  };
  EXPECT_EQ(find("gpt-4o"), "openai/GPT-4o") << "by its maker";
  EXPECT_EQ(find("groq/shared-70b"), "groq/shared-70b");
  EXPECT_EQ(find("only-here"), "hub_groq/only-here");
  EXPECT_EQ(find("agreed-8b"), "groq/agreed-8b") << "all ask the same";
  EXPECT_EQ(find("shared-70b"), "-") << "prices differ";
  EXPECT_EQ(find("nobody-has-this"), "-");
  EXPECT_EQ(find(""), "-");
  EXPECT_EQ(find(std::string(300, 'x')), "-");
}

TEST(Catalogue, says_which_line_is_wrong) {
  const std::string head = R"({"catalogue":1,"sources":[{"name":"f","date":"2026-01-02"}]})"
                           "\n";
  const std::string provider = R"({"provider":"p"})"
                               "\n";
  const auto problem = [](const std::string& text) {
    const auto parsed = Catalogue::parse(text);
    return parsed ? std::string("fine") : parsed.error().detail;
  };
  EXPECT_EQ(problem(head + provider + R"({"m":"a","p":{"input":1}})"), "fine");
  EXPECT_EQ(problem(""), "the catalogue is empty");
  EXPECT_EQ(problem(provider), "catalogue, line 1: the sources must come first");
  EXPECT_EQ(problem(R"({"catalogue":2})"), "catalogue, line 1: a format that this version does not read");
  EXPECT_EQ(problem(head + R"({"m":"a"})"), "catalogue, line 2: a model before any provider");
  EXPECT_EQ(problem(head + provider + "nonsense"), "catalogue, line 3: not a JSON object");
  EXPECT_EQ(problem(head + provider + "{}"), "catalogue, line 3: neither head, provider nor model");
  for (const char* row :
       {R"({"m":"a","p":{"input":-1}})", R"({"m":"a","p":{"input":1e3}})", R"({"m":"a","p":{"tea":1}})",
        R"({"m":"a","p":{"gold.input":1}})", R"({"m":"a","p":{"input>0":1}})", R"({"m":"a","p":3})",
        R"({"m":"a","p":{"from":"2026-13-01"}})", R"({"m":"a","p":{"day":[1]}})", R"({"m":"a","p":{"day":[1,86401]}})",
        R"({"m":"a","r":["gpt"]})", R"({"m":"a","c":"z"})", R"({"m":"a","s":"7"})", R"({"m":"a","ctx":-1})",
        R"({"m":"a\"b"})", R"({"m":""})"}) {
    EXPECT_TRUE(problem(head + provider + row).starts_with("catalogue, line 3: ")) << row;
  }
}

TEST(BuiltInCatalogue, is_whole) {
  const auto catalogue = Catalogue::built_in();
  EXPECT_GT(catalogue->models().size(), 4'000U);
  ASSERT_EQ(catalogue->sources().size(), 3U);
  for (const ModelInfo& model : catalogue->models()) {
    EXPECT_NE(model.sources, 0U) << model.id;
    // What a row calls itself leads back to it.
    const ModelInfo* found = catalogue->find(model.provider, "", model.id);
    ASSERT_NE(found, nullptr) << model.provider << "/" << model.id;
    EXPECT_EQ(found, &model) << id_of(&model) << " is found as " << id_of(found);
  }
}

// Figures that everybody knows: wrong units would show.
TEST(BuiltInCatalogue, knows_what_is_known) {
  const auto catalogue = Catalogue::built_in();
  Usage million;
  million.prompt_tokens = 100'000;
  million.completion_tokens = 100'000;
  const auto cents = [&](std::string_view provider, std::string_view endpoint, std::string_view model) {
    const ModelInfo* found = catalogue->find(provider, endpoint, model);
    return found == nullptr ? -1 : price_of(found->prices, million, kNow).total().nanos() / 10'000'000;
  };
  EXPECT_EQ(cents("openai", "", "gpt-4o"), 125);
  EXPECT_EQ(cents("openai", "", "gpt-4o-2024-11-20"), 125);
  EXPECT_EQ(cents("anthropic", "", "claude-sonnet-4-5-20250929"), 180);
  EXPECT_EQ(cents("openai_compatible", "api.anthropic.com", "claude-sonnet-4-5"), 180);
  EXPECT_EQ(cents("bedrock", "", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"), 198) << "regional: a tenth more";
  EXPECT_EQ(cents("azure", "", "gpt-4o"), 125);
  EXPECT_EQ(cents("gemini", "", "gemini-2.5-flash"), 28);
  EXPECT_EQ(cents("openai_compatible", "10.1.2.3", "anthropic/claude-sonnet-4-5"), 180);
  EXPECT_EQ(cents("openai", "", "no-such-model"), -1);
}

}  // namespace
}  // namespace gatehouse::llm
