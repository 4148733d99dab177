#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// Server-sent events as WHATWG HTML, 9.2 has them. Lines end in CR, LF or CRLF; an empty line ends an event.
namespace gatehouse::http {

// Finds where whole events end in a byte queue that grows at its back and is eaten at its front. Looks at every byte
// once, however the bytes drip in. One per stream, owned by whoever owns the queue; not thread-safe; holds no bytes:
// the caller bounds the queue.
class SseCutter {
 public:
  // How many bytes from the front are whole events or comment blocks, each with the empty line that ends it; 0 if none
  // is whole yet. `queued` is the whole queue: the bytes of the last call that were not consumed, and new ones. An
  // event that ends in CR is whole at once; a LF that arrives after that is whole by itself.
  std::size_t whole(std::string_view queued);
  // The caller removed that many bytes from the front, at most as many as the last `whole` was shown.
  void consumed(std::size_t bytes);

 private:
  std::size_t scanned_ = 0;
  std::size_t whole_ = 0;
  bool line_empty_ = true;
  bool after_cr_ = false;  // the last byte seen was CR: a LF belongs to it
  bool cr_ended_event_ = false;
};

// One event. Views point into the bytes being read, but for the data of several lines, which lies in the scratch and
// holds until the next event is read.
struct SseEvent {
  std::string_view raw;       // all its bytes, with the empty line that ends it and any empty lines before it
  std::string_view event;     // "" means "message"
  std::string_view data;      // its lines joined by LF
  std::string_view id;        // "" also where the id has a NUL and is to be ignored
  bool has_data = false;      // without data a client dispatches nothing
  bool only_comment = false;  // nothing but comments or empty lines
};

// Reads the events of a piece that SseCutter found whole. What follows the last empty line is not an event and is not
// given out. The raw pieces in order are the piece itself. Not thread-safe.
class SseReader {
 public:
  // `stream_start`: the piece is the first of its stream, so that a byte order mark before the first line is no part of
  // it (raw keeps it).
  SseReader(std::string_view whole, std::string& scratch, bool stream_start = true);
  bool next(SseEvent& event);

 private:
  std::string_view rest_;
  std::string& scratch_;
  bool at_start_;
};

// Appends one event: an event line where `event` is not empty, a data line for each line of `data` (one, empty, for
// empty data), and the empty line. Line ends inside `event` are left out: they could begin another field.
void append_sse(std::string& out, std::string_view event, std::string_view data);

}  // namespace gatehouse::http
