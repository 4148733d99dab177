#include "gatehouse/stages/decode/decode.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "gatehouse/base/strings.h"
#include "gatehouse/dialects/gemini/batch_reader.h"
#include "gatehouse/dialects/gemini/routes.h"
#include "gatehouse/dialects/gemini/upload.h"
#include "gatehouse/dialects/realtime_query.h"
#include "gatehouse/dialects/routes.h"

namespace gatehouse::stages {
namespace {

using pipeline::Continue;
using pipeline::Exchange;
using pipeline::Refuse;
using pipeline::Verdict;

bool media_type_is(std::string_view content_type, std::string_view type) {
  return base::equals_ignore_case(base::trim(content_type.substr(0, content_type.find(';'))), type);
}

// Bodies that are passed on unread: files, and forms that hold them. Whatever else comes is read as JSON, so that no
// call gets past the gateway because it names its body something else.
bool is_upload(std::string_view content_type) {
  return media_type_is(content_type, "multipart/form-data") || media_type_is(content_type, "application/octet-stream");
}

// Whether an encoded name would leave its folder on a server that decodes it before it resolves dot segments.
bool climbs(std::string_view path) {
  std::string read = base::to_lower(path);
  for (const auto& [coded, meant] : {std::pair<std::string_view, char>{"%2e", '.'}, {"%2f", '/'}, {"%5c", '/'}}) {
    for (std::size_t at = 0; (at = read.find(coded, at)) != std::string::npos; ++at) {
      read.replace(at, coded.size(), 1, meant);
    }
  }
  for (std::size_t at = 0; at != std::string::npos;) {
    const std::size_t end = read.find('/', at + 1);
    const auto segment = std::string_view(read).substr(at + 1, end == std::string::npos ? end : end - at - 1);
    if (segment == "." || segment == "..") return true;
    at = end;
  }
  return false;
}

// What a server that decodes twice, or before it parts the path from its query, would take for another path.
bool hides_syntax(std::string_view escape) {
  static constexpr auto kHidden = std::to_array<std::string_view>({"%25", "%3b", "%3f", "%23"});
  return std::ranges::any_of(
      kHidden, [&](auto hidden) { return base::equals_ignore_case(escape.substr(0, hidden.size()), hidden); });
}

// "/v1/Files": the first segment below the version is what the operation is told by, and some servers do not mind its
// case.
bool upper_first_segment(std::string_view path) {
  const auto version = path.find('/', 1);
  if (version == std::string_view::npos) return false;
  const std::string_view below = path.substr(version + 1);
  // Gemini's own folder.
  if (below.starts_with("tunedModels/")) return false;
  return std::ranges::any_of(below.substr(0, below.find('/')), [](char c) { return c >= 'A' && c <= 'Z'; });
}

// The operations whose requests may be uploads.
bool takes_uploads(llm::Operation operation) {
  return operation == llm::Operation::audio || operation == llm::Operation::images ||
         operation == llm::Operation::files || operation == llm::Operation::passthrough;
}

// Words of lower-case letters, digits, '-' and '_' with a single slash before each: nothing to be read in two ways.
bool plain_path(std::string_view path) {
  bool in_word = true;
  for (const char c : path) {
    const bool slash = c == '/';
    if (slash ? !in_word : !((c >= 'a' && c <= 'z') || base::is_digit(c) || c == '-' || c == '_')) return false;
    in_word = !slash;
  }
  return in_word;
}

// A path that the provider's server could take for another one than we judged: percent-encoding, parameters, empty and
// dot segments, other letters' case. No API needs any of them, but for encoded names of models.
bool ambiguous_path(std::string_view path) {
  if (plain_path(path)) return false;
  const bool names_model =
      std::ranges::any_of(std::to_array<std::string_view>({"/v1/models/", "/v1beta/models/", "/v1beta/tunedModels/"}),
                          [path](std::string_view folder) { return path.starts_with(folder); });
  bool upper = false;
  bool encoded = false;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const char c = path[i];
    if (c == '\\' || c == ';') return true;
    if (c == '%' && (!names_model || hides_syntax(path.substr(i)))) return true;
    encoded = encoded || c == '%';
    if (c == '/' && i + 1 < path.size() && (path[i + 1] == '/' || path[i + 1] == '.')) return true;
    upper = upper || (c >= 'A' && c <= 'Z');
  }
  if (path.size() > 1 && path.back() == '/') return true;
  if (encoded && climbs(path)) return true;
  if (upper_first_segment(path)) return true;
  // Ids may hold capitals; the name of an operation that is read may not, but for Gemini's, whose route minds the case.
  if (!upper || dialects::dialect_of_path(path) == llm::Dialect::gemini) return false;
  const auto plain = dialects::find_route("POST", base::to_lower(path));
  return plain && llm::is_read(plain->operation);
}

// A batch that is made: the path names its model. All else below /batches names none.
bool makes_batch(const Exchange& exchange) {
  return exchange.operation == llm::Operation::batches && !exchange.model_path.empty();
}

dialects::ApiResult<dialects::Call> read_body(const Exchange& exchange) {
  if (llm::is_read(exchange.operation)) {
    return dialects::read_call(exchange.dialect, exchange.operation, exchange.body);
  }
  if (makes_batch(exchange)) return dialects::gemini::read_batch(exchange.body);
  auto call = dialects::read_model(exchange.body);
  const bool stored = exchange.operation == llm::Operation::files || exchange.operation == llm::Operation::batches;
  if (call && stored && exchange.dialect == llm::Dialect::gemini) {
    // Nobody's model: a word in the body must not say where the request goes, or for whom it is allowed.
    call->model.clear();
    call->model_span = {};
  }
  return call;
}

// Which step of an upload the request is.
dialects::ApiResult<dialects::gemini::UploadStep> read_upload(const http::RequestHead& head) {
  // Two of one, and we might read the one and the provider the other.
  for (const auto name : dialects::gemini::kUploadFields) {
    if (head.fields.count(name) > 1) {
      return dialects::refuse(Code::invalid_request, std::string(name) + ": given twice", std::string(name));
    }
  }
  using dialects::gemini::kUploadFields;
  return dialects::gemini::read_upload_step({.protocol = head.fields.value(kUploadFields[0]),
                                             .command = head.fields.value(kUploadFields[1]),
                                             .offset = head.fields.value(kUploadFields[2]),
                                             .size = head.fields.value(kUploadFields[3])},
                                            head.query);
}

Verdict read(Exchange& exchange, Result<std::string_view> body) {
  if (!body) return Refuse{.error = {std::move(body.error())}, .fields = {}};
  exchange.body = *body;
  auto call = read_body(exchange);
  if (!call) return Refuse{.error = std::move(call.error()), .fields = {}};
  if (!exchange.model_path.empty() && exchange.operation != llm::Operation::model_get) {
    // The path names the model; a body that names it too means the same.
    if (!call->more_model_spans.empty() && call->model != exchange.model_path) {
      return pipeline::refuse(Code::invalid_request, "The body names another model than the path", "model");
    }
    call->model = exchange.model_path;
    call->model_in_path = true;
  }
  exchange.call = std::move(*call);
  exchange.call_read = true;
  exchange.has_model = exchange.call.model_span.length > 0 || exchange.call.model_in_path;
  return Continue{};
}

Task<Verdict> read_later(Exchange& exchange, Task<Result<std::string_view>> body) {
  co_return read(exchange, co_await std::move(body));
}

}  // namespace

Eventually<Verdict> Decode::on_request(Exchange& exchange) const {
  const auto& head = exchange.head();
  if (ambiguous_path(head.path)) {
    return Verdict(pipeline::refuse(Code::unknown_route, "The path can be read in two ways; write it plainly"));
  }
  // Two of them, and we might read the one and the provider the other.
  if (head.fields.count("content-type") > 1 || head.fields.count("content-encoding") > 1) {
    return Verdict(pipeline::refuse(Code::invalid_request, "Content-Type and Content-Encoding may be given once"));
  }
  if (const auto text = head.fields.value("x-gatehouse-timeout-ms"); !text.empty()) {
    const auto milliseconds = base::parse_u64(text);
    if (!milliseconds || *milliseconds == 0) {
      return Verdict(pipeline::refuse(Code::invalid_request, "x-gatehouse-timeout-ms must be a number from 1 on"));
    }
    // A deadline only ever shrinks.
    const std::chrono::milliseconds longest = exchange.config().timeouts.request;
    if (*milliseconds < static_cast<std::uint64_t>(longest.count())) {
      exchange.deadline(std::chrono::milliseconds(*milliseconds));
    }
  }
  const auto signs = dialects::signs_of(!head.fields.value("anthropic-version").empty(),
                                        !head.fields.value("x-goog-api-key").empty(), head.query);
  auto route = dialects::find_route(head.method_text, head.path, signs);
  if (!route) return Verdict(Refuse{.error = std::move(route.error()), .fields = {}});
  exchange.operation = route->operation;
  exchange.dialect = route->dialect;
  exchange.operation_known = true;
  exchange.model_path = std::move(route->model);
  exchange.as_array =
      exchange.operation == llm::Operation::stream_content && !dialects::gemini::wants_events(head.query);
  if (exchange.operation == llm::Operation::realtime && head.path == "/v1/realtime") {
    auto model = dialects::realtime_model(head.query);
    if (!model) return Verdict(Refuse{.error = std::move(model.error()), .fields = {}});
    exchange.call.model = *std::move(model);
    exchange.call.stream = true;
    exchange.has_model = true;
    return Verdict(Continue{});
  }
  if (route->upload) {
    auto step = read_upload(head);
    if (!step) return Verdict(Refuse{.error = std::move(step.error()), .fields = {}});
    exchange.upload = std::move(*step);
    // A part of a file, whatever its type says: Google's own client calls it JSON.
    if (!exchange.upload->start) return Verdict(Continue{});
  }
  if (!llm::is_read(exchange.operation) && !makes_batch(exchange)) {
    const bool empty =
        head.framing == http::Framing::none || (head.framing == http::Framing::length && head.content_length == 0);
    const bool opaque =
        takes_uploads(exchange.operation) && !exchange.upload && is_upload(head.fields.value("content-type"));
    if (empty || opaque) {
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
