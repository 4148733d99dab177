#include "gatehouse/dialects/anthropic/stream_end.h"

#include "gatehouse/json/cursor.h"
#include "gatehouse/json/value.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::dialects::anthropic {
namespace {

using json::Cursor;

struct Head {
  std::string_view type;
  std::uint64_t index = 0;
  std::string_view block;  // content_block
};

Head head_of(std::string_view data) {
  Head head;
  Cursor cursor(data);
  if (cursor.first() != '{') return head;
  (void)cursor.object([&](const Cursor::String& key) {
    const std::size_t begin = cursor.offset();
    if (!cursor.skip()) return false;
    const std::string_view value = cursor.since(begin);
    if (key.inside == "type" && value.size() >= 2) head.type = value.substr(1, value.size() - 2);
    if (key.inside == "index") head.index = json::read_count(value).value_or(0);
    if (key.inside == "content_block") head.block = value;
    // Deltas are most of the events, and tell nothing here.
    return head.type != "content_block_delta";
  });
  return head;
}

void append_event(std::string& out, std::string_view type, std::string_view data) {
  out.append("event: ").append(type).append("\ndata: ").append(data).append("\n\n");
}

}  // namespace

void StreamEnd::on_event(std::string_view data) {
  const Head head = head_of(data);
  if (head.type == "message_start") {
    started_ = true;
    std::string().swap(held_start_);
  } else if (head.type == "content_block_start") {
    if (open_.size() == kMostOpen) return;
    open_.push_back({head.index, json::read_string(json::find(head.block, "type")).value_or("").ends_with("tool_use")});
  } else if (head.type == "content_block_stop") {
    std::erase_if(open_, [&head](const Block& block) { return block.index == head.index; });
  } else if (head.type == "message_stop" || head.type == "error") {
    ended_ = true;
  }
}

void StreamEnd::on_held(std::string_view data) {
  if (started_ || !held_start_.empty() || data.size() > kMostHead) return;
  if (head_of(data).type == "message_start") held_start_.assign(data);
}

std::string StreamEnd::ending(std::string_view reason, const llm::Usage& usage) const {
  std::string out;
  std::string data;
  if (!started_) {
    if (!held_start_.empty()) {
      data = held_start_;
    } else {
      json::Writer writer(data);
      writer.begin_object().key("type").string("message_start").key("message").begin_object();
      writer.key("id").string("msg_stopped").key("type").string("message").key("role").string("assistant");
      writer.key("model").string("").key("content").begin_array().end_array();
      writer.key("stop_reason").null().key("stop_sequence").null();
      writer.key("usage").begin_object().key("input_tokens").unsigned_integer(usage.prompt_tokens);
      writer.key("output_tokens").unsigned_integer(0).end_object().end_object().end_object();
    }
    append_event(out, "message_start", data);
  }
  for (const Block& block : open_) {
    if (block.call) continue;
    data.clear();
    json::Writer writer(data);
    writer.begin_object().key("type").string("content_block_stop").key("index").unsigned_integer(block.index);
    writer.end_object();
    append_event(out, "content_block_stop", data);
  }
  data.clear();
  json::Writer writer(data);
  writer.begin_object().key("type").string("message_delta").key("delta").begin_object();
  writer.key("stop_reason").string(reason).key("stop_sequence").null().end_object();
  writer.key("usage").begin_object().key("output_tokens").unsigned_integer(usage.completion_tokens).end_object();
  writer.end_object();
  append_event(out, "message_delta", data);
  append_event(out, "message_stop", R"({"type":"message_stop"})");
  return out;
}

}  // namespace gatehouse::dialects::anthropic
