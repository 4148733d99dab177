#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::dialects {

// base64 as bodies have it (RFC 4648 section 4, with padding). Reading is lenient where providers and clients are: both
// alphabets, padding or none; nothing for another character or an impossible length. Appends.
void append_base64(std::string_view bytes, std::string& out);
std::optional<std::string> read_base64(std::string_view text);

}  // namespace gatehouse::dialects
