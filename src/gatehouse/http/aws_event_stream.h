#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "gatehouse/base/buffer.h"
#include "gatehouse/base/error.h"

// The binary framing of AWS's streamed answers, `application/vnd.amazon.eventstream`
// (https://docs.aws.amazon.com/AmazonS3/latest/API/RESTSelectObjectAppendix.html; Smithy's "Amazon Event Stream
// Specification"). A frame, all numbers big-endian: length of the frame, length of its headers, CRC-32 of these eight
// bytes; headers; payload; CRC-32 of all before.
namespace gatehouse::http {

// One frame: the headers that tell what it is (each empty where the frame has none of that name) and its payload. Views
// hold until the reader is asked for the next frame or given more bytes.
struct AwsEventFrame {
  std::string_view message_type;    // :message-type: "event", "exception" or "error"
  std::string_view event_type;      // :event-type, of an event
  std::string_view exception_type;  // :exception-type, of an exception: "throttlingException"
  std::string_view content_type;    // :content-type
  std::string_view error_code;      // :error-code and
  std::string_view error_message;   // :error-message, of an error that the service did not model
  std::string_view payload;

  bool is_event() const { return message_type == "event"; }
};

// Reads frames out of a stream that comes in pieces cut anywhere. One a stream, owned by whoever reads it; not
// thread-safe. Holds what of the stream has not been asked for: at most a frame and the last piece, if the caller takes
// all whole frames before it pushes again.
//
//   reader.push(piece);
//   for (;;) {
//     const auto more = reader.next(frame);
//     if (!more) return fail(...);   // broken: nothing of the stream can be read after it
//     if (!*more) break;             // until the next piece
//     use(frame);
//   }
//   ... and at the end of the stream: reader.finish()
class AwsEventReader {
 public:
  static constexpr std::size_t kMostHeaders = 64;
  static constexpr std::size_t kMostHeaderBytes = 128UL * 1024;  // AWS's own bound
  static constexpr std::size_t kMostFrame = 16UL * 1024 * 1024;  // AWS's own is 24 MiB
  static constexpr std::size_t kLeastFrame = 4 + 4 + 4 + 4;      // no headers, no payload

  // A frame longer than `most_frame` bytes is refused as soon as its length is known.
  explicit AwsEventReader(std::size_t most_frame = kMostFrame) : most_frame_(most_frame) {}

  void push(std::string_view bytes);
  // True: a frame was read. False: it takes more bytes. Errors, for good: upstream_protocol (a checksum that is wrong,
  // lengths that contradict each other, headers that are none, a name twice), upstream_too_large.
  Result<bool> next(AwsEventFrame& frame);
  // The stream is over. Error (upstream_broken): in the middle of a frame.
  Result<> finish();

 private:
  Result<bool> broken(Error error);

  base::Buffer bytes_;
  std::size_t most_frame_;
  std::size_t taken_ = 0;  // of the frame that was given out last
  std::size_t whole_ = 0;  // length of the frame in front, its prelude checked; 0: not known yet
  Error error_;
  bool broken_ = false;
};

struct AwsEventHeader {
  std::string_view name;   // 1 to 255 bytes
  std::string_view value;  // at most 65,535 bytes; written as a string
};

// Appends one frame. What the format has no room for is a mistake of the caller: it is cut.
void append_aws_event(std::string& out, std::initializer_list<AwsEventHeader> headers, std::string_view payload);

}  // namespace gatehouse::http
