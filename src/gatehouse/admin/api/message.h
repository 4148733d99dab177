#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gatehouse/base/address.h"
#include "gatehouse/base/error.h"
#include "gatehouse/http/head.h"

namespace gatehouse::admin {

// One request to the admin API with its whole body. Views are borrowed for the call.
struct ApiRequest {
  http::Method method = http::Method::get;
  std::string_view path;   // as sent
  std::string_view query;  // as sent, without the '?'
  std::string_view host;
  std::string_view origin;          // empty: none
  std::string_view sec_fetch_site;  // empty: none
  std::string_view content_type;
  std::string_view authorization;
  std::string_view x_api_key;
  std::string_view if_match;
  std::string_view body;
  base::Address from;
};

struct ApiResponse {
  int status = 200;
  std::string_view type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> fields;  // checked: no control characters
};

// RFC 9457. `code` is a stable word for programs.
ApiResponse problem(int status, std::string_view code, std::string_view detail);
ApiResponse problem(const Error& error);

}  // namespace gatehouse::admin
