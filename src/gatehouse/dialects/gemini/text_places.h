#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::dialects::gemini {

// Places in a text that comes in pieces, told in bytes (Gemini's) or in code points (the canonical ones). A text is
// kept from its first character on that is none of ASCII's, up to a bound: behind that places are not known.
class TextPlaces {
 public:
  static constexpr std::size_t kMostKept = std::size_t{1} << 20;

  void grow(std::string_view text);
  std::uint64_t bytes() const { return length_; }
  std::optional<std::uint64_t> code_point_of(std::uint64_t byte) const;
  std::optional<std::uint64_t> byte_of(std::uint64_t code_point) const;
  void clear();

 private:
  std::uint64_t length_ = 0;
  std::uint64_t plain_ = 0;  // of these the first that are ASCII
  std::string kept_;         // what follows those
  bool lost_ = false;
};

}  // namespace gatehouse::dialects::gemini
