#pragma once

#include <cstddef>
#include <string_view>

#include "gatehouse/text/byte_marks.h"

namespace gatehouse::guard {

// Where names may begin, one place after another: an ASCII capital, or the first byte of a letter that may be one
// (Latin with marks, Greek, Cyrillic), with no letter, digit, _ or @ in front of it. One look's.
class Capitals {
 public:
  explicit Capitals(std::string_view text) : text_(text) {}

  // The first one at `from` or behind it; the size of the text where there is none. Asked with ascending places.
  std::size_t next(std::size_t from);

 private:
  std::string_view text_;
  text::MarkedBytes marks_;  // of the bytes from first_ to marked_
  std::size_t first_ = 0;
  std::size_t marked_ = 0;
};

// Whether one begins there.
bool begins_capital(std::string_view text, std::size_t at);

}  // namespace gatehouse::guard
