#include "gatehouse/dialects/anthropic/stream_decoder.h"

#include <algorithm>
#include <utility>

#include "gatehouse/dialects/anthropic/answer_words.h"
#include "gatehouse/dialects/anthropic/chat_errors.h"
#include "gatehouse/dialects/anthropic/content_reader.h"
#include "gatehouse/dialects/anthropic/fields.h"
#include "gatehouse/dialects/anthropic/message_reader.h"
#include "gatehouse/json/value.h"
#include "gatehouse/json/writer.h"
#include "gatehouse/llm/usage_reader.h"

namespace gatehouse::dialects::anthropic {
namespace {

using llm::ChatEvent;
using llm::FinishReason;
using Step = ChatEvent::Kind;

// The inside of a string without escapes; else nothing, for what is compared with words.
std::string_view plain(const json::Cursor::String& string) {
  return string.escaped ? std::string_view{} : string.inside;
}

}  // namespace

bool StreamDecoder::parse(std::string_view data, Event& event) {
  json::Cursor cursor(data);
  if (cursor.first() != '{') return false;
  const bool whole = cursor.object([&](const json::Cursor::String& key) {
    const std::string_view name = key.inside;
    if (name == "type" && cursor.first() == '"') {
      json::Cursor::String string;
      if (!cursor.string(string)) return false;
      event.type = plain(string);
      return true;
    }
    if (name == "delta" && cursor.first() == '{') return parse_delta(cursor, event);
    const std::size_t start = cursor.offset();
    if (!cursor.skip()) return false;
    const std::string_view raw = cursor.since(start);
    if (name == "index") {
      event.index = json::read_count(raw);
    } else if (name == "message") {
      event.message = raw;
    } else if (name == "content_block") {
      event.block = raw;
    } else if (name == "usage") {
      event.usage = raw;
    } else if (name == "error") {
      event.error = raw;
    } else if (name == "context_management" && raw != "null") {
      event.told.push_back({.name = std::string(name), .json = kept_json(raw)});
    }
    return true;
  });
  return whole && cursor.at_end();
}

bool StreamDecoder::parse_delta(json::Cursor& cursor, Event& event) {
  return cursor.object([&](const json::Cursor::String& key) {
    const std::string_view name = key.inside;
    const bool grows =
        name == "text" || name == "partial_json" || name == "thinking" || name == "signature" || name == "content";
    if (grows && cursor.first() == '"') {
      event.has_text = true;
      return cursor.string(event.text);
    }
    if (name == "type" && cursor.first() == '"') {
      json::Cursor::String string;
      if (!cursor.string(string)) return false;
      event.delta_type = plain(string);
      return true;
    }
    const std::size_t start = cursor.offset();
    if (!cursor.skip()) return false;
    const std::string_view raw = cursor.since(start);
    if (name == "citation") {
      event.citation = raw;
    } else if (name == "stop_reason") {
      event.stop_reason = raw;
    } else if (name == "stop_sequence") {
      event.stop_sequence = raw;
    } else if (name == "stop_details") {
      event.stop_details = raw;
    } else if (name == "container" && raw != "null") {
      event.told.push_back({.name = std::string(name), .json = kept_json(raw)});
    }
    return true;
  });
}

void StreamDecoder::on_event(std::string_view name, std::string_view data, Events& out) {
  if (over_ || data.empty() || data == "[DONE]") return;
  Event event;
  if (!parse(data, event)) {
    broken("The provider's stream holds what is no event.", out);
    return;
  }
  if (event.type == "error" || (event.type.empty() && (name == "error" || !event.error.empty()))) {
    fail(read_error_object(event.error.empty() ? data : event.error, 0), out);
    return;
  }
  if (event.type == "message_start") {
    start_message(event.message, out);
    return;
  }
  const bool known = event.type == "content_block_delta" || event.type == "content_block_start" ||
                     event.type == "content_block_stop" || event.type == "message_delta" ||
                     event.type == "message_stop";
  if (!known) return;
  if (!started_) {
    broken("The provider's stream does not begin with its message.", out);
    return;
  }
  if (event.type == "content_block_delta") {
    grow_block(event, out);
  } else if (event.type == "content_block_start") {
    start_block(event, out);
  } else if (event.type == "content_block_stop") {
    Open* const open = find(event.index.value_or(0));
    if (open == nullptr) return;  // of a block that was not started: says nothing
    end_block(*open, out);
    open_.erase(open_.begin() + (open - open_.data()));
  } else if (event.type == "message_delta") {
    if (!event.usage.empty()) tell_usage(event.usage, out);
    if (!event.stop_reason.empty() && event.stop_reason != "null") end_content(event, out);
  } else {
    if (!finished_) end_content(event, out);
    if (over_) return;
    over_ = true;
    out.push_back({.kind = Step::ended});
  }
}

void StreamDecoder::on_end(Events& out) {
  if (!over_) broken("The provider's stream ended before its answer was whole.", out);
}

void StreamDecoder::start_message(std::string_view message, Events& out) {
  Fields fields;
  if (!fields.read(message)) {
    broken("The provider's stream does not begin with its message.", out);
    return;
  }
  std::string id = fields.text("id");
  if (started_) {
    // Servers were seen to begin twice. The same beginning says nothing; another message cannot follow what was told.
    if (blocks_ == 0 && open_.empty() && id == id_) return;
    broken("The provider began another message in the middle of one.", out);
    return;
  }
  started_ = true;
  id_ = std::move(id);
  name_ = fields.text("model");
  out.push_back({.kind = Step::started, .id = id_, .name = name_});
  if (const auto usage = fields.raw("usage"); !usage.empty()) tell_usage(usage, out);
  if (const auto content = fields.raw("content"); content.starts_with('[')) {
    // Calls that a program of the model's made before may stand here already.
    ContentReader reader;
    json::Cursor cursor(content);
    if (!reader.read(cursor, preset_)) {
      broken("The provider's message holds what is no content.", out);
      return;
    }
    for (const llm::Block& block : preset_) whole_block(block, out);
  }
}

void StreamDecoder::whole_block(const llm::Block& block, Events& out) {
  if (blocks_ == kMostBlocks) return;
  ChatEvent event{.block = blocks_++, .block_kind = block.kind()};
  const auto say = [&](Step step) {
    event.kind = step;
    out.push_back(event);
  };
  if (const auto* call = block.as<llm::ToolCall>()) {
    tools_called_ = true;
    event.id = call->id;
    event.name = caller_tool_name(reading_.rewrites, call->name);
    event.text = call->arguments;
  } else if (const auto* text = block.as<llm::Text>()) {
    event.text = text->text;
  } else if (const auto* reasoning = block.as<llm::Reasoning>()) {
    event.text = reasoning->text;
  }
  const std::string_view text = std::exchange(event.text, {});
  say(Step::block_started);
  event.text = text;
  if (!text.empty()) say(Step::text);
  if (const auto* reasoning = block.as<llm::Reasoning>()) {
    event.text = {};
    event.opaque = {.origin = reading_.origin, .value = reasoning->signature.value};
    if (!event.opaque.empty()) say(Step::signature);
    event.opaque = {.origin = reading_.origin, .value = reasoning->encrypted.value};
    if (!event.opaque.empty()) say(Step::encrypted);
  }
  out.push_back({.kind = Step::block_ended,
                 .block = event.block,
                 .block_kind = event.block_kind,
                 .foreign = block.as<llm::Foreign>()});
}

StreamDecoder::Open* StreamDecoder::find(std::uint64_t index) {
  const auto found = std::ranges::find(open_, index, &Open::index);
  return found == open_.end() ? nullptr : &*found;
}

void StreamDecoder::start_block(const Event& event, Events& out) {
  if (finished_ || !event.index || find(*event.index) != nullptr || open_.size() == kMostOpen ||
      blocks_ >= kMostBlocks) {
    broken("The provider's stream begins a block out of its order.", out);
    return;
  }
  Fields fields;
  if (!fields.read(event.block)) {
    broken("The provider's stream begins a block that is none.", out);
    return;
  }
  unwrap_ = {};
  open_.push_back({.index = *event.index, .type = fields.text("type")});
  Open& open = open_.back();
  const auto begin = [&](llm::BlockKind kind) {
    open.number = blocks_++;
    out.push_back({.kind = Step::block_started, .block = open.number, .block_kind = kind});
  };
  if (open.type == "text") {
    const bool held = !reading_.rewrites.json_tool.empty();
    open.kind = held ? Kind::held_text : Kind::text;
    if (!held) begin(llm::BlockKind::text);
    text_ = fields.text("text");
    if (!text_.empty()) say(text_, open, out);
  } else if (open.type == "thinking") {
    open.kind = Kind::thinking;
    begin(llm::BlockKind::reasoning);
    text_ = fields.text("thinking");
    if (!text_.empty()) say(text_, open, out);
    if (std::string signature = fields.text("signature"); !signature.empty()) {
      out.push_back({.kind = Step::signature,
                     .block = open.number,
                     .block_kind = llm::BlockKind::reasoning,
                     .opaque = {.origin = reading_.origin, .value = std::move(signature)}});
    }
  } else if (open.type == "redacted_thinking") {
    open.kind = Kind::redacted;
    begin(llm::BlockKind::reasoning);
    out.push_back({.kind = Step::encrypted,
                   .block = open.number,
                   .block_kind = llm::BlockKind::reasoning,
                   .opaque = {.origin = reading_.origin, .value = fields.text("data")}});
  } else if (open.type == "tool_use") {
    start_tool(open, event.block, out);
  } else {
    open.kind = Kind::foreign;
    begin(llm::BlockKind::foreign);
    if (!hold(open.start, event.block)) broken("The provider's stream holds more than can be kept.", out);
  }
}

void StreamDecoder::start_tool(Open& open, std::string_view block, Events& out) {
  const Rewrites& rewrites = reading_.rewrites;
  Fields fields;
  fields.read(block);
  const std::string sent = fields.text("name");
  // Some servers give all of the input at once, and no deltas.
  if (const auto input = fields.raw("input"); input.starts_with('{') && input != "{}") {
    if (!hold(open.held, input)) {
      broken("The provider's stream holds more than can be kept.", out);
      return;
    }
  }
  if (!rewrites.json_tool.empty() && sent == rewrites.json_tool) {
    // The words before the answer are no part of it.
    held_bytes_ -= std::min(held_bytes_, held_text_.size());
    held_text_.clear();
    json_answered_ = true;
    open.kind = Kind::json_answer;
    open.number = blocks_++;
    out.push_back({.kind = Step::block_started, .block = open.number, .block_kind = llm::BlockKind::text});
    return;
  }
  flush_held(out);
  tools_called_ = true;
  open.kind = is_text_tool(rewrites, sent) ? Kind::text_tool : Kind::tool;
  open.number = blocks_++;
  // Not the message's: that is compared with what another message_start tells.
  tail_ = fields.text("id");
  said_ = caller_tool_name(rewrites, sent);
  out.push_back({.kind = Step::block_started,
                 .block = open.number,
                 .block_kind = llm::BlockKind::tool_call,
                 .tool_kind = open.kind == Kind::text_tool ? llm::ToolKind::custom : llm::ToolKind::function,
                 .id = tail_,
                 .name = said_});
}

bool StreamDecoder::hold(std::string& to, std::string_view text) {
  if (text.size() > kMostHeld - held_bytes_) return false;
  held_bytes_ += text.size();
  to.append(text);
  return true;
}

// `text` holds until the next call.
void StreamDecoder::say(std::string_view text, const Open& open, Events& out) {
  llm::BlockKind kind = llm::BlockKind::text;
  if (open.kind == Kind::held_text) {
    if (!hold(held_text_, text)) broken("The provider's stream holds more than can be kept.", out);
    return;
  }
  if (open.kind == Kind::thinking) kind = llm::BlockKind::reasoning;
  if (open.kind == Kind::tool || open.kind == Kind::text_tool) kind = llm::BlockKind::tool_call;
  if (reading_.rewrites.json_wrapped && kind == llm::BlockKind::text) {
    said_.clear();
    unwrap_.feed(text, said_);
    text = said_;
  }
  if (text.empty()) return;
  out.push_back({.kind = Step::text, .block = open.number, .block_kind = kind, .text = text});
}

void StreamDecoder::grow_block(const Event& event, Events& out) {
  Open* const open = find(event.index.value_or(0));
  if (open == nullptr) {
    broken("The provider's stream goes on with a block that it did not begin.", out);
    return;
  }
  if (event.delta_type == "citations_delta") {
    if (open->kind != Kind::text || event.citation.empty()) return;
    citation_ = read_citation(event.citation);
    out.push_back(
        {.kind = Step::citation, .block = open->number, .block_kind = llm::BlockKind::text, .citation = &citation_});
    return;
  }
  if (!event.has_text) return;
  text_.clear();
  json::append_decoded(event.text, text_);
  if (text_.empty()) return;
  if (event.delta_type == "signature_delta") {
    if (open->kind != Kind::thinking) return;
    out.push_back({.kind = Step::signature,
                   .block = open->number,
                   .block_kind = llm::BlockKind::reasoning,
                   .opaque = {.origin = reading_.origin, .value = text_}});
    return;
  }
  const bool is_text = event.delta_type == "text_delta" || event.delta_type == "thinking_delta";
  const bool is_input = event.delta_type == "input_json_delta";
  switch (open->kind) {
    case Kind::text:
    case Kind::held_text:
    case Kind::thinking:
      if (is_text) say(text_, *open, out);
      return;
    case Kind::tool:
    case Kind::json_answer:
      if (!is_input) return;
      open->grown = true;
      say(text_, *open, out);
      return;
    case Kind::text_tool:
    case Kind::foreign:
      if (!is_input && event.delta_type != "compaction_delta") return;
      if (!open->grown) {
        held_bytes_ -= open->held.size();
        open->held.clear();
      }
      open->grown = true;
      if (!hold(open->held, text_)) broken("The provider's stream holds more than can be kept.", out);
      return;
    case Kind::redacted:
      return;
  }
}

void StreamDecoder::end_block(Open& open, Events& out) {
  ChatEvent ended{.kind = Step::block_ended, .block = open.number};
  held_bytes_ -= std::min(held_bytes_, open.held.size() + open.start.size());
  switch (open.kind) {
    case Kind::held_text:
      return;
    case Kind::thinking:
    case Kind::redacted:
      ended.block_kind = llm::BlockKind::reasoning;
      break;
    case Kind::tool:
    case Kind::json_answer:
      if (!open.grown) {
        tail_ = open.held.empty() && open.kind == Kind::json_answer ? "{}" : std::move(open.held);
        say(tail_, open, out);
      }
      if (open.kind == Kind::tool) ended.block_kind = llm::BlockKind::tool_call;
      break;
    case Kind::text_tool:
      tail_ = text_tool_input(open.held);
      if (!tail_.empty()) say(tail_, open, out);
      ended.block_kind = llm::BlockKind::tool_call;
      break;
    case Kind::foreign: {
      ended.block_kind = llm::BlockKind::foreign;
      foreign_ = {.type = std::move(open.type)};
      foreign_.verbatim.dialect = llm::Dialect::anthropic;
      if (!open.grown) {
        foreign_.verbatim.json = std::move(open.start);
      } else {
        // As it would stand in a whole answer: with the input, or the text, that came in pieces.
        const std::string_view grown = json::find(open.start, "input").empty() ? "content" : "input";
        json::Writer writer(foreign_.verbatim.json);
        writer.begin_object();
        json::walk_object(open.start, [&](const json::Member& member) {
          if (member.key != grown) writer.key(member.key).raw(member.value);
        });
        writer.key(grown);
        if (grown == "input" && json::validate(open.held)) {
          writer.raw(open.held);
        } else {
          writer.string(open.held);
        }
        writer.end_object();
      }
      foreign_.verbatim.json = kept_json(foreign_.verbatim.json);
      foreign_.text = readable_text(foreign_.verbatim.json);
      ended.foreign = &foreign_;
      break;
    }
    case Kind::text:
      break;
  }
  if (reading_.rewrites.json_wrapped && ended.block_kind == llm::BlockKind::text) {
    tail_.clear();
    unwrap_.end(tail_);
    if (!tail_.empty()) {
      out.push_back({.kind = Step::text, .block = open.number, .block_kind = llm::BlockKind::text, .text = tail_});
    }
  }
  out.push_back(ended);
}

void StreamDecoder::flush_held(Events& out) {
  if (held_text_.empty() || json_answered_) return;
  text_ = std::exchange(held_text_, {});
  held_bytes_ -= std::min(held_bytes_, text_.size());
  const std::uint32_t number = blocks_++;
  out.push_back({.kind = Step::block_started, .block = number, .block_kind = llm::BlockKind::text});
  out.push_back({.kind = Step::text, .block = number, .block_kind = llm::BlockKind::text, .text = text_});
  out.push_back({.kind = Step::block_ended, .block = number, .block_kind = llm::BlockKind::text});
}

void StreamDecoder::tell_usage(std::string_view usage, Events& out) {
  const llm::Usage told = llm::read_usage(llm::UsageApi::anthropic, usage);
  if (!told.known) return;
  usage_ = usage_.known ? llm::merge_usage(usage_, told) : told;
  out.push_back({.kind = Step::usage, .usage = &usage_});
}

void StreamDecoder::end_content(const Event& event, Events& out) {
  if (finished_) return;
  // A last block without its end is whole all the same; what two at once would be is not known.
  if (open_.size() > 1) {
    broken("The provider's stream ends inside its blocks.", out);
    return;
  }
  for (Open& open : open_) end_block(open, out);
  open_.clear();
  flush_held(out);
  finished_ = true;
  finish_word_ = json::read_string(event.stop_reason).value_or(std::string());
  stop_sequence_ = json::read_string(event.stop_sequence).value_or(std::string());
  extras_ = event.told;
  if (event.stop_details.starts_with('{')) {
    refusal_ = json::Value(event.stop_details)["explanation"].string_or("");
    if (!refusal_.empty()) {
      const std::uint32_t number = blocks_++;
      out.push_back({.kind = Step::block_started, .block = number, .block_kind = llm::BlockKind::refusal});
      out.push_back({.kind = Step::text, .block = number, .block_kind = llm::BlockKind::refusal, .text = refusal_});
      out.push_back({.kind = Step::block_ended, .block = number, .block_kind = llm::BlockKind::refusal});
    }
    extras_.insert(extras_.begin(), {.name = "stop_details", .json = kept_json(event.stop_details)});
  }
  if (!extras_.empty()) out.push_back({.kind = Step::told, .extras = &extras_});
  FinishReason finish = finish_from(finish_word_);
  if (finish == FinishReason::tool_calls && json_answered_ && !tools_called_) finish = FinishReason::stop;
  out.push_back(
      {.kind = Step::finished, .finish = finish, .native_finish = finish_word_, .stop_sequence = stop_sequence_});
}

void StreamDecoder::fail(llm::ChatError error, Events& out) {
  if (over_) return;
  over_ = true;
  error_ = std::move(error);
  out.push_back({.kind = Step::failed, .error = &error_});
}

void StreamDecoder::broken(std::string_view why, Events& out) {
  fail({.kind = llm::ErrorKind::api, .status = 502, .message = std::string(why)}, out);
}

}  // namespace gatehouse::dialects::anthropic
