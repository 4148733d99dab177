#include "gatehouse/stages/release/release.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gatehouse/base/recycled.h"
#include "gatehouse/base/strings.h"
#include "gatehouse/dialects/event_edit.h"
#include "gatehouse/http/sse.h"
#include "gatehouse/pipeline/meaning.h"
#include "gatehouse/stages/release/asked_source.h"
#include "gatehouse/stages/release/released_events.h"

namespace gatehouse::stages {
namespace {

using pipeline::Batch;
using pipeline::Form;

// So often in a row models may be late; then the rest of the answer goes by patterns.
constexpr unsigned kMostLate = 2;

class GuardedSource final : public base::Recycled<GuardedSource>, public pipeline::EventSource {
 public:
  // Judges by `rules`; `restoring` may be null.
  GuardedSource(std::unique_ptr<pipeline::EventSource> inner, pipeline::Exchange& exchange,
                std::shared_ptr<const guard::Rules> rules, guard::Restoring* restoring)
      : inner_(std::move(inner)),
        exchange_(exchange),
        inspection_(*exchange.inspection),
        rules_(std::move(rules)),
        form_(inner_->form()),
        guarding_{.rules = *rules_,
                  .inspector = inspection_.guarding.inspector,
                  .redaction = *inspection_.redaction,
                  .restoring = restoring,
                  .facts = &inspection_.facts,
                  .decisions = inspection_.decisions,
                  .capture = exchange.config().guard.capture,
                  .tighten = inspection_.tighten,
                  .most_held = exchange.config().guard.window_bytes},
        schema_(exchange, *rules_),
        events_(exchange.operation, exchange.call.n, guarding_, schema_.any() ? &schema_ : nullptr,
                schema_.any() && rules_->holds_for_schema()),
        meaning_(inspection_.guarding.inquire(rules_->asks(guard::Direction::response))),
        reader_(exchange.operation) {
    guarding_.meaning = meaning_.get();
  }

  Form form() const override { return form_; }
  Eventually<Result<Batch>> next() override {
    if (error_) return Result<Batch>(std::unexpected(std::move(*error_)));
    if (reading_) return go_on(std::nullopt);
    auto e = inner_->next();
    if (!e.ready()) return later(e.task());
    auto batch = released(e.take());
    if (batch && tells(*batch)) return std::move(*batch);
    return go_on(std::move(batch));
  }

 private:
  // A batch that is worth a call; null: models are to be awaited first.
  using Told = std::optional<Result<Batch>>;

  static bool tells(const Result<Batch>& batch) { return !batch || !batch->bytes.empty() || batch->last; }

  Task<Result<Batch>> later(Task<Result<Batch>> task) {
    auto batch = released(co_await std::move(task));
    if (batch && tells(*batch)) co_return std::move(*batch);
    co_return co_await go_on(std::move(batch));
  }

  // From a batch that says nothing, or waits, to one that does.
  Task<Result<Batch>> go_on(Told batch) {
    for (;;) {
      if (!batch) {
        if (!co_await read()) co_return std::unexpected(exchange_.in.abort().error());
        batch = form_ == Form::whole ? judge_whole() : settle();
      } else if (tells(*batch)) {
        co_return std::move(*batch);
      } else {
        auto e = inner_->next();
        batch = released(e.ready() ? e.take() : co_await e.task());
      }
    }
  }

  // Awaits the models. False: the request was aborted.
  Task<bool> read() {
    reading_ = false;
    out_.clear();
    const auto answered = co_await pipeline::await_answers(exchange_, *meaning_);
    if (answered == pipeline::Answered::aborted) co_return false;
    if (const auto why = meaning_->failure(); !why.empty()) guarding_.unread = why;
    late_ = answered == pipeline::Answered::late ? late_ + 1 : 0;
    // A pool that is stuck does not slow each sentence.
    if (late_ == kMostLate) guarding_.meaning = nullptr;
    co_return true;
  }

  Told released(Result<Batch> batch) {
    if (!batch) return batch;
    return form_ == Form::whole ? whole(*batch) : events(*batch);
  }

  Result<Batch> stop() {
    inspection_.answer_stopped = true;
    // What was said so far is charged before the caller learns that it is over.
    exchange_.accounting.settle(exchange_);
    inner_.reset();
    return fail(Code::content_blocked, inspection_.blocked_detail("answer"));
  }

  Told whole(Batch batch) {
    batch_ = batch;
    deltas_.clear();
    if (!reader_.read_body(batch.bytes, deltas_)) {
      const bool closed = rules_->fails_closed(guard::Direction::response);
      inspection_.decisions.add_failure("the answer could not be read", closed);
      if (closed) return stop();
      return batch;
    }
    for (std::uint32_t i = 0; i < deltas_.size(); ++i) {
      const llm::Delta& delta = deltas_[i];
      if (delta.kind == llm::SegmentKind::media || delta.text.empty()) continue;
      texts_.emplace_back(i, guard::AnswerText(delta.kind, i, delta.echo)).second.append(delta.text);
    }
    return judge_whole();
  }

  Told judge_whole() {
    bool waits = false;
    for (auto& [i, text] : texts_) {
      if (!text.look(guarding_, true)) return stop();
      waits = waits || text.waiting();
      const llm::Delta& delta = deltas_[i];
      const bool content = delta.kind == llm::SegmentKind::text && !delta.echo;
      if (schema_.any() && content && !checked_ && exchange_.accounting.provider_status < 400 &&
          !schema_.check(delta.text)) {
        return stop();
      }
    }
    checked_ = true;
    if (waits) return std::nullopt;
    std::vector<dialects::DeltaEdit> edits;
    for (const auto& [i, text] : texts_) {
      for (const auto& edit : text.edits()) edits.push_back({i, edit.begin, edit.end, edit.text});
    }
    if (edits.empty()) return batch_;
    out_ = dialects::edit_event(batch_.bytes, deltas_, reader_.logprobs(), edits);
    return Batch{out_, true};
  }

  Told events(Batch batch) {
    out_.clear();
    http::SseReader reader(batch.bytes, scratch_, std::exchange(at_start_, false));
    http::SseEvent event;
    std::size_t read = 0;
    while (reader.next(event)) {
      events_.push(event.raw, event.has_data && event.data != "[DONE]" ? event.data : std::string_view());
      read += event.raw.size();
    }
    // What is behind the last event is none.
    batch_ = Batch{batch.bytes.substr(read), batch.last};
    return settle();
  }

  Told settle() {
    if (!events_.settle(batch_.last, out_)) return end();
    if (events_.waiting()) {
      // What is free goes while the rest waits.
      reading_ = true;
      if (out_.empty()) return std::nullopt;
      return Batch{out_, false};
    }
    if (batch_.last) out_.append(batch_.bytes);
    return Batch{out_, batch_.last};
  }

  Result<Batch> end() {
    auto stopped = stop();
    if (rules_->ending() == config::BlockEnding::content_filter) {
      out_ += events_.stream_end().blocked_ending(exchange_.reader.usage());
      return Batch{out_, true};
    }
    if (exchange_.operation == llm::Operation::responses) {
      out_ += events_.stream_end().error_ending(dialects::ApiError(std::move(stopped.error())));
      return Batch{out_, true};
    }
    if (out_.empty()) return stopped;
    // What came before goes out, then the error.
    error_ = std::move(stopped.error());
    return Batch{out_, false};
  }

  std::unique_ptr<pipeline::EventSource> inner_;
  pipeline::Exchange& exchange_;
  pipeline::Inspection& inspection_;
  std::shared_ptr<const guard::Rules> rules_;
  Form form_;
  guard::AnswerGuarding guarding_;
  SchemaCheck schema_;
  ReleasedEvents events_;
  std::unique_ptr<ml::Inquiry> meaning_;  // null: no model is asked
  unsigned late_ = 0;                     // times in a row that the models did not answer in time
  bool reading_ = false;                  // they are to be awaited before more is pulled
  Batch batch_;                           // the one in hand: a whole body, or what is behind the last event
  dialects::DeltaReader reader_;          // of a whole body
  std::vector<llm::Delta> deltas_;
  std::vector<std::pair<std::uint32_t, guard::AnswerText>> texts_;  // of a whole body
  bool checked_ = false;                                            // against the schema
  std::string scratch_;
  std::string out_;
  std::optional<Error> error_;  // of a stream that was stopped, to be told next
  bool at_start_ = true;
};

bool is_media(std::string_view fields) {
  constexpr std::string_view kName = "content-type:";
  while (!fields.empty()) {
    const std::size_t end = fields.find("\r\n");
    const std::string_view line = fields.substr(0, end);
    fields = end == std::string_view::npos ? std::string_view() : fields.substr(end + 2);
    if (!base::equals_ignore_case(line.substr(0, kName.size()), kName)) continue;
    const std::string type = base::to_lower(base::trim(line.substr(kName.size())));
    return type.starts_with("audio/") || type.starts_with("image/") || type.starts_with("video/");
  }
  return false;
}

// In place of an answer that nobody can look at.
class BlockedSource final : public pipeline::EventSource {
 public:
  Form form() const override { return Form::whole; }
  Eventually<Result<Batch>> next() override {
    return Result<Batch>(fail(Code::content_blocked, "The answer was blocked by policy: it cannot be read as text"));
  }
};

}  // namespace

void Release::on_answer(pipeline::Exchange& exchange, pipeline::Answer& answer) const {
  // The gateway's own words need no looking at.
  if (exchange.inspection == nullptr || exchange.provider == nullptr || exchange.outcome.failed) return;
  pipeline::Inspection& inspection = *exchange.inspection;
  if (!inspection.redaction) return;
  const bool judged =
      !inspection.rules->wanted(guard::Direction::response).empty() || !inspection.rules->schemas().empty();
  guard::Restoring* const restoring = inspection.restoring ? &*inspection.restoring : nullptr;
  auto callouts = inspection.callouts(guard::Direction::response);
  if (!judged && restoring == nullptr && callouts.empty()) return;
  if (answer.body->form() == Form::opaque) {
    // Nothing is said in it: of an upload the fields alone tell how far it is.
    if (answer.length == 0) return;
    // Sounds and pictures are passed on as they are; anything else could be text.
    const bool closed =
        !is_media(answer.fields) && exchange.inspection->rules->fails_closed(guard::Direction::response);
    exchange.inspection->decisions.add_failure("an answer that cannot be read as text", closed);
    if (closed) answer.body = std::make_unique<BlockedSource>();
    return;
  }
  answer.length.reset();
  if (callouts.empty()) {
    answer.body = std::make_unique<GuardedSource>(std::move(answer.body), exchange, inspection.rules, restoring);
    return;
  }
  // External guards are shown what is left of the answer, and never what tokens stand for.
  if (judged)
    answer.body = std::make_unique<GuardedSource>(std::move(answer.body), exchange, inspection.rules, nullptr);
  answer.body = std::make_unique<AskedSource>(std::move(answer.body), exchange, std::move(callouts));
  if (restoring != nullptr) {
    auto none = std::make_shared<const guard::Rules>(std::vector<guard::Rules::Held>(),
                                                     inspection.guarding.inspector.detectors());
    answer.body = std::make_unique<GuardedSource>(std::move(answer.body), exchange, std::move(none), restoring);
  }
}

}  // namespace gatehouse::stages
