#include "gatehouse/stages/release/released_events.h"

#include <algorithm>
#include <utility>

#include "gatehouse/dialects/event_edit.h"
#include "gatehouse/http/sse.h"

namespace gatehouse::stages {
namespace {

// An event of which so much is free is cut in two rather than held whole.
constexpr std::size_t kWorthSplitting = 48;

bool is_looked_at(llm::SegmentKind kind) { return kind != llm::SegmentKind::media; }

// The event's lines but for its data, then the new data.
void append_event(std::string_view raw, std::string_view data, std::string& out) {
  while (!raw.empty()) {
    const std::size_t end = raw.find('\n');
    std::string_view line = raw.substr(0, end);
    raw = end == std::string_view::npos ? std::string_view() : raw.substr(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line == "data" || line.starts_with("data:")) continue;
    out.append(line).append("\n");
  }
  http::append_sse(out, {}, data);
}

// The data of an event that append_event made: its last line.
std::string_view data_line(std::string_view event) {
  event.remove_suffix(2);
  const std::size_t line = event.rfind('\n');
  event.remove_prefix(line == std::string_view::npos ? 0 : line + 1);
  return event.substr(std::string_view("data: ").size());
}

}  // namespace

void ReleasedEvents::push(std::string_view raw, std::string_view data) {
  if (stopped_) return;
  Held& held = held_.emplace_back();
  held.raw = raw;
  held.data = data;
  if (!data.empty() && (data.data() < raw.data() || data.data() + data.size() > raw.data() + raw.size())) {
    // Data of several lines lies elsewhere, and not for long: it is put together in one.
    append_event(raw, data, held.owned);
    held.raw = held.owned;
    held.data = data_line(held.owned);
  }
  if (data.empty()) return;
  stream_end_.on_held(data);
  if (read(held)) return;
  // Neither what it was stopped for nor what comes after it is released.
  stopped_ = true;
  held_.pop_back();
}

bool ReleasedEvents::read(Held& held) {
  deltas_.clear();
  if (!reader_.read_event(held.data, deltas_)) {
    const bool closed = guarding_.rules.fails_closed(guard::Direction::response);
    guarding_.decisions.add_failure("an event of the answer could not be read", closed);
    return !closed;
  }
  for (std::uint32_t i = 0; i < deltas_.size(); ++i) {
    const llm::Delta& delta = deltas_[i];
    if (!is_looked_at(delta.kind) || delta.text.empty()) continue;
    if (delta.whole) {
      if (!look_at_whole(held, i, delta)) return false;
      continue;
    }
    const Key key{delta.choice, delta.kind, delta.part};
    auto place = places_.find(key);
    if (place == places_.end()) {
      if (texts_.size() >= kMostTexts) {
        guarding_.decisions.add_failure("an answer of more texts than can be looked at", true);
        return false;
      }
      place = places_.emplace(key, static_cast<std::uint32_t>(texts_.size())).first;
      texts_.emplace_back(delta.kind, place->second);
    }
    auto& text = texts_[place->second];
    const std::size_t begin = text.size();
    text.append(delta.text);
    if (schema_ != nullptr && delta.kind == llm::SegmentKind::text) {
      contents_.resize(std::max<std::size_t>(contents_.size(), place->second + 1));
      contents_[place->second].append(delta.text);
    }
    held.pieces.push_back({i, place->second, begin, text.size()});
  }
  return true;
}

bool ReleasedEvents::look_at_whole(Held& held, std::uint32_t position, const llm::Delta& delta) {
  guard::AnswerText text(delta.kind, position, delta.echo);
  text.append(delta.text);
  if (!text.look(guarding_, true)) return false;
  if (text.waiting()) {
    held.unread.emplace_back(position, std::move(text));
    return true;
  }
  if (!text.edits().empty()) held.whole_edits.emplace_back(position, text.edits());
  return true;
}

bool ReleasedEvents::is_free(const Held& held) const {
  if (!held.unread.empty()) return false;
  return std::ranges::all_of(held.pieces, [&](const Piece& piece) {
    const auto& text = texts_[piece.text];
    const auto& edits = text.edits();
    // What an edit takes away goes with its beginning.
    const std::size_t taken = edits.empty() ? 0 : edits.back().end;
    return piece.end <= std::max(text.frontier(), taken);
  });
}

void ReleasedEvents::give(const Held& held, std::string& out) {
  const bool touched = !held.whole_edits.empty() || std::ranges::any_of(held.pieces, [&](const Piece& piece) {
    return std::ranges::any_of(texts_[piece.text].edits(), [&](const guard::TextEdit& edit) {
      return edit.begin < piece.end && piece.begin < edit.end;
    });
  });
  if (!touched) {
    out.append(held.raw);
    if (!held.data.empty()) stream_end_.on_event(held.data);
    return;
  }
  std::vector<dialects::DeltaEdit> edits;
  for (const Piece& piece : held.pieces) {
    for (const guard::TextEdit& edit : texts_[piece.text].edits()) {
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
  std::ranges::sort(
      edits, [](const auto& a, const auto& b) { return a.delta != b.delta ? a.delta < b.delta : a.begin < b.begin; });
  std::vector<llm::Delta> deltas;
  (void)again_.read_event(held.data, deltas);
  const std::string data = dialects::edit_event(held.data, deltas, again_.logprobs(), edits);
  append_event(held.raw, data, out);
  stream_end_.on_event(data);
}

// A long piece of which only the end is undecided.
void ReleasedEvents::split(Held& held, std::string& out) {
  if (held.pieces.empty() || !held.whole_edits.empty() || !held.unread.empty()) return;
  bool worth = false;
  for (const Piece& piece : held.pieces) {
    const auto& text = texts_[piece.text];
    for (const auto& edit : text.edits()) {
      if (edit.begin < piece.end && piece.begin < edit.end) return;
    }
    worth = worth || text.frontier() >= piece.begin + kWorthSplitting;
  }
  if (!worth) return;
  std::vector<llm::Delta> deltas;
  if (!again_.read_event(held.data, deltas)) return;
  std::vector<std::size_t> released(deltas.size());
  for (std::size_t i = 0; i < deltas.size(); ++i) released[i] = deltas[i].text.size();
  for (const Piece& piece : held.pieces) {
    released[piece.delta] = std::clamp(texts_[piece.text].frontier(), piece.begin, piece.end) - piece.begin;
  }
  const auto parts = dialects::split_event(operation_, held.data, deltas, again_.logprobs(), released);
  if (!parts) return;
  // What was cut is read anew: the cut may have moved to the beginning of a character.
  std::vector<llm::Delta> rest;
  if (!again_.read_event(parts->second, rest)) return;
  std::vector<Piece> pieces;
  for (std::uint32_t i = 0; i < rest.size(); ++i) {
    if (!is_looked_at(rest[i].kind) || rest[i].text.empty()) continue;
    const auto place = places_.find(Key{rest[i].choice, rest[i].kind, rest[i].part});
    if (place == places_.end()) return;
    const auto before = std::ranges::find(held.pieces, place->second, &Piece::text);
    if (before == held.pieces.end()) return;
    pieces.push_back({i, place->second, before->end - rest[i].text.size(), before->end});
  }
  append_event(held.raw, parts->first, out);
  stream_end_.on_event(parts->first);
  std::string second;
  append_event(held.raw, parts->second, second);
  held.owned = std::move(second);
  held.raw = held.owned;
  held.data = data_line(held.owned);
  held.pieces = std::move(pieces);
}

// Everything that grew, and what waited for a model. False: the answer ends, for `stop_text` or for what is not held
// any longer.
bool ReleasedEvents::look_again(bool complete, std::size_t& stop_text) {
  waiting_ = false;
  for (std::size_t i = 0; i < texts_.size(); ++i) {
    if (!texts_[i].look(guarding_, complete)) {
      stop_text = i;
      return false;
    }
    waiting_ = waiting_ || texts_[i].waiting();
  }
  for (std::size_t i = 0; i < held_.size(); ++i) {
    Held& held = held_[i];
    for (auto& [position, text] : held.unread) {
      if (!text.look(guarding_, true)) {
        held_.resize(i);
        return false;
      }
      if (!text.waiting() && !text.edits().empty()) held.whole_edits.emplace_back(position, text.edits());
    }
    std::erase_if(held.unread, [](const auto& one) { return !one.second.waiting(); });
    waiting_ = waiting_ || !held.unread.empty();
  }
  return true;
}

bool ReleasedEvents::settle(bool complete, std::string& out) {
  std::size_t stop_text = texts_.size();
  if (!stopped_) stopped_ = !look_again(complete, stop_text);
  waiting_ = waiting_ && !stopped_;
  if (complete && !stopped_ && !waiting_ && schema_ != nullptr && !satisfies_schema()) {
    stopped_ = true;
    stop_text = 0;
  }
  // What the schema refuses went nowhere yet.
  if (hold_ && (!complete || stopped_ || waiting_)) {
    if (stopped_) held_.clear();
    keep();
    return !stopped_;
  }
  while (!held_.empty()) {
    Held& front = held_.front();
    if (stopped_) {
      // What stands before the reason goes; an event with a part of it does not.
      const bool reached = std::ranges::any_of(front.pieces, [&](const Piece& piece) {
        return piece.text == stop_text && piece.end > texts_[piece.text].stopped_at();
      });
      if (reached || !is_free(front)) break;
    } else if (!is_free(front)) {
      split(front, out);
      break;
    }
    give(front, out);
    for (const Piece& piece : front.pieces) texts_[piece.text].release(piece.end);
    held_.pop_front();
  }
  if (stopped_) {
    held_.clear();
    return false;
  }
  keep();
  return true;
}

bool ReleasedEvents::satisfies_schema() {
  bool passes = true;
  for (const auto& [key, place] : places_) {
    // Calls of tools have schemas of their own.
    if (std::get<1>(key) != llm::SegmentKind::text) continue;
    passes = schema_->check(contents_[place]) && passes;
  }
  return passes;
}

// The bytes of a batch are gone with the next one.
void ReleasedEvents::keep() {
  for (Held& held : held_) {
    if (!held.owned.empty()) continue;
    const std::size_t at = held.data.empty() ? 0 : static_cast<std::size_t>(held.data.data() - held.raw.data());
    held.owned.assign(held.raw);
    held.raw = held.owned;
    held.data = std::string_view(held.owned).substr(at, held.data.size());
  }
}

}  // namespace gatehouse::stages
