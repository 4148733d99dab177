#include "gatehouse/http/fetch.h"

#include <algorithm>
#include <array>
#include <utility>

#include "gatehouse/base/strings.h"
#include "gatehouse/config/base_url.h"
#include "gatehouse/http/client.h"
#include "gatehouse/http/head_writer.h"

namespace gatehouse::http {
namespace {

constexpr std::size_t kMaxUrl = 4096;
constexpr base::Duration kConnect = std::chrono::seconds(5);

// Aborts the work when the caller does, or when its time is up.
class Limit final : public async::AbortListener, public async::TimerWheel::Entry {
 public:
  Limit(async::Loop& loop, base::Duration in, async::AbortSource& caller) : caller_(caller) {
    loop.arm(*this, in);
    caller_.listen(*this);
  }
  async::AbortSource& source() { return source_; }

 private:
  void on_due() override { source_.abort(async::AbortReason::deadline); }
  void on_abort() override { source_.abort(caller_.reason()); }
  async::AbortSource& caller_;
  async::AbortSource source_;
};

// What may stand in a path and a query (RFC 3986 sections 3.3 and 3.4).
bool is_target(std::string_view target) {
  constexpr std::string_view kMarks = "/?-._~!$&'()*+,;=:@%";
  return std::ranges::all_of(target, [&](char c) {
    return base::is_digit(c) || (base::lower(c) >= 'a' && base::lower(c) <= 'z') || kMarks.find(c) != kMarks.npos;
  });
}

std::string head_of(const FetchRequest& request) {
  std::string head(request.method == Method::post ? "POST " : request.method == Method::put ? "PUT " : "GET ");
  head.append(request.url.target).append(" HTTP/1.1\r\n");
  append_field(head, "host", request.url.authority());
  append_field(head, "user-agent", "gatehouse");
  append_field(head, "accept", request.accept);
  append_field(head, "connection", "close");
  if (request.method == Method::post) {
    append_field(head, "content-type", request.content_type);
    append_field(head, "content-length", std::uint64_t{request.body.size()});
  }
  if (request.method == Method::put) append_field(head, "content-length", std::uint64_t{0});
  head.append(request.further_fields).append("\r\n");
  return head;
}

Task<Result<FetchAnswer>> exchange_one(ClientPool& pool, std::unique_ptr<net::Stream> stream,
                                       const FetchRequest& request, async::AbortSource& abort) {
  (void)pool.reserve(0, {});
  ClientExchange exchange(pool, pool.adopt(0, std::move(stream)), abort);
  const std::string head = head_of(request);
  const std::array<std::string_view, 1> body{request.body};
  const ClientRequest wire{.method = request.method,
                           .head = head,
                           .body = request.method == Method::post ? std::span<const std::string_view>(body)
                                                                  : std::span<const std::string_view>(),
                           .first_byte = request.deadline,
                           .between_bytes = request.deadline,
                           .head_limits = {.bytes = 16UL * 1024, .fields = 100}};
  if (auto sent = co_await exchange.run(wire); !sent) co_return std::unexpected(std::move(sent.error()));
  const ResponseHead& got = exchange.head();
  const Field* const coding = got.fields.find("content-encoding");
  if (coding != nullptr && !base::equals_ignore_case(coding->value, "identity")) {
    co_return fail(Code::upstream_protocol, "the answer is encoded, and that was not asked for");
  }
  FetchAnswer answer{.status = got.status, .body = {}};
  for (const Field& field : got.fields) answer.fields.emplace_back(field.name, field.value);
  for (bool last = false; !last;) {
    auto e = exchange.next();
    auto piece = e.ready() ? e.take() : co_await e.task();
    if (!piece) co_return std::unexpected(std::move(piece.error()));
    if (answer.body.size() + piece->bytes.size() > request.max_answer) {
      co_return fail(Code::upstream_too_large, "the answer is too large");
    }
    answer.body.append(piece->bytes);
    last = piece->last;
  }
  co_return answer;
}

}  // namespace

std::string_view FetchAnswer::field(std::string_view name) const {
  const auto at = std::ranges::find_if(fields, [&](const auto& f) { return base::equals_ignore_case(f.first, name); });
  return at == fields.end() ? std::string_view() : std::string_view(at->second);
}

Result<FetchUrl> FetchUrl::parse(std::string_view text) {
  if (text.size() > kMaxUrl) return fail(Code::configuration, "is too long for a URL");
  const auto scheme = text.find("://");
  const auto begin = scheme == text.npos ? text.size() : scheme + 3;
  const auto target = std::min(text.find_first_of("/?#", begin), text.size());
  const auto origin = config::parse_base_url(text.substr(0, target));
  if (!origin) return std::unexpected(origin.error());
  FetchUrl url{.tls = origin->tls, .host = origin->host, .port = origin->port, .target = {}};
  if (!url.tls && !origin->is_loopback()) {
    return fail(Code::configuration, "must begin with https:// (http:// is for the loopback address only)");
  }
  url.target = text.substr(target);
  if (!is_target(url.target))
    return fail(Code::configuration, "has a character that a URL may not hold, or a fragment");
  if (!url.target.starts_with('/')) url.target.insert(0, 1, '/');
  return url;
}

bool FetchUrl::is_loopback() const {
  return config::BaseUrl{.tls = tls, .host = host, .port = port, .path = {}}.is_loopback();
}

std::string FetchUrl::authority() const {
  return config::BaseUrl{.tls = tls, .host = host, .port = port, .path = {}}.authority();
}

Task<Result<FetchAnswer>> fetch(async::Loop& loop, net::Connector& connector, net::TlsClientContext* tls,
                                FetchRequest request, async::AbortSource& abort) {
  Limit limit(loop, request.deadline, abort);
  ClientPool pool;  // for one connection, which is not kept
  auto stream = co_await connector.connect(
      {request.url.host, request.url.port, request.url.tls},
      {.connect_timeout = std::min(kConnect, request.deadline), .tls_timeout = request.deadline, .tls = tls},
      &limit.source());
  Result<FetchAnswer> answer = stream ? co_await exchange_one(pool, std::move(*stream), request, limit.source())
                                      : Result<FetchAnswer>(std::unexpected(std::move(stream.error())));
  if (!answer && limit.source().aborted()) answer = std::unexpected(limit.source().error());
  co_return answer;
}

}  // namespace gatehouse::http
