#include "gatehouse/dialects/openai_responses/stream_end.h"

#include <algorithm>

#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::dialects::openai_responses {
namespace {

using json::Kind;
using json::Member;

constexpr std::size_t kMostItems = 256;
constexpr std::size_t kMostParts = 64;

void append_event(std::string& out, std::string_view type, std::string_view data) {
  out.append("event: ").append(type).append("\ndata: ").append(data).append("\n\n");
}

void write_part(json::Writer& writer, std::string_view text) {
  writer.begin_object().key("type").string("output_text").key("annotations").begin_array().end_array();
  writer.key("logprobs").begin_array().end_array().key("text").string(text).end_object();
}

void write_usage(json::Writer& writer, const llm::Usage& usage) {
  if (!usage.known) {
    writer.null();
    return;
  }
  writer.begin_object().key("input_tokens").unsigned_integer(usage.prompt_tokens);
  writer.key("input_tokens_details").begin_object().key("cached_tokens").unsigned_integer(usage.cached_tokens);
  writer.end_object().key("output_tokens").unsigned_integer(usage.completion_tokens);
  writer.key("output_tokens_details").begin_object().key("reasoning_tokens").unsigned_integer(usage.reasoning_tokens);
  writer.end_object().key("total_tokens").unsigned_integer(usage.prompt_tokens + usage.completion_tokens).end_object();
}

// The members of an event that are read here.
struct Event {
  std::string type;
  std::string_view response, item, delta;
  std::uint64_t output_index = 0;
  std::uint64_t content_index = 0;
  std::uint64_t sequence_number = 0;
  bool numbered = false;
};

}  // namespace

StreamEnd::Item* StreamEnd::item(std::uint64_t index) {
  const auto found = std::ranges::find(items_, index, &Item::index);
  if (found != items_.end()) return &*found;
  if (items_.size() == kMostItems) return nullptr;
  items_.push_back({.index = index, .id = {}, .whole = {}, .parts = {}});
  return &items_.back();
}

StreamEnd::Part* StreamEnd::part(std::uint64_t index, std::uint64_t content) {
  Item* of = item(index);
  if (of == nullptr || of->lost) return nullptr;
  const auto found = std::ranges::find(of->parts, content, &Part::index);
  if (found != of->parts.end()) return &*found;
  if (of->parts.size() == kMostParts) return nullptr;
  of->parts.push_back({.index = content, .text = {}});
  return &of->parts.back();
}

bool StreamEnd::keep(std::size_t bytes) {
  if (bytes > kKept - kept_) return false;
  kept_ += bytes;
  return true;
}

void StreamEnd::on_created(std::string_view response) {
  head_.clear();
  json::walk_object(response, [&](const Member& member) {
    for (const std::string_view written :
         {"status", "output", "error", "incomplete_details", "usage", "completed_at", "output_text"}) {
      if (member.key == written) return;
    }
    if (!keep(member.key.size() + member.value.size())) return;
    json::append_quoted(head_, member.key);
    head_.append(":").append(member.value).append(",");
  });
}

void StreamEnd::on_event(std::string_view data) {
  Event event;
  const auto scanned = json::scan_object(data, [&event](const Member& member) {
    const auto number = [&member](std::uint64_t& out) { out = json::read_count(member.value).value_or(0); };
    if (member.key == "type") {
      event.type.clear();
      json::append_string(member.value, event.type);
    } else if (member.key == "response" && member.kind == Kind::object) {
      event.response = member.value;
    } else if (member.key == "item" && member.kind == Kind::object) {
      event.item = member.value;
    } else if (member.key == "delta") {
      event.delta = member.value;
    } else if (member.key == "output_index") {
      number(event.output_index);
    } else if (member.key == "content_index") {
      number(event.content_index);
    } else if (member.key == "sequence_number") {
      number(event.sequence_number);
      event.numbered = true;
    }
  });
  if (!scanned) return;
  if (event.numbered) next_number_ = std::max(next_number_, event.sequence_number + 1);
  if (event.type == "response.output_text.delta") {
    Part* open = part(event.output_index, event.content_index);
    if (open == nullptr) return;
    if (keep(event.delta.size())) {
      json::append_string(event.delta, open->text);
    } else {
      item(event.output_index)->lost = true;
    }
  } else if (event.type == "response.created" || event.type == "response.in_progress") {
    if (head_.empty()) on_created(event.response);
  } else if (event.type == "response.output_item.added") {
    if (Item* added = item(event.output_index)) {
      added->message = json::find(event.item, "type") == "\"message\"";
      added->id = json::read_string(json::find(event.item, "id")).value_or("");
    }
  } else if (event.type == "response.content_part.done") {
    if (Part* closed = part(event.output_index, event.content_index)) closed->open = false;
  } else if (event.type == "response.output_item.done") {
    if (Item* closed = item(event.output_index)) {
      if (keep(event.item.size())) {
        closed->whole = event.item;
      } else {
        closed->lost = true;
      }
    }
  } else if (event.type == "response.completed" || event.type == "response.incomplete" ||
             event.type == "response.failed") {
    ended_ = true;
  }
}

std::string StreamEnd::ending(std::string_view reason, const llm::Usage& usage) const {
  std::string out;
  std::string data;
  std::uint64_t number = next_number_;
  const auto event = [&](std::string_view type, auto&& write) {
    data.clear();
    json::Writer writer(data);
    writer.begin_object().key("type").string(type).key("sequence_number").unsigned_integer(number++);
    write(writer);
    writer.end_object();
    append_event(out, type, data);
  };
  std::string output;
  for (const Item& item : items_) {
    if (item.lost) continue;
    std::string whole = item.whole;
    if (whole.empty()) {
      if (!item.message || item.parts.empty()) continue;
      for (const Part& part : item.parts) {
        if (!part.open) continue;
        const auto place = [&](json::Writer& writer) {
          writer.key("item_id").string(item.id).key("output_index").unsigned_integer(item.index);
          writer.key("content_index").unsigned_integer(part.index);
        };
        event("response.output_text.done", [&](json::Writer& writer) {
          place(writer);
          writer.key("text").string(part.text).key("logprobs").begin_array().end_array();
        });
        event("response.content_part.done", [&](json::Writer& writer) {
          place(writer);
          write_part(writer.key("part"), part.text);
        });
      }
      json::Writer writer(whole);
      writer.begin_object().key("id").string(item.id).key("type").string("message");
      writer.key("status").string("incomplete").key("role").string("assistant").key("content").begin_array();
      for (const Part& part : item.parts) write_part(writer, part.text);
      writer.end_array().end_object();
      event("response.output_item.done",
            [&](json::Writer& done) { done.key("output_index").unsigned_integer(item.index).key("item").raw(whole); });
    }
    if (!output.empty()) output += ',';
    output += whole;
  }
  event("response.incomplete", [&](json::Writer& writer) {
    std::string response = "{" + head_;
    json::Writer rest(response);
    rest.key("status").string("incomplete").key("error").null();
    rest.key("incomplete_details").begin_object().key("reason").string(reason).end_object();
    rest.key("output").raw("[" + output + "]").key("usage");
    write_usage(rest, usage);
    writer.key("response").raw(response + "}");
  });
  return out;
}

std::string StreamEnd::error_ending(const ApiError& error) const {
  std::string data;
  json::Writer writer(data);
  writer.begin_object().key("type").string("error").key("sequence_number").unsigned_integer(next_number_);
  writer.key("code").string(error.error.slug()).key("message").string(error.error.detail).key("param");
  if (error.param.empty()) {
    writer.null();
  } else {
    writer.string(error.param);
  }
  writer.end_object();
  std::string out;
  append_event(out, "error", data);
  return out;
}

}  // namespace gatehouse::dialects::openai_responses
