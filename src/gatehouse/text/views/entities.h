#pragma once

#include <cstddef>
#include <string_view>

namespace gatehouse::text::views {

inline constexpr std::size_t kLongestEntity = 16;

// The character that an HTML entity stands for, 0 for an unknown name. Case counts.
char32_t entity(std::string_view name);

}  // namespace gatehouse::text::views
