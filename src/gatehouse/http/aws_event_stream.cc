#include "gatehouse/http/aws_event_stream.h"

#include <algorithm>
#include <array>
#include <utility>

#include <zlib.h>

namespace gatehouse::http {
namespace {

constexpr std::size_t kPrelude = 12;
constexpr std::size_t kChecksum = 4;

std::uint32_t crc_of(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<z_size_t>(bytes.size())));
}

std::uint32_t read_be(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value = (value << 8U) | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

void append_be(std::string& out, std::uint32_t value, std::size_t size) {
  for (std::size_t i = size; i > 0; --i) out.push_back(static_cast<char>(value >> (8 * (i - 1)) & 0xFFU));
}

// Header value types by their number. Those of fixed size first.
constexpr std::size_t kFixedSizes[] = {0, 0, 1, 2, 4, 8};  // true, false, byte, short, integer, long
constexpr std::uint8_t kBytes = 6;
constexpr std::uint8_t kString = 7;
constexpr std::uint8_t kTimestamp = 8;
constexpr std::uint8_t kUuid = 9;

// Bytes that a value of the type has from `at` on, its own length included; nothing past the end of `headers`.
bool value_extent(std::string_view headers, std::size_t at, std::uint8_t type, std::size_t& skip, std::size_t& size) {
  skip = 0;
  if (type < std::size(kFixedSizes)) {
    size = kFixedSizes[type];
  } else if (type == kTimestamp) {
    size = 8;
  } else if (type == kUuid) {
    size = 16;
  } else if (type == kBytes || type == kString) {
    if (headers.size() - at < 2) return false;
    skip = 2;
    size = read_be(headers, at, 2);
  } else {
    return false;
  }
  return headers.size() - at - skip >= size;
}

std::string_view* place_of(AwsEventFrame& frame, std::string_view name) {
  if (name == ":message-type") return &frame.message_type;
  if (name == ":event-type") return &frame.event_type;
  if (name == ":exception-type") return &frame.exception_type;
  if (name == ":content-type") return &frame.content_type;
  if (name == ":error-code") return &frame.error_code;
  if (name == ":error-message") return &frame.error_message;
  return nullptr;
}

// Empty: read. Otherwise what is wrong.
std::string_view read_headers(std::string_view headers, AwsEventFrame& frame) {
  std::array<std::string_view, AwsEventReader::kMostHeaders> names;
  std::size_t count = 0;
  std::size_t at = 0;
  while (at < headers.size()) {
    if (count == names.size()) return "an event frame with too many headers";
    const std::size_t name_size = static_cast<unsigned char>(headers[at]);
    if (name_size == 0 || headers.size() - at < 1 + name_size + 1) return "an event frame with a broken header";
    const std::string_view name = headers.substr(at + 1, name_size);
    const auto type = static_cast<std::uint8_t>(headers[at + 1 + name_size]);
    at += 1 + name_size + 1;
    std::size_t skip;
    std::size_t size;
    if (!value_extent(headers, at, type, skip, size)) return "an event frame with a broken header";
    if (std::find(names.begin(), names.begin() + count, name) != names.begin() + count) {
      return "an event frame with a header that stands twice";
    }
    names[count++] = name;
    if (std::string_view* place = place_of(frame, name)) {
      // What it says decides what the payload is: another type of value would be read as no message at all.
      if (type != kString) return "an event frame with a header that is no string";
      *place = headers.substr(at + skip, size);
    }
    at += skip + size;
  }
  return {};
}

}  // namespace

void AwsEventReader::push(std::string_view bytes) {
  if (broken_) return;
  bytes_.consume(std::exchange(taken_, 0));
  bytes_.append(bytes);
}

Result<bool> AwsEventReader::broken(Error error) {
  broken_ = true;
  error_ = std::move(error);
  bytes_.clear();
  bytes_.release();
  return std::unexpected(error_);
}

Result<bool> AwsEventReader::next(AwsEventFrame& frame) {
  if (broken_) return std::unexpected(error_);
  bytes_.consume(std::exchange(taken_, 0));
  const std::string_view held = bytes_.view();
  if (whole_ == 0) {
    if (held.size() < kPrelude) return false;
    // Checked before its length is believed: a damaged length must not make us wait for what never comes.
    if (crc_of(held.substr(0, 8)) != read_be(held, 8, 4)) {
      return broken(Error(Code::upstream_protocol, "an event frame whose first checksum is wrong"));
    }
    const std::size_t length = read_be(held, 0, 4);
    const std::size_t headers = read_be(held, 4, 4);
    if (length < kLeastFrame || headers > length - kLeastFrame || headers > kMostHeaderBytes) {
      return broken(Error(Code::upstream_protocol, "an event frame whose lengths cannot be"));
    }
    if (length > most_frame_) {
      return broken(Error(Code::upstream_too_large, "an event frame of the upstream is too long"));
    }
    whole_ = length;
  }
  if (held.size() < whole_) return false;
  const std::string_view bytes = held.substr(0, whole_);
  const std::size_t end = whole_ - kChecksum;
  if (crc_of(bytes.substr(0, end)) != read_be(bytes, end, 4)) {
    return broken(Error(Code::upstream_protocol, "an event frame whose checksum is wrong"));
  }
  const std::size_t headers = read_be(bytes, 4, 4);
  frame = {};
  if (const auto problem = read_headers(bytes.substr(kPrelude, headers), frame); !problem.empty()) {
    return broken(Error(Code::upstream_protocol, std::string(problem)));
  }
  frame.payload = bytes.substr(kPrelude + headers, end - kPrelude - headers);
  taken_ = std::exchange(whole_, 0);
  return true;
}

Result<> AwsEventReader::finish() {
  if (broken_) return std::unexpected(error_);
  if (bytes_.size() > taken_) return fail(Code::upstream_broken, "the upstream's stream ended inside an event frame");
  return {};
}

void append_aws_event(std::string& out, std::initializer_list<AwsEventHeader> headers, std::string_view payload) {
  const std::size_t start = out.size();
  out.append(kPrelude, '\0');
  for (const auto& header : headers) {
    const std::string_view name = header.name.substr(0, 255);
    const std::string_view value = header.value.substr(0, 65'535);
    out.push_back(static_cast<char>(name.size()));
    out.append(name);
    out.push_back(static_cast<char>(kString));
    append_be(out, static_cast<std::uint32_t>(value.size()), 2);
    out.append(value);
  }
  const std::size_t header_bytes = out.size() - start - kPrelude;
  out.append(payload);
  std::string prelude;
  append_be(prelude, static_cast<std::uint32_t>(out.size() - start + kChecksum), 4);
  append_be(prelude, static_cast<std::uint32_t>(header_bytes), 4);
  append_be(prelude, crc_of(prelude), 4);
  out.replace(start, kPrelude, prelude);
  append_be(out, crc_of(std::string_view(out).substr(start)), 4);
}

}  // namespace gatehouse::http
