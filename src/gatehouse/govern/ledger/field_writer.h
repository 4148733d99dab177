#pragma once

#include <cstddef>
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
    copy(text.data(), text.size());
    at_ += text.size();
  }
  char* at() const { return at_; }

 private:
  // Nearly all texts are short: two words that may overlap, instead of a call.
  template <class Word>
  void copy_ends(const char* from, std::size_t size) {
    Word first;
    Word last;
    std::memcpy(&first, from, sizeof(Word));
    std::memcpy(&last, from + size - sizeof(Word), sizeof(Word));
    std::memcpy(at_, &first, sizeof(Word));
    std::memcpy(at_ + size - sizeof(Word), &last, sizeof(Word));
  }
  void copy(const char* from, std::size_t size) {
    if (size > 16) {
      std::memcpy(at_, from, size);
    } else if (size >= 8) {
      copy_ends<std::uint64_t>(from, size);
    } else if (size >= 4) {
      copy_ends<std::uint32_t>(from, size);
    } else {
      for (std::size_t i = 0; i < size; ++i) at_[i] = from[i];
    }
  }

  char* at_;
};

}  // namespace gatehouse::govern
