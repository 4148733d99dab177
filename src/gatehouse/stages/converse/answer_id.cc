#include "gatehouse/stages/converse/answer_id.h"

#include <string>
#include <utility>

#include "gatehouse/http/sse.h"
#include "gatehouse/json/scan.h"

namespace gatehouse::stages {
namespace {

using pipeline::Batch;
using pipeline::Form;

constexpr std::size_t kMostId = 256;
// The id comes with the first event; of a server that tells none the rest is not read.
constexpr unsigned kMostEvents = 8;

std::string_view id_of(const json::Member& member) {
  if (member.kind != json::Kind::string || member.value.size() > kMostId + 2) return {};
  return member.value.substr(1, member.value.size() - 2);
}

class AnswerIdSource final : public pipeline::EventSource {
 public:
  AnswerIdSource(std::unique_ptr<pipeline::EventSource> inner, pipeline::Inspection& inspection)
      : inner_(std::move(inner)), inspection_(inspection) {}

  Form form() const override { return inner_->form(); }
  Eventually<Result<Batch>> next() override {
    auto e = inner_->next();
    if (known_) return e;
    if (!e.ready()) return later(e.task());
    auto batch = e.take();
    if (batch) learn(batch->bytes);
    return batch;
  }

 private:
  Task<Result<Batch>> later(Task<Result<Batch>> task) {
    auto batch = co_await std::move(task);
    if (batch) learn(batch->bytes);
    co_return batch;
  }

  void learn(std::string_view bytes) {
    if (known_ || bytes.empty()) return;
    std::string_view id;
    if (form() == Form::events) {
      http::SseReader reader(bytes, scratch_, events_ == 0);
      http::SseEvent event;
      while (id.empty() && events_ < kMostEvents && reader.next(event)) {
        ++events_;
        if (event.has_data) id = response_id_in_event(event.data);
      }
      known_ = !id.empty() || events_ >= kMostEvents;
    } else {
      if (form() == Form::whole) id = response_id_in_body(bytes);
      known_ = true;
    }
    if (!id.empty()) inspection_.turn->answer_is(id, *inspection_.guarding.namer);
  }

  std::unique_ptr<pipeline::EventSource> inner_;
  pipeline::Inspection& inspection_;
  std::string scratch_;
  unsigned events_ = 0;
  bool known_ = false;
};

}  // namespace

std::string_view response_id_in_body(std::string_view body) {
  std::string_view id;
  (void)json::scan_object(body, [&](const json::Member& member) {
    if (member.key == "id" && id.empty()) id = id_of(member);
  });
  return id;
}

std::string_view response_id_in_event(std::string_view data) {
  std::string_view id;
  (void)json::scan_object(data, [&](const json::Member& member) {
    if (member.key == "response" && member.kind == json::Kind::object && id.empty()) {
      id = response_id_in_body(member.value);
    }
  });
  return id;
}

std::unique_ptr<pipeline::EventSource> learn_answer_id(std::unique_ptr<pipeline::EventSource> inner,
                                                       pipeline::Inspection& inspection) {
  return std::make_unique<AnswerIdSource>(std::move(inner), inspection);
}

}  // namespace gatehouse::stages
