#include "gatehouse/stages/release/asked_source.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <tuple>
#include <utility>

#include "gatehouse/dialects/deltas.h"
#include "gatehouse/dialects/event_edit.h"
#include "gatehouse/dialects/stream_end.h"
#include "gatehouse/http/sse.h"

namespace gatehouse::stages {
namespace {

using pipeline::Batch;
using pipeline::Form;

bool is_shown(const llm::Delta& delta) {
  return delta.kind != llm::SegmentKind::media && !delta.echo && !delta.text.empty();
}

}  // namespace

Eventually<Result<Batch>> AskedSource::next() {
  if (passing_) return inner_->next();
  return hold_and_ask();
}

Task<Result<Batch>> AskedSource::hold_and_ask() {
  for (bool last = false; !last;) {
    auto e = inner_->next();
    auto batch = e.ready() ? e.take() : co_await e.task();
    if (!batch) co_return batch;
    held_.append(batch->bytes);
    last = batch->last;
    if (form_ == Form::events && !last && held_.size() > kMostHeld) {
      if (!unjudged("more of an answer than may be held back could not be judged")) co_return stop();
      passing_ = true;
      co_return Batch{held_, false};
    }
  }
  if (form_ == Form::whole) co_return co_await ask_of_body();
  co_return co_await ask_of_stream();
}

bool AskedSource::unjudged(std::string_view why) {
  const bool closed = std::ranges::any_of(lines_, [](const pipeline::CalloutLine* line) {
    return line->settings->on_failure == config::GuardFailure::closed;
  });
  exchange_.inspection->decisions.add_failure(why, closed);
  return !closed;
}

Result<Batch> AskedSource::stop() {
  exchange_.inspection->answer_stopped = true;
  // What was said so far is charged before the caller learns that it is over.
  exchange_.accounting.settle(exchange_);
  inner_.reset();
  return fail(Code::content_blocked, exchange_.inspection->blocked_detail("answer"));
}

Task<Result<Batch>> AskedSource::ask_of_body() {
  std::vector<llm::Delta> deltas;
  dialects::DeltaReader reader(exchange_.operation);
  if (!reader.read_body(held_, deltas)) {
    if (!unjudged("the answer could not be read")) co_return stop();
    co_return Batch{held_, true};
  }
  std::vector<guard::CalloutText> texts;
  for (std::uint32_t i = 0; i < deltas.size(); ++i) {
    if (!is_shown(deltas[i])) continue;
    texts.push_back({.role = llm::Role::assistant, .kind = deltas[i].kind, .place = i, .text = deltas[i].text});
  }
  const auto outcome = co_await pipeline::ask_callouts(exchange_, guard::Direction::response, lines_, texts);
  if (exchange_.in.abort().aborted()) co_return std::unexpected(exchange_.in.abort().error());
  if (outcome.refused) co_return stop();
  if (outcome.replacements.empty()) co_return Batch{held_, true};
  std::vector<dialects::DeltaEdit> edits;
  for (const auto& [text, edit] : outcome.replacements) {
    edits.push_back({texts[text].place, edit.begin, edit.end, edit.text});
  }
  out_ = dialects::edit_event(held_, deltas, reader.logprobs(), edits);
  co_return Batch{out_, true};
}

bool AskedSource::read_stream(std::vector<guard::CalloutText>& texts) {
  struct Text {
    llm::SegmentKind kind;
    std::string* words;
  };
  std::vector<Text> found;
  std::map<std::tuple<std::uint32_t, llm::SegmentKind, std::uint32_t>, std::string*> grown;
  dialects::DeltaReader reader(exchange_.operation);
  std::vector<llm::Delta> deltas;
  std::string scratch;
  http::SseReader events(held_, scratch, true);
  http::SseEvent event;
  bool silent = true;
  while (events.next(event)) {
    if (event.has_data && event.data != "[DONE]") {
      deltas.clear();
      if (!reader.read_event(event.data, deltas)) return false;
      last_data_.assign(event.data);
      for (const llm::Delta& delta : deltas) {
        if (!is_shown(delta)) continue;
        silent = false;
        std::string*& words = grown[{delta.choice, delta.kind, delta.part}];
        if (!delta.whole && words != nullptr) {
          words->append(delta.text);
          continue;
        }
        // What ends a text repeats it: nobody has to read it twice.
        if (std::ranges::any_of(found, [&](const Text& text) { return *text.words == delta.text; })) continue;
        if (found.size() == kMostTexts) return false;
        std::string* const made = &owned_.emplace_back(delta.text);
        if (!delta.whole) words = made;
        found.push_back({delta.kind, made});
      }
    }
    if (silent) silent_ += event.raw.size();
  }
  for (std::uint32_t i = 0; i < found.size(); ++i) {
    texts.push_back({.role = llm::Role::assistant, .kind = found[i].kind, .place = i, .text = *found[i].words});
  }
  return true;
}

Task<Result<Batch>> AskedSource::ask_of_stream() {
  std::vector<guard::CalloutText> texts;
  if (!read_stream(texts)) {
    if (!unjudged("an event of the answer could not be read")) co_return end_stream();
    co_return Batch{held_, true};
  }
  const auto outcome = co_await pipeline::ask_callouts(exchange_, guard::Direction::response, lines_, std::move(texts));
  if (exchange_.in.abort().aborted()) co_return std::unexpected(exchange_.in.abort().error());
  // A stream is not edited after its end: what may not be said ends it.
  if (outcome.refused || !outcome.replacements.empty()) co_return end_stream();
  co_return Batch{held_, true};
}

Result<Batch> AskedSource::end_stream() {
  auto stopped = stop();
  if (exchange_.inspection->rules->ending() != config::BlockEnding::content_filter) return stopped;
  // It begins as the provider began it, without a word said.
  out_.assign(held_, 0, silent_);
  dialects::StreamEnd end(exchange_.operation, exchange_.call.n);
  std::string scratch;
  http::SseReader events(out_, scratch, true);
  http::SseEvent event;
  while (events.next(event)) {
    if (event.has_data) end.on_event(event.data);
  }
  end.on_held(last_data_);
  out_ += end.blocked_ending(exchange_.reader.usage());
  return Batch{out_, true};
}

}  // namespace gatehouse::stages
