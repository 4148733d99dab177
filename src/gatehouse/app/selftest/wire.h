#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "gatehouse/base/error.h"
#include "gatehouse/llm/dialect.h"

namespace gatehouse::app::selftest {

struct WireRequest {
  std::string target{};  // path and query
  std::string body{};    // JSON, to be posted; empty: a GET
  std::string fields{};  // further header fields, whole lines
};

struct WireAnswer {
  int status = 0;
  std::string body{};
  std::string dropped{};   // x-gatehouse-dropped
  std::string cost_usd{};  // x-gatehouse-cost-usd; empty: not told
};

// Sends one request to the gateway and waits for all of its answer. Errors: those of http::fetch.
using Send = std::function<Result<WireAnswer>(const WireRequest&)>;

// A call as a client of the dialect makes it: its path, and the key where its SDK puts it.
WireRequest wire_request(llm::Dialect front, std::string_view model, bool stream, std::string_view key,
                         std::string body);

}  // namespace gatehouse::app::selftest
