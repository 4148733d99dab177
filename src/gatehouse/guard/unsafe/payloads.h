#pragma once

#include <cstddef>
#include <string_view>

#include "gatehouse/guard/unsafe/ahead.h"

namespace gatehouse::guard::unsafe {

// Smaller kinds of payloads. All pure; `at` is the first byte of what gave the hint, `behind` what stands in front of
// it.

inline constexpr std::size_t kPayloadReach = 256;
inline constexpr std::size_t kPayloadBehind = 96;
inline constexpr std::size_t kHiddenReach = 4096;

// PATH_TRAVERSAL, by "../", "..\" and their spellings in percent signs. Only of the first of a row of them.
Verdict judge_traversal(Ahead& ahead, std::size_t at, std::string_view behind);
// TEMPLATE_INJECTION: {{7*7}}, ${T(java.lang.Runtime)...}, __class__.__mro__ ...
Verdict judge_template(Ahead& ahead, std::size_t at, std::string_view behind);
// JNDI_LOOKUP: ${jndi:ldap://...} with the lookups that hide its letters (CVE-2021-44228). `at` is the dollar sign.
Verdict judge_lookup(Ahead& ahead, std::size_t at);
// LDAP_INJECTION: *)(uid=*))(|(uid=* : closes a filter that it did not open (RFC 4515).
Verdict judge_ldap(Ahead& ahead, std::size_t at, std::string_view behind);
// XML_ENTITY: <!ENTITY x SYSTEM "...">, and entities that multiply. `at` is the `<`.
Verdict judge_entity(Ahead& ahead, std::size_t at);
// The same entity: <xi:include href="..."/> (XInclude), by its name.
Verdict judge_inclusion(Ahead& ahead, std::size_t at);
// ANSI_ESCAPE (ECMA-48; xterm's OSC), by its escape byte.
Verdict judge_escape(Ahead& ahead, std::size_t at);
// UNICODE_SPOOF, by the first byte of a character that is not seen: bidi controls (UAX 9; CVE-2021-42574), tag
// characters, variation selectors and zero-width characters in rows. Only of the first of a row.
Verdict judge_hidden(Ahead& ahead, std::size_t at, std::string_view behind);

}  // namespace gatehouse::guard::unsafe
