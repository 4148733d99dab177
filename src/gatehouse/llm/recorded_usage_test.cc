#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"
#include "gatehouse/llm/catalogue/catalogue.h"
#include "gatehouse/llm/catalogue/prices.h"
#include "gatehouse/llm/usage_reader.h"

// Usage bodies that providers really sent, with the price that others computed for them: an oracle outside of the
// project, in the folder that GATEHOUSE_RECORDINGS names.
namespace gatehouse::llm {
namespace {

using json::Value;

// The oracle names wire formats in its own way; what is not here it does not price.
std::optional<UsageApi> api_of(std::string_view provider, std::string_view flavour) {
  if (flavour == "anthropic" || (provider == "anthropic" && flavour == "default")) return UsageApi::anthropic;
  if (provider == "google" && flavour == "default") return UsageApi::gemini;
  if (provider == "aws" && flavour == "default") return UsageApi::bedrock;
  if (provider == "cohere") return UsageApi::cohere;
  if (flavour == "chat" || flavour == "responses" || flavour == "default" || flavour == "embeddings") {
    return UsageApi::openai;
  }
  return std::nullopt;
}

// Decimal text to dollars; the oracle writes numbers as strings.
double dollars(Value price) { return price.exists() ? std::strtod(price.string_or("0").c_str(), nullptr) : 0; }

TEST(RecordedUsage, costs_what_the_oracle_says) {
  const char* const folder = std::getenv("GATEHOUSE_RECORDINGS");
  if (folder == nullptr) GTEST_SKIP() << "GATEHOUSE_RECORDINGS names no folder";
  std::ifstream file(std::string(folder) + "/usage_bodies_with_prices.json", std::ios::binary);
  ASSERT_TRUE(file) << "no usage_bodies_with_prices.json in " << folder;
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  ASSERT_TRUE(json::validate(text));

  const auto catalogue = Catalogue::built_in();
  // The oracle was made over a time in which prices changed; most of its dated ones are those of this day.
  const base::WallTime then = std::chrono::sys_days{std::chrono::year{2026} / 5 / 1} + std::chrono::hours(12);
  std::size_t rows = 0;
  std::size_t priced_rows = 0;
  std::size_t right_rows = 0;
  std::size_t prices = 0;
  std::size_t right = 0;
  std::map<std::string, std::size_t> reasons;
  std::map<std::string, std::string> examples;
  Value(text).elements([&](Value row) {
    ++rows;
    const Value body = row["body"];
    const std::string model = row["model"].string_or("");
    bool priced = false;
    bool all_right = true;
    row["extracted"].elements([&](Value extracted) {
      extracted["extractors"].elements([&](Value extractor) {
        if (!extractor["input_price"].exists()) return;
        priced = true;
        ++prices;
        const std::string provider = extractor["provider_id"].string_or("");
        const std::string flavour = extractor["api_flavor"].string_or("");
        const auto why = [&](std::string reason) {
          all_right = false;
          reason = fmt::format("{} ({}, {})", reason, provider, flavour);
          ++reasons[reason];
          examples.emplace(reason, fmt::format("{} {}", model, body.raw().substr(0, 600)));
        };
        const auto api = api_of(provider, flavour);
        if (!api) return why("no reader");
        Usage usage = read_usage(*api, json::find(body.raw(), usage_path(*api)));
        if (!usage.known) return why("usage not read");
        if (flavour == "embeddings") usage.completion_tokens = 0;  // it looks at the input alone
        const ModelInfo* const info = catalogue->find(provider, "", model);
        if (info == nullptr) return why("model not found");
        if (!info->prices.known()) return why("no price known");
        const double expected = extractor["total_price"].exists()
                                    ? dollars(extractor["total_price"])
                                    : dollars(extractor["input_price"]) + dollars(extractor["output_price"]);
        const double actual = price_of(info->prices, usage, then).total().as_usd();
        if (std::abs(actual - expected) <= 1e-6) {
          ++right;
          return;
        }
        why(fmt::format("another price: {} of {}, {:.9f} for {:.9f}", model, info->id, actual, expected));
      });
    });
    if (priced) ++priced_rows;
    if (priced && all_right) ++right_rows;
  });
  std::string report = fmt::format("{} rows, {} with prices, {} right; {} prices, {} right\n", rows, priced_rows,
                                   right_rows, prices, right);
  for (const auto& [reason, count] : reasons) report += fmt::format("  {:4} {}\n", count, reason);
  std::fputs(report.c_str(), stdout);
  if (std::getenv("GATEHOUSE_RECORDINGS_EXAMPLES") != nullptr) {
    for (const auto& [reason, example] : examples) fmt::print("{}\n    {}\n", reason, example);
  }
  EXPECT_GE(right_rows * 100, priced_rows * 95);
  EXPECT_GE(right * 100, prices * 95);
  EXPECT_GT(priced_rows, 0U);
}

}  // namespace
}  // namespace gatehouse::llm
