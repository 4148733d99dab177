#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/dialects/bedrock/conversation.h"
#include "gatehouse/dialects/bedrock/media.h"
#include "gatehouse/dialects/bedrock/names.h"
#include "gatehouse/dialects/bedrock/traits.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::dialects::bedrock {

// How many cachePoints may still be written: Claude takes four. Of those in messages the last ones count, since each
// covers all that is before it.
class CachePoints {
 public:
  static constexpr std::size_t kMost = 4;
  // `skipped`: that many of those in messages are left out.
  void in_messages(std::size_t wished) { skip_ = wished > left_ ? wished - left_ : 0; }
  bool take() {
    if (skip_ > 0) {
      --skip_;
      return false;
    }
    if (left_ == 0) return false;
    --left_;
    return true;
  }

 private:
  std::size_t left_ = kMost;
  std::size_t skip_ = 0;
};

// Writes the content of messages. One request's; all that is given by reference outlives it.
class ContentWriter {
 public:
  ContentWriter(json::Writer& writer, std::string& out, const llm::ChatRequest& request, const Target& target,
                const ModelTraits& traits, Names& names, CachePoints& points, Losses& losses)
      : writer_(writer),
        out_(out),
        request_(request),
        target_(target),
        traits_(traits),
        names_(names),
        points_(points),
        losses_(losses) {}

  // One turn; of a user's as many messages as this model needs, with a word of the assistant's between them. `cache`:
  // wished for behind all of it. Errors: what cannot be said (unsupported).
  ApiResult<void> turn(const Turn& turn, bool last, const std::optional<llm::CacheHint>& cache);
  // A whole message with a word that says nothing, where the API wants one: white space is refused.
  void filler(bool assistant);
  void cache_point(const llm::CacheHint& hint);

 private:
  struct Content {
    std::size_t count = 0;
    bool text = false;
    bool document = false;
    bool after_reasoning = false;
    bool after_point = false;
    std::size_t documents_at = 0;  // where the documents and films at the end begin; 0: there are none
    std::size_t before_them = 0;   // blocks
  };

  std::string param() const;
  void open(bool assistant);
  void close();
  void begin_block(std::string_view member);
  void end_block() { writer_.end_object(); }
  void text(std::string_view words);

  ApiResult<void> block(const llm::Block& block, bool last);
  ApiResult<void> media(const llm::Media& media);
  ApiResult<void> media_member(const llm::Media& media, const MediaForm& form);
  ApiResult<void> tool_result(const llm::ToolResult& result);
  ApiResult<void> result_block(const llm::Block& block, std::size_t& count);
  void reasoning(const llm::Reasoning& reasoning);
  void tool_call(const llm::ToolCall& call);
  void input(const llm::ToolCall& call);
  void mark(const std::optional<llm::CacheHint>& hint);
  bool beside_results(const llm::Block& block) const;
  bool inside_results(const MediaForm& form) const;

  json::Writer& writer_;
  std::string& out_;
  const llm::ChatRequest& request_;
  const Target& target_;
  const ModelTraits& traits_;
  Names& names_;
  CachePoints& points_;
  Losses& losses_;
  Content content_;
  bool assistant_ = false;                // whose message is open
  std::vector<const llm::Media*> aside_;  // of results of this turn that cannot stand in them
};

}  // namespace gatehouse::dialects::bedrock
