#include "gatehouse/stages/meter/meter.h"

#include <memory>
#include <string>
#include <utility>

#include "gatehouse/base/recycled.h"
#include "gatehouse/http/sse.h"

namespace gatehouse::stages {
namespace {

using pipeline::Batch;
using pipeline::Form;

class MeteredSource final : public base::Recycled<MeteredSource>, public pipeline::EventSource {
 public:
  MeteredSource(std::unique_ptr<pipeline::EventSource> inner, dialects::openai_chat::AnswerReader& reader,
                bool must_say_done)
      : inner_(std::move(inner)), reader_(reader), form_(inner_->form()), must_say_done_(must_say_done) {}

  Form form() const override { return form_; }
  Eventually<Result<Batch>> next() override {
    if (cut_off_) return Result<Batch>(cut_error());
    auto e = inner_->next();
    if (!e.ready()) return later(e.task());
    return metered(e.take());
  }

 private:
  static std::unexpected<Error> cut_error() {
    return fail(Code::upstream_broken, "The provider broke off in the middle of its answer");
  }
  Task<Result<Batch>> later(Task<Result<Batch>> task) { co_return metered(co_await std::move(task)); }

  Result<Batch> metered(Result<Batch> batch) {
    if (!batch) return batch;
    if (form_ == Form::whole) {
      reader_.on_body(batch->bytes, batch->last);
      return batch;
    }
    http::SseReader events(batch->bytes, scratch_, std::exchange(at_start_, false));
    http::SseEvent event;
    while (events.next(event)) {
      if (event.has_data) reader_.on_event(event.data);
    }
    const bool told = reader_.done() || reader_.error_seen() || !reader_.finish_reason().empty();
    if (!batch->last || !must_say_done_ || told) return batch;
    // What came goes out, then the error.
    if (batch->bytes.empty()) return cut_error();
    cut_off_ = true;
    return Batch{batch->bytes, false};
  }

  std::unique_ptr<pipeline::EventSource> inner_;
  dialects::openai_chat::AnswerReader& reader_;
  Form form_;
  std::string scratch_;
  bool at_start_ = true;
  bool must_say_done_;
  bool cut_off_ = false;
};

}  // namespace

void Meter::on_answer(pipeline::Exchange& exchange, pipeline::Answer& answer) const {
  // Answers of the gateway itself use no tokens; opaque ones cannot be read.
  if (exchange.provider == nullptr || !exchange.call_read || exchange.outcome.failed) return;
  if (answer.body->form() == Form::opaque) return;
  const bool generates =
      exchange.operation == llm::Operation::chat_completions || exchange.operation == llm::Operation::completions;
  answer.body =
      std::make_unique<MeteredSource>(std::move(answer.body), exchange.reader, answer.ends_by_close && generates);
}

}  // namespace gatehouse::stages
