#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "gatehouse/base/function_ref.h"

namespace gatehouse::guard {

// A marker that is planted in a system prompt and means nothing: where it comes out again, the prompt leaked. 20
// letters and digits of Crockford's base 32 (100 random bits), so that none occurs by chance and a tokenizer does not
// mend it.
class Canary {
 public:
  static constexpr std::size_t kSize = 20;
  // `random` fills what it is given with random bytes (as crypto's source does).
  static Canary make(base::FunctionRef<void(std::uint8_t* bytes, std::size_t size)> random);

  std::string_view text() const { return {text_.data(), text_.size()}; }
  // What to append to the system prompt: one line that says that it is to be kept. English, ends without a line break.
  std::string sentence() const;

 private:
  std::array<char, kSize> text_{};
};

}  // namespace gatehouse::guard
