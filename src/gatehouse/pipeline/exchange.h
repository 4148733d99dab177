#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/async/abort.h"
#include "gatehouse/async/timer_wheel.h"
#include "gatehouse/base/clock.h"
#include "gatehouse/base/ids.h"
#include "gatehouse/base/recycled.h"
#include "gatehouse/dialects/answer_reader.h"
#include "gatehouse/dialects/call.h"
#include "gatehouse/dialects/edit.h"
#include "gatehouse/dialects/gemini/upload.h"
#include "gatehouse/govern/principal.h"
#include "gatehouse/http/server.h"
#include "gatehouse/llm/dialect.h"
#include "gatehouse/llm/operation.h"
#include "gatehouse/llm/sum.h"
#include "gatehouse/observe/access_record.h"
#include "gatehouse/pipeline/accounting.h"
#include "gatehouse/pipeline/runtime.h"
#include "gatehouse/pipeline/translation.h"
#include "gatehouse/state/upload_tickets.h"

namespace gatehouse::pipeline {

// A place to send the call to.
struct Attempt {
  std::uint32_t provider = 0;  // position in Snapshot::providers
  std::string model;           // as the provider calls it; empty where the call names none
};

// How the request ended, for its record.
struct Outcome {
  int status = 0;               // as the caller got it
  Code error = Code::internal;  // meaningful with failed
  bool failed = false;          // we answered, or ended the answer with, an error of ours
  observe::Finish finish = observe::Finish::complete;
  base::SteadyTime first_byte{};  // of the answer, sent; epoch: none was
};

// What continues the caller's conversation when its answer is asked for again (repeat.h).
struct FollowUp {
  std::string answered;       // what the model said; blank: nothing
  std::string asked;          // what it is told
  async::AbortSource* abort;  // of that call; outlives it
};

// Everything known of one request, from its first byte to its record. Stages read it and add to it; the comment behind
// a field names who sets it. Owned by Pipeline::handle, one loop's thread. Views point into the connection's buffers
// and hold for the exchange's life.
class Exchange final : public base::Recycled<Exchange>, private async::TimerWheel::Entry {
 public:
  Exchange(http::Incoming& incoming, Worker& w, std::shared_ptr<Runtime> r);

  http::Incoming& in;
  Worker& worker;
  const std::shared_ptr<Runtime> runtime;
  const std::shared_ptr<const Identities> identities;
  const config::Snapshot& config() const { return *runtime->snapshot; }
  const http::RequestHead& head() const { return in.head(); }

  base::WallTime wall;
  base::RequestId id;
  base::SteadyTime started;  // the request's first byte
  std::string client_ip;

  // Ends the work when this much time has passed since the request began; the earliest call that is due first holds.
  void deadline(base::Duration in_all);
  // When that is; only while there is one.
  base::SteadyTime due() const { return due_; }
  // What goes on for longer than a request has bounds of its own.
  void no_deadline() { disarm(); }

  const govern::Principal* principal = nullptr;           // authenticate; null: nobody has to say who he is
  std::shared_ptr<const govern::JwtCaller> token_caller;  // authenticate: whose principal it is, where a token named it
  llm::Dialect dialect = llm::Dialect::openai_chat;       // the caller's: its path's at first; decode
  llm::Operation operation = llm::Operation::passthrough;  // decode
  bool operation_known = false;                            // decode
  std::string model_path;                                  // decode: that the path names
  dialects::Call call;                                     // decode: of a body that was read
  bool call_read = false;                                  // decode
  bool has_model = false;                                  // decode: call.model and its span are set
  bool as_array = false;  // decode: a stream goes out as a JSON array of its events (Gemini without alt=sse)
  std::string_view body;  // decode: the whole body, where it was read
  std::optional<dialects::gemini::UploadStep> upload;  // decode: which step of an upload this is
  std::optional<state::UploadTicket> upload_session;   // authorise: of the upload that goes on
  std::string rebuilt_body;                            // recall_response: where `body` lies then
  std::string recalled_from;       // recall_response: the stored response whose history the body holds; empty: none
  std::size_t recalled_items = 0;  // recall_response: how many items of `input` are that history
  config::ModelMatch match;        // authorise; admit may put a cheaper one in its place
  std::string_view tags;           // admit: "k=v,k=v" of the caller's
  Accounting accounting;           // admit, forward, meter, the pipeline
  std::unique_ptr<Inspection> inspection;  // inspect; null: no policy looks at what is said
  std::vector<Attempt> plan;               // route, best first

  // forward: the attempt that answered, or the last that failed
  unsigned attempts = 0;
  const config::Provider* provider = nullptr;
  std::string_view model_sent;
  base::Duration upstream_time{};  // waited for the provider
  dialects::EditedBody edited;
  std::size_t planned = 0;                   // its position in the plan
  std::unique_ptr<Translation> translation;  // null: the caller's bytes pass
  std::optional<llm::Usage> told_usage;      // by an answer in another dialect than the caller's

  std::optional<FollowUp> follow_up;  // repair: of the call that is made, or was made last; nothing: the caller's own
  llm::Usage earlier_usage;           // repair: told by answers that the caller does not get

  dialects::AnswerReader reader{dialects::AnswerReader::Depth::usage};  // meter
  // What the provider's answer told, in its own detail where it was translated.
  const llm::Usage& usage() const { return told_usage ? *told_usage : reader.usage(); }
  // ... and all answers before it.
  llm::Usage usage_in_all() const {
    llm::Usage sum = earlier_usage;
    llm::add(sum, usage());
    return sum;
  }
  bool streamed = false;  // the answer is an event stream
  Outcome outcome;        // pipeline

 private:
  base::SteadyTime due_ = base::SteadyTime::max();
  void on_due() override { in.abort().abort(async::AbortReason::deadline); }
};

}  // namespace gatehouse::pipeline
