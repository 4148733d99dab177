#include "gatehouse/ml/encoder/shapes.h"

#include <unicode/uchar.h>

#include <algorithm>

#include "gatehouse/text/utf8.h"

namespace gatehouse::ml {

std::uint8_t shape_of(std::string_view word) {
  std::size_t letters = 0;
  std::size_t capitals = 0;
  bool first_is_capital = false;
  bool digits = false;
  for (std::size_t at = 0; at < word.size();) {
    const text::Sequence sequence = text::next_sequence(word.substr(at));
    at += sequence.size;
    if (!sequence.valid) continue;
    const auto character = static_cast<UChar32>(sequence.code_point);
    if (u_isalpha(character)) {
      const bool capital = u_isUUppercase(character);
      if (letters == 0) first_is_capital = capital;
      ++letters;
      if (capital) ++capitals;
    } else if (u_isdigit(character)) {
      digits = true;
    }
  }
  if (letters == 0) return digits ? kShapeDigits : kShapeOther;
  if (capitals == 0) return kShapeSmall;
  if (first_is_capital && capitals == 1) return kShapeCapitalised;
  return capitals == letters ? kShapeCapitals : kShapeMixed;
}

std::vector<std::uint8_t> shapes_of(std::string_view text, std::span<const Token> tokens) {
  std::vector<std::uint8_t> result(tokens.size(), kShapeSmall);
  for (std::size_t first = 0; first < tokens.size();) {
    std::size_t behind = first + 1;
    while (behind < tokens.size() && !tokens[behind].starts_word) ++behind;
    const std::size_t begin = std::min<std::size_t>(tokens[first].begin, text.size());
    const std::size_t end = std::clamp<std::size_t>(tokens[behind - 1].end, begin, text.size());
    const std::uint8_t shape = shape_of(text.substr(begin, end - begin));
    std::fill(result.begin() + static_cast<std::ptrdiff_t>(first), result.begin() + static_cast<std::ptrdiff_t>(behind),
              shape);
    first = behind;
  }
  return result;
}

}  // namespace gatehouse::ml
