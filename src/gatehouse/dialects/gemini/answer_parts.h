#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/json/writer.h"
#include "gatehouse/llm/chat/answer.h"

// What whole and streamed answers for callers have in common.
namespace gatehouse::dialects::gemini {

// usageMetadata: the candidates' tokens without the thoughts, the prompt's with what was cached.
void write_usage(const llm::Usage& usage, json::Writer& writer);

// logprobsResult.
void write_logprobs(const std::vector<llm::TokenLogprob>& tokens, json::Writer& writer);

// The part of a call. `signature` as written. False: the arguments are no JSON object; nothing is written.
bool write_call(std::string_view id, std::string_view name, llm::ToolKind kind, std::string_view arguments,
                std::string_view signature, json::Writer& writer);
// What Gemini says of a call that it could not make.
std::string malformed_message(std::string_view name, std::string_view arguments);

// inlineData or fileData; false: the medium is neither, nothing is written.
bool write_media(const llm::Media& media, std::string_view data, json::Writer& writer);

// groundingMetadata of a candidate, as its citations come.
class Grounding {
 public:
  static constexpr std::size_t kMost = 1024;

  // `begin` and `end` in bytes of the part.
  void add(const llm::Citation& citation, std::uint32_t part, std::optional<std::uint64_t> begin,
           std::optional<std::uint64_t> end);
  bool empty() const { return supports_.empty(); }
  void write(json::Writer& writer) const;

 private:
  struct Chunk {
    std::string url, title, text;
    bool operator==(const Chunk&) const = default;
  };
  struct Support {
    std::size_t chunk = 0;
    std::uint32_t part = 0;
    std::optional<std::uint64_t> begin, end;
  };
  std::vector<Chunk> chunks_;
  std::vector<Support> supports_;
};

}  // namespace gatehouse::dialects::gemini
