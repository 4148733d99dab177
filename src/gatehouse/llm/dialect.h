#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace gatehouse::llm {

// The wire language of a caller or a provider. The names are used in configuration, metrics and records.
enum class Dialect : std::uint8_t { openai };
inline constexpr std::size_t kDialectCount = 1;

std::string_view name(Dialect dialect);
std::optional<Dialect> dialect_from_name(std::string_view name);

}  // namespace gatehouse::llm
