#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "gatehouse/guard/unsafe/ahead.h"

namespace gatehouse::guard::unsafe {

inline constexpr std::size_t kUrlReach = 1024;
inline constexpr std::size_t kUrlBehind = 160;

// How a URL stands in its text: what is fetched without anybody's doing weighs more.
enum class UrlPlace : std::uint8_t { plain, link, image };

struct UrlVerdicts {
  Verdict inside;   // SSRF_URL: where it leads is not for outsiders
  Verdict carries;  // EXFILTRATION_URL: it takes data with it
};

// A URL, by the colon of its "://" (or of file:, gopher: ...). `behind` ends in front of the colon and begins with at
// least the scheme; `tool` says that it is an argument that a tool will follow. `trusted` are hosts as in
// UnsafeOptions.
//
// Hosts are read as clients read them (WHATWG URL section 3.5, inet_aton): decimal, octal and hexadecimal numbers,
// fewer than four parts, IPv4 inside IPv6, names that resolve to an address inside them.
UrlVerdicts judge_url(Ahead& ahead, std::size_t colon, std::string_view behind, bool tool,
                      std::span<const std::string> trusted);

}  // namespace gatehouse::guard::unsafe
