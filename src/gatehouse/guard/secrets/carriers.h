#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatehouse::guard {

// Places that carry credentials whatever these look like.
struct Carried {
  enum class Outcome : std::uint8_t { no, yes, open };
  Outcome outcome = Outcome::no;
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string_view entity;  // static
  float score = 0.8F;
};

// `scheme://user:password@host`; `at` is where the colon of "://" stands. The password is the finding.
Carried parse_url_credentials(std::string_view text, std::size_t at, bool complete);
// What stands behind "Bearer " or "Basic "; `at` is behind the blank.
Carried parse_bearer(std::string_view text, std::size_t at, bool complete);
Carried parse_basic(std::string_view text, std::size_t at, bool complete);
// `curl -u user:password`; `at` is behind the option and its blank.
Carried parse_curl_user(std::string_view text, std::size_t at, bool complete);

}  // namespace gatehouse::guard
