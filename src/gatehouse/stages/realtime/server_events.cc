#include "gatehouse/stages/realtime/server_events.h"

#include <algorithm>
#include <array>
#include <utility>

#include "gatehouse/dialects/event_edit.h"
#include "gatehouse/guard/request_guard.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::stages {
namespace {

using llm::SegmentKind;

constexpr std::string_view kSpoken = "conversation.item.input_audio_transcription.";
// Names that are remembered: further ones push out old ones, of which nothing more should come.
constexpr std::size_t kMostNames = 4096;

void remember(std::set<std::string>& names, const std::string& name) {
  if (name.empty()) return;
  if (names.size() >= kMostNames) names.erase(names.begin());
  names.insert(name);
}

bool is_sound(std::string_view type) { return type == "response.output_audio.delta" || type == "response.audio.delta"; }

// Events after which a text does not grow. Sound may end before its transcript does.
bool ends_text(std::string_view type) {
  if (type == "response.output_audio.done" || type == "response.audio.done") return false;
  return type.ends_with(".done") || (type.starts_with(kSpoken) && !type.ends_with(".delta"));
}

// In place of a response.done that may not be shown.
std::string blocked_done(std::string_view event) {
  const json::Value done(event);
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("type").string("response.done");
  writer.key("event_id").string(done["event_id"].string_or(""));
  writer.key("response").begin_object();
  writer.key("object").string("realtime.response");
  writer.key("id").string(done["response"]["id"].string_or(""));
  writer.key("status").string("incomplete");
  writer.key("status_details").begin_object();
  writer.key("type").string("incomplete").key("reason").string("content_filter").end_object();
  writer.key("output").begin_array().end_array();
  if (const auto usage = done["response"]["usage"]; usage.is(json::Kind::object)) {
    writer.key("usage").raw(usage.raw());
  } else {
    writer.key("usage").null();
  }
  writer.end_object().end_object();
  return out;
}

}  // namespace

ServerEvents::ServerEvents(pipeline::Exchange& exchange)
    : exchange_(exchange),
      guarding_{.rules = *exchange.inspection->rules,
                .inspector = exchange.inspection->guarding.inspector,
                .redaction = *exchange.inspection->redaction,
                .restoring = exchange.inspection->restoring ? &*exchange.inspection->restoring : nullptr,
                .facts = &exchange.inspection->facts,
                .decisions = exchange.inspection->decisions,
                .capture = exchange.config().guard.capture,
                .tighten = exchange.inspection->tighten,
                .most_held = exchange.config().guard.window_bytes} {}

bool ServerEvents::read_head(std::string_view event, Head& head) {
  const auto scanned = json::scan_object(event, [&](const json::Member& member) {
    const bool object = member.kind == json::Kind::object;
    if (member.key == "type") head.type = json::read_string(member.value).value_or(std::string());
    if (member.key == "response_id") head.response = json::read_string(member.value).value_or(std::string());
    if (member.key == "item_id") head.item = json::read_string(member.value).value_or(std::string());
    if (member.key == "response" && object) head.response = json::Value(member.value)["id"].string_or("");
    if (member.key == "item" && object) {
      const json::Value item(member.value);
      head.item = item["id"].string_or("");
      head.echo = item["role"].string_or("") != "assistant" && item["type"].string_or("") != "function_call";
    }
  });
  if (!scanned) return false;
  if (head.type.starts_with("session.")) head.echo = true;
  if (head.type.starts_with("response.")) head.echo = false;
  return true;
}

bool ServerEvents::unjudged(std::string_view why) {
  const bool closed = guarding_.rules.fails_closed(guard::Direction::response);
  guarding_.decisions.add_failure(why, closed);
  return !closed;
}

void ServerEvents::push(std::string_view event, std::vector<std::string>& out, std::vector<Blocked>& blocked) {
  Head head;
  if (!read_head(event, head)) {
    if (unjudged("an event of the session could not be read")) {
      hold(event);
      settle(out, blocked);
    }
    return;
  }
  const bool ends = head.type == "response.done";
  // Names what is gone, and says nothing of it.
  if (head.type == "conversation.item.deleted") blocked_.erase(head.item);
  if (blocked_.contains(head.response) || (!head.item.empty() && blocked_.contains(head.item))) {
    if (!ends) return;
    blocked_.erase(head.response);
    hold(blocked_done(event));
    settle(out, blocked);
    return;
  }
  Held& held = hold(event);
  held.response = head.response;
  held.item = head.item;
  held.sound = is_sound(head.type);
  held.ends = ends;
  due_.clear();
  const bool spoken = head.type.starts_with(kSpoken);
  bool passes = read(held, head);
  if (ends_text(head.type)) end_texts(head);
  if (passes && spoken && head.type.ends_with(".completed")) passes = may_be_answered(held.event);
  if (!passes) {
    held.dropped = !ends;
    block(head.response, head.item, spoken, blocked);
  }
  settle(out, blocked);
}

ServerEvents::Held& ServerEvents::hold(std::string_view event) {
  Held& held = held_.emplace_back();
  held.event = event;
  held.size = event.size();
  held_bytes_ += event.size();
  return held;
}

// What was said to the model counts as a request does, though it was heard already.
bool ServerEvents::may_be_answered(std::string_view event) {
  const auto transcript = json::read_string(json::find(event, "transcript"));
  if (!transcript || transcript->empty()) return true;
  llm::SegmentList said;
  said.segments.push_back({.role = llm::Role::user,
                           .kind = SegmentKind::text,
                           .message = 0,
                           .offset = 0,
                           .length = 0,
                           .text = *transcript});
  auto& inspection = *exchange_.inspection;
  guard::RequestGuard guard(*inspection.rules, inspection.guarding.inspector, *inspection.redaction, nullptr,
                            guarding_.capture);
  // Nothing is sent on, so what would have to be redacted has gone already; only what is blocked matters here.
  guard::Decisions decisions;
  (void)guard.judge(said, [] { return false; }, decisions);
  for (const auto& decision : decisions.list()) inspection.decisions.add(decision);
  return decisions.strictest() < guard::Action::block;
}

bool ServerEvents::read(Held& held, const Head& head) {
  deltas_.clear();
  if (!reader_.read_event(held.event, deltas_)) return unjudged("an event of the session could not be read");
  const bool grows = head.type.starts_with("response.") || head.type == std::string(kSpoken) + "delta";
  for (std::uint32_t i = 0; i < deltas_.size(); ++i) {
    llm::Delta& delta = deltas_[i];
    if (delta.kind == SegmentKind::media || delta.text.empty()) continue;
    delta.echo = delta.echo || head.echo;
    if (delta.whole || !grows) {
      if (!look_at_whole(held, i, delta)) return false;
      continue;
    }
    Key key{head.item.empty() ? head.response : head.item, delta.kind, delta.part};
    auto place = texts_.find(key);
    if (place == texts_.end()) {
      if (texts_.size() >= kMostTexts) {
        guarding_.decisions.add_failure("a session of more texts at a time than can be looked at", true);
        return false;
      }
      place = texts_.emplace(std::move(key), std::make_shared<Text>(delta.kind, place_++)).first;
      place->second->item = head.item;
      place->second->response = head.response;
      place->second->spoken = head.type.starts_with(kSpoken);
      place->second->transcript = delta.part == dialects::DeltaReader::kTranscriptPart;
    }
    const auto& text = place->second;
    if (text->transcript) remember(heard_, head.item);
    const std::size_t begin = text->words.size();
    text->words.append(delta.text);
    held.pieces.push_back({i, text, begin, text->words.size()});
    due_.push_back(text);
  }
  return true;
}

bool ServerEvents::look_at_whole(Held& held, std::uint32_t position, const llm::Delta& delta) {
  guard::AnswerText text(delta.kind, position, delta.echo);
  text.append(delta.text);
  if (!text.look(guarding_, true)) return false;
  if (!text.edits().empty()) held.whole_edits.emplace_back(position, text.edits());
  return true;
}

void ServerEvents::end_texts(const Head& head) {
  const bool all = head.type == "response.done";
  for (auto at = texts_.begin(); at != texts_.end();) {
    Text& text = *at->second;
    if (all ? text.response != head.response : text.item != head.item) {
      ++at;
      continue;
    }
    text.complete = true;
    due_.push_back(at->second);
    at = texts_.erase(at);
  }
  // Sound without a word by now has none.
  for (const Held& held : held_) {
    if (held.sound && (all ? held.response == head.response : held.item == head.item)) remember(heard_, held.item);
  }
}

void ServerEvents::block(const std::string& response, const std::string& item, bool spoken,
                         std::vector<Blocked>& blocked) {
  exchange_.inspection->answer_stopped = true;
  blocked.push_back({.response = response, .item = item, .spoken = spoken});
  remember(blocked_, response);
  remember(blocked_, item);
  for (Held& held : held_) {
    const bool of_it = (!response.empty() && held.response == response) || (!item.empty() && held.item == item);
    if (!of_it) continue;
    if (held.ends) {
      held.event = blocked_done(held.event);
      held.pieces.clear();
      held.whole_edits.clear();
      blocked_.erase(response);
    } else {
      held.dropped = true;
    }
  }
  std::erase_if(texts_, [&](const auto& entry) {
    const Text& text = *entry.second;
    return (!response.empty() && text.response == response) || (!item.empty() && text.item == item);
  });
}

bool ServerEvents::is_free(const Held& held) const {
  if (held.sound && !heard_.contains(held.item)) return false;
  return std::ranges::all_of(held.pieces, [](const Piece& piece) {
    const auto& edits = piece.text->words.edits();
    // What an edit takes away goes with its beginning.
    const std::size_t taken = edits.empty() ? 0 : edits.back().end;
    return piece.end <= std::max(piece.text->words.frontier(), taken);
  });
}

void ServerEvents::settle(std::vector<std::string>& out, std::vector<Blocked>& blocked) {
  for (std::size_t i = 0; i < due_.size(); ++i) {
    Text& text = *due_[i];
    if (!text.words.look(guarding_, text.complete)) {
      block(text.response, text.item, text.spoken, blocked);
    } else if (text.transcript && !text.words.edits().empty()) {
      remember(silent_, text.item);
    }
  }
  due_.clear();
  bool open = false;
  if (held_bytes_ > kMostHeld) {
    open = unjudged("more of a session than may be held back could not be judged");
    if (!open && !held_.empty())
      block(std::string(held_.front().response), std::string(held_.front().item), false, blocked);
  }
  while (!held_.empty()) {
    Held& front = held_.front();
    if (!front.dropped) {
      if (!open && !is_free(front)) break;
      give(front, out);
    }
    for (const Piece& piece : front.pieces) piece.text->words.release(piece.end);
    held_bytes_ -= front.size;
    held_.pop_front();
  }
}

void ServerEvents::give(Held& held, std::vector<std::string>& out) {
  if (held.sound && silent_.contains(held.item)) return;
  std::vector<dialects::DeltaEdit> edits;
  for (const Piece& piece : held.pieces) {
    for (const guard::TextEdit& edit : piece.text->words.edits()) {
      if (edit.begin >= piece.end || edit.end <= piece.begin) continue;
      dialects::DeltaEdit part{.delta = piece.delta,
                               .begin = std::max(edit.begin, piece.begin) - piece.begin,
                               .end = std::min(edit.end, piece.end) - piece.begin,
                               .replacement = {}};
      // It stands where the value began; what is left of that in later pieces only goes.
      if (edit.begin >= piece.begin) part.replacement = edit.text;
      edits.push_back(part);
    }
  }
  for (const auto& [delta, list] : held.whole_edits) {
    for (const guard::TextEdit& edit : list) edits.push_back({delta, edit.begin, edit.end, edit.text});
  }
  if (edits.empty()) {
    out.push_back(std::move(held.event));
    held.event.clear();
    return;
  }
  std::ranges::sort(
      edits, [](const auto& a, const auto& b) { return a.delta != b.delta ? a.delta < b.delta : a.begin < b.begin; });
  deltas_.clear();
  (void)again_.read_event(held.event, deltas_);
  out.push_back(dialects::edit_event(held.event, deltas_, again_.logprobs(), edits));
}

void ServerEvents::finish(std::vector<std::string>& out, std::vector<Blocked>& blocked) {
  due_.clear();
  for (auto& [key, text] : texts_) {
    text->complete = true;
    due_.push_back(text);
  }
  texts_.clear();
  for (const Held& held : held_) {
    if (held.sound) remember(heard_, held.item);
  }
  settle(out, blocked);
}

}  // namespace gatehouse::stages
