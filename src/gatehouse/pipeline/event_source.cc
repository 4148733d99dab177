#include "gatehouse/pipeline/event_source.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "gatehouse/base/recycled.h"

namespace gatehouse::pipeline {
namespace {

Error too_large() { return Error(Code::upstream_too_large, "The provider's answer is larger than allowed"); }

// What all sources over a provider's body do: pull a piece and take its coding off.
class Body {
 public:
  Body(std::unique_ptr<providers::UpstreamAnswer> answer, std::unique_ptr<http::ContentDecoder> decoder,
       std::uint64_t decoded_limit)
      : answer_(std::move(answer)), decoder_(std::move(decoder)), decoded_limit_(decoded_limit) {}

  Eventually<Result<http::Piece>> next() {
    auto e = answer_->next();
    if (!decoder_) return e;
    if (!e.ready()) return later(e.task());
    return decoded(e.take());
  }

 private:
  Task<Result<http::Piece>> later(Task<Result<http::Piece>> task) { co_return decoded(co_await std::move(task)); }

  Result<http::Piece> decoded(Result<http::Piece> piece) {
    if (!piece) return piece;
    text_.clear();
    if (!piece->bytes.empty()) {
      if (auto ok = decoder_->decode(piece->bytes, text_, decoded_limit_); !ok) return std::unexpected(ok.error());
    }
    if (piece->last) {
      if (auto ok = decoder_->finish(); !ok) return std::unexpected(ok.error());
    }
    return http::Piece{text_, piece->last};
  }

  std::unique_ptr<providers::UpstreamAnswer> answer_;
  std::unique_ptr<http::ContentDecoder> decoder_;
  std::uint64_t decoded_limit_;
  std::string text_;
};

class WholeSource final : public base::Recycled<WholeSource>, public EventSource {
 public:
  WholeSource(Body body, std::uint64_t limit) : body_(std::move(body)), limit_(limit) {}
  Form form() const override { return Form::whole; }

  Eventually<Result<Batch>> next() override {
    auto e = body_.next();
    if (e.ready()) {
      auto piece = e.take();
      if (!piece) return Result<Batch>(std::unexpected(std::move(piece.error())));
      if (piece->bytes.size() > limit_) return Result<Batch>(std::unexpected(too_large()));
      if (piece->last) return Result<Batch>(Batch{piece->bytes, true});
      collected_.append(piece->bytes);
      return collect(std::nullopt);
    }
    return collect(e.task());
  }

 private:
  Task<Result<Batch>> collect(std::optional<Task<Result<http::Piece>>> first) {
    for (;;) {
      Result<http::Piece> piece;
      if (first) {
        piece = co_await std::move(*first);
        first.reset();
      } else {
        auto e = body_.next();
        if (e.ready()) {
          piece = e.take();
        } else {
          piece = co_await e.task();
        }
      }
      if (!piece) co_return std::unexpected(std::move(piece.error()));
      if (collected_.size() + piece->bytes.size() > limit_) co_return std::unexpected(too_large());
      if (piece->last && collected_.empty()) co_return Batch{piece->bytes, true};
      collected_.append(piece->bytes);
      if (piece->last) co_return Batch{collected_.view(), true};
    }
  }

  Body body_;
  std::uint64_t limit_;
  base::Buffer collected_;
};

class OpaqueSource final : public EventSource {
 public:
  explicit OpaqueSource(Body body) : body_(std::move(body)) {}
  Form form() const override { return Form::opaque; }
  Eventually<Result<Batch>> next() override {
    auto e = body_.next();
    if (!e.ready()) return later(e.task());
    return batch(e.take());
  }

 private:
  static Result<Batch> batch(Result<http::Piece> piece) {
    if (!piece) return std::unexpected(std::move(piece.error()));
    return Batch{piece->bytes, piece->last};
  }
  Task<Result<Batch>> later(Task<Result<http::Piece>> task) { co_return batch(co_await std::move(task)); }
  Body body_;
};

class SseSource final : public EventSource {
 public:
  SseSource(Body body, std::uint64_t limit) : body_(std::move(body)), limit_(limit) {}
  Form form() const override { return Form::events; }

  Eventually<Result<Batch>> next() override {
    drop_given();
    if (cut_off_) return cut_error();
    for (;;) {
      auto e = body_.next();
      if (!e.ready()) return later(e.task());
      if (auto batch = take(e.take())) return std::move(*batch);
    }
  }

 private:
  // What was given out with the last batch goes now.
  void drop_given() {
    if (given_ == 0) return;
    queue_.consume(given_);
    given_ = 0;
    if (queue_.empty() && queue_.capacity() > kKeep) queue_.release();
  }

  // The events that are whole with this piece; nothing if none is.
  std::optional<Result<Batch>> take(Result<http::Piece> piece) {
    if (!piece) return std::unexpected(std::move(piece.error()));
    std::string_view bytes = piece->bytes;
    if (queue_.empty()) {
      // Most reads bring whole events: they go on from where they lie.
      const std::size_t whole = cutter_.whole(bytes);
      cutter_.consumed(whole);
      if (whole == bytes.size() && (whole > 0 || piece->last)) return Batch{bytes, piece->last};
      if (whole > 0 && !piece->last) {
        queue_.append(bytes.substr(whole));
        return Batch{bytes.substr(0, whole), false};
      }
      queue_.append(bytes);
      if (whole > 0) return end_with(whole);
    } else {
      queue_.append(bytes);
    }
    const std::size_t whole = cutter_.whole(queue_.view());
    cutter_.consumed(whole);
    if (piece->last) return end_with(whole);
    if (queue_.size() - whole > limit_) return std::unexpected(too_large());
    if (whole == 0) return std::nullopt;
    given_ = whole;
    return Batch{queue_.view().substr(0, whole), false};
  }

  // The provider ended. Whatever is after the last whole event was cut off: first what is whole goes out, then the
  // error.
  Result<Batch> end_with(std::size_t whole) {
    const std::string_view tail = queue_.view().substr(whole);
    // Some servers leave out the last empty line; an event that is whole but for that is taken for whole.
    if (tail.empty() || tail.ends_with('\n') || tail.ends_with('\r')) return Batch{queue_.view(), true};
    cut_off_ = true;
    if (whole == 0) return cut_error();
    given_ = whole;
    return Batch{queue_.view().substr(0, whole), false};
  }
  static Result<Batch> cut_error() {
    return fail(Code::upstream_broken, "The provider broke off in the middle of its answer");
  }

  Task<Result<Batch>> later(Task<Result<http::Piece>> first) {
    auto batch = take(co_await std::move(first));
    while (!batch) {
      auto e = body_.next();
      if (e.ready()) {
        batch = take(e.take());
      } else {
        batch = take(co_await e.task());
      }
    }
    co_return std::move(*batch);
  }

  static constexpr std::size_t kKeep = 16 * 1024;
  Body body_;
  std::uint64_t limit_;
  http::SseCutter cutter_;
  base::Buffer queue_;
  std::size_t given_ = 0;
  bool cut_off_ = false;
};

}  // namespace

std::unique_ptr<EventSource> make_source(std::unique_ptr<providers::UpstreamAnswer> answer, Form form,
                                         std::unique_ptr<http::ContentDecoder> decoder, const AnswerLimits& limits) {
  Body body(std::move(answer), std::move(decoder), form == Form::whole ? limits.whole : limits.event);
  switch (form) {
    case Form::whole:
      return std::make_unique<WholeSource>(std::move(body), limits.whole);
    case Form::events:
      return std::make_unique<SseSource>(std::move(body), limits.event);
    case Form::opaque:
      break;
  }
  return std::make_unique<OpaqueSource>(std::move(body));
}

}  // namespace gatehouse::pipeline
