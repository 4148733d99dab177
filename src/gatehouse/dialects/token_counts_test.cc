#include "gatehouse/dialects/token_counts.h"

#include <gtest/gtest.h>

namespace gatehouse::dialects {
namespace {

TEST(TokenCounts, ThereAndBack) {
  EXPECT_EQ(write_token_count(llm::Dialect::anthropic, 12), R"({"input_tokens":12})");
  EXPECT_EQ(write_token_count(llm::Dialect::gemini, 12), R"({"totalTokens":12})");
  EXPECT_EQ(write_token_count(llm::Dialect::bedrock, 12), R"({"inputTokens":12})");
  EXPECT_EQ(write_token_count(llm::Dialect::openai_responses, 12),
            R"({"object":"response.input_tokens","input_tokens":12})");
  for (const auto dialect :
       {llm::Dialect::anthropic, llm::Dialect::gemini, llm::Dialect::bedrock, llm::Dialect::openai_responses}) {
    EXPECT_EQ(read_token_count(dialect, write_token_count(dialect, 4711)), 4711u);
    for (const char* bad : {"", "{}", "[]", R"({"input_tokens":"1","totalTokens":-1,"inputTokens":1.5})"}) {
      EXPECT_EQ(read_token_count(dialect, bad), std::nullopt) << bad;
    }
  }
}

}  // namespace
}  // namespace gatehouse::dialects
