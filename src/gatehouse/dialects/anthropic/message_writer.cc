#include "gatehouse/dialects/anthropic/message_writer.h"

#include <fmt/format.h>

#include "gatehouse/dialects/anthropic/answer_words.h"
#include "gatehouse/dialects/anthropic/replay.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::dialects::anthropic {
namespace {

using llm::Block;
using llm::Media;

class MessageWriter {
 public:
  MessageWriter(json::Writer& out, const Writing& writing) : out_(out), writing_(writing) {}

  void write(const Block& block) {
    switch (block.kind()) {
      case llm::BlockKind::text:
        text(block, *block.as<llm::Text>());
        return;
      case llm::BlockKind::refusal:
        words(block.as<llm::Refusal>()->text);
        return;
      case llm::BlockKind::reasoning:
        reasoning(*block.as<llm::Reasoning>());
        return;
      case llm::BlockKind::media:
        media(*block.as<Media>());
        return;
      case llm::BlockKind::tool_call:
        call(*block.as<llm::ToolCall>());
        return;
      case llm::BlockKind::tool_result:
        return;  // no model answers with one
      case llm::BlockKind::foreign:
        foreign(*block.as<llm::Foreign>());
        return;
    }
  }
  bool called_tools() const { return called_tools_; }

 private:
  void words(std::string_view text) {
    if (text.empty()) return;
    ++position_;
    out_.begin_object().key("type").string("text").key("text").string(text).end_object();
  }

  void text(const Block& /*block*/, const llm::Text& text) {
    if (!text.text.empty() || !text.citations.empty()) {
      ++position_;
      out_.begin_object().key("type").string("text").key("text").string(text.text);
      if (!text.citations.empty()) {
        out_.key("citations").begin_array();
        for (const llm::Citation& citation : text.citations) write_citation(out_, citation);
        out_.end_array();
      }
      out_.end_object();
    }
    if (!text.signature.empty() && text.signature.origin != llm::Origin::anthropic) {
      state(wrap_replayed(text.signature, Belongs::text, {}, false));
    }
  }

  void state(std::string_view signature) {
    ++position_;
    out_.begin_object().key("type").string("thinking").key("thinking").string("");
    out_.key("signature").string(signature).end_object();
  }

  void reasoning(const llm::Reasoning& reasoning) {
    const ThinkingState state = thinking_state(reasoning.signature, reasoning.encrypted, reasoning.id,
                                               reasoning.summary, !reasoning.text.empty());
    if (!reasoning.text.empty() || !state.signature.empty()) {
      ++position_;
      out_.begin_object().key("type").string("thinking").key("thinking").string(reasoning.text);
      out_.key("signature").string(state.signature).end_object();
    }
    if (!state.redacted.empty()) {
      ++position_;
      out_.begin_object().key("type").string("redacted_thinking").key("data").string(state.redacted).end_object();
    }
  }

  void media(const Media& media) {
    if (media.kind == Media::Kind::image && !media.data.empty()) {
      words(image_begin(media.media_type) + media.data + ")");
    } else if (!media.transcript.empty()) {
      words(media.transcript);
    } else if (!media.url.empty()) {
      words(linked(media.kind, media.url));
    }
  }

  void call(const llm::ToolCall& call) {
    called_tools_ = true;
    const std::string id = call.id.empty() ? made_tool_id(writing_.seed, position_) : call.id;
    ++position_;
    out_.begin_object().key("type").string("tool_use").key("id").string(id).key("name").string(call.name).key("input");
    write_input(out_, call.kind, call.arguments);
    out_.end_object();
    if (!call.signature.empty()) state(wrap_replayed(call.signature, Belongs::tool_call, id, false));
  }

  // What another provider's own tool did or printed is not the model's answer.
  void foreign(const llm::Foreign& foreign) {
    if (foreign.verbatim.dialect != llm::Dialect::anthropic || foreign.verbatim.empty()) return;
    ++position_;
    out_.raw(foreign.verbatim.json);
  }

  json::Writer& out_;
  const Writing& writing_;
  std::uint32_t position_ = 0;
  bool called_tools_ = false;
};

}  // namespace

std::string message_id(std::string_view id, std::string_view seed) {
  return id.starts_with("msg_") ? std::string(id) : fmt::format("msg_{}", seed);
}

std::string made_tool_id(std::string_view seed, std::uint32_t position) {
  return fmt::format("toolu_{}_{}", seed, position);
}

ThinkingState thinking_state(const llm::Opaque& signature, const llm::Opaque& encrypted, std::string_view id,
                             bool summary, bool has_text) {
  ThinkingState state{.signature = wrap_replayed(signature, Belongs::thinking, id, summary)};
  if (encrypted.empty()) return state;
  std::string hidden = wrap_replayed(encrypted, Belongs::encrypted, id, summary);
  // A text of another provider with encrypted thinking is one block, and comes back as one.
  const bool beside = has_text && state.signature.empty() && encrypted.origin != llm::Origin::anthropic;
  (beside ? state.signature : state.redacted) = std::move(hidden);
  return state;
}

std::string image_begin(std::string_view media_type) {
  return fmt::format("![](data:{};base64,", media_type.empty() ? "image/png" : media_type);
}

std::string linked(llm::Media::Kind kind, std::string_view url) {
  return fmt::format("{}[]({})", kind == llm::Media::Kind::image ? "!" : "", url);
}

std::string failed_words(llm::FinishReason finish) {
  return finish == llm::FinishReason::malformed ? "The model wrote a call of a tool that is not valid."
                                                : "The provider ended the answer with an error.";
}

std::string write_message(const llm::ChatAnswer& answer, const Writing& writing) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("id").string(message_id(answer.id, writing.seed)).key("type").string("message");
  writer.key("role").string("assistant");
  writer.key("model").string(writing.model.empty() ? std::string_view(answer.model) : writing.model);
  writer.key("content").begin_array();
  MessageWriter blocks(writer, writing);
  const llm::Choice* choice = answer.choices.empty() ? nullptr : &answer.choices.front();
  if (choice != nullptr) {
    for (const Block& block : choice->blocks) blocks.write(block);
  }
  writer.end_array().key("stop_reason");
  const auto finish = choice != nullptr ? choice->finish : llm::FinishReason::unknown;
  // Null says what this dialect has no word for: that the answer did not come to its end.
  const std::string_view reason = stop_reason_of(finish, blocks.called_tools());
  reason.empty() ? writer.null() : writer.string(reason);
  writer.key("stop_sequence");
  choice == nullptr || choice->stop_sequence.empty() ? writer.null() : writer.string(choice->stop_sequence);
  writer.key("stop_details");
  write_stop_details(writer, reason);
  writer.key("usage");
  write_usage(writer, answer.usage, true, answer.service_tier);
  writer.end_object();
  return out;
}

}  // namespace gatehouse::dialects::anthropic
