#include "gatehouse/stages/keep_response/keep_response.h"

#include <memory>
#include <string>
#include <utility>

#include "gatehouse/http/sse.h"
#include "gatehouse/json/splice.h"
#include "gatehouse/json/value.h"

namespace gatehouse::stages {
namespace {

using pipeline::Batch;
using pipeline::Form;

// Passes everything on as it is.
class KeptSource final : public pipeline::EventSource {
 public:
  KeptSource(std::unique_ptr<pipeline::EventSource> inner, pipeline::Exchange& exchange)
      : inner_(std::move(inner)), exchange_(exchange), form_(inner_->form()) {}

  Form form() const override { return form_; }
  Eventually<Result<Batch>> next() override {
    auto e = inner_->next();
    if (!e.ready()) return later(e.task());
    return seen(e.take());
  }

 private:
  Task<Result<Batch>> later(Task<Result<Batch>> task) { co_return seen(co_await std::move(task)); }

  Result<Batch> seen(Result<Batch> batch) {
    if (!batch) return batch;
    if (form_ == Form::whole) {
      keep(batch->bytes);
      return batch;
    }
    http::SseReader events(batch->bytes, scratch_, std::exchange(at_start_, false));
    http::SseEvent event;
    while (events.next(event)) {
      // The last event repeats the whole response.
      if (event.event == "response.completed" || event.event == "response.incomplete") {
        keep(json::Value(event.data)["response"].raw());
      }
    }
    return batch;
  }

  void keep(std::string_view response) {
    if (response.empty()) return;
    const auto* inspection = exchange_.inspection.get();
    // With what policy took out: the input comes back into a request.
    const std::string edited = inspection == nullptr || inspection->edits.empty()
                                   ? std::string()
                                   : json::splice(exchange_.body, inspection->edits);
    const json::Value body(edited.empty() ? exchange_.body : std::string_view(edited));
    const json::Value input = body["input"];
    if (!input.exists()) return;
    const auto kept = exchange_.worker.responses->keep(govern::tenant_of(exchange_.principal), exchange_.recalled_from,
                                                       own(input), response, exchange_.wall);
    if (!kept) {
      exchange_.worker.log.warn(async::Loop::now(), "response_not_stored",
                                {{"request", base::view(exchange_.id)}, {"detail", kept.error().message}});
    }
  }

  // What this request brought, without the history that was put in front of it.
  std::string own(const json::Value& input) const {
    if (exchange_.recalled_items == 0) return std::string(input.raw());
    std::string out = "[";
    std::size_t position = 0;
    input.elements([&](const json::Value& item) {
      if (position++ < exchange_.recalled_items) return;
      if (out.size() > 1) out += ',';
      out += item.raw();
    });
    return out + "]";
  }

  std::unique_ptr<pipeline::EventSource> inner_;
  pipeline::Exchange& exchange_;
  Form form_;
  std::string scratch_;
  bool at_start_ = true;
};

}  // namespace

void KeepResponse::on_answer(pipeline::Exchange& exchange, pipeline::Answer& answer) const {
  if (exchange.operation != llm::Operation::responses || exchange.translation == nullptr) return;
  if (exchange.worker.responses == nullptr || exchange.outcome.failed || answer.status >= 400) return;
  if (!exchange.translation->request.store.value_or(true)) return;
  answer.body = std::make_unique<KeptSource>(std::move(answer.body), exchange);
}

}  // namespace gatehouse::stages
