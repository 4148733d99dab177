#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace gatehouse::providers::sandbox {

// An error as OpenAI's API would answer it. The sandbox plays the provider, so these are its own words, not those of
// the gateway's error table.
struct Refusal {
  int status = 400;
  std::string message;
  std::string_view type = "invalid_request_error";
  std::string param = {};      // empty: null
  std::string_view code = {};  // empty: null
};

template <class T = void>
using Checked = std::expected<T, Refusal>;

inline std::unexpected<Refusal> bad_request(std::string message, std::string param = {}, std::string_view code = {}) {
  return std::unexpected<Refusal>(Refusal{.message = std::move(message), .param = std::move(param), .code = code});
}

// {"error":{...}}
std::string refusal_body(const Refusal& refusal);

}  // namespace gatehouse::providers::sandbox
