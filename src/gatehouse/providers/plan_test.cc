#include "gatehouse/providers/plan.h"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace gatehouse::providers {
namespace {

using config::ProviderKind;
using llm::Dialect;
using llm::Operation;

// A provider of the kind as its own address has it, with all that its paths are made of.
config::Provider provider(ProviderKind kind) {
  config::Provider made;
  made.name = "p";
  made.kind = kind;
  made.resource = "res";
  made.location = "europe-west4";
  made.host = "dbc.example";
  made.aws.region = "eu-west-1";
  if (kind == ProviderKind::vertex || kind == ProviderKind::watsonx) made.project = "p-1";
  std::string_view missing;
  const std::string url = config::base_url_of(made, missing);
  if (!url.empty()) made.base_url = *config::parse_base_url(url);
  if (kind == ProviderKind::openai_compatible) made.base_url = *config::parse_base_url("http://own.example/v1");
  return made;
}

// Whole URL of a plan, or the error's slug.
std::string url_of(const config::Provider& of, const Asked& asked, Plan* out = nullptr) {
  const auto profile = Profile::make(of);
  const auto plan = plan_call(*profile, asked);
  if (!plan) return std::string(plan.error().slug());
  if (out != nullptr) {
    *out = *plan;
    out->quirks = nullptr;  // the profile's
  }
  auto url = of.base_url;
  url.path = profile->root();
  return url.to_string() + std::string(plan->target());
}

struct Row {
  ProviderKind kind;
  Operation operation;
  Dialect asked;
  std::string_view path;  // the caller's
  std::string_view model;
  bool stream;
  std::string_view url;
  Dialect spoken = Dialect::openai_chat;
  bool same = true;
  Framing framing = Framing::sse;
};

constexpr auto kChat = Operation::chat_completions;
constexpr auto kResponses = Operation::responses;
constexpr auto kMessages = Operation::messages;
constexpr auto kOpenAi = Dialect::openai_chat;
constexpr auto kAnthropic = Dialect::anthropic;
constexpr auto kGemini = Dialect::gemini;
constexpr auto kNdjson = Framing::ndjson;
constexpr auto kFrames = Framing::aws_event_stream;

const Row kRows[] = {
    // The caller's own dialect where it is spoken.
    {ProviderKind::openai, kChat, kOpenAi, "/chat/completions", "m", true,
     "https://api.openai.com/v1/chat/completions"},
    {ProviderKind::openai, kChat, kOpenAi, "/chat/completions?a=1&b", "m", false,
     "https://api.openai.com/v1/chat/completions?a=1&b"},
    {ProviderKind::openai, kResponses, Dialect::openai_responses, "/responses/r-1/cancel", "", false,
     "https://api.openai.com/v1/responses/r-1/cancel", Dialect::openai_responses},
    {ProviderKind::openai, kMessages, kAnthropic, "/messages?beta=true", "m", true,
     "https://api.openai.com/v1/chat/completions", kOpenAi, false},
    {ProviderKind::openai, Operation::stream_content, kGemini, "/models/m:streamGenerateContent?alt=sse", "m", true,
     "https://api.openai.com/v1/chat/completions", kOpenAi, false},
    {ProviderKind::openai, Operation::completions, kOpenAi, "/completions", "m", false,
     "https://api.openai.com/v1/completions"},
    {ProviderKind::openai, Operation::embeddings, kOpenAi, "/embeddings", "m", false,
     "https://api.openai.com/v1/embeddings"},
    {ProviderKind::openai, Operation::embed_content, kGemini, "/models/m:embedContent", "m", false,
     "https://api.openai.com/v1/embeddings", kOpenAi, false},
    {ProviderKind::openai, Operation::files, kOpenAi, "/files/f-1?limit=2", "", false,
     "https://api.openai.com/v1/files/f-1?limit=2"},
    {ProviderKind::openai, Operation::audio, kOpenAi, "/audio/speech", "", false,
     "https://api.openai.com/v1/audio/speech"},
    {ProviderKind::openai, Operation::rerank, kOpenAi, "/rerank", "m", false, "unsupported"},
    {ProviderKind::openai, Operation::count_tokens, kAnthropic, "/messages/count_tokens", "m", false, "unsupported"},
    {ProviderKind::openai, Operation::passthrough, kAnthropic, "/skills", "", false, "unsupported"},
    {ProviderKind::openai, Operation::realtime, kOpenAi, "/realtime?model=m", "m", false,
     "https://api.openai.com/v1/realtime?model=m"},
    {ProviderKind::openai, Operation::realtime, kOpenAi, "/realtime?model=mine&x=y", "a b&c=d", false,
     "https://api.openai.com/v1/realtime?model=a%20b%26c%3Dd"},
    {ProviderKind::azure, Operation::realtime, kOpenAi, "/realtime", "m", false,
     "https://res.openai.azure.com/openai/v1/realtime?model=m"},
    // Azure.
    {ProviderKind::azure, kChat, kOpenAi, "/chat/completions?api-version=2020-01-01", "m", false,
     "https://res.openai.azure.com/openai/v1/chat/completions"},
    {ProviderKind::azure, kResponses, Dialect::openai_responses, "/responses", "m", true,
     "https://res.openai.azure.com/openai/v1/responses", Dialect::openai_responses},
    {ProviderKind::azure, Operation::moderations, kOpenAi, "/moderations", "m", false, "unsupported"},
    // Anthropic.
    {ProviderKind::anthropic, kMessages, kAnthropic, "/messages?beta=true", "m", true,
     "https://api.anthropic.com/v1/messages?beta=true", kAnthropic},
    {ProviderKind::anthropic, kChat, kOpenAi, "/chat/completions?x=y", "m", true,
     "https://api.anthropic.com/v1/messages", kAnthropic, false},
    {ProviderKind::anthropic, kResponses, Dialect::openai_responses, "/responses", "m", true,
     "https://api.anthropic.com/v1/messages", kAnthropic, false},
    {ProviderKind::anthropic, kResponses, Dialect::openai_responses, "/responses/r-1", "", false, "unsupported"},
    {ProviderKind::anthropic, Operation::count_tokens, kAnthropic, "/messages/count_tokens", "m", false,
     "https://api.anthropic.com/v1/messages/count_tokens", kAnthropic},
    {ProviderKind::anthropic, Operation::count_tokens, kGemini, "/models/m:countTokens?key=gh-1", "m", false,
     "https://api.anthropic.com/v1/messages/count_tokens", kAnthropic, false},
    {ProviderKind::anthropic, Operation::batches, kAnthropic, "/messages/batches", "", false,
     "https://api.anthropic.com/v1/messages/batches", kAnthropic},
    {ProviderKind::anthropic, Operation::embeddings, kOpenAi, "/embeddings", "m", false, "unsupported"},
    // Gemini.
    {ProviderKind::gemini, Operation::generate_content, kGemini,
     "/models/m:generateContent?key=gh-1&alt=json&fields=candidates&callback=f&$httpHeaders=a:b", "gemini-3", false,
     "https://generativelanguage.googleapis.com/v1beta/models/gemini-3:generateContent", kGemini},
    {ProviderKind::gemini, Operation::files, kGemini, "/files?pageSize=5&%24httpHeaders=a:b&$key=k", "", false,
     "https://generativelanguage.googleapis.com/v1beta/files?pageSize=5", kGemini},
    {ProviderKind::gemini, Operation::stream_content, kGemini, "/models/m:streamGenerateContent?%6bey=gh-1",
     "models/gemini-3", true,
     "https://generativelanguage.googleapis.com/v1beta/models/gemini-3:streamGenerateContent?alt=sse", kGemini},
    {ProviderKind::gemini, kChat, kOpenAi, "/chat/completions?x=1", "tunedModels/t-1", true,
     "https://generativelanguage.googleapis.com/v1beta/tunedModels/t-1:streamGenerateContent?alt=sse", kGemini, false},
    {ProviderKind::gemini, kChat, kOpenAi, "/chat/completions", "../../x?y#z", false,
     "https://generativelanguage.googleapis.com/v1beta/models/..%2F..%2Fx%3Fy%23z:generateContent", kGemini, false},
    {ProviderKind::gemini, Operation::embeddings, kOpenAi, "/embeddings", "e", false,
     "https://generativelanguage.googleapis.com/v1beta/models/e:batchEmbedContents", kGemini, false},
    {ProviderKind::gemini, Operation::embed_content, kGemini, "/models/e:embedContent", "e", false,
     "https://generativelanguage.googleapis.com/v1beta/models/e:embedContent", kGemini},
    {ProviderKind::gemini, Operation::embed_content, kGemini, "/models/e:batchEmbedContents", "e", false,
     "https://generativelanguage.googleapis.com/v1beta/models/e:batchEmbedContents", kGemini},
    {ProviderKind::gemini, Operation::count_tokens, kAnthropic, "/messages/count_tokens?beta=true", "m", false,
     "https://generativelanguage.googleapis.com/v1beta/models/m:countTokens", kGemini, false},
    {ProviderKind::gemini, Operation::passthrough, kGemini, "/cachedContents?key=k", "", false,
     "https://generativelanguage.googleapis.com/v1beta/cachedContents", kGemini},
    {ProviderKind::gemini, kChat, kOpenAi, "/chat/completions", "", false, "invalid_request"},
    // Vertex: the model says which dialect.
    {ProviderKind::vertex, kChat, kOpenAi, "/chat/completions", "gemini-3-pro", true,
     "https://europe-west4-aiplatform.googleapis.com/v1/projects/p-1/locations/europe-west4/publishers/google/models/"
     "gemini-3-pro:streamGenerateContent?alt=sse",
     kGemini, false},
    {ProviderKind::vertex, kMessages, kAnthropic, "/messages", "claude-opus-5@20260101", false,
     "https://europe-west4-aiplatform.googleapis.com/v1/projects/p-1/locations/europe-west4/publishers/anthropic/"
     "models/claude-opus-5@20260101:rawPredict",
     kAnthropic, false},
    {ProviderKind::vertex, Operation::generate_content, kGemini, "/models/x:generateContent", "endpoints/123", false,
     "https://europe-west4-aiplatform.googleapis.com/v1/projects/p-1/locations/europe-west4/endpoints/"
     "123:generateContent",
     kGemini},
    {ProviderKind::vertex, kChat, kOpenAi, "/chat/completions", "meta/llama-4", true,
     "https://europe-west4-aiplatform.googleapis.com/v1/projects/p-1/locations/europe-west4/endpoints/openapi/chat/"
     "completions"},
    {ProviderKind::vertex, Operation::count_tokens, kAnthropic, "/messages/count_tokens", "claude-opus-5", false,
     "https://europe-west4-aiplatform.googleapis.com/v1/projects/p-1/locations/europe-west4/publishers/anthropic/"
     "models/count-tokens:rawPredict",
     kAnthropic, false},
    {ProviderKind::vertex, Operation::embeddings, kOpenAi, "/embeddings", "e", false, "unsupported"},
    // Bedrock.
    {ProviderKind::bedrock, kChat, kOpenAi, "/chat/completions", "eu.anthropic.claude-opus-5-v1:0", true,
     "https://bedrock-runtime.eu-west-1.amazonaws.com/model/eu.anthropic.claude-opus-5-v1%3A0/converse-stream",
     Dialect::bedrock, false, kFrames},
    {ProviderKind::bedrock, kMessages, kAnthropic, "/messages", "arn:aws:bedrock:eu-west-1:1:inference-profile/x",
     false,
     "https://bedrock-runtime.eu-west-1.amazonaws.com/model/"
     "arn%3Aaws%3Abedrock%3Aeu-west-1%3A1%3Ainference-profile%2Fx/converse",
     Dialect::bedrock, false, kFrames},
    {ProviderKind::bedrock, Operation::embeddings, kOpenAi, "/embeddings", "amazon.titan-embed-text-v2:0", false,
     "https://bedrock-runtime.eu-west-1.amazonaws.com/model/amazon.titan-embed-text-v2%3A0/invoke", Dialect::bedrock,
     false, kFrames},
    {ProviderKind::bedrock, kChat, kOpenAi, "/chat/completions", "..", false, "invalid_request"},
    {ProviderKind::bedrock, Operation::files, kOpenAi, "/files", "", false, "unsupported"},
    {ProviderKind::bedrock_mantle, kChat, kOpenAi, "/chat/completions", "openai.gpt-oss-120b", true,
     "https://bedrock-mantle.eu-west-1.api.aws/v1/chat/completions"},
    {ProviderKind::bedrock_mantle, kChat, kOpenAi, "/chat/completions", "anthropic.claude-opus-5", true,
     "https://bedrock-mantle.eu-west-1.api.aws/anthropic/v1/messages", kAnthropic, false},
    {ProviderKind::bedrock_mantle, kMessages, kAnthropic, "/messages", "openai.gpt-oss-120b", false,
     "https://bedrock-mantle.eu-west-1.api.aws/v1/chat/completions", kOpenAi, false},
    {ProviderKind::bedrock_mantle, kResponses, Dialect::openai_responses, "/responses", "openai.gpt-oss-120b", false,
     "https://bedrock-mantle.eu-west-1.api.aws/v1/responses", Dialect::openai_responses},
    // Others with a dialect of their own.
    {ProviderKind::cohere, kChat, kOpenAi, "/chat/completions", "m", true, "https://api.cohere.com/v2/chat",
     Dialect::cohere, false},
    {ProviderKind::cohere, Operation::embeddings, kOpenAi, "/embeddings", "m", false, "https://api.cohere.com/v2/embed",
     Dialect::cohere, false},
    {ProviderKind::cohere, Operation::rerank, kOpenAi, "/rerank", "m", false, "https://api.cohere.com/v2/rerank",
     Dialect::cohere, false},
    {ProviderKind::ollama, kChat, kOpenAi, "/chat/completions", "m", true,
     "http://127.0.0.1:11434/v1/chat/completions"},
    {ProviderKind::ollama, kMessages, kAnthropic, "/messages", "m", true, "http://127.0.0.1:11434/v1/messages",
     kAnthropic},
    {ProviderKind::ollama, Operation::generate_content, kGemini, "/models/m:generateContent", "m", false,
     "http://127.0.0.1:11434/api/chat", Dialect::ollama, false, kNdjson},
    {ProviderKind::ollama, Operation::embed_content, kGemini, "/models/m:embedContent", "m", false,
     "http://127.0.0.1:11434/api/embed", Dialect::ollama, false, kNdjson},
    {ProviderKind::watsonx, kChat, kOpenAi, "/chat/completions", "ibm/granite", false,
     "https://europe-west4.ml.cloud.ibm.com/ml/v1/text/chat?version=2024-05-31", kOpenAi, false},
    {ProviderKind::watsonx, kChat, kOpenAi, "/chat/completions", "ibm/granite", true,
     "https://europe-west4.ml.cloud.ibm.com/ml/v1/text/chat_stream?version=2024-05-31", kOpenAi, false},
    {ProviderKind::watsonx, Operation::passthrough, kOpenAi, "/x", "", false, "unsupported"},
    // Several dialects at one provider.
    {ProviderKind::deepseek, kMessages, kAnthropic, "/messages", "m", true,
     "https://api.deepseek.com/anthropic/v1/messages", kAnthropic},
    {ProviderKind::deepseek, kResponses, Dialect::openai_responses, "/responses", "m", true,
     "https://api.deepseek.com/responses", Dialect::openai_responses},
    {ProviderKind::openrouter, kMessages, kAnthropic, "/messages", "m", true, "https://openrouter.ai/api/v1/messages",
     kAnthropic},
    {ProviderKind::perplexity, kChat, kOpenAi, "/chat/completions", "m", true,
     "https://api.perplexity.ai/chat/completions"},
    {ProviderKind::perplexity, kResponses, Dialect::openai_responses, "/responses", "m", true,
     "https://api.perplexity.ai/v1/responses", Dialect::openai_responses},
    {ProviderKind::lmstudio, kMessages, kAnthropic, "/messages", "m", true, "http://127.0.0.1:1234/v1/messages",
     kAnthropic},
    {ProviderKind::moonshot, kMessages, kAnthropic, "/messages", "m", true,
     "https://api.moonshot.ai/anthropic/v1/messages", kAnthropic},
    {ProviderKind::dashscope, kMessages, kAnthropic, "/messages", "m", true,
     "https://dashscope-intl.aliyuncs.com/apps/anthropic/v1/messages", kAnthropic},
    // OpenAI's dialect elsewhere.
    {ProviderKind::groq, kResponses, Dialect::openai_responses, "/responses", "m", true,
     "https://api.groq.com/openai/v1/responses", Dialect::openai_responses},
    {ProviderKind::groq, Operation::embeddings, kOpenAi, "/embeddings", "m", false, "unsupported"},
    {ProviderKind::mistral, kResponses, Dialect::openai_responses, "/responses", "m", true,
     "https://api.mistral.ai/v1/chat/completions", kOpenAi, false},
    {ProviderKind::databricks, kChat, kOpenAi, "/chat/completions", "m", true,
     "https://dbc.example/ai-gateway/mlflow/v1/chat/completions"},
    {ProviderKind::together, Operation::rerank, kOpenAi, "/rerank", "m", false, "https://api.together.xyz/v1/rerank"},
    {ProviderKind::openai_compatible, Operation::passthrough, kOpenAi, "/whatever/it/has?x", "", false,
     "http://own.example/v1/whatever/it/has?x"},
    {ProviderKind::openai_compatible, Operation::passthrough, kOpenAi, "/x/../../secret", "", false, "invalid_request"},
    {ProviderKind::openai_compatible, Operation::passthrough, kOpenAi, "/x/%2e%2E/secret", "", false,
     "invalid_request"},
    {ProviderKind::openai_compatible, Operation::passthrough, kOpenAi, "/.hidden/..x?a/../b", "", false,
     "http://own.example/v1/.hidden/..x?a/../b"},
    {ProviderKind::openai_compatible, Operation::files, kOpenAi,
     "/files?include%5B%5D=a&api%5Fkey=1&KEY=2&access_token=3&keys=4", "", false,
     "http://own.example/v1/files?include%5B%5D=a&keys=4"},
    {ProviderKind::sandbox, kChat, kOpenAi, "/chat/completions", "m", true, "/chat/completions"},
};

TEST(Plan, Table) {
  for (const Row& row : kRows) {
    Plan plan;
    const auto url = url_of(
        provider(row.kind),
        {.operation = row.operation, .dialect = row.asked, .model = row.model, .stream = row.stream, .path = row.path},
        &plan);
    SCOPED_TRACE(std::string(config::to_string(row.kind)) + " " + std::string(row.path));
    EXPECT_EQ(url, row.url);
    if (row.url.find('/') == std::string_view::npos) continue;
    EXPECT_EQ(llm::name(plan.dialect), llm::name(row.spoken));
    EXPECT_EQ(plan.same, row.same);
    EXPECT_EQ(plan.framing, row.framing);
  }
}

// Every kind answers a conversation in every dialect that callers have, and what it cannot is said with its name.
TEST(Plan, UploadsGoOnWhereTheProviderSaid) {
  Plan plan;
  Asked asked{.operation = Operation::files,
              .dialect = Dialect::gemini,
              .model = {},
              .path = "/v1beta/files?upload_id=x",
              .upload = true};
  EXPECT_EQ(url_of(provider(ProviderKind::gemini), asked, &plan),
            "https://generativelanguage.googleapis.com/upload/v1beta/files");
  EXPECT_TRUE(plan.upload);
  asked.session = "/upload/v1beta/files?upload_id=real";
  EXPECT_EQ(url_of(provider(ProviderKind::gemini), asked),
            "https://generativelanguage.googleapis.com/upload/v1beta/files?upload_id=real");
  auto proxied = provider(ProviderKind::gemini);
  proxied.base_url = *config::parse_base_url("https://proxy.example/google/v1beta");
  EXPECT_EQ(url_of(proxied, asked), "https://proxy.example/google/upload/v1beta/files?upload_id=real");
  EXPECT_EQ(url_of(provider(ProviderKind::vertex), asked), "unsupported");
  EXPECT_EQ(url_of(provider(ProviderKind::openai), asked), "unsupported");
}

TEST(Plan, GeminisBatchesAreMadeForAModel) {
  const auto made = [](ProviderKind kind, std::string_view path, std::string_view model) {
    return url_of(provider(kind),
                  {.operation = Operation::batches, .dialect = Dialect::gemini, .model = model, .path = path});
  };
  EXPECT_EQ(made(ProviderKind::gemini, "/models/m:batchGenerateContent?x=y", "a b"),
            "https://generativelanguage.googleapis.com/v1beta/models/a%20b:batchGenerateContent");
  EXPECT_EQ(made(ProviderKind::gemini, "/models/m:asyncBatchEmbedContent", "m"),
            "https://generativelanguage.googleapis.com/v1beta/models/m:asyncBatchEmbedContent");
  EXPECT_EQ(made(ProviderKind::gemini, "/batches?pageSize=2&key=k", ""),
            "https://generativelanguage.googleapis.com/v1beta/batches?pageSize=2");
  EXPECT_EQ(made(ProviderKind::vertex, "/models/m:batchGenerateContent", "m"), "unsupported");
}

TEST(Plan, EveryKind) {
  struct Front {
    Operation operation;
    Dialect dialect;
    std::string_view path;
  };
  const Front fronts[] = {{kChat, kOpenAi, "/chat/completions"},
                          {kResponses, Dialect::openai_responses, "/responses"},
                          {kMessages, kAnthropic, "/messages"},
                          {Operation::generate_content, kGemini, "/models/m:generateContent"},
                          {Operation::stream_content, kGemini, "/models/m:streamGenerateContent"}};
  for (const Kind& kind : kinds()) {
    const auto profile = Profile::make(provider(kind.kind));
    for (const Front& front : fronts) {
      for (const bool stream : {false, true}) {
        const auto plan = plan_call(*profile, {.operation = front.operation,
                                               .dialect = front.dialect,
                                               .model = "some-model",
                                               .stream = stream,
                                               .path = front.path});
        ASSERT_TRUE(plan) << kind.name() << " " << front.path;
        EXPECT_TRUE(plan->target().starts_with('/')) << plan->target();
        EXPECT_EQ(plan->quirks, &profile->quirks());
        if (kind.choice == Choice::by_caller && profile->find(front.dialect) != nullptr) {
          EXPECT_EQ(plan->dialect, front.dialect) << kind.name();
        }
      }
    }
    for (std::size_t i = 0; i < llm::kOperationCount; ++i) {
      const auto operation = static_cast<Operation>(i);
      const auto plan = plan_call(
          *profile,
          {.operation = operation, .dialect = Dialect::openai_chat, .model = "m", .stream = false, .path = "/x"});
      if (plan) continue;
      EXPECT_EQ(plan.error().code, Code::unsupported) << kind.name();
      EXPECT_NE(plan.error().detail.find("provider p "), std::string::npos) << plan.error().detail;
      EXPECT_NE(plan.error().detail.find(llm::name(operation)), std::string::npos) << plan.error().detail;
    }
  }
}

// The plain way: the path that the caller asked for, not a copy of it.
TEST(Plan, TheCallersPathGoesOnWithoutACopy) {
  const auto own = Profile::make(provider(ProviderKind::openai_compatible));
  Asked asked{.operation = kChat, .dialect = kOpenAi, .model = "m", .path = "/chat/completions"};
  auto plan = plan_call(*own, asked);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->target().data(), asked.path.data());
  EXPECT_EQ(plan->target(), asked.path);
  EXPECT_TRUE(plan->path.empty());
  // What has to be looked at, or put together, is.
  asked.path = "/chat/completions?key=1&x=2";
  plan = plan_call(*own, asked);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->target(), "/chat/completions?x=2");
  asked.path = "/messages/../files";
  EXPECT_FALSE(plan_call(*own, asked));
}

TEST(Plan, AzureByDeployment) {
  auto azure = provider(ProviderKind::azure);
  azure.api_version = "2024-10-21";
  EXPECT_EQ(url_of(azure, {.operation = kChat,
                           .dialect = kOpenAi,
                           .model = "my deployment",
                           .stream = true,
                           .path = "/chat/completions?x=1&api-version=2020-01-01"}),
            "https://res.openai.azure.com/openai/deployments/my%20deployment/chat/completions?x=1&api-version="
            "2024-10-21");
  EXPECT_EQ(url_of(azure, {.operation = Operation::files, .dialect = kOpenAi, .model = {}, .path = "/files"}),
            "https://res.openai.azure.com/openai/files?api-version=2024-10-21");
  // As a wildcard may let through.
  for (const auto* dots : {".", ".."}) {
    EXPECT_EQ(url_of(azure, {.operation = kChat, .dialect = kOpenAi, .model = dots, .path = "/chat/completions"}),
              "invalid_request");
  }
  Plan plan;
  // Responses are not there: translated.
  EXPECT_EQ(
      url_of(azure, {.operation = kResponses, .dialect = Dialect::openai_responses, .model = "d", .path = "/responses"},
             &plan),
      "https://res.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21");
  EXPECT_FALSE(plan.same);
  EXPECT_EQ(plan.origin, llm::Origin::azure);
  EXPECT_EQ(url_of(azure, {.operation = kChat, .dialect = kOpenAi, .model = {}, .path = "/chat/completions"}),
            "invalid_request");
  azure.api_version = "preview";
  EXPECT_EQ(url_of(azure,
                   {.operation = kResponses, .dialect = Dialect::openai_responses, .model = "d", .path = "/responses"}),
            "https://res.openai.azure.com/openai/v1/responses?api-version=preview");
}

TEST(Plan, HostsOfPlaces) {
  auto vertex = provider(ProviderKind::vertex);
  std::string_view missing;
  for (const auto& [location, host] : {std::pair{"global", "https://aiplatform.googleapis.com"},
                                       {"eu", "https://aiplatform.eu.rep.googleapis.com"},
                                       {"us", "https://aiplatform.us.rep.googleapis.com"},
                                       {"us-east5", "https://us-east5-aiplatform.googleapis.com"}}) {
    vertex.location = location;
    EXPECT_EQ(config::base_url_of(vertex, missing), host);
  }
  auto bedrock = provider(ProviderKind::bedrock);
  bedrock.aws.region = "cn-north-1";
  EXPECT_EQ(config::base_url_of(bedrock, missing), "https://bedrock-runtime.cn-north-1.amazonaws.com.cn");
}

TEST(Plan, WhoReadsOpaqueState) {
  const auto origin = [](ProviderKind kind, std::string_view model) {
    const auto profile = Profile::make(provider(kind));
    return plan_call(*profile, {.operation = kChat, .dialect = kOpenAi, .model = model, .path = "/chat/completions"})
        ->origin;
  };
  EXPECT_EQ(origin(ProviderKind::bedrock, "us.anthropic.claude-opus-5-v1:0"), llm::Origin::anthropic);
  EXPECT_EQ(origin(ProviderKind::bedrock, "amazon.nova-pro-v1:0"), llm::Origin::bedrock);
  EXPECT_EQ(origin(ProviderKind::vertex, "claude-opus-5"), llm::Origin::anthropic);
  EXPECT_EQ(origin(ProviderKind::vertex, "gemini-3"), llm::Origin::gemini);
  EXPECT_EQ(origin(ProviderKind::openrouter, "anthropic/claude-opus-5"), llm::Origin::openrouter);
  EXPECT_EQ(origin(ProviderKind::vllm, "m"), llm::Origin::none);
}

TEST(Plan, WatsonxBodies) {
  auto watsonx = provider(ProviderKind::watsonx);
  EXPECT_EQ(Profile::make(watsonx)->quirks().body_members, R"("project_id":"p-1")");
  watsonx.space_id = "s\"1";
  EXPECT_EQ(Profile::make(watsonx)->quirks().body_members, R"("space_id":"s\"1")");
}

}  // namespace
}  // namespace gatehouse::providers
