#include <algorithm>
#include <utility>

#include "gatehouse/dialects/openai_chat/codec_messages_write.h"
#include "gatehouse/dialects/openai_chat/message_words.h"
#include "gatehouse/dialects/openai_chat/wire.h"

// The model's own messages: what it said, thought and called.
namespace gatehouse::dialects::openai_chat {

using llm::Block;
using llm::Media;
using llm::Quirks;

bool MessageWriter::assistant(const Turn& turn) {
  // What the content is made of: texts joined, or a list where one of them needs a place of its own.
  std::vector<const Block*> said;
  std::string refusal;
  bool lists = false;
  bool calls = false;
  bool other = false;
  std::string_view audio_id;
  std::vector<const Media*> images;
  const bool chunks = quirks_.send_reasoning == Quirks::SendReasoning::chunks;
  for (const Block* block : turn.blocks) {
    if (block->cache && quirks_.cache_hints == Quirks::CacheHints::none) losses_.drop("cache_control");
    if (block->kind() == llm::BlockKind::text) {
      said.push_back(block);
      lists = lists || keeps_cache(*block);
    } else if (const auto* const one = block->as<llm::Refusal>()) {
      if (quirks_.refusals) {
        refusal += one->text;
      } else {
        said.push_back(block);
      }
    } else if (const auto* const foreign = block->as<llm::Foreign>()) {
      said.push_back(block);
      lists = lists || (same_ && !foreign->verbatim.empty());
    } else if (const auto* const thought = block->as<llm::Reasoning>()) {
      other = true;
      if (chunks && !thought->text.empty()) {
        said.push_back(block);
        lists = true;
      }
    } else if (const auto* const one_media = block->as<Media>()) {
      if (one_media->kind == Media::Kind::audio && same_ && !one_media->id.empty()) {
        audio_id = one_media->id;
      } else if (one_media->kind == Media::Kind::image && same_) {
        images.push_back(one_media);
      } else if (!one_media->transcript.empty()) {
        losses_.drop("audio");
        said.push_back(make(one_media->transcript));
      } else {
        return refuse_media("images, sounds or files in an assistant's message");
      }
    } else if (block->kind() == llm::BlockKind::tool_call) {
      calls = true;
    }
  }
  const bool empty = said.empty() && refusal.empty() && audio_id.empty() && images.empty();
  if (empty && !calls && other) return true;  // thoughts alone, which do not go back
  if (same_ && quirks_.content_parts && said.size() > 1) lists = true;

  writer_->begin_object().key("role").string(kAssistant).key("content");
  if (lists) {
    writer_->begin_array();
    for (const Block* block : said) {
      if (const auto* const thought = block->as<llm::Reasoning>()) {
        writer_->begin_object().key("type").string("thinking").key("thinking").begin_array();
        text_part(thought->text, nullptr);
        writer_->end_array();
        if (readable(thought->signature)) writer_->key("signature").string(thought->signature.value);
        writer_->end_object();
      } else if (!part(*block)) {
        return false;
      }
    }
    writer_->end_array();
  } else if (said.empty() && (calls || !refusal.empty() || !audio_id.empty())) {
    writer_->null();
  } else {
    std::string joined;
    for (const Block* block : said) {
      if (const auto* const foreign = block->as<llm::Foreign>()) losses_.drop(foreign->type);
      append_words(*block, "", joined);
    }
    writer_->string(joined);
  }
  if (!refusal.empty()) writer_->key("refusal").string(refusal);
  if (!audio_id.empty()) writer_->key("audio").begin_object().key("id").string(audio_id).end_object();
  if (!images.empty()) {
    writer_->key("images").begin_array();
    for (const Media* image : images) {
      url_part("image_url", *image, false);
      writer_->end_object();
    }
    writer_->end_array();
  }
  reasoning(turn);
  if (calls) tool_calls(turn);
  if (turn.message != nullptr) {
    if (!turn.message->name.empty() && !quirks_.refuses_any(Quirks::names)) {
      writer_->key("name").string(turn.message->name);
    }
    if (turn.message->prefill) {
      if (quirks_.prefill.empty()) {
        losses_.drop("prefill");
      } else {
        writer_->key(quirks_.prefill).boolean(true);
      }
    }
    if (same_) {
      for (const llm::Extra& extra : turn.message->extras) writer_->key(extra.name).raw(extra.json);
    }
  }
  writer_->end_object();
  return true;
}

void MessageWriter::reasoning(const Turn& turn) {
  using Send = Quirks::SendReasoning;
  const Send how = quirks_.send_reasoning;
  if (how == Send::extra) {
    // Google's front signs a text at the message.
    for (const Block* block : turn.blocks) {
      const auto* const text = block->as<llm::Text>();
      if (text != nullptr && readable(text->signature)) {
        wire::write_thought_signature(*writer_, text->signature.value);
        break;
      }
    }
  }
  if (how == Send::field || how == Send::loop) {
    if (how == Send::loop && turn.position < last_user_) return;
    std::string thought;
    for (const Block* block : turn.blocks) {
      const auto* const one = block->as<llm::Reasoning>();
      if (one == nullptr || one->text.empty()) continue;
      if (!thought.empty()) thought += "\n\n";
      thought += one->text;
    }
    // DeepSeek refuses a turn of its tool loop without the member, also where nothing was thought.
    const bool owed = how == Send::loop && std::ranges::any_of(turn.blocks, [](const Block* block) {
                        return block->kind() == llm::BlockKind::tool_call;
                      });
    if (!thought.empty() || owed) writer_->key(quirks_.reasoning).string(thought);
    return;
  }
  bool open = false;
  std::size_t index = 0;
  for (const Block* block : turn.blocks) {
    const auto* const one = block->as<llm::Reasoning>();
    if (one == nullptr) continue;
    if (how == Send::details) {
      llm::Reasoning sent = *one;
      if (!readable(sent.signature)) sent.signature = {};
      if (!readable(sent.encrypted)) sent.encrypted = {};
      // A text that somebody else signed proves nothing here without the signature.
      const bool proven = one->signature.empty() || !sent.signature.empty();
      if (!proven) sent.text.clear();
      if (!sent.text.empty() || !sent.signature.empty() || !sent.encrypted.empty()) {
        if (!std::exchange(open, true)) writer_->key("reasoning_details").begin_array();
        wire::write_details(*writer_, sent, index++, target_.origin);
        continue;
      }
    }
    if (!one->text.empty() && how != Send::chunks) losses_.drop("reasoning");
  }
  if (open) writer_->end_array();
}

void MessageWriter::tool_calls(const Turn& turn) {
  writer_->key("tool_calls").begin_array();
  for (const Block* block : turn.blocks) {
    const auto* const call = block->as<llm::ToolCall>();
    if (call == nullptr) continue;
    const bool free_text = call->kind == llm::ToolKind::custom;
    const bool custom = free_text && !quirks_.refuses_any(Quirks::custom_tools);
    writer_->begin_object().key("id").string(ids_.of(*call));
    writer_->key("type").string(custom ? "custom" : "function").key(custom ? "custom" : "function").begin_object();
    writer_->key("name").string(same_ ? std::string_view(call->name) : names_.of(call->name));
    if (custom) {
      writer_->key("input").string(call->arguments);
    } else if (free_text) {
      std::string wrapped;
      json::Writer(wrapped).begin_object().key("input").string(call->arguments).end_object();
      writer_->key("arguments").string(wrapped);
    } else {
      writer_->key("arguments").string(call->arguments.empty() ? "{}" : std::string_view(call->arguments));
    }
    writer_->end_object();
    if (quirks_.send_reasoning == Quirks::SendReasoning::extra && readable(call->signature)) {
      wire::write_thought_signature(*writer_, call->signature.value);
    }
    cache(*block);
    if (same_) {
      for (const llm::Extra& extra : block->extras) writer_->key(extra.name).raw(extra.json);
    }
    writer_->end_object();
  }
  writer_->end_array();
}

}  // namespace gatehouse::dialects::openai_chat
