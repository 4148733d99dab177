#pragma once

#include <cstddef>
#include <string_view>

namespace gatehouse::guard {

// Judgements about one value. All are linear in it; none keeps it.

// Shannon's entropy of its bytes, in bits a character.
double entropy(std::string_view value);

// What stands where a secret would: YOUR_API_KEY, <token>, ${VAR}, changeme, xxxx, ****, env(...), a repeated
// character.
bool is_placeholder(std::string_view value);
// Part of a value of a vendor's form that tells that it is made up: the shorter list, for values that are otherwise
// certain.
bool is_made_up(std::string_view value);
// A vendor's documentation says EXAMPLE in its own.
bool is_documented_example(std::string_view value);

bool is_uuid(std::string_view value);
bool is_hex(std::string_view value);
// Words joined by dots, slashes, underscores or dashes: a name or a path, not a value.
bool is_name_like(std::string_view value);

// Six base62 digits of a CRC-32 at the end, as GitHub and npm write it over what is between the prefix and it.
bool has_base62_crc(std::string_view body);

// Standard base64 (padding optional) of printable text with a colon in it: `user:password`.
bool is_basic_credentials(std::string_view value);
// Three or five base64url parts, of which the first is a JSON object with "alg" or "enc".
bool is_jwt_header(std::string_view part);

bool contains_ignore_case(std::string_view text, std::string_view lower_word);

}  // namespace gatehouse::guard
