#pragma once

#include <memory>
#include <string>
#include <utility>

#include "gatehouse/pipeline/event_source.h"

namespace gatehouse::pipeline {

// A stream of events as one JSON array of their data: how Gemini's API streams to whoever does not ask for server-sent
// events. The outermost source, so that everything inside reads events. Its form stays `events`: it is a stream.
class JsonArraySource final : public EventSource {
 public:
  explicit JsonArraySource(std::unique_ptr<EventSource> inner) : inner_(std::move(inner)) {}

  Form form() const override { return Form::events; }
  Eventually<Result<Batch>> next() override;

 private:
  Task<Result<Batch>> later(Task<Result<Batch>> first);
  Result<Batch> array(Result<Batch> batch);

  std::unique_ptr<EventSource> inner_;
  std::string out_;
  std::string scratch_;
  bool at_start_ = true;
  bool any_ = false;
};

// What ends such an array where the answer broke off: the error as its last element. `any`: elements went before it.
std::string json_array_error(std::string_view error, bool any);

}  // namespace gatehouse::pipeline
