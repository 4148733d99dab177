#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "gatehouse/text/byte_marks.h"

namespace gatehouse::guard::pii {

// The places of a text where an identifier may be, one after another: the first digit of each run of digits, and each
// of @ : . - (and /, which lies between them in ASCII). Many bytes at a time, so that text without any costs nearly
// nothing. One thread's, for one look.
class Marks {
 public:
  static constexpr std::size_t kEnd = ~std::size_t{0};

  Marks(std::string_view text, std::size_t from) : text_(text), marked_(from), block_(from) { load(); }

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
    if (block_ >= text_.size()) return;
    if (block_ >= marked_) {
      // '-' to ':' are one stretch of ASCII: - . / 0-9 :
      static constexpr text::ByteSpan kSigns[] = {{'-', ':'}, {'@', '@'}};
      static constexpr text::ByteSpan kDigits[] = {{'0', '9'}};
      first_ = marked_;
      const std::string_view part = text_.substr(first_, text::kMarkedAtOnce);
      marked_ = first_ + text::kMarkedAtOnce;
      text::mark_bytes(part, kSigns, signs_);
      text::mark_bytes(part, kDigits, digits_);
    }
    const std::uint64_t digits = digits_[(block_ - first_) / 64];
    // Only where a run of digits begins.
    const std::uint64_t starts = digits & ~((digits << 1) | (in_digits_ ? 1U : 0U));
    in_digits_ = (digits >> 63) != 0;
    mask_ = (signs_[(block_ - first_) / 64] & ~digits) | starts;
  }

  std::string_view text_;
  text::MarkedBytes signs_;  // of the bytes from first_ to marked_
  text::MarkedBytes digits_;
  std::size_t first_ = 0;
  std::size_t marked_;
  std::size_t block_;
  std::uint64_t mask_ = 0;
  bool in_digits_ = false;
};

}  // namespace gatehouse::guard::pii
