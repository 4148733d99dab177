#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>

#include "gatehouse/base/function_ref.h"
#include "gatehouse/http/sse.h"
#include "gatehouse/http/testing/transcript.h"

namespace gatehouse::http::testing {

struct SseTranscript {
  std::string events;  // one by one, but for those of empty lines alone: where these fall depends on the cuts
  std::string raw;     // all raw pieces
  bool operator==(const SseTranscript&) const = default;
};
inline void PrintTo(const SseTranscript& said, std::ostream* out) { *out << said.events << "\nraw: " << said.raw; }

// Reads a stream that arrives in pieces as a session would: queue, cut, read, consume.
inline SseTranscript sse_transcript(std::string_view bytes, base::FunctionRef<std::size_t()> next_cut) {
  SseTranscript out;
  SseCutter cutter;
  std::string scratch;
  Feed feed(bytes);
  std::size_t at = 0;
  while (feed.more(next_cut())) {
    const std::size_t size = cutter.whole(feed.from(at));
    check(size <= feed.from(at).size(), "what is whole is within the bytes");
    if (size == 0) continue;
    const std::string_view whole = feed.from(at).substr(0, size);
    const std::size_t raw_before = out.raw.size();
    SseReader reader(whole, scratch, at == 0);
    SseEvent event;
    while (reader.next(event)) {
      out.raw.append(event.raw);
      check(!event.only_comment || (!event.has_data && event.event.empty() && event.id.empty()),
            "comments say nothing");
      check(event.has_data || event.data.empty(), "no data, no data");
      std::string_view lines = event.raw;
      if (out.raw.size() == lines.size() && lines.starts_with("\xEF\xBB\xBF")) lines.remove_prefix(3);
      if (lines.find_first_not_of("\r\n") == std::string_view::npos) continue;
      out.events.append("[").append(event.event).append("]:[").append(event.data).append("]:[").append(event.id);
      out.events.append(event.has_data ? "]data;" : event.only_comment ? "]comment;" : "];");
    }
    check(out.raw.size() - raw_before == size, "the raw pieces are the piece");
    at += size;
    cutter.consumed(size);
  }
  check(bytes.starts_with(out.raw), "the raw pieces are the stream");
  return out;
}

}  // namespace gatehouse::http::testing
