#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace gatehouse::guard {

// What stands in place of a finding. The names are used in configuration, records and metrics: rename none.
enum class RedactStyle : std::uint8_t {
  placeholder,        // [EMAIL]
  mask,               // j***@example.org, ****-****-****-1111
  hash,               // [EMAIL:h_9f3c0c7a51be44d0]: the same value has the same hash within a tenant
  format_preserving,  // digits for digits and letters for letters
  surrogate,          // another value of its kind, which belongs to nobody
  token,              // [PII:EMAIL:tok_k3v9...]: reversible, see the vault
};
inline constexpr std::size_t kRedactStyleCount = 6;
std::string_view name(RedactStyle style);
std::optional<RedactStyle> redact_style_from_name(std::string_view name);

}  // namespace gatehouse::guard
