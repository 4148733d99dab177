#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "gatehouse/llm/dialect.h"

namespace gatehouse::providers {

// How a provider wants its key.
enum class Auth : std::uint8_t {
  none,
  bearer,          // Authorization: Bearer KEY
  api_key_header,  // api-key: KEY
};

// A kind of provider, as `kind:` of the configuration names it.
struct Kind {
  std::string_view name;
  llm::Dialect dialect;
  std::string_view base_url;  // default, up to and with /v1; empty: the configuration must give one
  Auth auth;                  // default
  bool key_required;
  bool in_process;  // answered by providers/sandbox, no network
};

// The one table.
std::span<const Kind> kinds();
// nullptr if there is none of that name.
const Kind* find_kind(std::string_view name);

}  // namespace gatehouse::providers
