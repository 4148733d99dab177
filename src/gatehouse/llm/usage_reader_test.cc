#include "gatehouse/llm/usage_reader.h"

#include <gtest/gtest.h>

namespace gatehouse::llm {
namespace {

using enum UsageApi;

TEST(ReadUsage, openai_in_both_vocabularies) {
  const Usage chat = read_usage(openai, R"({"prompt_tokens":100,"completion_tokens":50,"total_tokens":150,
    "prompt_tokens_details":{"cached_tokens":40,"audio_tokens":10,"cache_write_tokens":20},
    "completion_tokens_details":{"reasoning_tokens":30,"audio_tokens":5}})");
  EXPECT_TRUE(chat.known);
  EXPECT_EQ(chat.prompt_tokens, 100U);
  EXPECT_EQ(chat.cached_tokens, 40U);
  EXPECT_EQ(chat.cache_write_tokens, 20U);
  EXPECT_EQ(chat.prompt_audio_tokens, 10U);
  EXPECT_EQ(chat.completion_tokens, 50U);
  EXPECT_EQ(chat.reasoning_tokens, 30U);
  EXPECT_EQ(chat.completion_audio_tokens, 5U);
  const Usage images = read_usage(openai, R"({"input_tokens":50,"output_tokens":272,"total_tokens":322,
    "input_tokens_details":{"text_tokens":10,"image_tokens":40},"output_tokens_details":{"image_tokens":272}})");
  EXPECT_EQ(images.prompt_image_tokens, 40U);
  EXPECT_EQ(images.completion_image_tokens, 272U);
  EXPECT_EQ(read_usage(openai, R"({"type":"duration","seconds":8.2})").audio_seconds, 9U);
  EXPECT_FALSE(read_usage(openai, R"({"seconds":-3})").known);
}

TEST(ReadUsage, reasoning_and_citations_that_the_completion_leaves_out) {
  const Usage xai = read_usage(openai, R"({"prompt_tokens":32,"completion_tokens":9,"total_tokens":135,
    "completion_tokens_details":{"reasoning_tokens":94}})");
  EXPECT_EQ(xai.completion_tokens, 103U);
  EXPECT_EQ(xai.reasoning_tokens, 94U);
  const Usage perplexity = read_usage(openai, R"({"prompt_tokens":20,"completion_tokens":100,"total_tokens":370,
    "citation_tokens":50,"reasoning_tokens":200,"num_search_queries":3})");
  EXPECT_EQ(perplexity.completion_tokens, 350U);
  EXPECT_EQ(perplexity.citation_tokens, 50U);
  EXPECT_EQ(perplexity.web_searches, 3U);
}

TEST(ReadUsage, realtime_tells_what_of_the_cache_was_audio) {
  const Usage usage = read_usage(realtime, R"({"input_tokens":127,"output_tokens":148,"total_tokens":275,
    "input_token_details":{"cached_tokens":64,"text_tokens":119,"audio_tokens":8,
      "cached_tokens_details":{"text_tokens":60,"audio_tokens":4}},
    "output_token_details":{"text_tokens":36,"audio_tokens":112}})");
  EXPECT_EQ(usage.cached_tokens, 64U);
  EXPECT_EQ(usage.cached_audio_tokens, 4U);
  EXPECT_EQ(usage.completion_audio_tokens, 112U);
}

TEST(ReadUsage, anthropic_adds_the_cache) {
  const Usage usage = read_usage(anthropic, R"({"input_tokens":10,"cache_creation_input_tokens":300,
    "cache_read_input_tokens":1000,"output_tokens":50,
    "cache_creation":{"ephemeral_5m_input_tokens":100,"ephemeral_1h_input_tokens":200},
    "server_tool_use":{"web_search_requests":2},"output_tokens_details":{"thinking_tokens":20}})");
  EXPECT_EQ(usage.prompt_tokens, 1310U);
  EXPECT_EQ(usage.cached_tokens, 1000U);
  EXPECT_EQ(usage.cache_write_tokens, 300U);
  EXPECT_EQ(usage.cache_write_1h_tokens, 200U);
  EXPECT_EQ(usage.reasoning_tokens, 20U);
  EXPECT_EQ(usage.web_searches, 2U);
  EXPECT_EQ(usage.total_tokens, 1360U);
  EXPECT_EQ(
      read_usage(anthropic, R"({"input_tokens":7,"cache_read_input_tokens":null,"output_tokens":1})").prompt_tokens,
      7U);
}

TEST(ReadUsage, anthropic_streams_are_merged) {
  const Usage start = read_usage(anthropic, R"({"input_tokens":10,"cache_read_input_tokens":90,"output_tokens":1})");
  const Usage end = read_usage(anthropic, R"({"output_tokens":42})");
  const Usage merged = merge_usage(start, end);
  EXPECT_EQ(merged.prompt_tokens, 100U);
  EXPECT_EQ(merged.cached_tokens, 90U);
  EXPECT_EQ(merged.completion_tokens, 42U);
  EXPECT_EQ(merged.total_tokens, 142U);
  EXPECT_EQ(merge_usage(Usage{}, end).completion_tokens, 42U);
}

TEST(ReadUsage, gemini_adds_thoughts_and_tools) {
  const Usage usage = read_usage(gemini, R"({"promptTokenCount":100,"candidatesTokenCount":20,"thoughtsTokenCount":30,
    "toolUsePromptTokenCount":40,"cachedContentTokenCount":60,"totalTokenCount":190,
    "promptTokensDetails":[{"modality":"TEXT","tokenCount":50},{"modality":"AUDIO","tokenCount":30},
      {"modality":"DOCUMENT","tokenCount":20}],
    "toolUsePromptTokensDetails":[{"modality":"IMAGE","tokenCount":5}],
    "cacheTokensDetails":[{"modality":"AUDIO","tokenCount":10}],
    "candidatesTokensDetails":[{"modality":"IMAGE","tokenCount":15}]})");
  EXPECT_EQ(usage.prompt_tokens, 140U);
  EXPECT_EQ(usage.completion_tokens, 50U);
  EXPECT_EQ(usage.reasoning_tokens, 30U);
  EXPECT_EQ(usage.prompt_audio_tokens, 30U);
  EXPECT_EQ(usage.prompt_image_tokens, 25U);
  EXPECT_EQ(usage.cached_audio_tokens, 10U);
  EXPECT_EQ(usage.completion_image_tokens, 15U);
  EXPECT_EQ(read_usage(gemini, R"({"totalTokenCount":12})").prompt_tokens, 12U);
}

TEST(ReadUsage, bedrock_cohere_and_ocr) {
  const Usage converse = read_usage(bedrock, R"({"inputTokens":10,"outputTokens":5,"totalTokens":115,
    "cacheReadInputTokens":80,"cacheWriteInputTokens":20,
    "cacheDetails":[{"ttl":"1h","inputTokens":15},{"ttl":"5m","inputTokens":5}]})");
  EXPECT_EQ(converse.prompt_tokens, 110U);
  EXPECT_EQ(converse.cached_tokens, 80U);
  EXPECT_EQ(converse.cache_write_tokens, 20U);
  EXPECT_EQ(converse.cache_write_1h_tokens, 15U);
  const Usage billed = read_usage(cohere, R"({"billed_units":{"input_tokens":5,"output_tokens":3},
    "tokens":{"input_tokens":71,"output_tokens":3},"cached_tokens":2})");
  EXPECT_EQ(billed.prompt_tokens, 5U);
  EXPECT_EQ(billed.cached_tokens, 2U);
  EXPECT_EQ(read_usage(cohere, R"({"tokens":{"input_tokens":71,"output_tokens":3}})").prompt_tokens, 71U);
  EXPECT_EQ(read_usage(mistral_ocr, R"({"pages_processed":4,"doc_size_bytes":9})").pages, 4U);
}

TEST(ReadUsage, parts_stay_within_their_whole_and_sums_within_the_type) {
  const Usage odd = read_usage(openai, R"({"prompt_tokens":10,"completion_tokens":5,"prompt_tokens_details":
    {"cached_tokens":99,"audio_tokens":99,"image_tokens":99},"completion_tokens_details":{"audio_tokens":99}})");
  EXPECT_EQ(odd.cached_tokens, 10U);
  EXPECT_EQ(odd.prompt_audio_tokens, 10U);
  EXPECT_EQ(odd.prompt_image_tokens, 0U);
  EXPECT_EQ(odd.completion_audio_tokens, 5U);
  const Usage huge = read_usage(anthropic, R"({"input_tokens":18446744073709551615,
    "cache_read_input_tokens":18446744073709551615,"output_tokens":18446744073709551615})");
  EXPECT_EQ(huge.prompt_tokens, UINT64_MAX);
  EXPECT_EQ(huge.total_tokens, UINT64_MAX);
}

TEST(ReadUsage, what_is_none_reads_as_nothing) {
  for (std::size_t api = 0; api < kUsageApiCount; ++api) {
    for (const char* text : {"", "null", "[]", "3", "{}", R"({"input_tokens":"7"})", R"({"prompt_tokens":-1)",
                             R"({"num_search_queries":3,"reasoning_tokens":20})"}) {
      EXPECT_EQ(read_usage(static_cast<UsageApi>(api), text), Usage{}) << api << " " << text;
    }
    EXPECT_FALSE(usage_path(static_cast<UsageApi>(api)).empty());
  }
}

}  // namespace
}  // namespace gatehouse::llm
