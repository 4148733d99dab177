// The PROXY protocol parser: never reads past its input, needs exactly the bytes it says, and does not change its mind
// when more bytes arrive.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "gatehouse/net/proxy_protocol.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse::net;
  ProxyHeader whole_header;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const ProxyParse whole = parse_proxy_header(bytes, whole_header);
  if (whole.status == ProxyStatus::done) {
    require(whole.size <= size && whole.size <= kProxyFixedSize + kMaxProxyLength);
  }
  if (whole.status == ProxyStatus::need_more) {
    require(whole.size > size && whole.size <= kProxyFixedSize + kMaxProxyLength);
  }
  // As a connection brings it: never more than was asked for.
  std::size_t have = 0;
  for (;;) {
    // A copy of its own size, so that a read past the end is seen.
    const std::vector<char> piece(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(have));
    ProxyHeader header;
    const ProxyParse parsed = parse_proxy_header({piece.data(), piece.size()}, header);
    if (parsed.status == ProxyStatus::bad) {
      require(whole.status == ProxyStatus::bad && !parsed.reason.empty());
      break;
    }
    if (parsed.status == ProxyStatus::done) {
      require(whole.status == ProxyStatus::done && parsed.size == have && whole.size == have);
      require(header == whole_header);
      break;
    }
    require(parsed.size > have);
    if (have == size) {
      require(whole.status == ProxyStatus::need_more);
      break;
    }
    ++have;
  }
  return 0;
}
