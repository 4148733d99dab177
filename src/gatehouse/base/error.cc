#include "gatehouse/base/error.h"

#include <array>

namespace gatehouse::base {
namespace {

constexpr std::array<CodeInfo, kCodeCount> kTable = {{
    {"invalid_request", 400, Source::client, Retry::never},
    {"unsupported", 400, Source::client, Retry::never},
    {"request_too_large", 413, Source::client, Retry::never},
    {"head_too_large", 431, Source::client, Retry::never},
    {"invalid_api_key", 401, Source::client, Retry::never},
    {"not_allowed", 403, Source::client, Retry::never},
    {"content_blocked", 403, Source::client, Retry::never},
    {"model_not_found", 404, Source::client, Retry::never},
    {"unknown_url", 404, Source::client, Retry::never},
    {"method_not_allowed", 405, Source::client, Retry::never},
    {"not_found", 404, Source::client, Retry::never},
    {"conflict", 409, Source::client, Retry::never},
    {"precondition_failed", 412, Source::client, Retry::never},
    {"rate_limited", 429, Source::client, Retry::later},
    {"budget_exceeded", 429, Source::client, Retry::later},
    {"request_timeout", 408, Source::client, Retry::never},
    {"client_closed", 499, Source::client, Retry::never},
    {"upstream_unreachable", 502, Source::upstream, Retry::other_target},
    {"upstream_timeout", 504, Source::upstream, Retry::other_target},
    {"upstream_broken", 502, Source::upstream, Retry::other_target},
    {"upstream_protocol", 502, Source::upstream, Retry::other_target},
    {"upstream_tls", 502, Source::upstream, Retry::other_target},
    {"upstream_credentials", 502, Source::upstream, Retry::other_target},
    {"upstream_too_large", 502, Source::upstream, Retry::never},
    {"overloaded", 503, Source::gateway, Retry::later},
    {"shutting_down", 503, Source::gateway, Retry::later},
    {"internal_error", 500, Source::gateway, Retry::never},
    {"configuration", 500, Source::gateway, Retry::never},
    {"closed", 500, Source::gateway, Retry::never},
    {"cancelled", 500, Source::gateway, Retry::never},
    {"timed_out", 504, Source::gateway, Retry::never},
    {"io", 500, Source::gateway, Retry::never},
}};

constexpr bool table_is_total() {
  for (const auto& row : kTable) {
    if (row.slug.empty() || row.http_status == 0) return false;
  }
  return true;
}
static_assert(table_is_total());

}  // namespace

const CodeInfo& code_info(Code code) { return kTable[static_cast<std::size_t>(code)]; }

std::string Error::to_string() const {
  if (detail.empty()) return std::string(slug());
  return std::string(slug()) + ": " + detail;
}

}  // namespace gatehouse::base
