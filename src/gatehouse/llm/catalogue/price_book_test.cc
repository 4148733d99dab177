#include "gatehouse/llm/catalogue/price_book.h"

#include <string>

#include <gtest/gtest.h>

namespace gatehouse::llm {
namespace {

using base::Money;

const base::WallTime kNow = std::chrono::sys_days{std::chrono::year{2026} / 5 / 1};

std::shared_ptr<const Catalogue> sample() {
  auto parsed = Catalogue::parse(R"({"catalogue":1,"sources":[{"name":"facts","date":"2026-01-02"}]}
{"provider":"openai","host":["api.openai.com"],"makes":["^gpt-"]}
{"m":"gpt-4o","p":{"input":2,"output":8},"ctx":128000,"out":16384,"s":"0"}
{"m":"gpt-nameless","ctx":1000,"s":"0"}
)");
  EXPECT_TRUE(parsed) << parsed.error().detail;
  return *parsed;
}

Money cost(const ModelPrice& price) {
  Usage usage;
  usage.prompt_tokens = usage.completion_tokens = 1'000'000;
  return price_of(price.prices, usage, kNow).total();
}

TEST(PriceBook, what_is_not_known_is_never_free) {
  const auto book = *PriceBook::make(sample());
  const ModelPrice known = book->find("o", "openai", "api.openai.com", "gpt-4o");
  EXPECT_TRUE(known.price_known);
  EXPECT_EQ(cost(known), Money::usd(10));
  EXPECT_EQ(known.context_tokens, 128'000U);
  const ModelPrice strange = book->find("o", "openai", "api.openai.com", "strange");
  EXPECT_FALSE(strange.price_known);
  EXPECT_FALSE(strange.free);
  EXPECT_EQ(cost(strange), Money::usd(40));
  const ModelPrice unpriced = book->find("o", "openai", "api.openai.com", "gpt-nameless");
  EXPECT_FALSE(unpriced.price_known);
  EXPECT_EQ(cost(unpriced), Money::usd(40));
  EXPECT_EQ(unpriced.context_tokens, 1'000U) << "its limits are known all the same";
  EXPECT_EQ(cost(book->find("o", "openai", "", "")), Money::usd(40));
}

TEST(PriceBook, the_price_of_the_unknown_is_the_operators) {
  const auto book = *PriceBook::make(sample(), {}, {.input = "1", .output = "2"});
  EXPECT_EQ(cost(book->find("o", "openai", "", "strange")), Money::usd(3));
  EXPECT_FALSE(PriceBook::make(sample(), {}, {.input = "0", .output = "0"}));
  EXPECT_FALSE(PriceBook::make(sample(), {}, {.input = "cheap", .output = "2"}));
}

TEST(PriceBook, the_sandbox_is_free) {
  const auto book = *PriceBook::make(sample(), {{.provider = "paid", .model = "*", .input = "1", .output = "1"}});
  const ModelPrice price = book->find("sandbox", "sandbox", "", "sandbox");
  EXPECT_TRUE(price.free);
  EXPECT_TRUE(price.price_known);
  EXPECT_EQ(cost(price), Money());
  EXPECT_EQ(cost(book->find("paid", "sandbox", "", "sandbox")), Money::usd(2))
      << "unless the operator gives it a price";
}

TEST(PriceBook, the_operators_rows_go_first) {
  const auto book = *PriceBook::make(sample(), {{.model = "*", .input = "1", .output = "1"},
                                                {.model = "gpt-*", .input = "2", .output = "2"},
                                                {.provider = "mine", .model = "gpt-*", .input = "3", .output = "3"},
                                                {.provider = "openai", .model = "GPT-4o", .input = "4", .output = "4"},
                                                {.model = "gpt-4o", .context_tokens = 64'000},
                                                {.provider = "local", .model = "*", .free = true}});
  const auto find = [&](std::string_view name, std::string_view endpoint, std::string_view model) {
    return book->find(name, "openai_compatible", endpoint, model);
  };
  EXPECT_EQ(cost(find("x", "api.openai.com", "gpt-4o")), Money::usd(8)) << "exact, by the catalogue's provider";
  EXPECT_EQ(find("x", "api.openai.com", "gpt-4o").context_tokens, 64'000U) << "a row of limits alone";
  EXPECT_EQ(find("x", "api.openai.com", "gpt-4o").max_output_tokens, 16'384U);
  EXPECT_EQ(cost(find("x", "", "gpt-5")), Money::usd(4));
  EXPECT_EQ(cost(find("MINE", "", "gpt-5")), Money::usd(6));
  EXPECT_EQ(cost(find("x", "", "llama")), Money::usd(2));
  EXPECT_TRUE(find("x", "", "llama").overridden);
  const ModelPrice local = find("local", "", "llama");
  EXPECT_TRUE(local.free);
  EXPECT_EQ(cost(local), Money());
}

TEST(PriceBook, says_which_row_is_wrong) {
  const auto problem = [](PriceOverride row) {
    const auto book = PriceBook::make(sample(), {{.model = "fine", .free = true}, std::move(row)});
    return book ? std::string("fine") : book.error().detail;
  };
  EXPECT_EQ(problem({.model = "m", .input = "1", .output = "2", .cached = "0.1"}), "fine");
  EXPECT_EQ(problem({.model = "m", .request = "5"}), "fine");
  EXPECT_EQ(problem({.model = ""}), "price 2: no model");
  EXPECT_EQ(problem({.model = "a*b"}), "price 2: a * stands at the end, or nowhere");
  EXPECT_EQ(problem({.model = "m", .free = true, .input = "1", .output = "1"}), "price 2: free, and yet with a price");
  EXPECT_EQ(problem({.model = "m", .input = "1"}), "price 2: input and output prices come together");
  EXPECT_EQ(problem({.model = "m", .cached = "1"}), "price 2: no price of input and output");
  EXPECT_EQ(problem({.model = "m", .input = "-1", .output = "1"}), "price 2: input: not a number of dollars");
  EXPECT_EQ(problem({.model = "FINE", .input = "1", .output = "1"}), "prices: fine is given twice");
}

}  // namespace
}  // namespace gatehouse::llm
