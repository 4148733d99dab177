#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gatehouse/llm/dialect.h"

// The parts of a conversation as every dialect can say them: what codecs (dialects/) read into and write from. Plain
// values, owned; nothing here is checked but by the codec that made it. Texts are UTF-8, decoded; `json` members are
// raw JSON that was checked as part of a document.
namespace gatehouse::llm {

// What only one dialect knows, as it was written there. A codec of another dialect leaves it out, and says so.
struct Verbatim {
  Dialect dialect = Dialect::openai_chat;
  std::string json{};  // empty: none
  bool empty() const { return json.empty(); }
  bool operator==(const Verbatim&) const = default;
};

// A member of an object that is not known, kept for the way back into the same dialect.
struct Extra {
  std::string name{};
  std::string json{};
  bool operator==(const Extra&) const = default;
};
using Extras = std::vector<Extra>;

// Who can read a provider's opaque state: signatures of thinking, encrypted reasoning, thought signatures. Not the
// dialect it travelled in: Claude's signatures hold on Anthropic, Vertex and Bedrock alike.
enum class Origin : std::uint8_t { none, anthropic, openai, azure, gemini, bedrock, xai, openrouter, mistral, other };
std::string_view name(Origin origin);
std::optional<Origin> origin_from_name(std::string_view name);

struct Opaque {
  Origin origin = Origin::none;
  std::string value{};  // empty: none
  bool empty() const { return value.empty(); }
  bool operator==(const Opaque&) const = default;
};
// Opaque state in a place of a dialect whose own state is `native`: its own goes as it is, anybody else's with its
// origin in front ("gh1.gemini.VALUE"), so that it finds back to those who can read it and to nobody else.
inline constexpr std::string_view kWrappedOpaque = "gh1.";  // with what such state begins
std::string wrap_opaque(const Opaque& state, Origin native);
Opaque unwrap_opaque(std::string_view written, Origin native);

// The provider should keep the prompt up to here.
struct CacheHint {
  bool one_hour = false;  // else five minutes
  bool operator==(const CacheHint&) const = default;
};

// Where something that was said comes from.
struct Citation {
  enum class Unit : std::uint8_t { none, characters, pages, blocks };
  std::string url{};
  std::string title{};
  std::string cited_text{};
  std::string file_id{};
  std::optional<std::uint64_t> begin{}, end{};     // in the block's text, code points; nothing: all of the block
  std::optional<std::uint32_t> document{};         // which of the request's documents, from 0
  Unit unit = Unit::none;                          // of the next two
  std::uint64_t source_begin = 0, source_end = 0;  // in the source; `end` behind the last
  Verbatim verbatim{};
  bool operator==(const Citation&) const = default;
};

struct TokenLogprob {
  std::string token{};
  double logprob = 0;
  std::optional<std::vector<std::uint8_t>> bytes{};
  struct Top {
    std::string token{};
    double logprob = 0;
    std::optional<std::vector<std::uint8_t>> bytes{};
    bool operator==(const Top&) const = default;
  };
  std::vector<Top> top{};
  bool operator==(const TokenLogprob&) const = default;
};

struct Text {
  std::string text{};
  std::vector<Citation> citations{};
  std::vector<TokenLogprob> logprobs{};
  Opaque signature{};     // Gemini signs texts too
  std::string item_id{};  // of an answer: of the item that it is in, where the dialect has one
  bool operator==(const Text&) const = default;
};

// The model declines, in words of its own.
struct Refusal {
  std::string text{};
  bool operator==(const Refusal&) const = default;
};

// What the model thought. Any of the parts may be empty, also all but one: an empty text with a signature (display
// "omitted") has to be sent back as it is.
struct Reasoning {
  std::string text{};
  bool summary = false;  // `text` is a summary
  std::string id{};      // of the item, where the dialect has one
  Opaque signature{};    // proves `text` to its origin
  Opaque encrypted;      // thinking that nobody else can read (redacted_thinking, encrypted_content)
  bool operator==(const Reasoning&) const = default;
};

struct Block;

// An image, a sound, a film or a document. One of data, url, file_id, text and parts is given.
struct Media {
  enum class Kind : std::uint8_t { image, audio, video, document };
  Kind kind = Kind::image;
  std::string media_type{};  // "image/png"; empty: not told
  std::string data;          // base64 (RFC 4648, with padding), no data: URL
  std::string url{};         // of the web, or gs://, s3://
  std::string file_id{};     // stored at the provider
  std::string text{};        // a document that is given as plain text
  std::vector<Block> parts;  // a document that is given as blocks
  std::string name{};        // of the file
  std::string title{}, context{};
  std::string detail{};  // of an image: "low", "high", "auto"; empty: not told
  bool citations = false;
  std::string transcript{};  // of a sound in an answer
  std::string id{};          // of a sound in an answer that may be referred to
};

enum class ToolKind : std::uint8_t {
  function,  // arguments are JSON by a schema
  custom,    // arguments are free text, or by a grammar
  provider,  // executed by the provider: search, code execution ...; known by its own dialect only
};

struct ToolCall {
  ToolKind kind = ToolKind::function;
  std::string id{};
  std::string name{};
  std::string arguments{};  // JSON as the model wrote it, also invalid one; "" is an empty object. Of custom tools text
  Opaque signature{};       // Gemini's thought signature
  std::string item_id{};    // of the item, where the dialect has another id for it
};

struct ToolResult {
  std::string call_id{};
  std::string name{};  // of the tool; codecs that need it look it up by the call where it is empty
  std::vector<Block> content;
  bool is_error = false;
  bool structured = false;  // the content is one text, a JSON object
  ToolKind kind = ToolKind::function;
};

// A block of one dialect that no other has: calls and results of the provider's own tools, uploads, items.
struct Foreign {
  Verbatim verbatim{};
  std::string type{};  // its name there
  std::string text{};  // what of it is text to read, for dialects that cannot carry it; may be empty
};

enum class BlockKind : std::uint8_t { text, refusal, reasoning, media, tool_call, tool_result, foreign };

struct Block {
  std::variant<Text, Refusal, Reasoning, Media, ToolCall, ToolResult, Foreign> value{};
  std::optional<CacheHint> cache{};
  Extras extras{};  // members of the block that are not known

  BlockKind kind() const { return static_cast<BlockKind>(value.index()); }
  template <class T>
  const T* as() const {
    return std::get_if<T>(&value);
  }
  template <class T>
  T* as() {
    return std::get_if<T>(&value);
  }
};

}  // namespace gatehouse::llm
