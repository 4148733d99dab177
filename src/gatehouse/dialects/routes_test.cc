#include "gatehouse/dialects/routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
  for (const char* path : {"", "/", "/v1", "/v1/", "/v2/models", "/V1/models", "*", "/v1beta/models"}) {
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

}  // namespace
}  // namespace gatehouse::dialects
