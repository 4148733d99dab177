#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gatehouse::guard::schema {

// The formats that are asserted; other names are remarks (JSON Schema 2020-12 validation, section 7).
enum class Format : std::uint8_t { any, date_time, date, time, duration, email, hostname, ipv4, ipv6, uuid, uri };
Format format_of(std::string_view name);
std::string_view describe(Format format);

// RFC 3339 (dates, times), RFC 3339 appendix A (durations), RFC 1123 (host names), RFC 4291, RFC 9562; of RFC 5321 and
// RFC 3986 what is common. Linear, without backtracking.
bool is_format(Format format, std::string_view text);

}  // namespace gatehouse::guard::schema
