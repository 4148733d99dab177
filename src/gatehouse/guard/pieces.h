#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatehouse::guard {

// Cuts a growing text into the pieces that a model is shown one by one: at line and sentence ends, failing these at a
// white space, failing that anywhere between two characters. Where a piece ends depends on the text up to there alone,
// so it is the same however the text arrives. A small value, copied freely; fed in order, cut anywhere.
class PieceCutter {
 public:
  // Reads `text` from `at` on (what is before was read already). Gives where the piece ends, behind its last byte, and
  // stands at the beginning of the next; kNone where the text ends before that, all of it read.
  std::size_t next(std::string_view text, std::size_t at);
  void advance(std::string_view gone) {
    for (std::size_t at = 0; at < gone.size();) {
      at = next(gone, at);
      if (at == kNone) return;
    }
  }
  // Bytes of the piece in progress that were read.
  std::size_t size() const { return size_; }

  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  static constexpr std::size_t kLeast = 48;  // a piece that ends earlier goes on: "Hello. My name is ..."
  static constexpr std::size_t kLong = 400;  // from here on at white space or a comma
  static constexpr std::size_t kMost = 516;  // bytes of a piece

 private:
  bool ends_behind(char c);

  std::uint16_t size_ = 0;
  std::uint8_t word_ = 0;     // bytes of the word in progress, or that just ended
  std::uint8_t missing_ = 0;  // bytes of a character in progress that are still to come
  bool in_word_ = false;
  bool small_ = false;      // the word begins with a small letter
  bool number_ = false;     // ... or with a digit
  bool stopped_ = false;    // a sentence has ended, but for quotation marks and brackets
  std::uint32_t last_ = 0;  // the last three bytes
};

}  // namespace gatehouse::guard
