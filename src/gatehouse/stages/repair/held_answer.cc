#include "gatehouse/stages/repair/held_answer.h"

#include <map>
#include <tuple>

#include "gatehouse/dialects/answer_reader.h"
#include "gatehouse/dialects/deltas.h"
#include "gatehouse/http/sse.h"

namespace gatehouse::stages {
namespace {

using llm::SegmentKind;

// Gathers what the deltas of an answer tell.
class Words {
 public:
  // Of Anthropic's and the responses API's answers there is one, of blocks or items that deltas number as choices.
  Words(std::vector<std::string>& contents, llm::Operation operation)
      : contents_(contents),
        has_choices_(operation != llm::Operation::messages && operation != llm::Operation::responses) {}

  // `grows`: of a stream, where whole texts repeat what came before them.
  void add(const llm::Delta& delta, bool grows) {
    if (delta.echo) return;
    if (delta.kind == SegmentKind::tool_arguments) calls_ = true;
    if (delta.kind != SegmentKind::text || delta.text.empty() || (grows && delta.whole)) return;
    if (contents_.empty()) choice_ = delta.choice;
    several_ = several_ || (has_choices_ && delta.choice != choice_);
    if (!grows) {
      contents_.emplace_back(delta.text);
      return;
    }
    const auto [place, is_new] = places_.try_emplace({delta.choice, delta.part}, contents_.size());
    if (is_new) contents_.emplace_back();
    contents_[place->second].append(delta.text);
  }
  bool calls() const { return calls_; }
  bool several() const { return several_; }

 private:
  std::vector<std::string>& contents_;
  bool has_choices_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::size_t> places_;
  std::uint32_t choice_ = 0;
  bool several_ = false;
  bool calls_ = false;
};

}  // namespace

std::string HeldAnswer::said() const {
  std::string all;
  for (const auto& content : contents) all += content;
  return all;
}

Task<Result<HeldAnswer>> hold(pipeline::EventSource& source) {
  HeldAnswer answer;
  while (!answer.complete) {
    auto e = source.next();
    auto batch = e.ready() ? e.take() : co_await e.task();
    if (!batch) co_return std::unexpected(std::move(batch.error()));
    answer.bytes.append(batch->bytes);
    answer.complete = batch->last;
    if (source.form() == pipeline::Form::events && answer.bytes.size() > HeldAnswer::kMostStreamed) break;
  }
  co_return answer;
}

bool read(HeldAnswer& answer, llm::Operation operation, pipeline::Form form) {
  answer.contents.clear();
  Words words(answer.contents, operation);
  dialects::DeltaReader reader(operation);
  dialects::AnswerReader ending(dialects::AnswerReader::Depth::all, operation);
  std::vector<llm::Delta> deltas;
  if (form == pipeline::Form::whole) {
    if (!reader.read_body(answer.bytes, deltas)) return false;
    for (const llm::Delta& delta : deltas) words.add(delta, false);
    ending.on_body(answer.bytes, true);
  } else {
    std::string scratch;
    http::SseReader events(answer.bytes, scratch, true);
    http::SseEvent event;
    while (events.next(event)) {
      if (!event.has_data) continue;
      ending.on_event(event.data);
      if (event.data == "[DONE]") continue;
      deltas.clear();
      if (!reader.read_event(event.data, deltas)) return false;
      for (const llm::Delta& delta : deltas) words.add(delta, true);
    }
  }
  // Servers that do not tell how they came to an end are believed to have come to it.
  const std::string_view finish = ending.finish_reason();
  answer.ended_itself =
      (finish.empty() || finish == "stop") && !ending.error_seen() && !words.several() && !words.calls();
  return true;
}

}  // namespace gatehouse::stages
