#include "gatehouse/llm/tokens/model_tokens.h"

#include <string>

#include <gtest/gtest.h>

namespace gatehouse::llm {
namespace {

void expect_exact(std::string_view model, Encoding encoding) {
  const ModelTokens tokens = tokens_of_model(model);
  EXPECT_TRUE(tokens.exact) << model;
  EXPECT_EQ(name(tokens.encoding), name(encoding)) << model;
  EXPECT_EQ(tokens.factor, 1.0) << model;
}

TEST(ModelTokens, openais_models_have_their_encodings) {
  for (const auto* model :
       {"gpt-4o", "gpt-4o-2024-08-06", "gpt-4o-mini", "chatgpt-4o-latest", "gpt-4.1-nano", "gpt-4.5-preview", "gpt-5",
        "gpt-5.6-mini", "gpt-6", "o1", "o1-preview-2024-09-12", "o3-mini", "o4-mini"}) {
    expect_exact(model, Encoding::o200k_base);
  }
  for (const auto* model :
       {"gpt-4", "gpt-4-0613", "gpt-4-turbo-2024-04-09", "gpt-4-32k", "gpt-3.5-turbo", "gpt-3.5-turbo-instruct",
        "gpt-35-turbo-16k", "text-embedding-3-small", "text-embedding-ada-002", "davinci-002"}) {
    expect_exact(model, Encoding::cl100k_base);
  }
  expect_exact("gpt-oss-120b", Encoding::o200k_harmony);
}

TEST(ModelTokens, what_stands_around_a_name_is_ignored) {
  expect_exact("openai/gpt-4o", Encoding::o200k_base);
  expect_exact("azure/eu/gpt-35-turbo", Encoding::cl100k_base);
  expect_exact("ft:gpt-4o-mini-2024-07-18:acme::abc123", Encoding::o200k_base);
  expect_exact("ft:gpt-3.5-turbo:acme", Encoding::cl100k_base);
  expect_exact("openai.gpt-oss-20b-1:0", Encoding::o200k_harmony);
  expect_exact("us.openai.gpt-oss-20b-1:0", Encoding::o200k_harmony);
  expect_exact("GPT-4o", Encoding::o200k_base);
}

TEST(ModelTokens, others_are_estimates_of_their_family) {
  const auto family = [](std::string_view model) {
    const ModelTokens tokens = tokens_of_model(model);
    EXPECT_FALSE(tokens.exact) << model;
    EXPECT_GE(tokens.factor, 1.0) << model;
    EXPECT_EQ(tokens.encoding, Encoding::o200k_base) << model;
    return name(tokens.family);
  };
  EXPECT_EQ(family("claude-sonnet-4-5"), "claude");
  EXPECT_EQ(family("us.anthropic.claude-haiku-4-5-v1:0"), "claude");
  EXPECT_EQ(family("google/gemini-2.5-flash"), "gemini");
  EXPECT_EQ(family("meta-llama/Llama-3.3-70B-Instruct"), "llama");
  EXPECT_EQ(family("mistral-large-latest"), "mistral");
  EXPECT_EQ(family("deepseek-ai/DeepSeek-R1"), "deepseek");
  EXPECT_EQ(family("qwen3:0.6b"), "qwen");
  EXPECT_EQ(family("sandbox"), "other");
  EXPECT_EQ(family("o100-mini"), "other");
  EXPECT_EQ(family(""), "other");
  EXPECT_EQ(family(std::string(5000, 'x')), "other");
}

}  // namespace
}  // namespace gatehouse::llm
