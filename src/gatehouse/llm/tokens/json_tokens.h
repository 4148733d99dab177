#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "gatehouse/llm/tokens/tokenizer.h"

// Tokens of what stands in JSON. For this folder only.
namespace gatehouse::llm::detail {

// Adds the text of a JSON string, given with its quotes as json/scan.h gives it, decoding its escapes block by block.
void add_string(TextCounter& counter, std::string_view raw);

// Adds a value as it is written, but for the white space between its parts: nobody is billed for a caller's layout.
void add_compact(TextCounter& counter, std::string_view raw);

// Definitions of tools as OpenAI's models are shown them: a namespace in the manner of TypeScript, its functions as
// types with their parameters, descriptions as comments. OpenAI documents nothing of it; the form was found out by
// others (hmarr/openai-chat-tokens, and gpt-tokenizer's functionCalling, both MIT) and agrees with billed counts to a
// token or two. Each array is one namespace.
class ToolCounter {
 public:
  explicit ToolCounter(Encoding encoding) : encoding_(encoding), counter_(encoding) {}

  // `tools` of a request: [{"type":"function","function":{...}}]. Anything else in it counts as it is written.
  void add_tools(std::string_view array);
  // `functions`, the form before tools.
  void add_functions(std::string_view array);

  std::uint64_t tokens() const { return tokens_; }
  bool any() const { return tokens_ > 0; }

 private:
  // A schema nested deeper counts as it is written, which is rather more.
  static constexpr int kMaxDepth = 8;
  static constexpr std::size_t kMaxRequired = 128;

  void add_function(std::string_view function);
  void add_properties(std::string_view schema, int indent, int depth);
  void add_type(std::string_view schema, int indent, int depth);
  void add_enum(std::string_view values);
  void add_indent(int indent);
  std::uint64_t count_compact(std::string_view raw) const;
  void close();

  Encoding encoding_;
  TextCounter counter_;
  std::uint64_t tokens_ = 0;
};

}  // namespace gatehouse::llm::detail
