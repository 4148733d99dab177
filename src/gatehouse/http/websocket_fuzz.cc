// Frames of either side: any way of cutting them gives the same messages, no message is longer than allowed, and what
// the writer makes of a message is read back.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "gatehouse/base/ids.h"
#include "gatehouse/http/websocket.h"

namespace {

using namespace gatehouse::http;

constexpr std::size_t kMost = 4096;

void check(bool holds) {
  if (!holds) std::abort();
}

template <class F>
std::string transcript(WebSocketSide from, std::string_view bytes, F next_size, bool write_back) {
  WebSocketReader reader(from, kMost);
  std::string out;
  while (!bytes.empty()) {
    const std::string own(bytes.substr(0, next_size()));
    bytes.remove_prefix(own.size());
    std::string_view rest = own;
    while (!rest.empty()) {
      const auto step = reader.read(rest);
      if (step.state == WebSocketReader::State::need_more) {
        check(rest.empty());
        break;
      }
      if (step.state == WebSocketReader::State::failed) return out + "!" + std::to_string(step.code);
      check(step.message.payload.size() <= kMost);
      out += std::to_string(static_cast<int>(step.message.opcode)) + ":" + std::to_string(step.message.code) + ":";
      out += step.message.payload;
      out += '\n';
      if (!write_back) continue;
      std::string wire;
      const WebSocketMask mask = std::array<std::uint8_t, 4>{1, 2, 3, 4};
      if (step.message.opcode == WebSocketOpcode::close) {
        append_websocket_close(step.message.code, step.message.payload, mask, wire);
      } else {
        append_websocket_frame(step.message.opcode, step.message.payload, mask, wire);
      }
      WebSocketReader again(WebSocketSide::client, kMost);
      std::string_view written = wire;
      const auto read = again.read(written);
      check(read.state == WebSocketReader::State::message && read.message.payload == step.message.payload &&
            read.message.opcode == step.message.opcode && read.message.code == step.message.code && written.empty());
    }
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  gatehouse::base::Random random(size);
  for (const auto side : {WebSocketSide::client, WebSocketSide::server}) {
    const auto whole = transcript(side, bytes, [size] { return size; }, true);
    check(whole == transcript(side, bytes, [] { return std::size_t{1}; }, false));
    check(whole == transcript(side, bytes, [&random] { return random.below(9) + 1; }, false));
  }
  return 0;
}
