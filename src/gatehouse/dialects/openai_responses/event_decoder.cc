#include "gatehouse/dialects/openai_responses/event_decoder.h"

#include <algorithm>
#include <utility>

#include "gatehouse/json/cursor.h"
#include "gatehouse/json/value.h"
#include "gatehouse/json/writer.h"
#include "gatehouse/llm/usage_reader.h"
#include "gatehouse/text/utf8.h"

namespace gatehouse::dialects::openai_responses {

using json::Cursor;
using llm::BlockKind;
using llm::ChatEvent;
using Kind = ChatEvent::Kind;

// The members of an event that are read, whatever its type.
struct ResponseDecoder::Fields {
  std::string_view type;
  Cursor::String delta;
  bool has_delta = false;
  std::uint64_t output_index = 0;
  bool has_output_index = false;
  std::uint64_t index = 0;  // content_index or summary_index
  std::string_view item_id;
  std::string_view item, response, error, annotation, logprobs;
  std::string_view data;

  bool keeps() const { return !item.empty() || !response.empty() || !annotation.empty(); }

  bool read(std::string_view text) {
    data = text;
    Cursor cursor(text);
    if (cursor.first() != '{') return false;
    const bool walked = cursor.object([&](const Cursor::String& key) {
      const std::string_view name = key.inside;
      Cursor::String string;
      if (name == "type" && cursor.first() == '"') {
        if (!cursor.string(string)) return false;
        type = string.inside;
        return true;
      }
      if (name == "delta" && cursor.first() == '"') {
        has_delta = true;
        return cursor.string(delta);
      }
      if (name == "item_id" && cursor.first() == '"') {
        if (!cursor.string(string)) return false;
        item_id = string.inside;
        return true;
      }
      const std::size_t at = cursor.offset();
      if (!cursor.skip()) return false;
      const std::string_view raw = cursor.since(at);
      if (name == "output_index") {
        const auto count = json::read_count(raw);
        has_output_index = count.has_value();
        output_index = count.value_or(0);
      } else if (name == "content_index" || name == "summary_index") {
        index = json::read_count(raw).value_or(0);
      } else if (name == "item") {
        item = raw;
      } else if (name == "response") {
        response = raw;
      } else if (name == "error") {
        error = raw;
      } else if (name == "annotation") {
        annotation = raw;
      } else if (name == "logprobs") {
        if (raw.size() > 2 && raw != "null") logprobs = raw;
      }
      return true;
    });
    return walked && cursor.at_end();
  }
};

std::string_view ResponseDecoder::hold(std::string text) { return texts_.emplace_back(std::move(text)); }

void ResponseDecoder::fail(llm::ChatError error, Events& out) {
  ended_ = true;
  error_ = std::move(error);
  out.push_back({.kind = Kind::failed, .error = &error_});
}

void ResponseDecoder::fail(std::string message, Events& out) {
  llm::ChatError error;
  error.status = 502;
  error.message = std::move(message);
  fail(std::move(error), out);
}

void ResponseDecoder::on_event(std::string_view name, std::string_view data, Events& out) {
  if (ended_) return;
  texts_.clear();
  read_.clear();
  const auto first = data.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return;
  data.remove_prefix(first);
  if (data.starts_with("[DONE]")) return;
  Fields fields;
  // What is kept as it was written has to be good UTF-8 as well; texts that are decoded are made so anyway.
  if (!fields.read(data) || (fields.keeps() && !text::valid_utf8(data))) {
    return fail("The provider sent an event that is no valid JSON.", out);
  }
  if (fields.type.empty()) fields.type = name;
  const std::string_view type = fields.type;
  if (type == "response.output_text.delta") return on_text(fields, BlockKind::text, false, out);
  if (type == "response.function_call_arguments.delta" || type == "response.custom_tool_call_input.delta") {
    return on_text(fields, BlockKind::tool_call, false, out);
  }
  if (type == "response.reasoning_summary_text.delta") return on_text(fields, BlockKind::reasoning, true, out);
  if (type == "response.reasoning_text.delta") return on_text(fields, BlockKind::reasoning, false, out);
  if (type == "response.refusal.delta") return on_text(fields, BlockKind::refusal, false, out);
  if (type == "response.created" || type == "response.queued" || type == "response.in_progress") {
    return start(&fields, out);
  }
  if (type == "response.output_item.added") return on_added(fields, out);
  if (type == "response.output_item.done") return on_done(fields, out);
  if (type == "response.output_text.annotation.added") return on_annotation(fields, out);
  if (type == "response.completed" || type == "response.incomplete" || type == "response.failed" ||
      type == "response.cancelled" || type == "response.done") {
    return on_response_end(fields, out);
  }
  // {"type":"error","code","message","param"}, with the error inside as OpenAI sends it, or alone as others do.
  if (type == "error" || (type.empty() && !fields.error.empty() && fields.error != "null")) {
    const bool inside = fields.error.starts_with('{') || fields.error.starts_with('"');
    return fail(read_error_object(200, inside ? fields.error : data), out);
  }
}

void ResponseDecoder::on_end(Events& out) {
  if (ended_) return;
  fail("The provider broke off its answer.", out);
}

void ResponseDecoder::start(const Fields* fields, Events& out) {
  if (started_) return;
  started_ = true;
  ChatEvent event{.kind = Kind::started};
  if (fields != nullptr && !fields->response.empty()) {
    begun_ = read_response(fields->response);
    event.id = begun_.id;
    event.name = begun_.model;
    event.created = begun_.created;
  }
  out.push_back(event);
}

ResponseDecoder::Item* ResponseDecoder::make_item(std::uint64_t index, std::string_view id) {
  if (items_.size() == kMostItems) return nullptr;
  Item& made = items_.emplace_back();
  made.index = index;
  made.id = id;
  return &made;
}

ResponseDecoder::Item* ResponseDecoder::item(const Fields& fields) {
  const auto is = [&fields](const Item& one) {
    return fields.has_output_index ? one.index == fields.output_index : one.id == fields.item_id;
  };
  if (last_ == nullptr || !is(*last_)) {
    const auto found = std::ranges::find_if(items_, is);
    last_ = found != items_.end()
                ? &*found
                : make_item(fields.has_output_index ? fields.output_index : items_.size(), fields.item_id);
  }
  return last_;
}

ResponseDecoder::Part& ResponseDecoder::begin(Item& at, ChatEvent event, std::uint64_t index, Events& out) {
  Part& part = at.parts.emplace_back();
  part.index = index;
  part.kind = event.block_kind;
  part.summary = event.summary;
  part.block = blocks_++;
  event.kind = Kind::block_started;
  event.block = part.block;
  if (event.block_kind == BlockKind::text || event.block_kind == BlockKind::tool_call) event.item_id = at.id;
  out.push_back(event);
  return part;
}

void ResponseDecoder::say(Part& part, std::string_view text, Events& out) {
  part.said = true;
  if (part.kind == BlockKind::text && reading_.rewrites.json_wrapped) {
    std::string inside;
    part.unwrapper.feed(text, inside);
    text = hold(std::move(inside));
  }
  if (!text.empty()) out.push_back({.kind = Kind::text, .block = part.block, .block_kind = part.kind, .text = text});
}

void ResponseDecoder::close(Part& part, Events& out) {
  if (!part.open) return;
  if (part.kind == BlockKind::text && reading_.rewrites.json_wrapped) {
    std::string rest;
    part.unwrapper.end(rest);
    if (!rest.empty()) {
      out.push_back({.kind = Kind::text, .block = part.block, .block_kind = part.kind, .text = hold(std::move(rest))});
    }
  }
  part.open = false;
  out.push_back({.kind = Kind::block_ended, .block = part.block, .block_kind = part.kind});
}

void ResponseDecoder::on_text(const Fields& fields, BlockKind kind, bool summary, Events& out) {
  if (!fields.has_delta) return;
  start(nullptr, out);
  Item* at = item(fields);
  if (at == nullptr) return fail("The provider's answer has too many items.", out);
  if (at->done) return;
  const bool thinks = kind == BlockKind::reasoning;
  Part* part = nullptr;
  for (Part& one : at->parts) {
    if (one.kind == kind && one.summary == summary && (kind != BlockKind::text || one.index == fields.index))
      part = &one;
  }
  if (part == nullptr) {
    // A call whose name nobody told cannot be begun; what it is comes when it is done.
    if (kind == BlockKind::tool_call) return;
    if (at->parts.size() == kMostPartsOfItem) return fail("An item of the provider's answer has too many parts.", out);
    ChatEvent event{.block_kind = kind, .summary = summary};
    if (at->id.empty()) at->id = fields.item_id;
    if (thinks) event.id = at->id;
    if (!at->extras.empty()) event.extras = &at->extras;
    part = &begin(*at, event, thinks ? 0 : fields.index, out);
    part->sub = fields.index;
  }
  if (!part->open) return;
  if (thinks && part->sub != fields.index) {
    part->sub = fields.index;
    if (part->said) say(*part, "\n\n", out);
  }
  if (fields.delta.escaped) {
    scratch_.clear();
    json::append_decoded(fields.delta, scratch_);
    say(*part, scratch_, out);
  } else {
    say(*part, fields.delta.inside, out);
  }
  if (!fields.logprobs.empty() && kind == BlockKind::text) {
    logprobs_.clear();
    read_logprobs(fields.logprobs, logprobs_);
    part->logprobs = true;
    if (!logprobs_.empty()) {
      out.push_back({.kind = Kind::logprobs, .block = part->block, .block_kind = kind, .logprobs = &logprobs_});
    }
  }
}

void ResponseDecoder::on_added(const Fields& fields, Events& out) {
  start(nullptr, out);
  if (fields.item.empty()) return;
  openai_responses::Item& read = read_.emplace_back();
  Cursor cursor(fields.item);
  ItemReader reader(ItemReader::Side::answer, reading_.origin);
  if (!reader.item(cursor, read)) return fail("The provider sent an item that cannot be read.", out);
  Fields of = fields;
  of.item_id = read.id;
  Item* at = item(of);
  if (at == nullptr) return fail("The provider's answer has too many items.", out);
  if (at->done || !at->parts.empty()) return;
  at->id = read.id;
  at->extras = std::move(read.extras);
  if (read.kind != openai_responses::Item::Kind::call || read.blocks.empty()) return;
  const auto* call = read.blocks.front().as<llm::ToolCall>();
  if (call->name.empty()) return;
  calls_ = true;
  ChatEvent event{.block_kind = BlockKind::tool_call, .tool_kind = call->kind};
  event.id = call->id;
  event.name = callers_name(reading_.rewrites, call->name);
  if (!read.blocks.front().extras.empty()) event.extras = &read.blocks.front().extras;
  begin(*at, event, 0, out);
}

void ResponseDecoder::on_annotation(const Fields& fields, Events& out) {
  if (!fields.annotation.starts_with('{')) return;
  start(nullptr, out);
  Item* at = item(fields);
  if (at == nullptr || at->done) return;
  for (Part& part : at->parts) {
    if (part.kind != BlockKind::text || part.index != fields.index || !part.open) continue;
    citation_ = read_annotation(fields.annotation);
    ++part.citations;
    out.push_back({.kind = Kind::citation, .block = part.block, .block_kind = part.kind, .citation = &citation_});
    return;
  }
}

// What the finished block says that was not said before.
void ResponseDecoder::top_up(Item& at, std::size_t position, const llm::Block& block, std::string_view data,
                             Events& out) {
  const BlockKind kind = block.kind();
  const auto* thought = block.as<llm::Reasoning>();
  Part* part = nullptr;
  for (Part& one : at.parts) {
    if (one.kind != kind) continue;
    if (kind == BlockKind::text && one.index != position) continue;
    if (kind == BlockKind::refusal && one.index != position) continue;
    if (thought != nullptr && one.summary != thought->summary && !thought->text.empty()) continue;
    part = &one;
  }
  if (part == nullptr) {
    ChatEvent event{.block_kind = kind};
    if (!block.extras.empty()) event.extras = &block.extras;
    if (thought != nullptr) {
      event.summary = thought->summary;
      event.id = thought->id;
    } else if (const auto* call = block.as<llm::ToolCall>()) {
      calls_ = true;
      event.tool_kind = call->kind;
      event.id = call->id;
      event.name = callers_name(reading_.rewrites, call->name);
    } else if (const auto* media = block.as<llm::Media>()) {
      event.media = media;
    }
    part = &begin(at, event, position, out);
  }
  if (!part->open) return;
  const auto about = [&](Kind what) { return ChatEvent{.kind = what, .block = part->block, .block_kind = kind}; };
  std::string_view text;
  if (const auto* said = block.as<llm::Text>()) {
    text = said->text;
  } else if (const auto* refusal = block.as<llm::Refusal>()) {
    text = refusal->text;
  } else if (thought != nullptr) {
    text = thought->text;
  } else if (const auto* call = block.as<llm::ToolCall>()) {
    text = call->arguments;
  } else {
    text = data;
  }
  if (!part->said && !text.empty()) say(*part, text, out);
  if (const auto* said = block.as<llm::Text>()) {
    for (std::size_t i = part->citations; i < said->citations.size(); ++i) {
      ChatEvent event = about(Kind::citation);
      event.citation = &said->citations[i];
      out.push_back(event);
    }
    if (!part->logprobs && !said->logprobs.empty()) {
      ChatEvent event = about(Kind::logprobs);
      event.logprobs = &said->logprobs;
      out.push_back(event);
    }
  }
  if (thought != nullptr && !thought->encrypted.empty()) {
    ChatEvent event = about(Kind::encrypted);
    event.opaque = thought->encrypted;
    out.push_back(std::move(event));
  }
  if (const auto* foreign = block.as<llm::Foreign>()) {
    part->open = false;
    ChatEvent event = about(Kind::block_ended);
    event.foreign = foreign;
    out.push_back(event);
  } else if (const auto* media = block.as<llm::Media>()) {
    part->open = false;
    ChatEvent event = about(Kind::block_ended);
    event.media = media;
    out.push_back(event);
  } else {
    close(*part, out);
  }
}

void ResponseDecoder::finish_item(Item& at, std::string_view raw, Events& out) {
  openai_responses::Item& read = read_.emplace_back();
  Cursor cursor(raw);
  ItemReader reader(ItemReader::Side::answer, reading_.origin);
  if (!reader.item(cursor, read)) return fail("The provider sent an item that cannot be read.", out);
  at.done = true;
  if (read.blocks.size() > kMostPartsOfItem) {
    return fail("An item of the provider's answer has too many parts.", out);
  }
  for (std::size_t i = 0; i < read.blocks.size(); ++i) {
    if (read.kind == openai_responses::Item::Kind::message) {
      auto& extras = read.blocks[i].extras;
      extras.insert(extras.end(), read.extras.begin(), read.extras.end());
    }
    std::string data;  // of a sound or an image: it comes as text
    if (auto* media = read.blocks[i].as<llm::Media>()) data = std::exchange(media->data, {});
    top_up(at, i, read.blocks[i], hold(std::move(data)), out);
  }
  for (Part& part : at.parts) close(part, out);
}

void ResponseDecoder::on_done(const Fields& fields, Events& out) {
  start(nullptr, out);
  if (fields.item.empty()) return;
  Fields of = fields;
  std::string id;
  if (!fields.has_output_index) {
    id = json::read_string(json::find(fields.item, "id")).value_or("");
    of.item_id = id;
  }
  Item* at = item(of);
  if (at == nullptr) return fail("The provider's answer has too many items.", out);
  if (!at->done) finish_item(*at, fields.item, out);
}

void ResponseDecoder::on_response_end(const Fields& fields, Events& out) {
  if (!started_) start(&fields, out);
  ResponseHead head = read_response(fields.response);
  if (fields.type == "response.failed" || head.status == "failed" || !head.error.empty()) {
    llm::ChatError error = read_error_object(200, head.error);
    if (error.message.empty()) error.message = "The provider could not finish its answer.";
    return fail(std::move(error), out);
  }
  // What no event told.
  if (!head.output.empty()) {
    Cursor cursor(head.output);
    std::uint64_t index = 0;
    const bool walked = cursor.array([&] {
      const std::size_t start = cursor.offset();
      if (!cursor.skip()) return false;
      const std::string_view raw = cursor.since(start);
      auto known = std::ranges::find(items_, index, &Item::index);
      if (known == items_.end() || !known->done) {
        const std::string id = json::read_string(json::find(raw, "id")).value_or("");
        const auto by_id =
            id.empty() ? items_.end() : std::ranges::find_if(items_, [&id](const Item& one) { return one.id == id; });
        if (by_id != items_.end()) known = by_id;
        if (known == items_.end()) {
          Item* made = make_item(index, id);
          if (made == nullptr) return false;
          finish_item(*made, raw, out);
        } else if (!known->done) {
          finish_item(*known, raw, out);
        }
      }
      ++index;
      return !ended_;
    });
    if (ended_) return;
    if (!walked) return fail("The provider's answer cannot be read.", out);
  }
  for (Item& one : items_) {
    for (Part& part : one.parts) close(part, out);
  }
  if (fields.type == "response.incomplete" && head.status.empty()) head.status = "incomplete";
  head_ = std::move(head);
  ChatEvent finished{.kind = Kind::finished};
  finished.finish = finish_of(head_, calls_);
  finished.native_finish = native_finish_of(head_);
  out.push_back(finished);
  if (!head_.usage.empty()) {
    usage_ = llm::read_usage(llm::UsageApi::openai, head_.usage);
    out.push_back({.kind = Kind::usage, .usage = &usage_});
  }
  told_ = std::move(head_.extras);
  if (!head_.service_tier.empty()) {
    std::string tier;
    json::append_quoted(tier, head_.service_tier);
    told_.push_back({.name = "service_tier", .json = std::move(tier)});
  }
  if (!told_.empty()) out.push_back({.kind = Kind::told, .extras = &told_});
  ended_ = true;
  out.push_back({.kind = Kind::ended});
}

}  // namespace gatehouse::dialects::openai_responses
