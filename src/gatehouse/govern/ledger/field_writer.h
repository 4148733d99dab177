#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace gatehouse::govern {

// Writes the ledger's fields: numbers of 7 bits a byte, low first, signed ones zigzag; texts with their length before
// them. The buffer is the caller's, who has made sure that there is room.
class FieldWriter {
 public:
  explicit FieldWriter(char* at) : at_(at) {}
  void byte(char value) { *at_++ = value; }
  void number(std::uint64_t value) {
    while (value >= 0x80) {
      *at_++ = static_cast<char>(value | 0x80);
      value >>= 7;
    }
    *at_++ = static_cast<char>(value);
  }
  void signed_number(std::int64_t value) {
    number(static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63));
  }
  void text(std::string_view text) {
    number(text.size());
    if (!text.empty()) std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
  }
  char* at() const { return at_; }

 private:
  char* at_;
};

}  // namespace gatehouse::govern
