#include "gatehouse/dialects/anthropic/stream_encoder.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "gatehouse/dialects/anthropic/answer_words.h"
#include "gatehouse/dialects/anthropic/chat_errors.h"
#include "gatehouse/dialects/anthropic/message_writer.h"
#include "gatehouse/dialects/anthropic/replay.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::dialects::anthropic {
namespace {

using llm::BlockKind;
using llm::ChatEvent;
using Step = ChatEvent::Kind;

void append_number(std::string& out, std::uint32_t number) {
  char digits[10];
  const auto [end, error] = std::to_chars(digits, std::end(digits), number);
  out.append(digits, static_cast<std::size_t>(end - digits));
}

// JSON that came from elsewhere may be written on many lines; an event's data is one. Line ends stand between values
// only, never inside a string.
void append_on_one_line(std::string& out, std::string_view json) {
  const std::size_t start = out.size();
  out.append(json);
  std::replace_if(
      out.begin() + static_cast<std::ptrdiff_t>(start), out.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
}

void begin_event(std::string& out, std::string_view name) {
  out.append("event: ").append(name).append("\ndata: {\"type\":\"").append(name).append("\"");
}

void delta(std::string& out, std::uint32_t index, std::string_view type, std::string_view member,
           std::string_view text) {
  begin_event(out, "content_block_delta");
  out.append(",\"index\":");
  append_number(out, index);
  out.append(",\"delta\":{\"type\":\"").append(type).append("\",\"").append(member).append("\":\"");
  json::append_escaped(out, text);
  out.append("\"}}\n\n");
}

}  // namespace

void StreamEncoder::write(const ChatEvent& event, std::string& out) {
  if (over_ || event.choice != 0) return;
  switch (event.kind) {
    case Step::started:
      if (!started_) message_start(event.id, event.name, out);
      return;
    case Step::block_started:
      begin(event, out);
      return;
    case Step::text:
    case Step::signature:
    case Step::encrypted:
    case Step::citation:
      grow(event, out);
      return;
    case Step::block_ended:
      if (Waiting* const block = find(event.block)) {
        block->ended = true;
        if (event.foreign != nullptr && block->kind == BlockKind::foreign) {
          if (!hold(event.foreign->verbatim.json.size() + event.foreign->text.size(), out)) return;
          block->foreign = *event.foreign;
        }
        if (event.media != nullptr && block->kind == BlockKind::media) {
          block->url = event.media->url;
          if (!event.media->transcript.empty()) block->text = event.media->transcript;
        }
        advance(out);
      }
      return;
    case Step::finished:
      finish_ = event.finish;
      stop_sequence_ = event.stop_sequence;
      return;
    case Step::usage:
      if (event.usage != nullptr) usage_ = *event.usage;
      return;
    case Step::failed:
      fail(event.error != nullptr ? *event.error : llm::ChatError{}, out);
      return;
    case Step::ended:
      message_end(out);
      return;
    case Step::logprobs:
    case Step::told:
      return;
  }
}

StreamEncoder::Waiting* StreamEncoder::find(std::uint32_t number) {
  const auto found = std::ranges::find(waiting_, number, &Waiting::number);
  return found == waiting_.end() || found->ended ? nullptr : &*found;
}

bool StreamEncoder::hold(std::size_t bytes, std::string& out) {
  if (bytes <= kMostHeld - held_) {
    held_ += bytes;
    return true;
  }
  fail({.message = "The answer's parts came too far out of their order."}, out);
  return false;
}

void StreamEncoder::begin(const ChatEvent& event, std::string& out) {
  if (!started_) message_start({}, {}, out);
  if (waiting_.size() == kMostWaiting) {
    fail({.message = "The answer has too many parts at once."}, out);
    return;
  }
  Waiting& block = waiting_.emplace_back(Waiting{.number = event.block, .kind = event.block_kind});
  block.tool_kind = event.tool_kind;
  block.summary = event.summary;
  block.id = event.id;
  block.name = event.name;
  if (event.media != nullptr) {
    block.media = event.media->kind;
    block.media_type = event.media->media_type;
    block.url = event.media->url;
    block.text = event.media->transcript;
  }
  if (block.kind == BlockKind::tool_call) {
    called_tools_ = true;
    // Nothing is left to wait for: a client may show what is being called.
    if (waiting_.size() == 1) open(block, out);
  }
}

void StreamEncoder::grow(const ChatEvent& event, std::string& out) {
  Waiting* const block = find(event.block);
  if (block == nullptr) return;
  const bool first = block == &waiting_.front();
  switch (event.kind) {
    case Step::text:
      if (event.text.empty()) return;
      // A sound cannot be said; its transcript is.
      if (block->kind == BlockKind::media && block->media != llm::Media::Kind::image) return;
      if (first && block->tool_kind != llm::ToolKind::custom) {
        text_delta(*block, event.text, out);
      } else if (hold(event.text.size(), out)) {
        block->text.append(event.text);
      }
      return;
    case Step::signature:
    case Step::encrypted: {
      if (!hold(event.opaque.value.size(), out)) return;
      llm::Opaque& to = event.kind == Step::signature ? block->signature : block->encrypted;
      to.origin = event.opaque.origin;
      to.value.append(event.opaque.value);
      return;
    }
    case Step::citation: {
      if (event.citation == nullptr || block->kind != BlockKind::text) return;
      std::string json;
      json::Writer writer(json);
      write_citation(writer, *event.citation);
      if (!hold(json.size(), out)) return;
      block->citations.push_back(std::move(json));
      if (first) flush(*block, out);
      return;
    }
    default:
      return;
  }
}

void StreamEncoder::advance(std::string& out) {
  while (!over_ && !waiting_.empty()) {
    Waiting& block = waiting_.front();
    flush(block, out);
    if (!block.ended) {
      if (block.kind == BlockKind::tool_call && !block.open) open(block, out);
      return;
    }
    close(block, out);
    const std::size_t kept = block.signature.value.size() + block.encrypted.value.size() +
                             block.foreign.verbatim.json.size() + block.foreign.text.size();
    held_ -= std::min(held_, kept);
    waiting_.pop_front();
  }
}

// What waits of the first block's text and citations.
void StreamEncoder::flush(Waiting& block, std::string& out) {
  if (!block.text.empty() && block.tool_kind != llm::ToolKind::custom && block.kind != BlockKind::media) {
    held_ -= std::min(held_, block.text.size());
    text_delta(block, block.text, out);
    block.text.clear();
  }
  for (const std::string& citation : block.citations) {
    if (!block.open) open(block, out);
    begin_event(out, "content_block_delta");
    out.append(",\"index\":");
    append_number(out, index_);
    out.append(",\"delta\":{\"type\":\"citations_delta\",\"citation\":");
    append_on_one_line(out, citation);
    out.append("}}\n\n");
    held_ -= std::min(held_, citation.size());
  }
  block.citations.clear();
}

void StreamEncoder::text_delta(Waiting& block, std::string_view text, std::string& out) {
  if (!block.open) open(block, out);
  switch (block.kind) {
    case BlockKind::reasoning:
      delta(out, index_, "thinking_delta", "thinking", text);
      return;
    case BlockKind::tool_call:
      delta(out, index_, "input_json_delta", "partial_json", text);
      return;
    case BlockKind::media:
      if (!std::exchange(block.media_open, true)) {
        delta(out, index_, "text_delta", "text", image_begin(block.media_type));
      }
      delta(out, index_, "text_delta", "text", text);
      return;
    default:
      delta(out, index_, "text_delta", "text", text);
  }
}

void StreamEncoder::open(Waiting& block, std::string& out) {
  block.open = true;
  begin_event(out, "content_block_start");
  out.append(",\"index\":");
  append_number(out, index_);
  out.append(",\"content_block\":");
  json::Writer writer(out);
  switch (block.kind) {
    case BlockKind::reasoning:
      out.append(R"({"type":"thinking","thinking":"","signature":""})");
      break;
    case BlockKind::tool_call:
      writer.begin_object().key("type").string("tool_use").key("id");
      writer.string(block.id.empty() ? made_tool_id(writing_.seed, index_) : block.id);
      writer.key("name").string(block.name).key("input").begin_object().end_object().end_object();
      break;
    case BlockKind::foreign:
      append_on_one_line(out, block.foreign.verbatim.json);
      break;
    default:
      out.append(R"({"type":"text","text":""})");
  }
  out.append("}\n\n");
}

void StreamEncoder::stop(std::string& out) {
  begin_event(out, "content_block_stop");
  out.append(",\"index\":");
  append_number(out, index_++);
  out.append("}\n\n");
}

// A block in one piece.
void StreamEncoder::extra_block(std::string_view type, std::string_view member, std::string_view value,
                                std::string& out) {
  begin_event(out, "content_block_start");
  out.append(",\"index\":");
  append_number(out, index_);
  out.append(",\"content_block\":");
  json::Writer writer(out);
  writer.begin_object().key("type").string(type);
  if (type == "thinking") {
    writer.key("thinking").string("").key("signature").string("").end_object();
  } else {
    writer.key(member).string(value).end_object();
  }
  out.append("}\n\n");
  if (type == "thinking") delta(out, index_, "signature_delta", member, value);
  stop(out);
}

// The end of the first block, with what of it can only be said then.
void StreamEncoder::close(Waiting& block, std::string& out) {
  switch (block.kind) {
    case BlockKind::reasoning: {
      const ThinkingState state = thinking_state(block.signature, block.encrypted, block.id, block.summary, block.open);
      if (block.open || !state.signature.empty()) {
        if (!block.open) open(block, out);
        if (!state.signature.empty()) delta(out, index_, "signature_delta", "signature", state.signature);
        stop(out);
      }
      if (!state.redacted.empty()) extra_block("redacted_thinking", "data", state.redacted, out);
      return;
    }
    case BlockKind::tool_call:
      if (!block.open) open(block, out);
      if (block.tool_kind == llm::ToolKind::custom) {
        std::string input;
        json::Writer writer(input);
        write_input(writer, block.tool_kind, block.text);
        delta(out, index_, "input_json_delta", "partial_json", input);
        held_ -= std::min(held_, block.text.size());
      }
      stop(out);
      if (!block.signature.empty()) {
        const std::string id = block.id.empty() ? made_tool_id(writing_.seed, index_ - 1) : block.id;
        extra_block("thinking", "signature", wrap_replayed(block.signature, Belongs::tool_call, id, false), out);
      }
      return;
    case BlockKind::foreign:
      if (block.foreign.verbatim.dialect == llm::Dialect::anthropic && !block.foreign.verbatim.empty()) {
        open(block, out);
        stop(out);
      }
      return;
    case BlockKind::media:
      end_media(block, out);
      break;
    default:
      break;
  }
  if (block.open) stop(out);
  if (block.kind == BlockKind::text && !block.signature.empty() && block.signature.origin != llm::Origin::anthropic) {
    extra_block("thinking", "signature", wrap_replayed(block.signature, Belongs::text, {}, false), out);
  }
}

void StreamEncoder::end_media(Waiting& block, std::string& out) {
  if (block.media == llm::Media::Kind::image && (block.media_open || !block.text.empty())) {
    if (!block.text.empty()) text_delta(block, block.text, out);
    delta(out, index_, "text_delta", "text", ")");
    return;
  }
  std::string words = block.text;
  if (words.empty() && !block.url.empty()) words = linked(block.media, block.url);
  if (words.empty()) return;
  if (!block.open) open(block, out);
  delta(out, index_, "text_delta", "text", words);
}

void StreamEncoder::message_start(std::string_view id, std::string_view model, std::string& out) {
  started_ = true;
  begin_event(out, "message_start");
  out.append(",\"message\":");
  json::Writer writer(out);
  writer.begin_object().key("id").string(message_id(id, writing_.seed)).key("type").string("message");
  writer.key("role").string("assistant").key("model").string(writing_.model.empty() ? model : writing_.model);
  writer.key("content").begin_array().end_array();
  writer.key("stop_reason").null().key("stop_sequence").null().key("stop_details").null().key("usage");
  write_usage(writer, usage_, true, {});
  writer.end_object();
  out.append("}\n\n");
}

void StreamEncoder::message_end(std::string& out) {
  if (!started_) message_start({}, {}, out);
  for (Waiting& block : waiting_) block.ended = true;
  advance(out);
  if (over_) return;
  const std::string_view reason = stop_reason_of(finish_, called_tools_);
  if (reason.empty()) {
    fail({.message = failed_words(finish_)}, out);
    return;
  }
  over_ = true;
  begin_event(out, "message_delta");
  out.append(",\"delta\":");
  {
    json::Writer writer(out);
    writer.begin_object().key("stop_reason").string(reason).key("stop_sequence");
    stop_sequence_.empty() ? writer.null() : writer.string(stop_sequence_);
    writer.key("stop_details");
    write_stop_details(writer, reason);
    writer.end_object();
  }
  out.append(",\"usage\":");
  json::Writer writer(out);
  write_usage(writer, usage_, false, {});
  out.append("}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
}

void StreamEncoder::fail(const llm::ChatError& error, std::string& out) {
  over_ = true;
  waiting_.clear();
  out.append("event: error\ndata: ").append(write_chat_error(error)).append("\n\n");
}

}  // namespace gatehouse::dialects::anthropic
