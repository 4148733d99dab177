#include "gatehouse/dialects/routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/dialects/gemini/routes.h"

namespace gatehouse::dialects {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// The operation's name, or the error's slug.
std::string routed(std::string_view method, std::string_view path) {
  const auto route = find_route(method, path);
  return std::string(route ? llm::name(route->operation) : route.error().error.slug());
}

TEST(FindRoute, knows_the_operations) {
  EXPECT_EQ(routed("POST", "/v1/chat/completions"), "chat_completions");
  EXPECT_EQ(routed("POST", "/v1/completions"), "completions");
  EXPECT_EQ(routed("POST", "/v1/embeddings"), "embeddings");
  EXPECT_EQ(routed("GET", "/v1/models"), "models_list");
  EXPECT_EQ(routed("POST", "/v1/responses"), "responses");
  EXPECT_EQ(routed("GET", "/v1/responses/resp_1"), "responses");
  EXPECT_EQ(routed("POST", "/v1/images/generations"), "images");
  EXPECT_EQ(routed("POST", "/v1/audio/speech"), "audio");
  EXPECT_EQ(routed("POST", "/v1/rerank"), "rerank");
  EXPECT_EQ(routed("DELETE", "/v1/files/f"), "files");
  EXPECT_EQ(routed("POST", "/v1/batches"), "batches");
  EXPECT_EQ(routed("POST", "/v1/moderations"), "moderations");
}

TEST(FindRoute, passes_the_rest_below_v1) {
  EXPECT_EQ(routed("POST", "/v1/fine_tuning/jobs"), "passthrough");
  EXPECT_EQ(routed("GET", "/v1/chat/completions/chatcmpl-1"), "passthrough");
  EXPECT_EQ(routed("GET", "/v1/filesystem"), "passthrough");
  EXPECT_EQ(routed("DELETE", "/v1/models/ft:x"), "passthrough");
}

TEST(FindRoute, reads_the_model_of_the_path) {
  EXPECT_EQ(find_route("GET", "/v1/models/gpt-4o")->model, "gpt-4o");
  EXPECT_EQ(find_route("GET", "/v1/models/meta-llama/Llama-3")->model, "meta-llama/Llama-3");
  EXPECT_EQ(find_route("GET", "/v1/models/meta%2dllama%2FLlama")->model, "meta-llama/Llama");
  EXPECT_EQ(routed("GET", "/v1/models/x%2"), "invalid_request");
  EXPECT_EQ(routed("GET", "/v1/models/x%zz"), "invalid_request");
  EXPECT_EQ(routed("GET", "/v1/models/"), "unknown_url");
}

TEST(FindRoute, wrong_methods_name_the_right_one) {
  const auto route = find_route("GET", "/v1/chat/completions");
  ASSERT_FALSE(route);
  EXPECT_EQ(route.error().error.http_status(), 405);
  EXPECT_EQ(route.error().allow, "POST");
  EXPECT_EQ(find_route("POST", "/v1/models").error().allow, "GET");
  EXPECT_EQ(find_route("POST", "/v1/models/x").error().allow, "GET, DELETE");
  // Methods are case-sensitive (RFC 9110 section 9.1).
  EXPECT_EQ(routed("post", "/v1/embeddings"), "method_not_allowed");
}

TEST(FindRoute, hints_at_a_forgotten_or_doubled_v1) {
  for (const char* path : {"/chat/completions", "/models", "/responses/x", "/embeddings"}) {
    const auto route = find_route("POST", path);
    ASSERT_FALSE(route) << path;
    EXPECT_EQ(route.error().error.http_status(), 404);
    EXPECT_THAT(route.error().error.detail, HasSubstr("Did you mean /v1" + std::string(path) + "?"));
  }
  EXPECT_THAT(find_route("POST", "/v1/v1/embeddings").error().error.detail, HasSubstr("Did you mean /v1/embeddings?"));
  for (const char* path :
       {"", "/", "/v1", "/v1/", "/v2/models", "/V1/models", "*", "/v1beta", "/v1beta/", "/v1beta1/models"}) {
    const auto route = find_route("GET", path);
    ASSERT_FALSE(route) << path;
    EXPECT_EQ(route.error().error.slug(), "unknown_url");
    EXPECT_THAT(route.error().error.detail, Not(HasSubstr("Did you mean")));
  }
}

TEST(FindRoute, gives_back_no_more_than_a_little_of_a_long_path) {
  EXPECT_LT(find_route("GET", "/" + std::string(100'000, 'x')).error().error.detail.size(), 1000u);
  EXPECT_LT(find_route("GET", "/chat/" + std::string(100'000, 'x')).error().error.detail.size(), 1000u);
}

// "operation dialect model", or the error's slug.
std::string asked(std::string_view method, std::string_view path, CallerSigns signs = {}) {
  const auto route = find_route(method, path, signs);
  if (!route) return std::string(route.error().error.slug());
  std::string out(llm::name(route->operation));
  out.append(" ").append(llm::name(route->dialect));
  if (!route->model.empty()) out.append(" ").append(route->model);
  return out;
}

TEST(FindRoute, OfAnthropicsApi) {
  EXPECT_EQ(asked("POST", "/v1/messages"), "messages anthropic");
  EXPECT_EQ(asked("GET", "/v1/messages"), "method_not_allowed");
  EXPECT_EQ(asked("POST", "/v1/messages/count_tokens"), "count_tokens anthropic");
  EXPECT_EQ(asked("GET", "/v1/messages/count_tokens"), "method_not_allowed");
  EXPECT_EQ(asked("POST", "/v1/messages/batches"), "batches anthropic");
  EXPECT_EQ(asked("GET", "/v1/messages/batches/msgbatch_1/results"), "batches anthropic");
  EXPECT_EQ(asked("POST", "/v1/messages/new_thing"), "passthrough anthropic");
  EXPECT_EQ(asked("POST", "/v1/messagesx"), "passthrough openai_chat");
  // What others have too, by what the caller says of himself.
  EXPECT_EQ(asked("GET", "/v1/models"), "models_list openai_chat");
  EXPECT_EQ(asked("GET", "/v1/models", {.anthropic = true}), "models_list anthropic");
  EXPECT_EQ(asked("GET", "/v1/models/claude-x", {.anthropic = true}), "model_get anthropic claude-x");
  EXPECT_EQ(asked("POST", "/v1/files"), "files openai_chat");
  EXPECT_EQ(asked("POST", "/v1/files", {.anthropic = true}), "files anthropic");
  EXPECT_EQ(asked("POST", "/v1/chat/completions", {.anthropic = true}), "chat_completions openai_chat");
}

TEST(FindRoute, OfGeminisApi) {
  EXPECT_EQ(asked("POST", "/v1beta/models/gemini-2.5-pro:generateContent"), "generate_content gemini gemini-2.5-pro");
  EXPECT_EQ(asked("POST", "/v1beta/models/m:streamGenerateContent"), "stream_content gemini m");
  EXPECT_EQ(asked("POST", "/v1beta/models/m:countTokens"), "count_tokens gemini m");
  EXPECT_EQ(asked("POST", "/v1beta/models/m:embedContent"), "embed_content gemini m");
  EXPECT_EQ(asked("POST", "/v1beta/models/m:batchEmbedContents"), "embed_content gemini m");
  EXPECT_EQ(asked("POST", "/v1/models/m:generateContent"), "generate_content gemini m");
  EXPECT_EQ(asked("POST", "/v1beta/models/a%2Fb:generateContent"), "generate_content gemini a/b");
  EXPECT_EQ(asked("POST", "/v1beta/models/qwen:7b:generateContent"), "generate_content gemini qwen:7b");
  EXPECT_EQ(asked("POST", "/v1beta/tunedModels/t:generateContent"), "generate_content gemini tunedModels/t");
  EXPECT_EQ(asked("GET", "/v1beta/models/m:generateContent"), "method_not_allowed");
  EXPECT_EQ(asked("POST", "/v1beta/models/m:GenerateContent"), "unknown_url");
  EXPECT_EQ(asked("POST", "/v1beta/models/:generateContent"), "unknown_url");
  EXPECT_EQ(asked("POST", "/v1beta/models/%zz:generateContent"), "invalid_request");
  // What would be judged and charged by nothing of what it says.
  for (const auto* path :
       {"models/m:predict", "tunedModels/m:generateText", "dynamic/m:generateContent", "openai/chat/completions"}) {
    EXPECT_EQ(asked("POST", "/v1beta/" + std::string(path)), "unknown_url") << path;
  }
  EXPECT_EQ(asked("GET", "/v1beta/models"), "models_list gemini");
  EXPECT_EQ(asked("GET", "/v1beta/models/m"), "model_get gemini m");
  EXPECT_EQ(asked("GET", "/v1beta/files/f"), "files gemini");
  EXPECT_EQ(asked("DELETE", "/v1beta/files/f"), "files gemini");
  EXPECT_EQ(asked("GET", "/v1beta/batches/b"), "batches gemini");
  EXPECT_EQ(asked("POST", "/v1beta/batches/b:cancel"), "batches gemini");
  // What Google has and the gateway has not, told as such.
  for (const auto* path : {"/upload/v1beta/fileSearchStores/s:uploadToFileSearchStore", "/upload/v1beta/files/x"}) {
    const auto route = find_route("POST", path);
    ASSERT_FALSE(route) << path;
    EXPECT_EQ(route.error().error.code, Code::unsupported) << path;
    EXPECT_THAT(route.error().error.detail, HasSubstr("hrough the gateway")) << path;
  }
  EXPECT_EQ(asked("POST", "/upload/v1beta/files"), "files gemini");
  EXPECT_TRUE(find_route("POST", "/upload/v1beta/files")->upload);
  EXPECT_FALSE(find_route("POST", "/v1beta/files")->upload);
  EXPECT_EQ(asked("PUT", "/upload/v1beta/files"), "method_not_allowed");
  // As the official client asks since its version 3: what others have too, by what the caller says of himself.
  EXPECT_TRUE(find_route("POST", "/upload/v1/files")->upload);
  EXPECT_EQ(asked("POST", "/v1/models/m:batchGenerateContent"), "batches gemini m");
  EXPECT_EQ(asked("GET", "/v1/files/f", {.google = true}), "files gemini");
  EXPECT_EQ(asked("POST", "/v1/batches/b:cancel", {.google = true}), "batches gemini");
  EXPECT_EQ(asked("GET", "/v1/files/f", {.anthropic = true, .google = true}), "files anthropic");
  EXPECT_EQ(asked("GET", "/v1/batches"), "batches openai_chat");
  EXPECT_EQ(asked("POST", "/v1beta/models/m:batchGenerateContent"), "batches gemini m");
  EXPECT_EQ(asked("POST", "/v1beta/tunedModels/m:asyncBatchEmbedContent"), "batches gemini tunedModels/m");
  EXPECT_EQ(asked("GET", "/v1beta/models/m:batchGenerateContent"), "method_not_allowed");
  EXPECT_EQ(asked("POST", "/v1beta/models/:batchGenerateContent"), "unknown_url");
  EXPECT_EQ(asked("GET", "/v1beta/cachedContents"), "passthrough gemini");
  EXPECT_EQ(asked("GET", "/v1/models", {.google = true}), "models_list gemini");
  // OpenAI's own names of models have colons.
  EXPECT_EQ(asked("GET", "/v1/models/ft:gpt:org"), "model_get openai_chat ft:gpt:org");
  EXPECT_EQ(asked("DELETE", "/v1/models/ft:gpt:org"), "passthrough openai_chat");
}

TEST(FindRoute, WhoIsRefusedIsToldSoInHisOwnWords) {
  EXPECT_EQ(dialect_of_path("/v1/messages"), llm::Dialect::anthropic);
  EXPECT_EQ(dialect_of_path("/v1/messages/x"), llm::Dialect::anthropic);
  EXPECT_EQ(dialect_of_path("/v1beta/nothing"), llm::Dialect::gemini);
  EXPECT_EQ(dialect_of_path("/upload/v1beta/files"), llm::Dialect::gemini);
  EXPECT_EQ(dialect_of_path("/v1/models/m:generateContent"), llm::Dialect::gemini);
  EXPECT_EQ(dialect_of_path("/v1/models", {.anthropic = true}), llm::Dialect::anthropic);
  EXPECT_EQ(dialect_of_path("/v1/files/f", {.google = true}), llm::Dialect::gemini);
  EXPECT_EQ(dialect_of_path("/v1/batches", {.google = true}), llm::Dialect::gemini);
  EXPECT_EQ(dialect_of_path("/v1/files/f"), llm::Dialect::openai_chat);
  for (const auto* path : {"", "*", "/", "/v1/", "/v1/messagesx", "/v1betas", "/v1/models/a:b"}) {
    EXPECT_EQ(dialect_of_path(path), llm::Dialect::openai_chat) << path;
  }
}

TEST(GeminiQuery, KeysAndForms) {
  bool twice = false;
  EXPECT_EQ(gemini::query_key("alt=sse&key=a%2Bb", twice), "a+b");
  EXPECT_FALSE(twice);
  EXPECT_EQ(gemini::query_key("ke%79=x&monkey=y&$key=z", twice), "x");
  EXPECT_EQ(gemini::query_key("key=a&key=a", twice), "a");
  EXPECT_FALSE(twice);
  EXPECT_EQ(gemini::query_key("key=a&key=b", twice), "b");
  EXPECT_TRUE(twice);
  EXPECT_EQ(gemini::query_key("key=&x", twice), "");
  EXPECT_FALSE(gemini::wants_events(""));
  EXPECT_FALSE(gemini::wants_events("alt=json"));
  EXPECT_TRUE(gemini::wants_events("key=x&alt=sse"));
  EXPECT_TRUE(gemini::wants_events("%24alt=SSE"));
}

}  // namespace
}  // namespace gatehouse::dialects
