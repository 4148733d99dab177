#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "gatehouse/text/byte_marks.h"

namespace gatehouse::guard {

// Where names may begin, one place after another: an ASCII capital, or the first byte of a letter that may be one
// (Latin with marks, Greek, Cyrillic), with no letter, digit, _ or @ in front of it. One look's.
class Capitals {
 public:
  explicit Capitals(std::string_view text) : text_(text) {}

  // The first one at `from` or behind it; the size of the text where there is none. Asked with ascending places.
  std::size_t next(std::size_t from) {
    while (true) {
      for (; mask_ != 0; mask_ &= mask_ - 1) {
        const std::size_t found = block_ + static_cast<std::size_t>(std::countr_zero(mask_));
        if (found >= from && is_free(text_, found)) return found;
      }
      if (!advance(from)) return text_.size();
    }
  }

  // Whether nothing stands in front that it would belong to. A letter outside ASCII is a letter as well; a quote or a
  // dash is none.
  static bool is_free(std::string_view text, std::size_t at) {
    if (at == 0) return true;
    const auto before = static_cast<unsigned char>(text[at - 1]);
    const auto small = static_cast<unsigned char>(before | 0x20U);
    if (before < 0x80) {
      return !((small >= 'a' && small <= 'z') || (before >= '0' && before <= '9') || before == '_' || before == '@');
    }
    if (at >= 2) {
      const auto lead = static_cast<unsigned char>(text[at - 2]);
      if (lead >= 0xC3 && lead <= 0xDF) return false;
    }
    return true;
  }

 private:
  // To the next 64 bytes that are not before `from`; false: there are none.
  bool advance(std::size_t from);

  std::string_view text_;
  std::uint64_t mask_ = 0;  // what is left of the 64 bytes from block_ on
  std::size_t block_ = 0;
  std::size_t next_block_ = 0;
  text::MarkedBytes marks_;  // of the bytes from first_ to marked_
  std::size_t first_ = 0;
  std::size_t marked_ = 0;
};

// Whether one begins there.
bool begins_capital(std::string_view text, std::size_t at);

}  // namespace gatehouse::guard
