#include "gatehouse/pipeline/json_array_source.h"

#include "gatehouse/http/sse.h"

namespace gatehouse::pipeline {

Eventually<Result<Batch>> JsonArraySource::next() {
  for (;;) {
    auto e = inner_->next();
    if (!e.ready()) return later(e.task());
    auto batch = array(e.take());
    if (!batch || batch->last || !batch->bytes.empty()) return batch;
  }
}

Task<Result<Batch>> JsonArraySource::later(Task<Result<Batch>> first) {
  auto batch = array(co_await std::move(first));
  while (batch && !batch->last && batch->bytes.empty()) {
    auto e = inner_->next();
    batch = array(e.ready() ? e.take() : co_await e.task());
  }
  co_return batch;
}

Result<Batch> JsonArraySource::array(Result<Batch> batch) {
  if (!batch) return batch;
  out_.clear();
  http::SseReader events(batch->bytes, scratch_, std::exchange(at_start_, false));
  http::SseEvent event;
  while (events.next(event)) {
    if (!event.has_data) continue;
    out_.append(any_ ? ",\r\n" : "[").append(event.data);
    any_ = true;
  }
  if (batch->last) out_.append(any_ ? "]\r\n" : "[]\r\n");
  return Batch{out_, batch->last};
}

std::string json_array_error(std::string_view error, bool any) {
  std::string out(any ? ",\r\n" : "[");
  out.append(error).append("]\r\n");
  return out;
}

}  // namespace gatehouse::pipeline
