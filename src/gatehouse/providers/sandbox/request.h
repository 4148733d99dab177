#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gatehouse/json/value.h"
#include "gatehouse/providers/sandbox/refusal.h"
#include "gatehouse/providers/sandbox/scenario.h"

namespace gatehouse::providers::sandbox {

// What OpenAI's API checks in a request before a model sees it, and what the sandbox then needs to answer. The json
// values are views into the body.

inline constexpr std::size_t kMostBody = 8u << 20;      // bytes
inline constexpr std::uint64_t kMostChoices = 16;       // n, and prompts of one legacy completion
inline constexpr std::uint64_t kMostTokens = 200'000;   // of one answer
inline constexpr std::uint64_t kMostDimensions = 3072;  // of an embedding
inline constexpr std::size_t kMostInputs = 2048;        // texts of one embeddings or moderations request

// The top-level members of a body, found once.
class Fields {
 public:
  // Refuses a body that is no JSON object, is too large, or has too many members.
  static Checked<Fields> read(std::string_view body);
  json::Value operator[](std::string_view key) const;  // the last of that name; null counts as not there

 private:
  std::vector<std::pair<std::string, json::Value>> fields_;
};

// What all kinds of answers have in common.
struct Common {
  std::string model;
  Scenario scenario;
};
Checked<Common> read_common(const Fields& fields);

// What chat and legacy completions have in common.
struct Sampling {
  bool stream = false;
  bool include_usage = false;
  std::uint32_t n = 1;
  std::optional<std::size_t> max_tokens;
  std::vector<std::string> stop;
};
Checked<Sampling> read_sampling(const Fields& fields);

struct Tool {
  std::string name;
  json::Value parameters;
};

struct ToolResult {
  std::string name;  // of the tool; "a tool" where nobody says
  std::string content;
};

enum class ToolChoice : std::uint8_t { automatic, none, required, named };
enum class Format : std::uint8_t { text, json_object, json_schema };

struct ChatRequest {
  std::string user_text;            // of the last user message
  std::string system_text;          // of the first system or developer message
  std::size_t messages = 0;         // how many
  std::size_t prompt_tokens = 0;    // as sandbox/tokens.h counts, 3 a message and 3 more
  std::vector<ToolResult> results;  // the tool messages that the conversation ends with
  std::vector<Tool> tools;
  ToolChoice tool_choice = ToolChoice::automatic;
  std::string named_tool;
  bool parallel_tool_calls = true;
  Format format = Format::text;
  json::Value schema;
};
Checked<ChatRequest> read_chat(const Fields& fields);

struct CompletionRequest {
  std::vector<std::string> prompts;  // at least one; token arrays as "(N tokens)"
  std::size_t prompt_tokens = 0;
  bool echo = false;
};
Checked<CompletionRequest> read_completion(const Fields& fields);

struct EmbeddingsRequest {
  std::vector<std::string> inputs;  // token arrays as words of digits
  std::size_t prompt_tokens = 0;
  std::size_t dimensions = 256;
  bool base64 = false;
};
Checked<EmbeddingsRequest> read_embeddings(const Fields& fields);

// The texts of a moderations request.
Checked<std::vector<std::string>> read_moderation_inputs(const Fields& fields);

}  // namespace gatehouse::providers::sandbox
