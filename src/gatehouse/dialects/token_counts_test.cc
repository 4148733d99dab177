#include "gatehouse/dialects/token_counts.h"

#include <gtest/gtest.h>

namespace gatehouse::dialects {
namespace {

TEST(TokenCounts, InTheCallersWords) {
  EXPECT_EQ(write_token_count(llm::Dialect::anthropic, 12), R"({"input_tokens":12})");
  EXPECT_EQ(write_token_count(llm::Dialect::gemini, 12), R"({"totalTokens":12})");
  EXPECT_EQ(write_token_count(llm::Dialect::bedrock, 12), R"({"inputTokens":12})");
  EXPECT_EQ(write_token_count(llm::Dialect::openai_responses, 12),
            R"({"object":"response.input_tokens","input_tokens":12})");
}

}  // namespace
}  // namespace gatehouse::dialects
