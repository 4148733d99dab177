#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/dialects/bedrock/codec.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"

// For the tests of requests: models of each kind, blocks, and what is written of them.
namespace gatehouse::dialects::bedrock::testing {

using llm::Author;
using llm::Block;
using llm::CacheHint;

inline constexpr std::string_view kClaude = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
inline constexpr std::string_view kOldClaude = "anthropic.claude-3-7-sonnet-20250219-v1:0";
inline constexpr std::string_view kNewClaude = "global.anthropic.claude-opus-4-8";
inline constexpr std::string_view kNova = "us.amazon.nova-lite-v1:0";
inline constexpr std::string_view kNova2 = "us.amazon.nova-2-lite-v1:0";
inline constexpr std::string_view kLlama = "us.meta.llama4-maverick-17b-instruct-v1:0";
inline constexpr std::string_view kMistral = "us.mistral.pixtral-large-2502-v1:0";
inline constexpr std::string_view kWriter = "us.writer.palmyra-x4-v1:0";
inline constexpr std::string_view kGptOss = "openai.gpt-oss-120b-1:0";
inline constexpr std::string_view kQwen = "qwen.qwen3-32b-v1:0";
inline constexpr std::string_view kUnknown = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc";

inline Block text(std::string words, std::optional<CacheHint> cache = {}) {
  llm::Text block;
  block.text = std::move(words);
  return {.value = std::move(block), .cache = cache};
}
inline Block call(std::string id, std::string name, std::string arguments) {
  llm::ToolCall block;
  block.id = std::move(id);
  block.name = std::move(name);
  block.arguments = std::move(arguments);
  return {.value = std::move(block)};
}
inline Block result(std::string id, std::vector<Block> content, bool error = false) {
  llm::ToolResult block;
  block.call_id = std::move(id);
  block.content = std::move(content);
  block.is_error = error;
  return {.value = std::move(block)};
}
inline Block media(llm::Media::Kind kind, std::string type, std::string data, std::string name = {}) {
  llm::Media block;
  block.kind = kind;
  block.media_type = std::move(type);
  block.data = std::move(data);
  block.name = std::move(name);
  return {.value = std::move(block)};
}
inline Block image() { return media(llm::Media::Kind::image, "image/png", "aW1n"); }
inline Block thought(std::string words, llm::Opaque signature, llm::Opaque encrypted = {}) {
  llm::Reasoning block;
  block.text = std::move(words);
  block.signature = std::move(signature);
  block.encrypted = std::move(encrypted);
  return {.value = std::move(block)};
}
inline llm::Tool tool(std::string name,
                      std::string schema = R"({"type":"object","properties":{"a":{"type":"string"}}})") {
  llm::Tool made;
  made.name = std::move(name);
  made.description = "does something";
  made.schema = std::move(schema);
  return made;
}

struct Asked {
  llm::ChatRequest request{};
  Asked& say(Author author, std::vector<Block> blocks) {
    llm::Message message;
    message.author = author;
    message.blocks = std::move(blocks);
    request.messages.push_back(std::move(message));
    return *this;
  }
  Asked& user(std::string words) { return say(Author::user, {text(std::move(words))}); }
  Asked& assistant(std::vector<Block> blocks) { return say(Author::assistant, std::move(blocks)); }
  Asked& results(std::vector<Block> blocks) { return say(Author::tool, std::move(blocks)); }
};

struct Written {
  std::string body{};
  ApiError error{};
  std::vector<std::string> dropped{};
  Rewrites rewrites{};
  json::Value operator[](std::string_view key) const { return json::Value(body)[key]; }
  std::string at(std::string_view path) const { return std::string(json::find(body, path)); }
};

inline Written write(const llm::ChatRequest& request, std::string_view model) {
  Written written;
  Losses losses;
  const llm::Quirks quirks;
  auto body = back().write_request(request,
                                   Target{.model = model, .stream = true, .quirks = quirks, .origin = origin_of(model)},
                                   losses, written.rewrites);
  if (body) {
    written.body = std::move(*body);
    EXPECT_TRUE(json::validate(written.body)) << written.body;
  } else {
    written.error = body.error();
    EXPECT_EQ(body.error().error.code, Code::unsupported);
  }
  written.dropped = losses.dropped();
  return written;
}
inline Written write(const Asked& asked, std::string_view model) { return write(asked.request, model); }

using Strings = std::vector<std::string>;

}  // namespace gatehouse::dialects::bedrock::testing
