#include "gatehouse/app/selftest/client.h"

#include <exception>
#include <optional>

#include "gatehouse/app/outbound.h"
#include "gatehouse/async/task_scope.h"

namespace gatehouse::app::selftest {
namespace {

constexpr std::size_t kMostAnswer = std::size_t{16} << 20;

Task<void> fetch_into(Outbound& outbound, http::FetchRequest request, async::AbortSource& abort,
                      std::optional<Result<http::FetchAnswer>>& out) {
  out = co_await outbound.fetch(std::move(request), abort);
}

}  // namespace

Result<Client> Client::open(std::string url, base::Duration timeout) {
  while (url.ends_with('/')) url.pop_back();
  if (auto parsed = http::FetchUrl::parse(url); !parsed) {
    return fail(Code::configuration, "The gateway's address " + parsed.error().detail);
  }
  return Client(std::move(url), timeout);
}

Result<WireAnswer> Client::send(const WireRequest& request) const {
  auto url = http::FetchUrl::parse(url_ + request.target);
  if (!url) return fail(Code::configuration, "The gateway's address " + url.error().detail);
  async::AbortSource abort;
  std::optional<Result<http::FetchAnswer>> got;
  async::Loop loop;
  Outbound outbound(loop);
  if (url->tls) {
    if (auto tls = outbound.prepare_tls(); !tls) return std::unexpected(std::move(tls.error()));
  }
  http::FetchRequest wire;
  wire.url = *std::move(url);
  if (!request.body.empty()) {
    wire.method = http::Method::post;
    wire.body = request.body;
    wire.content_type = "application/json";
  }
  wire.accept = "application/json, text/event-stream";
  wire.further_fields = request.fields;
  wire.deadline = timeout_;
  wire.max_answer = kMostAnswer;
  async::start(loop, fetch_into(outbound, std::move(wire), abort, got), [&loop](std::exception_ptr) { loop.stop(); });
  loop.run();
  if (!got) return fail(Code::internal, "the request ended without an answer");
  if (!*got) return std::unexpected(std::move(got->error()));
  http::FetchAnswer& answer = **got;
  return WireAnswer{.status = answer.status,
                    .body = std::move(answer.body),
                    .dropped = std::string(answer.field("x-gatehouse-dropped")),
                    .cost_usd = std::string(answer.field("x-gatehouse-cost-usd"))};
}

}  // namespace gatehouse::app::selftest
