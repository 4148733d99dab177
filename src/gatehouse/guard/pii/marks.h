#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "gatehouse/guard/pii/block.h"

namespace gatehouse::guard::pii {

// The places of a text where an identifier may be, one after another: the first digit of each run of digits, and each
// of @ : . - (and /, which lies between them in ASCII). 64 bytes at a time, so that text without any costs nearly
// nothing. One thread's, for one look.
class Marks {
 public:
  static constexpr std::size_t kEnd = ~std::size_t{0};

  Marks(std::string_view text, std::size_t from) : text_(text), block_(from) { load(); }

  // Ascending; kEnd behind the last.
  std::size_t next() {
    while (mask_ == 0) {
      block_ += 64;
      if (block_ >= text_.size()) return kEnd;
      load();
    }
    const auto bit = static_cast<std::size_t>(std::countr_zero(mask_));
    mask_ &= mask_ - 1;
    return block_ + bit;
  }

 private:
  void load() {
    mask_ = 0;
    if (block_ >= text_.size()) return;
    const Block block(text_, block_);
    const std::uint64_t digits = block.within('0', '9');
    // Only where a run of digits begins.
    const std::uint64_t starts = digits & ~((digits << 1) | (in_digits_ ? 1U : 0U));
    in_digits_ = (digits >> 63) != 0;
    // '-' to ':' are one stretch of ASCII: - . / 0-9 :
    mask_ = ((block.within('-', ':') | block.is('@')) & ~digits) | starts;
  }

  std::string_view text_;
  std::size_t block_;
  std::uint64_t mask_ = 0;
  bool in_digits_ = false;
};

}  // namespace gatehouse::guard::pii
