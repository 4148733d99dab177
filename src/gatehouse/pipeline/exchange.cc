#include "gatehouse/pipeline/exchange.h"

#include <algorithm>
#include <utility>

#include "gatehouse/base/strings.h"
#include "gatehouse/dialects/routes.h"
#include "gatehouse/net/forwarded.h"

namespace gatehouse::pipeline {
namespace {

std::string client_ip_of(const http::Incoming& in, std::span<const net::Cidr> trusted) {
  const net::Address& peer = in.stream().peer().address;
  if (trusted.empty()) return peer.to_string();
  std::string forwarded;
  for (const auto& field : in.head().fields) {
    if (!base::equals_ignore_case(field.name, "x-forwarded-for")) continue;
    if (!forwarded.empty()) forwarded.append(",");
    forwarded.append(field.value);
  }
  return net::client_address(peer, forwarded, trusted).to_string();
}

}  // namespace

Exchange::Exchange(http::Incoming& incoming, Worker& w, std::shared_ptr<Runtime> r)
    : in(incoming),
      worker(w),
      runtime(std::move(r)),
      identities(w.identities),
      wall(w.clock.wall()),
      id(base::new_request_id(wall, w.random)),
      started(incoming.first_byte_at()),
      client_ip(client_ip_of(incoming, config().listen.trusted_proxies)),
      dialect(dialects::dialect_of_path(incoming.head().path,
                                        {.anthropic = !incoming.head().fields.value("anthropic-version").empty(),
                                         .google = !incoming.head().fields.value("x-goog-api-key").empty()})) {}

void Exchange::deadline(base::Duration in_all) {
  due_ = std::min(due_, started + in_all);
  worker.loop.wheel().arm(*this, started + in_all);
}

}  // namespace gatehouse::pipeline
