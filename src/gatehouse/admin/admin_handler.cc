#include "gatehouse/admin/admin_handler.h"

#include <array>
#include <utility>

#include "gatehouse/json/writer.h"

namespace gatehouse::admin {
namespace {

// RFC 9457.
std::string plain_problem(int status, std::string_view title) {
  std::string body;
  json::Writer writer(body);
  writer.begin_object().key("type").string("about:blank").key("title").string(title).key("status").integer(status);
  writer.end_object();
  return body;
}

constexpr std::string_view kProblem = "application/problem+json";

}  // namespace

AdminHandler::Page AdminHandler::page_for(const http::RequestHead& head) const {
  const bool known = head.path == "/metrics" || head.path == "/healthz" || head.path == "/readyz";
  if (!known) return {404, kProblem, plain_problem(404, "Not Found")};
  if (head.method != http::Method::get && head.method != http::Method::head) {
    return {405, kProblem, plain_problem(405, "Method Not Allowed")};
  }
  if (head.path == "/metrics") {
    std::string text;
    metrics_.write_prometheus(text);
    return {200, "text/plain; version=0.0.4; charset=utf-8", std::move(text)};
  }
  if (head.path == "/healthz") {
    // Whoever probes goes by the status: to go on without something is what it was configured for.
    const std::string lacking = lacking_ ? lacking_() : std::string();
    return {200, "text/plain", lacking.empty() ? "ok\n" : "ok\nwithout: " + lacking + "\n"};
  }
  if (ready_.load(std::memory_order_relaxed)) return {200, "text/plain", "ready\n"};
  return {503, "text/plain", "draining\n"};
}

Task<void> AdminHandler::handle_api(http::Incoming& incoming) {
  const http::RequestHead& head = incoming.head();
  ApiRequest request;
  request.method = head.method;
  request.path = head.path;
  request.query = head.query;
  request.host = head.fields.value("host");
  request.origin = head.fields.value("origin");
  request.sec_fetch_site = head.fields.value("sec-fetch-site");
  request.content_type = head.fields.value("content-type");
  request.authorization = head.fields.value("authorization");
  request.x_api_key = head.fields.value("x-api-key");
  request.if_match = head.fields.value("if-match");
  request.from = incoming.stream().peer().address;
  ApiResponse response;
  auto e = incoming.whole_body(kMaxBodySize);
  const Result<std::string_view> body = e.ready() ? e.take() : co_await e.task();
  if (body) {
    request.body = *body;
    response = api_->handle(request);
  } else {
    response = admin::problem(body.error());
    incoming.close_after();
  }
  std::string& out = incoming.begin_head(response.status);
  if (response.status != 204) http::append_field(out, "content-type", response.type);
  http::append_field(out, "date", date());
  http::append_field(out, "cache-control", "no-store");
  http::append_field(out, "x-content-type-options", "nosniff");
  for (const auto& [name, value] : response.fields) http::append_field(out, name, value);
  const std::array<std::string_view, 1> pieces{response.body};
  auto sent = incoming.send_whole(pieces);
  if (!sent.ready()) (void)co_await sent.task();
}

Task<void> AdminHandler::handle(http::Incoming& incoming) {
  if (api_ != nullptr && Api::owns(incoming.head().path)) {
    co_await handle_api(incoming);
    co_return;
  }
  const Page page = page_for(incoming.head());
  std::string& head = incoming.begin_head(page.status);
  http::append_field(head, "content-type", page.type);
  http::append_field(head, "date", date());
  http::append_field(head, "cache-control", "no-store");
  if (page.status == 405) http::append_field(head, "allow", "GET, HEAD");
  const std::array<std::string_view, 1> pieces{page.body};
  auto e = incoming.send_whole(pieces);
  if (!e.ready()) (void)co_await e.task();  // a client that left is no concern of anybody here
}

std::string AdminHandler::refuse_malformed(const Error& error, int status, const net::Endpoint&, std::string_view) {
  return plain_problem(status, error.detail);
}

}  // namespace gatehouse::admin
