#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "gatehouse/http/server.h"
#include "gatehouse/pipeline/runtime.h"
#include "gatehouse/pipeline/stage.h"

namespace gatehouse::pipeline {

// Runs every request of one worker through the stages. The loop: ask the stages in order until one answers or refuses;
// let them look at the answer; send it, pulled; let them finish. One object a worker.
class Pipeline final : public http::Handler {
 public:
  // `worker` outlives it.
  Pipeline(Worker& worker, std::shared_ptr<Runtime> runtime);

  Task<void> handle(http::Incoming& incoming) override;
  std::string refuse_malformed(const Error& error, int status, const net::Endpoint& client,
                               std::string_view begun) override;
  std::string_view date() override;

  // Requests that begin from now on use this one. On the worker's loop.
  void set_runtime(std::shared_ptr<Runtime> runtime) { runtime_ = std::move(runtime); }
  const Runtime& runtime() const { return *runtime_; }

 private:
  Task<void> send(Exchange& exchange, Answer answer);
  Task<void> send_pieces(Exchange& exchange, EventSource& source, Form form, Batch first);
  Task<void> end_with_error(Exchange& exchange, Form form, Error error);
  void write_head(Exchange& exchange, const Answer& answer);
  Answer refusal(Exchange& exchange, Refuse refused);

  Worker& worker_;
  std::shared_ptr<Runtime> runtime_;
};

}  // namespace gatehouse::pipeline
