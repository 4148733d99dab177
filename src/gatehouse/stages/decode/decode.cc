#include "gatehouse/stages/decode/decode.h"

#include <utility>

#include "gatehouse/base/strings.h"
#include "gatehouse/dialects/openai_chat/routes.h"

namespace gatehouse::stages {
namespace {

namespace openai = dialects::openai_chat;
using pipeline::Continue;
using pipeline::Exchange;
using pipeline::Refuse;
using pipeline::Verdict;

bool is_json(std::string_view content_type) {
  const auto type = base::trim(content_type.substr(0, content_type.find(';')));
  return base::equals_ignore_case(type, "application/json");
}

// A path that the provider's server could resolve to another one than we judged.
bool ambiguous_path(std::string_view path) {
  // Most paths have nothing that needs a closer look.
  bool plain = true;
  for (std::size_t i = 0; i < path.size() && plain; ++i) {
    const char c = path[i];
    plain = c != '%' && c != '\\' && (c != '/' || i + 1 == path.size() || (path[i + 1] != '/' && path[i + 1] != '.'));
  }
  if (plain) return false;
  for (std::size_t at = path.find('/'); at != std::string_view::npos;) {
    const std::size_t end = path.find('/', at + 1);
    std::string segment(path.substr(at + 1, end == std::string_view::npos ? end : end - at - 1));
    for (std::size_t dot = 0; (dot = base::to_lower(segment).find("%2e", dot)) != std::string::npos;) {
      segment.replace(dot, 3, ".");
    }
    if (segment == "." || segment == "..") return true;
    if (segment.empty() && end != std::string_view::npos) return true;
    at = end;
  }
  return path.find('\\') != std::string_view::npos || path.find("%5c") != std::string_view::npos ||
         path.find("%5C") != std::string_view::npos || path.find("%00") != std::string_view::npos;
}

Verdict read(Exchange& exchange, Result<std::string_view> body) {
  if (!body) return Refuse{.error = {std::move(body.error())}, .fields = {}};
  exchange.body = *body;
  auto call =
      llm::is_read(exchange.operation) ? openai::read_call(exchange.operation, *body) : openai::read_model(*body);
  if (!call) return Refuse{.error = std::move(call.error()), .fields = {}};
  exchange.call = std::move(*call);
  exchange.call_read = true;
  exchange.has_model = exchange.call.model_span.length > 0;
  return Continue{};
}

Task<Verdict> read_later(Exchange& exchange, Task<Result<std::string_view>> body) {
  co_return read(exchange, co_await std::move(body));
}

}  // namespace

Eventually<Verdict> Decode::on_request(Exchange& exchange) const {
  const auto& head = exchange.head();
  if (ambiguous_path(head.path)) {
    return Verdict(pipeline::refuse(Code::invalid_request, "The path has segments that can be read in two ways"));
  }
  auto route = openai::find_route(head.method_text, head.path);
  if (!route) return Verdict(Refuse{.error = std::move(route.error()), .fields = {}});
  exchange.operation = route->operation;
  exchange.operation_known = true;
  exchange.model_path = std::move(route->model);
  if (!llm::is_read(exchange.operation)) {
    if (head.framing == http::Framing::none || !is_json(head.fields.value("content-type"))) {
      return Verdict(Continue{});
    }
  }
  if (!head.fields.value("content-encoding").empty()) {
    return Verdict(pipeline::refuse(Code::unsupported, "Request bodies must not be compressed"));
  }
  auto body = exchange.in.whole_body(exchange.config().limits.body_bytes);
  if (!body.ready()) return read_later(exchange, body.task());
  return read(exchange, body.take());
}

}  // namespace gatehouse::stages
