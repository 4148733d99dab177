#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace gatehouse::llm {

// A tokenizer of OpenAI's: how text is split and which byte strings are tokens. The names are OpenAI's and public
// (`gatehouse tokens --encoding`): rename none. o200k_harmony is o200k_base with more special tokens, so it counts the
// same and only decodes more.
enum class Encoding : std::uint8_t { cl100k_base, o200k_base, o200k_harmony };
inline constexpr std::size_t kEncodingCount = 3;

std::string_view name(Encoding encoding);
std::optional<Encoding> encoding_from_name(std::string_view name);

}  // namespace gatehouse::llm
