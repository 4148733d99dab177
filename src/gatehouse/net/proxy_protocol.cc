#include "gatehouse/net/proxy_protocol.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace gatehouse::net {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kSignature = "\r\n\r\n\0\r\nQUIT\n"sv;
constexpr std::string_view kVersion1 = "PROXY "sv;
constexpr std::size_t kTcp4Size = 12;
constexpr std::size_t kTcp6Size = 36;

std::uint8_t byte_at(std::string_view bytes, std::size_t at) { return static_cast<std::uint8_t>(bytes[at]); }
std::uint16_t u16_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint16_t>(byte_at(bytes, at) << 8 | byte_at(bytes, at + 1));
}

template <std::size_t N>
std::array<std::uint8_t, N> array_at(std::string_view bytes, std::size_t at) {
  std::array<std::uint8_t, N> out{};
  for (std::size_t i = 0; i < N; ++i) out[i] = byte_at(bytes, at + i);
  return out;
}

bool starts_alike(std::string_view a, std::string_view b) {
  const std::size_t size = std::min(a.size(), b.size());
  return a.substr(0, size) == b.substr(0, size);
}

ProxyParse bad(std::string_view reason) { return {.status = ProxyStatus::bad, .size = 0, .reason = reason}; }
ProxyParse more(std::size_t size) { return {.status = ProxyStatus::need_more, .size = size, .reason = {}}; }

bool well_formed_tlvs(std::string_view bytes) {
  while (!bytes.empty()) {
    if (bytes.size() < 3) return false;
    const std::size_t size = 3U + u16_at(bytes, 1);
    if (bytes.size() < size) return false;
    bytes.remove_prefix(size);
  }
  return true;
}

}  // namespace

ProxyParse parse_proxy_header(std::string_view bytes, ProxyHeader& out) {
  if (!starts_alike(bytes, kSignature)) {
    if (starts_alike(bytes, kVersion1)) return bad("PROXY protocol version 1; version 2 is needed");
    return bad("no PROXY protocol header");
  }
  if (bytes.size() > 12 && byte_at(bytes, 12) >> 4 != 2) return bad("unknown PROXY protocol version");
  if (bytes.size() > 12 && (byte_at(bytes, 12) & 0x0f) > 1) return bad("unknown PROXY protocol command");
  if (bytes.size() < kProxyFixedSize) return more(kProxyFixedSize);
  const bool proxied = (byte_at(bytes, 12) & 0x0f) == 1;
  const std::uint8_t family = byte_at(bytes, 13);
  const std::size_t length = u16_at(bytes, 14);
  if (length > kMaxProxyLength) return bad("PROXY protocol header too long");
  // 0x00 is "unspecified": the proxy does not know, and the connection's own addresses stay.
  if (proxied && family != 0x00 && family != 0x11 && family != 0x21) {
    return bad("PROXY protocol header of another family than TCP over IPv4 or IPv6");
  }
  const bool addressed = proxied && family != 0x00;
  const std::size_t address_size = !addressed ? 0 : family == 0x11 ? kTcp4Size : kTcp6Size;
  if (length < address_size) return bad("PROXY protocol header too short for its addresses");
  const std::size_t size = kProxyFixedSize + length;
  if (bytes.size() < size) return more(size);

  ProxyHeader header;
  const std::string_view rest = bytes.substr(kProxyFixedSize, length);
  header.has_addresses = addressed;
  if (addressed && family == 0x11) {
    header.source = {Address::v4(array_at<4>(rest, 0)), u16_at(rest, 8)};
    header.destination = {Address::v4(array_at<4>(rest, 4)), u16_at(rest, 10)};
  } else if (addressed) {
    header.source = {Address::v6(array_at<16>(rest, 0)), u16_at(rest, 32)};
    header.destination = {Address::v6(array_at<16>(rest, 16)), u16_at(rest, 34)};
  }
  // Without addresses of ours the block may hold anything (2.2: "the receiver must ignore" it).
  if (addressed && !well_formed_tlvs(rest.substr(address_size))) return bad("PROXY protocol TLVs do not add up");
  out = header;
  return {.status = ProxyStatus::done, .size = size, .reason = {}};
}

Task<Result<ProxyHeader>> read_proxy_header(TcpStream& stream, base::Duration timeout) {
  std::string bytes(kProxyFixedSize, '\0');
  std::size_t have = 0;
  std::size_t wanted = kProxyFixedSize;
  stream.deadline(timeout);
  for (;;) {
    bytes.resize(wanted);
    auto got = co_await stream.read_some(bytes.data() + have, wanted - have);
    if (!got) co_return std::unexpected(std::move(got.error()));
    if (*got == 0) co_return fail(Code::closed);
    have += *got;
    ProxyHeader header;
    const ProxyParse parsed = parse_proxy_header(std::string_view(bytes).substr(0, have), header);
    if (parsed.status == ProxyStatus::bad) co_return fail(Code::invalid_request, std::string(parsed.reason));
    if (parsed.status == ProxyStatus::done) {
      stream.no_deadline();
      if (header.has_addresses) stream.set_addresses(header.source, header.destination);
      co_return header;
    }
    wanted = parsed.size;
  }
}

}  // namespace gatehouse::net
