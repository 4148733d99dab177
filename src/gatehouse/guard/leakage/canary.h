#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "gatehouse/base/function_ref.h"

namespace gatehouse::guard {

// What a place in a text is to a marker.
struct CanaryMatch {
  enum class Is : std::uint8_t { none, cut_off, found };
  Is is = Is::none;     // cut_off: more text could complete it
  std::size_t end = 0;  // if found
};

// A marker that is planted in a system prompt and means nothing: where it comes out again, the prompt leaked. 20
// letters and digits of Crockford's base 32, two of them fixed, 90 bits random: none occurs by chance. A value.
class Canary {
 public:
  static constexpr std::size_t kSize = 20;
  // All begin with these letters, which hardly follow each other anywhere.
  static constexpr std::string_view kPrefix = "QZ";

  // `random` fills what it is given with random bytes.
  static Canary make(base::FunctionRef<void(std::uint8_t* bytes, std::size_t size)> random);

  std::string_view text() const { return {text_.data(), text_.size()}; }
  // What to append to the system prompt: one line, which says that it is to be kept. English, without a line break.
  std::string sentence() const;
  // Whether it begins at `at`, in either case, also with up to four other signs (a space, a hyphen, Markdown) between
  // its letters.
  CanaryMatch match(std::string_view text, std::size_t at, bool complete) const;

 private:
  std::array<char, kSize> text_{};
};

}  // namespace gatehouse::guard
