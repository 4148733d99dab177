// A binary stream of events: any way of cutting it gives the same frames and the same error. What append_aws_event
// writes is read back.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <zlib.h>

#include "gatehouse/base/ids.h"
#include "gatehouse/http/aws_event_stream.h"

namespace {

using namespace gatehouse::http;

void require(bool condition) {
  if (!condition) std::abort();
}

template <class Piece>
std::string transcript(std::string_view bytes, Piece&& piece) {
  std::string said;
  AwsEventReader reader(1 << 20);
  AwsEventFrame frame;
  while (!bytes.empty()) {
    const std::string part(bytes.substr(0, piece()));
    bytes.remove_prefix(part.size());
    reader.push(part);
    for (;;) {
      const auto more = reader.next(frame);
      if (!more) return said.append(more.error().slug());
      if (!*more) break;
      for (const auto& text : {frame.message_type, frame.event_type, frame.exception_type, frame.content_type,
                               frame.error_code, frame.error_message, frame.payload}) {
        said.append(text).push_back('|');
      }
    }
  }
  if (const auto end = reader.finish(); !end) said.append(end.error().slug());
  return said;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  gatehouse::base::Random random(size);
  const auto whole = transcript(bytes, [size] { return size; });
  require(whole == transcript(bytes, [] { return std::size_t{1}; }));
  require(whole == transcript(bytes, [&random] { return static_cast<std::size_t>(random.below(24) + 1); }));

  std::string out;
  const std::size_t half = size / 2;
  const std::string_view name = bytes.substr(0, half).substr(0, 65'535);
  append_aws_event(out, {{":message-type", "event"}, {":event-type", name}}, bytes.substr(half));
  AwsEventReader reader;
  AwsEventFrame frame;
  reader.push(out);
  const auto more = reader.next(frame);
  require(more && *more && frame.event_type == name && frame.payload == bytes.substr(half) && reader.finish());

  // The same bytes as headers and payload of a frame whose checksums hold: what lies behind those is reached.
  std::string framed;
  const auto append = [&framed](std::size_t value) {
    for (unsigned shift = 32; shift > 0; shift -= 8) framed.push_back(static_cast<char>(value >> (shift - 8)));
  };
  append(size + 16);
  append(size == 0 ? 0 : data[0] % (size + 1));
  append(crc32_z(0, reinterpret_cast<const Bytef*>(framed.data()), framed.size()));
  framed.append(bytes);
  append(crc32_z(0, reinterpret_cast<const Bytef*>(framed.data()), framed.size()));
  const auto said = transcript(framed, [&framed] { return framed.size(); });
  require(said == transcript(framed, [] { return std::size_t{1}; }));
  return 0;
}
