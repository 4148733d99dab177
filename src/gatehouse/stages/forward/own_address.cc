#include "gatehouse/stages/forward/own_address.h"

#include <algorithm>
#include <string_view>

#include "gatehouse/base/strings.h"
#include "gatehouse/config/base_url.h"

namespace gatehouse::stages {
namespace {

bool is_https(const pipeline::Exchange& exchange) {
  const net::Stream& stream = exchange.in.stream();
  const auto& trusted = exchange.config().listen.trusted_proxies;
  const net::Address& peer = stream.peer().address;
  if (std::ranges::any_of(trusted, [&](const net::Cidr& block) { return block.contains(peer); })) {
    const auto& fields = exchange.head().fields;
    const auto told = fields.count("x-forwarded-proto") == 1 ? fields.value("x-forwarded-proto") : std::string_view();
    if (base::equals_ignore_case(told, "https")) return true;
    if (base::equals_ignore_case(told, "http")) return false;
  }
  return stream.tls() != nullptr;
}

}  // namespace

Result<std::string> own_origin(const pipeline::Exchange& exchange) {
  const auto& fields = exchange.head().fields;
  std::string origin = is_https(exchange) ? "https://" : "http://";
  origin += fields.count("host") == 1 ? fields.value("host") : std::string_view();
  const auto url = config::parse_base_url(origin);
  if (!url || !url->path.empty()) {
    return fail(Code::invalid_request, "The Host field names no host that the upload could go on at");
  }
  return url->to_string();
}

}  // namespace gatehouse::stages
