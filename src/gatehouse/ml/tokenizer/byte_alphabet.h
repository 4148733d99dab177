#pragma once

#include <cstddef>
#include <cstdint>

#include "gatehouse/ml/tokenizer/aligned.h"

namespace gatehouse::ml::tokenizer {

// The characters that byte-level tokenizers (GPT-2's and what followed it) write bytes as: what prints in Latin-1 as
// itself, the others from U+0100 on.
char32_t character_of(std::uint8_t byte);

// Appends [begin, end) of `text` to `out` in that alphabet.
void append_as_bytes(const Aligned& text, std::size_t begin, std::size_t end, Aligned& out);

}  // namespace gatehouse::ml::tokenizer
