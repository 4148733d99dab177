#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

// How texts and numbers lie in an entry: numbers little-endian, texts behind their length in four bytes. Of this room
// only. What is read was sealed by ourselves; a reader still never goes past the end.
namespace gatehouse::state {

class Packer {
 public:
  void byte(std::uint8_t value) { out_.push_back(static_cast<char>(value)); }
  void number(std::uint64_t value) {
    for (unsigned shift = 0; shift < 64; shift += 8) byte(static_cast<std::uint8_t>(value >> shift & 0xff));
  }
  void text(std::string_view value) {
    const auto size = static_cast<std::uint32_t>(value.size());
    for (unsigned shift = 0; shift < 32; shift += 8) byte(static_cast<std::uint8_t>(size >> shift & 0xff));
    out_.append(value);
  }
  std::size_t size() const { return out_.size(); }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

// After something that was not there all reads give zero or empty, and `good` is false.
class Unpacker {
 public:
  explicit Unpacker(std::string_view bytes) : rest_(bytes) {}
  bool good() const { return good_; }
  bool at_end() const { return rest_.empty(); }
  std::uint8_t byte() { return static_cast<std::uint8_t>(little_endian(1)); }
  std::uint64_t number() { return little_endian(8); }
  std::string_view text() {
    const auto size = static_cast<std::size_t>(little_endian(4));
    if (size > rest_.size()) {
      good_ = false;
      rest_ = {};
      return {};
    }
    const std::string_view value = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return value;
  }

 private:
  std::uint64_t little_endian(std::size_t bytes) {
    if (rest_.size() < bytes) {
      good_ = false;
      rest_ = {};
      return 0;
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) {
      value |= static_cast<std::uint64_t>(static_cast<unsigned char>(rest_[i])) << 8 * i;
    }
    rest_.remove_prefix(bytes);
    return value;
  }

  std::string_view rest_;
  bool good_ = true;
};

}  // namespace gatehouse::state
