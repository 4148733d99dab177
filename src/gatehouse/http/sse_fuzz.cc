// A stream of events: any way of cutting it gives the same events, and the raw pieces are the stream's whole part. What
// append_sse writes is read back.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "gatehouse/base/ids.h"
#include "gatehouse/http/testing/sse_transcript.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse::http;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  gatehouse::base::Random random(size);
  const auto whole = testing::sse_transcript(bytes, [size] { return size; });
  testing::check(whole == testing::sse_transcript(bytes, [] { return std::size_t{1}; }), "dripping changes nothing");
  testing::check(whole == testing::sse_transcript(bytes, [&random] { return random.below(24) + 1; }),
                 "cutting changes nothing");

  std::string out;
  const std::size_t half = size / 2;
  append_sse(out, bytes.substr(0, half), bytes.substr(half));
  std::string scratch;
  SseReader reader(out, scratch);
  SseEvent event;
  testing::check(reader.next(event) && event.raw == out && event.has_data, "one event was written");
  std::string name;
  for (const char c : bytes.substr(0, half)) {
    if (c != '\r' && c != '\n') name.push_back(c);
  }
  testing::check(event.event == name, "its name is what was given, without line ends");
  std::string lines;
  for (std::size_t i = half; i < size; ++i) {
    if (bytes[i] == '\n' && i > half && bytes[i - 1] == '\r') continue;
    lines.push_back(bytes[i] == '\r' ? '\n' : bytes[i]);
  }
  testing::check(event.data == lines, "its data is what was given, line by line");
  return 0;
}
