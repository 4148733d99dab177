#include "gatehouse/net/connector.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace gatehouse::net {
namespace {

// Aborts what it is given to when the caller aborts, or when its own time is up.
class Limit final : public async::AbortListener, public async::TimerWheel::Entry {
 public:
  Limit(async::Loop& loop, base::Duration in, async::AbortSource* caller) : caller_(caller) {
    loop.arm(*this, in);
    if (caller_ != nullptr) caller_->listen(*this);
  }
  async::AbortSource* source() { return &source_; }

 private:
  void on_due() override { source_.abort(async::AbortReason::deadline); }
  void on_abort() override { source_.abort(caller_->reason()); }
  async::AbortSource* caller_;
  async::AbortSource source_;
};

}  // namespace

Task<Result<std::unique_ptr<Stream>>> Connector::connect(Origin origin, ConnectOptions options,
                                                         async::AbortSource* abort) {
  if (origin.tls && options.tls == nullptr) co_return fail(Code::internal, "No TLS was set up for an upstream");
  const base::SteadyTime until = async::Loop::now() + options.connect_timeout;
  std::vector<Address> addresses;
  {
    Limit limit(loop_, options.connect_timeout, abort);
    auto resolved = co_await resolver_.resolve(origin.host, limit.source());
    if (abort != nullptr && abort->aborted()) co_return std::unexpected(abort->error());
    if (limit.source()->aborted()) {
      co_return fail(Code::upstream_timeout, "The provider's name was not resolved in time");
    }
    if (!resolved) co_return std::unexpected(std::move(resolved.error()));
    addresses = std::move(*resolved);
  }
  if (addresses.size() > kMaxAddresses) addresses.resize(kMaxAddresses);

  std::unique_ptr<TcpStream> tcp;
  Error error(Code::upstream_unreachable, "The provider could not be reached");
  for (std::size_t i = 0; i < addresses.size() && !tcp; ++i) {
    const base::Duration left = until - async::Loop::now();
    if (left <= base::Duration::zero()) {
      error = Error(Code::upstream_timeout, "The provider did not accept a connection in time");
      break;
    }
    const base::Duration share = i + 1 < addresses.size() ? std::min<base::Duration>(left, kPerAddress) : left;
    auto connected = co_await tcp_connect(loop_, {addresses[i], origin.port}, share, abort);
    if (connected) {
      tcp = std::move(*connected);
    } else {
      if (abort != nullptr && abort->aborted()) co_return std::unexpected(abort->error());
      error = std::move(connected.error());
    }
  }
  if (!tcp) co_return std::unexpected(std::move(error));
  if (!origin.tls) co_return tcp;
  co_return co_await tls_connect(std::move(tcp), *options.tls, std::move(origin.host), options.tls_timeout, abort);
}

}  // namespace gatehouse::net
