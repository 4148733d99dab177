#include "gatehouse/stages/meter/meter.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "gatehouse/base/recycled.h"
#include "gatehouse/dialects/delivered.h"
#include "gatehouse/dialects/stream_end.h"
#include "gatehouse/http/sse.h"

namespace gatehouse::stages {
namespace {

using pipeline::Batch;
using pipeline::Form;

class MeteredSource final : public base::Recycled<MeteredSource>, public pipeline::EventSource {
 public:
  MeteredSource(std::unique_ptr<pipeline::EventSource> inner, pipeline::Exchange& exchange, bool must_say_done)
      : inner_(std::move(inner)),
        exchange_(exchange),
        reader_(exchange.reader),
        form_(inner_->form()),
        must_say_done_(must_say_done) {
    if (form_ == Form::events && exchange.accounting.follows()) {
      stream_end_.emplace(exchange.operation, exchange.accounting.answers);
    }
  }

  Form form() const override { return form_; }
  Eventually<Result<Batch>> next() override {
    if (cut_off_) return Result<Batch>(cut_error());
    auto e = inner_->next();
    if (!e.ready()) return later(e.task());
    auto batch = metered(e.take());
    // All of it was kept from the caller: he is told nothing until there is something.
    if (batch && batch->bytes.empty() && !batch->last) return later(nothing());
    return batch;
  }

 private:
  static std::unexpected<Error> cut_error() {
    return fail(Code::upstream_broken, "The provider broke off in the middle of its answer");
  }
  static Task<Result<Batch>> nothing() { co_return Batch{}; }
  Task<Result<Batch>> later(Task<Result<Batch>> task) {
    auto batch = metered(co_await std::move(task));
    while (batch && batch->bytes.empty() && !batch->last) {
      auto e = inner_->next();
      batch = metered(e.ready() ? e.take() : co_await e.task());
    }
    co_return batch;
  }

  // Who was switched off in the middle of an answer gets no more of it.
  bool may_go_on() const {
    const auto* principal = exchange_.principal;
    return principal == nullptr || principal->node == nullptr || principal->node->is_active();
  }

  Result<Batch> metered(Result<Batch> batch) {
    if (!batch) return batch;
    if (!may_go_on()) {
      inner_.reset();
      return fail(Code::unauthenticated, "The API key was revoked or blocked while it was used");
    }
    Result<Batch> out = form_ == Form::whole ? whole(*batch) : events(*batch);
    // Before the last of it goes out, so that what the caller has seen whole is in the ledger.
    if (out && out->last) exchange_.accounting.answered(exchange_);
    return out;
  }

  Batch whole(Batch batch) {
    auto& accounting = exchange_.accounting;
    reader_.on_body(batch.bytes, batch.last);
    if (accounting.follows() && batch.last && !reader_.usage().known) {
      text_.clear();
      dialects::append_delivered(exchange_.operation, batch.bytes, text_);
      (void)accounting.deliver(exchange_, text_);
    }
    return batch;
  }

  Result<Batch> events(Batch batch) {
    if (batch.bytes.empty() && !batch.last) return batch;
    auto& accounting = exchange_.accounting;
    http::SseReader events(batch.bytes, scratch_, std::exchange(at_start_, false));
    http::SseEvent event;
    std::size_t kept = 0;  // of the batch: what goes out as it came
    bool edited = false;
    while (events.next(event)) {
      if (event.has_data) {
        reader_.on_event(event.data);
        if (accounting.follows() && !read(event)) {
          edit(batch, kept, edited);
          stream_end_->on_held(event.data);
          out_ += stream_end_->cut_short(reader_.usage());
          accounting.cut();
          inner_.reset();  // the provider need not go on
          return Batch{out_, true};
        }
        if (stream_end_) stream_end_->on_event(event.data);
        if (accounting.ask_usage && dialects::only_tells_usage(exchange_.operation, event.data)) {
          edit(batch, kept, edited);
          kept += event.raw.size();
          from_ = kept;
          continue;
        }
      }
      kept += event.raw.size();
    }
    if (edited) {
      out_.append(batch.bytes.substr(from_));
      batch.bytes = out_;
    }
    const bool told = reader_.done() || reader_.error_seen() || !reader_.finish_reason().empty();
    if (!batch.last || !must_say_done_ || told) return batch;
    // What came goes out, then the error.
    if (batch.bytes.empty()) return cut_error();
    cut_off_ = true;
    return Batch{batch.bytes, false};
  }

  // Moves what is to go out so far into our own bytes.
  void edit(const Batch& batch, std::size_t kept, bool& edited) {
    if (!edited) {
      out_.clear();
      from_ = 0;
      edited = true;
    }
    out_.append(batch.bytes.substr(from_, kept - from_));
  }

  // Counts what the event delivers. False: that is more than was paid for.
  bool read(const http::SseEvent& event) {
    text_.clear();
    dialects::append_delivered(exchange_.operation, event.data, text_);
    return text_.empty() || exchange_.accounting.deliver(exchange_, text_);
  }

  std::unique_ptr<pipeline::EventSource> inner_;
  pipeline::Exchange& exchange_;
  dialects::AnswerReader& reader_;
  Form form_;
  std::string scratch_;
  std::string text_;
  std::string out_;
  std::size_t from_ = 0;
  std::optional<dialects::StreamEnd> stream_end_;  // how the stream is cut
  bool at_start_ = true;
  bool must_say_done_;
  bool cut_off_ = false;
};

}  // namespace

void Meter::on_answer(pipeline::Exchange& exchange, pipeline::Answer& answer) const {
  // Answers of the gateway itself use no tokens; opaque ones cannot be read.
  if (exchange.provider == nullptr || !exchange.call_read || exchange.outcome.failed) return;
  if (answer.body->form() == Form::opaque) return;
  const bool generates = llm::is_chat(exchange.operation) || exchange.operation == llm::Operation::completions;
  auto& accounting = exchange.accounting;
  // The text is needed where a bound holds, and to know what a caller who leaves was given.
  const bool counts = accounting.enforced || accounting.ticket || accounting.reservation.active();
  if (generates && counts && accounting.provider_status < 400) accounting.follow(exchange);
  exchange.reader.set_operation(exchange.operation);
  answer.body = std::make_unique<MeteredSource>(std::move(answer.body), exchange, answer.ends_by_close && generates);
}

}  // namespace gatehouse::stages
