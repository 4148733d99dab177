#pragma once

#include <algorithm>
#include <string_view>

#include "gatehouse/dialects/route_parts.h"

namespace gatehouse::dialects::gemini {

// Calls `visit` with the name, decoded, and the value of each parameter, as written. For this folder only.
template <class Visit>
void each_parameter(std::string_view query, Visit&& visit) {
  while (!query.empty()) {
    const std::string_view one = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), one.size() + 1));
    const auto equals = one.find('=');
    const auto name = percent_decoded(one.substr(0, equals));
    visit(name ? std::string_view(*name) : one.substr(0, equals),
          equals == std::string_view::npos ? std::string_view() : one.substr(equals + 1));
  }
}

}  // namespace gatehouse::dialects::gemini
