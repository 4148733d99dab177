#include "gatehouse/guard/redact/style.h"

#include <array>

namespace gatehouse::guard {
namespace {

constexpr std::array<std::string_view, kRedactStyleCount> kNames = {"placeholder",       "hash", "token", "surrogate",
                                                                    "format_preserving", "mask"};

}  // namespace

std::string_view name(RedactStyle style) { return kNames[static_cast<std::size_t>(style)]; }

std::optional<RedactStyle> redact_style_from_name(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<RedactStyle>(i);
  }
  return std::nullopt;
}

}  // namespace gatehouse::guard
