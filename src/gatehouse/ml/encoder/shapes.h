#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "gatehouse/ml/tokenizer/tokenizer.h"

namespace gatehouse::ml {

// How a word is written, for models whose tokens are in small letters (docs/semantics.md has the rule; the training
// script computes the same numbers). Letters and capitals are those of Unicode, as ICU has them.
inline constexpr std::uint8_t kShapeSmall = 0;        // no capital, or a token of the model's own
inline constexpr std::uint8_t kShapeCapitalised = 1;  // the first letter a capital, the others not
inline constexpr std::uint8_t kShapeCapitals = 2;     // two letters or more, all capitals
inline constexpr std::uint8_t kShapeMixed = 3;
inline constexpr std::uint8_t kShapeDigits = 4;  // no letter, but a digit
inline constexpr std::uint8_t kShapeOther = 5;   // neither
inline constexpr std::uint8_t kMostShape = kShapeOther;
inline constexpr std::uint8_t kShapeContext = 6;  // a token of a context; for models that take one

std::uint8_t shape_of(std::string_view word);

// One for each token: that of its word, from the token that starts it to the next that starts one.
std::vector<std::uint8_t> shapes_of(std::string_view text, std::span<const Token> tokens);

}  // namespace gatehouse::ml
