#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "gatehouse/async/eventually.h"
#include "gatehouse/base/buffer.h"
#include "gatehouse/base/error.h"
#include "gatehouse/http/content_coding.h"
#include "gatehouse/http/sse.h"
#include "gatehouse/providers/upstream.h"

namespace gatehouse::pipeline {

// What the batches of a source are.
enum class Form : std::uint8_t {
  whole,   // one batch, the whole body
  events,  // runs of whole server-sent events, comments included
  opaque,  // pieces of something that nobody reads
};

// A run of whole events as their bytes, in order, as many as one read brought. Holds until the source's next call.
struct Batch {
  std::string_view bytes;
  bool last = false;
};

// An answer's body, pulled: whoever sends it to the client asks the outermost source, which asks the one it wraps, down
// to the provider. So a slow client slows the provider, and memory is bounded by one batch a source. After `last` or an
// error it is not asked again. One loop's thread.
class EventSource {
 public:
  virtual ~EventSource() = default;
  virtual Form form() const = 0;
  virtual Eventually<Result<Batch>> next() = 0;
};

// A body that is here already.
class TextSource final : public EventSource {
 public:
  explicit TextSource(std::string text) : text_(std::move(text)) {}
  Form form() const override { return Form::whole; }
  Eventually<Result<Batch>> next() override { return Result<Batch>(Batch{text_, true}); }

 private:
  std::string text_;
};

// Limits in bytes.
struct AnswerLimits {
  std::uint64_t whole = 64ULL << 20;
  std::uint64_t event = 4ULL << 20;
};

// The provider's body in the given form. `decoder` (may be null) takes a content coding off first. A whole body or an
// event over the limit: upstream_too_large. A stream that ends inside an event: upstream_broken.
std::unique_ptr<EventSource> make_source(std::unique_ptr<providers::UpstreamAnswer> answer, Form form,
                                         std::unique_ptr<http::ContentDecoder> decoder, const AnswerLimits& limits);

}  // namespace gatehouse::pipeline
