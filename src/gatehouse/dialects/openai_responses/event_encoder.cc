#include "gatehouse/dialects/openai_responses/event_encoder.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "gatehouse/dialects/openai_responses/annotations.h"
#include "gatehouse/dialects/openai_responses/opaque_words.h"
#include "gatehouse/dialects/openai_responses/response_echo.h"
#include "gatehouse/json/value.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::dialects::openai_responses {
namespace {

using json::append_escaped;
using json::append_quoted;
using llm::BlockKind;
using llm::ChatEvent;
using llm::FinishReason;
using llm::ToolKind;
using Kind = ChatEvent::Kind;

void append_number(std::string& out, std::uint64_t value) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, end);
}

void append_member(std::string& out, std::string_view name, std::string_view text) {
  out.append(",\"").append(name).append("\":");
  append_quoted(out, text);
}

// Text that is JSON already, without the quotes.
void append_said(std::string& out, std::string_view name, std::string_view json) {
  out.append(",\"").append(name).append("\":\"").append(json).append("\"");
}

// As OpenAI's ids are: nothing that would have to be escaped.
bool is_plain(std::string_view id) {
  return id.size() <= 128 && std::ranges::all_of(id, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
         });
}

}  // namespace

ResponseEncoder::ResponseEncoder(const Writing& writing, bool quiet)
    : writing_(writing), quiet_(quiet), echo_(echo_of(writing.request)) {}

void ResponseEncoder::emit(std::string_view type, std::string_view members, std::string& out) {
  if (quiet_) return;
  out.append("event: ").append(type).append("\ndata: {\"type\":\"").append(type).append("\"").append(members);
  out.append(",\"sequence_number\":");
  append_number(out, number_++);
  out.append("}\n\n");
}

void ResponseEncoder::emit_response(std::string_view type, std::string& out) {
  if (quiet_) return;
  members_ = ",\"response\":" + response();
  emit(type, members_, out);
}

std::string ResponseEncoder::response() const {
  std::string out = "{\"id\":";
  append_quoted(out, id_);
  out += ",\"object\":\"response\",\"created_at\":" + std::to_string(created_);
  out += ",\"status\":\"" + status_ + "\",\"error\":" + (error_.empty() ? std::string("null") : error_);
  out += ",\"incomplete_details\":";
  out += reason_.empty() ? std::string("null") : "{\"reason\":\"" + reason_ + "\"}";
  append_member(out, "model", model_);
  out += ",\"output\":[";
  bool first = true;
  if (status_ != "in_progress") {
    for (const Item& item : items_) {
      if (!item.done) continue;
      if (!first) out += ',';
      first = false;
      out += item.json;
    }
  }
  out += "],";
  out += echo_;
  out += "\"service_tier\":";
  append_quoted(out, !tier_.empty()                          ? std::string_view(tier_)
                     : writing_.request.service_tier.empty() ? std::string_view("default")
                                                             : std::string_view(writing_.request.service_tier));
  out += ",\"usage\":";
  write_usage(out, usage_);
  out += '}';
  return out;
}

void ResponseEncoder::write(const ChatEvent& event, std::string& out) {
  if (over_ || event.choice != 0) return;
  switch (event.kind) {
    case Kind::started:
      return started(event, out);
    case Kind::block_started:
      return block_started(event, out);
    case Kind::text:
      if (Open* one = at(event); one != nullptr && !event.text.empty()) text(*one, event.text, out);
      return;
    case Kind::signature:
    case Kind::encrypted:
      if (Open* one = at(event)) {
        llm::Opaque& to = event.kind == Kind::signature ? one->signature : one->encrypted;
        to.origin = event.opaque.origin;
        to.value += event.opaque.value;
      }
      return;
    case Kind::citation:
      if (Open* one = at(event); one != nullptr && event.citation != nullptr) citation(*one, *event.citation, out);
      return;
    case Kind::logprobs:
      if (Open* one = at(event); one != nullptr && event.logprobs != nullptr) logprobs(*one, *event.logprobs, out);
      return;
    case Kind::block_ended:
      if (Open* one = at(event)) block_ended(*one, event, out);
      return;
    case Kind::finished:
      finish_ = event.finish;
      return;
    case Kind::usage:
      if (event.usage != nullptr) usage_ = *event.usage;
      return;
    case Kind::told:
      if (event.extras == nullptr) return;
      for (const auto& extra : *event.extras) {
        if (extra.name == "service_tier") tier_ = json::read_string(extra.json).value_or("");
      }
      return;
    case Kind::failed:
      return failed(event, out);
    case Kind::ended:
      return ended(out);
  }
}

ResponseEncoder::Open* ResponseEncoder::at(const ChatEvent& event) {
  if (event.block >= blocks_.size() || blocks_[event.block].ended) return nullptr;
  return &blocks_[event.block];
}

void ResponseEncoder::started(const ChatEvent& event, std::string& out) {
  // An id of another dialect's making is none that a client of this one could refer to.
  id_ = event.id.starts_with("resp_") ? std::string(event.id) : "resp_" + std::string(writing_.seed);
  model_ = writing_.model.empty() ? event.name : writing_.model;
  created_ = event.created != 0 ? event.created : writing_.now;
  emit_response("response.created", out);
  emit_response("response.in_progress", out);
}

void ResponseEncoder::block_started(const ChatEvent& event, std::string& out) {
  if (event.block != blocks_.size() || blocks_.size() == kMostBlocks) return;
  Open& made = blocks_.emplace_back();
  made.kind = event.block_kind;
  made.tool_kind = event.tool_kind;
  // Raw thoughts too are shown as a summary to those who asked for one: it is what their clients show.
  made.said_summary = event.summary;
  made.summary = event.summary || !writing_.request.reasoning.summary.empty();
  made.id = event.id;
  made.item_id = event.item_id;
  made.name = event.name;
  // Its data comes as text.
  if (event.media != nullptr) made.media = *event.media;
  made.media.data.clear();
  if (event.extras != nullptr) {
    for (const auto& extra : *event.extras) {
      if (extra.name == "phase") {
        made.phase = extra.json;
      } else if (extra.name == "namespace" && made.kind == BlockKind::tool_call) {
        made.extras += ",\"namespace\":" + extra.json;
      }
    }
  }
  // A call is worth telling before its arguments come.
  if (made.kind == BlockKind::tool_call && made.tool_kind != ToolKind::provider) open_call(made, out);
}

std::size_t ResponseEncoder::new_item(std::string_view prefix, std::string_view id, std::string& out) {
  close_message(out);
  const std::size_t index = items_.size();
  Item& item = items_.emplace_back();
  if (id.starts_with(prefix) && is_plain(id)) {
    item.id = id;
  } else {
    item.id.append(prefix).append(writing_.seed).append("_").append(std::to_string(index));
  }
  return index;
}

void ResponseEncoder::added(std::size_t index, std::string_view item, std::string& out) {
  if (quiet_) return;
  members_ = ",\"output_index\":";
  append_number(members_, index);
  members_.append(",\"item\":").append(item);
  emit("response.output_item.added", members_, out);
}

void ResponseEncoder::done(std::size_t index, std::string item, std::string& out) {
  kept_ += item.size();
  if (!quiet_) {
    members_ = ",\"output_index\":";
    append_number(members_, index);
    members_.append(",\"item\":").append(item);
    emit("response.output_item.done", members_, out);
  }
  items_[index].json = std::move(item);
  items_[index].done = true;
}

// A message is done when something else begins; one with a part that still grows is so when that ends.
void ResponseEncoder::close_message(std::string& out) {
  if (!message_) return;
  const std::size_t index = *message_;
  message_.reset();
  if (items_[index].open == 0) finish_message(index, out);
}

void ResponseEncoder::finish_message(std::size_t index, std::string& out) {
  Item& item = items_[index];
  std::string json = "{\"id\":\"" + item.id + "\",\"type\":\"message\",\"status\":\"completed\",\"content\":[";
  for (std::size_t i = 0; i < item.parts.size(); ++i) {
    if (i > 0) json += ',';
    json += item.parts[i];
  }
  json += "],\"role\":\"assistant\"";
  if (!item.phase.empty()) json += ",\"phase\":" + item.phase;
  json += '}';
  item.parts = {};
  done(index, std::move(json), out);
}

void ResponseEncoder::place(std::string& data, const Open& at, std::string_view index_name, std::uint64_t index) const {
  append_member(data, "item_id", items_[*at.item].id);
  data += ",\"output_index\":";
  append_number(data, *at.item);
  if (index_name.empty()) return;
  data.append(",\"").append(index_name).append("\":");
  append_number(data, index);
}

void ResponseEncoder::open_text(Open& at, std::string& out) {
  if (at.item) return;
  if (message_) {
    const Item& last = items_[*message_];
    const bool another = !last.source.empty() && !at.item_id.empty() && last.source != at.item_id;
    if (another || last.phase != at.phase) close_message(out);
  }
  if (!message_) {
    const std::size_t index = new_item("msg_", at.item_id, out);
    Item& item = items_[index];
    item.phase = at.phase;
    item.source = at.item_id;
    std::string json = "{\"id\":\"" + item.id +
                       "\",\"type\":\"message\",\"status\":\"in_progress\",\"content\":[],\"role\":\"assistant\"";
    if (!item.phase.empty()) json += ",\"phase\":" + item.phase;
    added(index, json + "}", out);
    message_ = index;
  }
  Item& item = items_[*message_];
  at.item = message_;
  at.part = static_cast<std::uint32_t>(item.parts.size());
  item.parts.emplace_back();
  ++item.open;
  const bool refusal = at.kind == BlockKind::refusal;
  members_.clear();
  place(members_, at, "content_index", at.part);
  at.head = members_ + ",\"delta\":\"";
  members_ += refusal ? R"(,"part":{"type":"refusal","refusal":""})"
                      : R"(,"part":{"type":"output_text","annotations":[],"logprobs":[],"text":""})";
  emit("response.content_part.added", members_, out);
}

void ResponseEncoder::open_reasoning(Open& at, std::string& out) {
  if (at.item) return;
  at.item = new_item("rs_", at.id, out);
  added(*at.item,
        "{\"id\":\"" + items_[*at.item].id + "\",\"type\":\"reasoning\",\"summary\":[]" +
            (at.summary ? "}" : ",\"content\":[]}"),
        out);
}

void ResponseEncoder::open_call(Open& at, std::string& out) {
  if (at.item) return;
  const bool custom = at.tool_kind == ToolKind::custom;
  at.item = new_item(custom ? "ctc_" : "fc_", at.item_id, out);
  std::string json = "{\"id\":\"" + items_[*at.item].id + "\",\"type\":\"";
  json += custom ? "custom_tool_call\",\"status\":\"in_progress\",\"input\":\"\""
                 : "function_call\",\"status\":\"in_progress\",\"arguments\":\"\"";
  append_member(json, "call_id", at.id);
  append_member(json, "name", at.name);
  added(*at.item, json + at.extras + "}", out);
  members_.clear();
  place(members_, at, {}, 0);
  at.head = members_ + ",\"delta\":\"";
}

void ResponseEncoder::delta(Open& at, std::string_view json, std::string_view logprobs, std::string& out) {
  at.text.append(json);
  kept_ += json.size();
  if (quiet_) return;
  std::string_view type;
  std::string_view tail = "\"";
  switch (at.kind) {
    case BlockKind::refusal:
      type = "response.refusal.delta";
      break;
    case BlockKind::reasoning:
      type = at.summary ? "response.reasoning_summary_text.delta" : "response.reasoning_text.delta";
      break;
    case BlockKind::tool_call:
      type = at.tool_kind == ToolKind::custom ? "response.custom_tool_call_input.delta"
                                              : "response.function_call_arguments.delta";
      break;
    default:
      type = "response.output_text.delta";
      tail = "\",\"logprobs\":[";
  }
  out.append("event: ").append(type).append("\ndata: {\"type\":\"").append(type).append("\"").append(at.head);
  out.append(json).append(tail);
  if (at.kind == BlockKind::text) out.append(logprobs).append("]");
  out.append(",\"sequence_number\":");
  append_number(out, number_++);
  out.append("}\n\n");
}

void ResponseEncoder::text(Open& at, std::string_view text, std::string& out) {
  switch (at.kind) {
    case BlockKind::text:
    case BlockKind::refusal:
      open_text(at, out);
      at.points += code_points(text);
      refused_ = refused_ || at.kind == BlockKind::refusal;
      break;
    case BlockKind::reasoning:
      open_reasoning(at, out);
      if (at.head.empty()) {
        members_.clear();
        place(members_, at, at.summary ? "summary_index" : "content_index", 0);
        at.head = members_ + ",\"delta\":\"";
        members_ += at.summary ? R"(,"part":{"type":"summary_text","text":""})"
                               : R"(,"part":{"type":"reasoning_text","text":""})";
        emit(at.summary ? "response.reasoning_summary_part.added" : "response.content_part.added", members_, out);
      }
      break;
    case BlockKind::tool_call:
      if (at.tool_kind == ToolKind::provider) return;
      open_call(at, out);
      break;
    case BlockKind::media:
      if (kept_ + text.size() <= kMostBytes) at.media.data.append(text);
      kept_ += text.size();
      return;
    default:
      return;
  }
  if (kept_ > kMostBytes) {
    llm::ChatError error;
    error.status = 502;
    error.message = "The provider's answer is too large.";
    ChatEvent event{.kind = Kind::failed, .error = &error};
    return failed(event, out);
  }
  if (at.kind == BlockKind::text && writing_.request.logprobs) {
    // Probabilities belong to the same event, and come before or after.
    if (at.pending_logprobs.empty()) {
      flush(at, out);
      append_escaped(at.pending, text);
      return;
    }
    std::string json;
    append_escaped(json, text);
    const std::string probabilities = std::exchange(at.pending_logprobs, {});
    return delta(at, json, probabilities, out);
  }
  std::string& json = at.pending;
  append_escaped(json, text);
  delta(at, json, {}, out);
  json.clear();
}

void ResponseEncoder::flush(Open& at, std::string& out) {
  if (at.pending.empty()) return;
  const std::string json = std::exchange(at.pending, {});
  delta(at, json, {}, out);
}

void ResponseEncoder::logprobs(Open& at, const std::vector<llm::TokenLogprob>& tokens, std::string& out) {
  if (at.kind != BlockKind::text || tokens.empty()) return;
  std::string json;
  for (const auto& token : tokens) {
    if (!json.empty()) json += ',';
    json::Writer writer(json);
    write_logprob(writer, token);
  }
  if (!at.logprobs.empty()) at.logprobs += ',';
  at.logprobs += json;
  kept_ += json.size();
  if (!writing_.request.logprobs) return;
  if (at.pending.empty()) {
    if (!at.pending_logprobs.empty()) at.pending_logprobs += ',';
    at.pending_logprobs += json;
    return;
  }
  const std::string said = std::exchange(at.pending, {});
  delta(at, said, json, out);
}

void ResponseEncoder::citation(Open& at, const llm::Citation& citation, std::string& out) {
  if (at.kind != BlockKind::text) return;
  // One that is about all of the text waits for its end; those behind it too, for the order.
  const bool native = citation.verbatim.dialect == llm::Dialect::openai_responses && !citation.verbatim.empty();
  if (!at.late.empty() || (!native && !citation.end)) {
    if (at.late.size() < kMostBlocks) at.late.push_back(citation);
    return;
  }
  annotate(at, citation, out);
}

void ResponseEncoder::annotate(Open& at, const llm::Citation& citation, std::string& out) {
  open_text(at, out);
  flush(at, out);
  std::string json;
  json::Writer writer(json);
  write_annotation(writer, citation, at.points);
  if (!at.annotations.empty()) at.annotations += ',';
  at.annotations += json;
  kept_ += json.size();
  if (quiet_) return;
  members_.clear();
  place(members_, at, "content_index", at.part);
  members_ += ",\"annotation_index\":";
  append_number(members_, at.annotation_count++);
  members_.append(",\"annotation\":").append(json);
  emit("response.output_text.annotation.added", members_, out);
}

void ResponseEncoder::block_ended(Open& at, const ChatEvent& event, std::string& out) {
  switch (at.kind) {
    case BlockKind::text:
    case BlockKind::refusal:
      end_text(at, out);
      break;
    case BlockKind::reasoning:
      end_reasoning(at, out);
      break;
    case BlockKind::tool_call:
      end_call(at, out);
      break;
    case BlockKind::media:
      end_media(at, event, out);
      break;
    case BlockKind::foreign:
      end_foreign(event, out);
      break;
    case BlockKind::tool_result:
      break;
  }
  at.ended = true;
  // Its texts are in the item by now.
  at.text = {};
  at.annotations = {};
  at.logprobs = {};
  at.media = {};
  at.late = {};
}

void ResponseEncoder::end_text(Open& at, std::string& out) {
  for (const auto& one : std::exchange(at.late, {})) annotate(at, one, out);
  if (at.item) {
    flush(at, out);
    const bool refusal = at.kind == BlockKind::refusal;
    std::string part;
    if (refusal) {
      part = "{\"type\":\"refusal\"";
      append_said(part, "refusal", at.text);
    } else {
      part = "{\"type\":\"output_text\",\"annotations\":[" + at.annotations + "],\"logprobs\":[" + at.logprobs + "]";
      append_said(part, "text", at.text);
    }
    part += '}';
    if (!quiet_) {
      members_.clear();
      place(members_, at, "content_index", at.part);
      const std::size_t base = members_.size();
      append_said(members_, refusal ? "refusal" : "text", at.text);
      if (!refusal) members_.append(",\"logprobs\":[").append(at.logprobs).append("]");
      emit(refusal ? "response.refusal.done" : "response.output_text.done", members_, out);
      members_.resize(base);
      members_.append(",\"part\":").append(part);
      emit("response.content_part.done", members_, out);
    }
    Item& item = items_[*at.item];
    item.parts[at.part] = std::move(part);
    --item.open;
    if (item.open == 0 && message_ != at.item) finish_message(*at.item, out);
  }
  if (!at.signature.empty()) {
    ItemState state{.kind = ItemState::Kind::of_text, .state = at.signature, .call_id = {}};
    state_item(write_item_state(state), out);
  }
}

void ResponseEncoder::state_item(std::string_view encrypted, std::string& out) {
  const std::size_t index = new_item("rs_", {}, out);
  added(index, "{\"id\":\"" + items_[index].id + "\",\"type\":\"reasoning\",\"summary\":[]}", out);
  std::string json = "{\"id\":\"" + items_[index].id + "\",\"type\":\"reasoning\"";
  append_member(json, "encrypted_content", encrypted);
  done(index, json + ",\"summary\":[]}", out);
}

void ResponseEncoder::end_reasoning(Open& at, std::string& out) {
  ItemState state;
  state.summary = at.said_summary;
  if (!at.signature.empty()) {
    state.kind = ItemState::Kind::signature;
    state.state = std::move(at.signature);
  } else if (!at.encrypted.empty()) {
    state.kind = ItemState::Kind::encrypted;
    state.state = std::move(at.encrypted);
    at.encrypted = {};
    // The item's id belongs to what is sealed.
    if (at.id.empty() && state.state.origin == llm::Origin::openai) at.id = split_item_id(state.state.value).id;
  }
  const std::string encrypted = write_item_state(state);
  if (encrypted.empty() && !at.item) return;
  open_reasoning(at, out);
  const Item& item = items_[*at.item];
  std::string json = "{\"id\":\"" + item.id + "\",\"type\":\"reasoning\"";
  if (!encrypted.empty()) append_member(json, "encrypted_content", encrypted);
  std::string part;
  if (!at.head.empty()) {
    part = at.summary ? "{\"type\":\"summary_text\"" : "{\"type\":\"reasoning_text\"";
    append_said(part, "text", at.text);
    part += '}';
    if (!quiet_) {
      members_.clear();
      place(members_, at, at.summary ? "summary_index" : "content_index", 0);
      const std::size_t base = members_.size();
      append_said(members_, "text", at.text);
      emit(at.summary ? "response.reasoning_summary_text.done" : "response.reasoning_text.done", members_, out);
      members_.resize(base);
      members_.append(",\"part\":").append(part);
      emit(at.summary ? "response.reasoning_summary_part.done" : "response.content_part.done", members_, out);
    }
  }
  json += ",\"summary\":[";
  if (at.summary) json += part;
  json += ']';
  if (!at.summary) json += ",\"content\":[" + part + "]";
  done(*at.item, json + "}", out);
  if (!at.encrypted.empty()) {
    state = {.kind = ItemState::Kind::encrypted, .state = std::move(at.encrypted), .call_id = {}};
    state_item(write_item_state(state), out);
  }
}

void ResponseEncoder::end_call(Open& at, std::string& out) {
  if (at.tool_kind == ToolKind::provider) return;
  open_call(at, out);
  const bool custom = at.tool_kind == ToolKind::custom;
  if (at.text.empty() && !custom) delta(at, "{}", {}, out);
  const std::string_view member = custom ? "input" : "arguments";
  if (!quiet_) {
    members_.clear();
    place(members_, at, {}, 0);
    append_said(members_, member, at.text);
    if (!custom) append_member(members_, "name", at.name);
    emit(custom ? "response.custom_tool_call_input.done" : "response.function_call_arguments.done", members_, out);
  }
  std::string json = "{\"id\":\"" + items_[*at.item].id + "\",\"type\":\"";
  json += custom ? "custom_tool_call\",\"status\":\"completed\"" : "function_call\",\"status\":\"completed\"";
  append_said(json, member, at.text);
  append_member(json, "call_id", at.id);
  append_member(json, "name", at.name);
  done(*at.item, json + at.extras + "}", out);
  if (!at.signature.empty()) {
    ItemState state{.kind = ItemState::Kind::of_call, .state = at.signature, .call_id = at.id};
    state_item(write_item_state(state), out);
  }
}

// An image is what the image tool makes here; a sound is what was said in it.
void ResponseEncoder::end_media(Open& at, const ChatEvent& event, std::string& out) {
  if (event.media != nullptr) {
    std::string data = std::move(at.media.data);
    at.media = *event.media;
    if (!data.empty()) at.media.data = std::move(data);
  }
  const llm::Media& media = at.media;
  if (media.kind == llm::Media::Kind::image && !media.data.empty()) {
    at.item = new_item("ig_", media.id, out);
    const std::string head = "{\"id\":\"" + items_[*at.item].id + "\",\"type\":\"image_generation_call\",\"status\":\"";
    added(*at.item, head + "in_progress\",\"result\":null}", out);
    members_.clear();
    place(members_, at, {}, 0);
    emit("response.image_generation_call.completed", members_, out);
    std::string json = head + "completed\"";
    const std::string_view type = media.media_type;
    if (type.starts_with("image/")) append_member(json, "output_format", type.substr(6));
    append_member(json, "result", media.data);
    done(*at.item, json + "}", out);
  } else if (!media.transcript.empty()) {
    say_text(media.transcript, out);
  } else if (!media.url.empty()) {
    say_text(media.url, out);
  }
}

void ResponseEncoder::end_foreign(const ChatEvent& event, std::string& out) {
  const llm::Foreign* foreign = event.foreign;
  if (foreign == nullptr) return;
  if (foreign->verbatim.dialect == llm::Dialect::openai_responses && !foreign->verbatim.empty() &&
      !foreign->type.starts_with("part:")) {
    const std::size_t index = new_item({}, "x", out);
    added(index, foreign->verbatim.json, out);
    done(index, foreign->verbatim.json, out);
  }
}

void ResponseEncoder::say_text(std::string_view words, std::string& out) {
  Open whole;
  text(whole, words, out);
  if (over_) return;
  end_text(whole, out);
}

void ResponseEncoder::failed(const ChatEvent& event, std::string& out) {
  const llm::ChatError unknown;
  const llm::ChatError& error = event.error != nullptr ? *event.error : unknown;
  over_ = true;
  status_ = "failed";
  error_ = "{\"code\":";
  append_quoted(error_, code_of(error));
  append_member(error_, "message", message_of(error));
  error_ += '}';
  if (id_.empty()) {
    id_ = "resp_" + std::string(writing_.seed);
    model_ = writing_.model;
    created_ = writing_.now;
  }
  // Flat as the reference has it, and with the error inside, as it comes and as clients look for it.
  std::string members;
  append_member(members, "code", code_of(error));
  append_member(members, "message", message_of(error));
  members += ",\"param\":";
  if (error.param.empty()) {
    members += "null";
  } else {
    append_quoted(members, error.param);
  }
  const std::string inside = write_error(error);
  members.append(",").append(std::string_view(inside).substr(1, inside.size() - 2));
  emit("error", members, out);
  emit_response("response.failed", out);
}

void ResponseEncoder::ended(std::string& out) {
  for (Open& one : blocks_) {
    if (!one.ended) block_ended(one, {.kind = Kind::block_ended}, out);
  }
  close_message(out);
  over_ = true;
  status_ = "completed";
  switch (finish_) {
    case FinishReason::length:
    case FinishReason::context_length:
      status_ = "incomplete";
      reason_ = "max_output_tokens";
      break;
    case FinishReason::content_filter:
      status_ = "incomplete";
      reason_ = "content_filter";
      break;
    case FinishReason::refusal:
      // One that has words of its own is an answer.
      if (!refused_) {
        status_ = "incomplete";
        reason_ = "content_filter";
      }
      break;
    case FinishReason::malformed:
    case FinishReason::error:
      status_ = "failed";
      error_ = finish_ == FinishReason::malformed
                   ? R"({"code":"server_error","message":"The model's call of a tool was not valid."})"
                   : R"({"code":"server_error","message":"The provider could not finish its answer."})";
      break;
    default:
      break;
  }
  emit_response("response." + status_, out);
}

}  // namespace gatehouse::dialects::openai_responses
