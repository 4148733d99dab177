#include "gatehouse/stages/forward/framer.h"

#include <string>
#include <utility>

#include "gatehouse/base/buffer.h"
#include "gatehouse/base/strings.h"
#include "gatehouse/http/aws_event_stream.h"
#include "gatehouse/http/sse.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::stages {
namespace {

std::unexpected<Error> too_large() {
  return fail(Code::upstream_too_large, "An event of the provider's answer is larger than allowed");
}
std::unexpected<Error> broken() {
  return fail(Code::upstream_broken, "The provider broke off in the middle of its answer");
}

class SseFramer final : public Framer {
 public:
  explicit SseFramer(std::size_t limit) : limit_(limit) {}

  Result<> push(std::string_view bytes, Visit visit) override {
    if (queue_.empty()) {
      // Most reads bring whole events: they are read where they lie.
      const std::size_t whole = cutter_.whole(bytes);
      cutter_.consumed(whole);
      read(bytes.substr(0, whole), visit);
      queue_.append(bytes.substr(whole));
    } else {
      queue_.append(bytes);
      const std::size_t whole = cutter_.whole(queue_.view());
      cutter_.consumed(whole);
      read(queue_.view().substr(0, whole), visit);
      queue_.consume(whole);
    }
    if (queue_.size() > limit_) return too_large();
    return {};
  }

  Result<> end(Visit visit) override {
    if (queue_.empty()) return {};
    // Some servers leave out the last empty line.
    const std::string_view tail = queue_.view();
    if (!tail.ends_with('\n') && !tail.ends_with('\r')) return broken();
    std::string whole(tail);
    whole += "\n\n";
    read(whole, visit);
    return {};
  }

 private:
  void read(std::string_view whole, Visit visit) {
    if (whole.empty()) return;
    http::SseReader events(whole, scratch_, std::exchange(at_start_, false));
    http::SseEvent event;
    while (events.next(event)) {
      if (event.has_data) visit(event.event, event.data);
    }
  }

  std::size_t limit_;
  http::SseCutter cutter_;
  base::Buffer queue_;
  std::string scratch_;
  bool at_start_ = true;
};

// One JSON object a line.
class LineFramer final : public Framer {
 public:
  explicit LineFramer(std::size_t limit) : limit_(limit) {}

  Result<> push(std::string_view bytes, Visit visit) override {
    for (std::size_t end = 0; (end = bytes.find('\n')) != std::string_view::npos; bytes.remove_prefix(end + 1)) {
      if (queue_.empty()) {
        give(bytes.substr(0, end), visit);
        continue;
      }
      if (queue_.size() + end > limit_) return too_large();
      queue_.append(bytes.substr(0, end));
      give(queue_, visit);
      queue_.clear();
    }
    if (queue_.size() + bytes.size() > limit_) return too_large();
    queue_.append(bytes);
    return {};
  }

  Result<> end(Visit visit) override {
    give(queue_, visit);  // half an object is told by whoever reads it
    queue_.clear();
    return {};
  }

 private:
  static void give(std::string_view line, Visit visit) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    line = base::trim(line);
    if (!line.empty()) visit({}, line);
  }

  std::size_t limit_;
  std::string queue_;
};

// An exception comes as "exception:NAME"; an error that the service did not model, as "exception:CODE" with its message
// as JSON.
class AwsFramer final : public Framer {
 public:
  explicit AwsFramer(std::size_t limit) : reader_(limit) {}

  Result<> push(std::string_view bytes, Visit visit) override {
    reader_.push(bytes);
    http::AwsEventFrame frame;
    for (;;) {
      const auto more = reader_.next(frame);
      if (!more) return std::unexpected(more.error());
      if (!*more) return {};
      if (frame.is_event()) {
        visit(frame.event_type, frame.payload);
        continue;
      }
      name_.assign("exception:");
      if (frame.message_type == "exception") {
        name_.append(frame.exception_type);
        visit(name_, frame.payload);
        continue;
      }
      name_.append(frame.error_code);
      message_.clear();
      json::Writer(message_).begin_object().key("message").string(frame.error_message).end_object();
      visit(name_, message_);
    }
  }
  Result<> end(Visit /*visit*/) override { return reader_.finish(); }

 private:
  http::AwsEventReader reader_;
  std::string name_;
  std::string message_;
};

}  // namespace

std::unique_ptr<Framer> make_framer(providers::Framing framing, std::size_t limit) {
  switch (framing) {
    case providers::Framing::ndjson:
      return std::make_unique<LineFramer>(limit);
    case providers::Framing::aws_event_stream:
      return std::make_unique<AwsFramer>(limit);
    case providers::Framing::sse:
      break;
  }
  return std::make_unique<SseFramer>(limit);
}

}  // namespace gatehouse::stages
