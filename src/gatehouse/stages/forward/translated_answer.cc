#include "gatehouse/stages/forward/translated_answer.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"
#include "gatehouse/llm/chat/assembler.h"
#include "gatehouse/llm/chat/error_kind.h"
#include "gatehouse/stages/forward/provider_answer.h"

namespace gatehouse::stages {
namespace {

using pipeline::Batch;
using pipeline::Form;
using Kind = llm::ChatEvent::Kind;

std::unexpected<Error> broken() {
  return fail(Code::upstream_broken, "The provider broke off in the middle of its answer");
}

// What a decoder says itself, where a stream breaks off or cannot be read.
bool is_of_decoder(const llm::ChatError& error) {
  return error.kind == llm::ErrorKind::api && error.status == 502 && error.type.empty() && error.code.empty();
}

// The provider's own words for what went wrong after its 200, for a caller who got nothing yet: they go out with the
// status that the provider would have given. The Error is for records, and for what nobody but us has said.
Error error_of(pipeline::Translation& translation, const llm::ChatError* said) {
  if (said == nullptr) return Error(Code::upstream_broken, "The provider broke off its answer");
  if (said->kind == llm::ErrorKind::authentication) return credentials_refused();
  const Error error(said->kind == llm::ErrorKind::overloaded ? Code::overloaded : Code::upstream_broken,
                    said->message.empty() ? "The provider broke off its answer" : said->message);
  if (is_of_decoder(*said)) return error;
  llm::ChatError told = *said;
  if (told.status < 400 || told.status > 599) told.status = llm::status_of(told.kind);
  if (told.message.empty()) told.message = error.detail;
  pipeline::ToldError& out = translation.told.emplace();
  out.status = told.status;
  out.retry_after = seconds_until_retry(told);
  out.body = translation.front.write_error(told);
  return error;
}

// Whether a body that is no answer tells an error, as some do with a 200.
bool tells_error(std::string_view body) {
  if (!json::validate(body)) return false;
  json::Value root(body);
  if (root.is(json::Kind::array)) {  // Google's front
    json::Value first;
    root.elements([&](json::Value one) {
      if (!first.exists()) first = one;
    });
    root = first;
  }
  const json::Value error = root["error"];
  return error.is(json::Kind::object) || error.is(json::Kind::string);
}

// A body that comes whole, to either form.
class Whole final : public pipeline::EventSource {
 public:
  Whole(std::unique_ptr<pipeline::EventSource> body, pipeline::Translation& translation, bool streams)
      : body_(std::move(body)), translation_(translation), streams_(streams) {}
  Form form() const override { return streams_ ? Form::events : Form::whole; }

  Eventually<Result<Batch>> next() override {
    auto e = body_->next();
    if (!e.ready()) return later(e.task());
    return translated(e.take());
  }

 private:
  Task<Result<Batch>> later(Task<Result<Batch>> task) { co_return translated(co_await std::move(task)); }

  Result<Batch> translated(Result<Batch> body) {
    if (!body) return body;
    auto answer = translation_.back->read_answer(body->bytes, translation_.reading());
    if (!answer) {
      if (answer.error().code != Code::upstream_broken && !tells_error(body->bytes)) {
        return std::unexpected(std::move(answer.error()));
      }
      const llm::ChatError error = translation_.back->read_error(200, body->bytes);
      translation_.failed = true;
      return std::unexpected(error_of(translation_, &error));
    }
    body_.reset();
    translation_.usage = answer->usage;
    translation_.remember(*answer);
    if (streams_) {
      const auto encoder = translation_.front.make_encoder(translation_.writing());
      for (const llm::ChatEvent& event : llm::run_of(*answer)) encoder->write(event, out_);
    } else {
      out_ = translation_.front.write_answer(*answer, translation_.writing());
    }
    return Batch{out_, true};
  }

  std::unique_ptr<pipeline::EventSource> body_;
  pipeline::Translation& translation_;
  bool streams_;
  std::string out_;
};

// What a stream of either kind does with its provider's.
class Decoded : public pipeline::EventSource {
 public:
  Decoded(std::unique_ptr<pipeline::EventSource> bytes, std::unique_ptr<Framer> framer,
          pipeline::Translation& translation)
      : translation_(translation),
        bytes_(std::move(bytes)),
        framer_(std::move(framer)),
        decoder_(translation.back->make_decoder(translation.reading())) {}

  Eventually<Result<Batch>> next() override {
    for (;;) {
      auto e = bytes_->next();
      if (!e.ready()) return later(e.task());
      auto batch = step(e.take());
      if (!batch || batch->last || !batch->bytes.empty()) return batch;
    }
  }

 protected:
  // Takes one event. False: nothing more is wanted.
  virtual Result<bool> take(const llm::ChatEvent& event) = 0;
  // What may go out; `last`: nothing follows.
  virtual Result<Batch> give(bool last) = 0;

  pipeline::Translation& translation_;

 private:
  Task<Result<Batch>> later(Task<Result<Batch>> first) {
    auto batch = step(co_await std::move(first));
    while (batch && !batch->last && batch->bytes.empty()) {
      auto e = bytes_->next();
      batch = step(e.ready() ? e.take() : co_await e.task());
    }
    co_return batch;
  }

  Result<Batch> step(Result<Batch> piece) {
    if (!piece) return piece;
    Result<> taken;
    const auto visit = [&](std::string_view name, std::string_view data) {
      if (done_ || !taken) return;
      events_.clear();
      decoder_->on_event(name, data, events_);
      taken = take_all();
    };
    Result<> framed = framer_->push(piece->bytes, visit);
    if (framed && piece->last && !done_) {
      framed = framer_->end(visit);
      if (framed && taken && !done_) {
        events_.clear();
        decoder_->on_end(events_);
        taken = take_all();
        if (taken && !done_) return broken();
      }
    }
    if (!taken) return std::unexpected(std::move(taken.error()));
    if (!framed) return std::unexpected(std::move(framed.error()));
    if (done_) bytes_.reset();  // what may follow is nobody's
    return give(done_);
  }

  Result<> take_all() {
    for (const llm::ChatEvent& event : events_) {
      if (event.kind == Kind::usage && event.usage != nullptr) translation_.usage = *event.usage;
      if (event.kind == Kind::failed) translation_.failed = true;
      auto more = take(event);
      if (!more) return std::unexpected(std::move(more.error()));
      if (event.kind == Kind::ended || event.kind == Kind::failed || !*more) {
        done_ = true;
        return {};
      }
    }
    return {};
  }

  std::unique_ptr<pipeline::EventSource> bytes_;
  std::unique_ptr<Framer> framer_;
  std::unique_ptr<dialects::EventDecoder> decoder_;
  std::vector<llm::ChatEvent> events_;
  bool done_ = false;
};

// To a stream.
class StreamToStream final : public Decoded {
 public:
  StreamToStream(std::unique_ptr<pipeline::EventSource> bytes, std::unique_ptr<Framer> framer,
                 pipeline::Translation& translation)
      : Decoded(std::move(bytes), std::move(framer), translation),
        encoder_(translation.front.make_encoder(translation.writing())) {
    // Only of these there is state that clients may drop.
    if (translation.memory != nullptr && translation.origin != llm::Origin::none) state_.emplace(kMostState);
  }
  Form form() const override { return Form::events; }

 protected:
  Result<bool> take(const llm::ChatEvent& event) override {
    // As long as nothing went out, an error can still be told with its status.
    if (event.kind == Kind::failed && !gave_ && out_.empty()) {
      return std::unexpected(error_of(translation_, event.error));
    }
    if (given_) {
      out_.clear();
      given_ = false;
    }
    if (event.kind == Kind::failed && event.error != nullptr && event.error->kind == llm::ErrorKind::authentication) {
      write_refused_credentials();
      return true;
    }
    encoder_->write(event, out_);
    if (state_) note(event);
    return true;
  }
  Result<Batch> give(bool last) override {
    if (given_) out_.clear();
    given_ = true;
    gave_ = gave_ || !out_.empty();
    return Batch{out_, last};
  }

 private:
  void write_refused_credentials() {
    const Error error = credentials_refused();
    llm::ChatError told;
    told.status = error.http_status();
    told.message = error.detail;
    told.code = error.slug();
    encoder_->write({.kind = Kind::failed, .error = &told}, out_);
  }

  // Puts together what is to be remembered. A run that is not well-formed, or too large, is not.
  void note(const llm::ChatEvent& event) {
    if (!state_->add(event) || state_->lost()) {
      state_.reset();
    } else if (state_->ended()) {
      translation_.remember(state_->answer());
    }
  }

  static constexpr std::size_t kMostState = std::size_t{1} << 20;  // bytes of an answer
  std::unique_ptr<dialects::EventEncoder> encoder_;
  std::optional<llm::AnswerAssembler> state_;
  std::string out_;
  bool given_ = false;
  bool gave_ = false;
};

// To a whole body.
class StreamToWhole final : public Decoded {
 public:
  StreamToWhole(std::unique_ptr<pipeline::EventSource> bytes, std::unique_ptr<Framer> framer,
                pipeline::Translation& translation, std::size_t limit)
      : Decoded(std::move(bytes), std::move(framer), translation), assembler_(limit) {}
  Form form() const override { return Form::whole; }

 protected:
  Result<bool> take(const llm::ChatEvent& event) override {
    if (event.kind == Kind::failed) {
      return std::unexpected(error_of(translation_, event.error));
    }
    if (auto added = assembler_.add(event); !added) return std::unexpected(std::move(added.error()));
    if (assembler_.lost()) return fail(Code::upstream_too_large, "The provider's answer is larger than allowed");
    return true;
  }
  Result<Batch> give(bool last) override {
    if (!last) return Batch{};
    translation_.remember(assembler_.answer());
    out_ = translation_.front.write_answer(assembler_.answer(), translation_.writing());
    return Batch{out_, true};
  }

 private:
  llm::AnswerAssembler assembler_;
  std::string out_;
};

}  // namespace

std::unique_ptr<pipeline::EventSource> translate_whole(std::unique_ptr<pipeline::EventSource> body,
                                                       pipeline::Translation& translation, bool streams) {
  return std::make_unique<Whole>(std::move(body), translation, streams);
}

std::unique_ptr<pipeline::EventSource> translate_stream(std::unique_ptr<pipeline::EventSource> bytes,
                                                        std::unique_ptr<Framer> framer,
                                                        pipeline::Translation& translation, bool streams,
                                                        std::size_t answer_limit) {
  if (streams) return std::make_unique<StreamToStream>(std::move(bytes), std::move(framer), translation);
  return std::make_unique<StreamToWhole>(std::move(bytes), std::move(framer), translation, answer_limit);
}

}  // namespace gatehouse::stages
