#include "gatehouse/http/sse.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace gatehouse::http {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// The first CR or LF at or after `at`, or the size. Looks for both in one short window after the other, so that a
// stream without LF costs linear time too.
std::size_t find_line_end(std::string_view bytes, std::size_t at) {
  constexpr std::size_t kWindow = 256;
  while (at < bytes.size()) {
    const char* begin = bytes.data() + at;
    const std::size_t window = std::min(kWindow, bytes.size() - at);
    std::size_t size = window;
    if (const void* feed = std::memchr(begin, '\n', size)) {
      size = static_cast<std::size_t>(static_cast<const char*>(feed) - begin);
    }
    if (const void* cr = std::memchr(begin, '\r', size)) {
      size = static_cast<std::size_t>(static_cast<const char*>(cr) - begin);
    }
    at += size;
    if (size < window) break;
  }
  return at;
}

}  // namespace

std::size_t SseCutter::whole(std::string_view queued) {
  while (scanned_ < queued.size()) {
    const char c = queued[scanned_];
    if (c == '\n' && after_cr_) {
      ++scanned_;
      if (cr_ended_event_) whole_ = scanned_;
      after_cr_ = false;
      continue;
    }
    after_cr_ = false;
    if (c != '\n' && c != '\r') {
      line_empty_ = false;
      scanned_ = find_line_end(queued, scanned_);
      continue;
    }
    ++scanned_;
    if (line_empty_) whole_ = scanned_;
    after_cr_ = c == '\r';
    cr_ended_event_ = after_cr_ && line_empty_;
    line_empty_ = true;
  }
  return whole_;
}

void SseCutter::consumed(std::size_t bytes) {
  scanned_ -= std::min(bytes, scanned_);
  whole_ -= std::min(bytes, whole_);
}

SseReader::SseReader(std::string_view whole, std::string& scratch, bool stream_start)
    : rest_(whole), scratch_(scratch), at_start_(stream_start) {}

bool SseReader::next(SseEvent& event) {
  event = {};
  event.only_comment = true;
  bool joined = false;
  bool any_line = false;
  std::size_t at = 0;
  if (at_start_ && rest_.starts_with(kByteOrderMark)) at = kByteOrderMark.size();
  while (at < rest_.size()) {
    const std::size_t line_at = at;
    const std::size_t line_end = find_line_end(rest_, at);
    if (line_end == rest_.size()) return false;
    at = line_end + 1;
    if (rest_[line_end] == '\r' && at < rest_.size() && rest_[at] == '\n') ++at;
    if (line_end == line_at) {
      // Empty lines before an event dispatch nothing and stay with it; at the end of the piece they stand alone.
      if (!any_line && at < rest_.size()) continue;
      event.raw = rest_.substr(0, at);
      if (joined) event.data = scratch_;
      rest_.remove_prefix(at);
      at_start_ = false;
      return true;
    }
    any_line = true;
    const std::string_view line = rest_.substr(line_at, line_end - line_at);
    if (line.front() == ':') continue;
    event.only_comment = false;
    const std::size_t colon = std::min(line.find(':'), line.size());
    const std::string_view name = line.substr(0, colon);
    std::string_view value = line.substr(std::min(colon + 1, line.size()));
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (name == "data") {
      if (!event.has_data) {
        event.data = value;
        event.has_data = true;
      } else {
        if (!joined) scratch_.assign(event.data);
        joined = true;
        scratch_.push_back('\n');
        scratch_.append(value);
      }
    } else if (name == "event") {
      event.event = value;
    } else if (name == "id") {
      if (value.find('\0') == std::string_view::npos) event.id = value;
    }
  }
  return false;
}

void append_sse(std::string& out, std::string_view event, std::string_view data) {
  if (!event.empty()) {
    out.append("event: ");
    for (const char c : event) {
      if (c != '\r' && c != '\n') out.push_back(c);
    }
    out.push_back('\n');
  }
  for (std::size_t at = 0;;) {
    const std::size_t end = find_line_end(data, at);
    out.append("data: ").append(data, at, end - at).push_back('\n');
    if (end == data.size()) break;
    at = end + 1;
    if (data[end] == '\r' && at < data.size() && data[at] == '\n') ++at;
  }
  out.push_back('\n');
}

}  // namespace gatehouse::http
