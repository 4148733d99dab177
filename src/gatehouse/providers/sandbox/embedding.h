#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::providers::sandbox {

// A unit vector for a text: its words and their three-letter pieces, hashed. Texts that share words or parts of words
// point the same way; it knows no meaning. Case and punctuation do not count.
std::vector<float> embed(std::string_view text, std::size_t dimensions);

// The floats as OpenAI's encoding_format base64 has them: little-endian, in base64.
std::string base64_of(const std::vector<float>& vector);

}  // namespace gatehouse::providers::sandbox
