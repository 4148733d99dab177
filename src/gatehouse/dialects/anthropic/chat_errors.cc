#include "gatehouse/dialects/anthropic/chat_errors.h"

#include <array>
#include <cstddef>

#include <fmt/format.h>

#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"
#include "gatehouse/json/writer.h"
#include "gatehouse/llm/chat/error_kind.h"

namespace gatehouse::dialects::anthropic {
namespace {

using llm::ErrorKind;

struct Row {
  std::string_view type;
  int status;
};
// By ErrorKind.
constexpr std::array<Row, 13> kRows = {{{"invalid_request_error", 400},
                                        {"invalid_request_error", 400},  // the prompt does not fit
                                        {"invalid_request_error", 400},  // a filter
                                        {"authentication_error", 401},
                                        {"permission_error", 403},
                                        {"billing_error", 402},
                                        {"not_found_error", 404},
                                        {"conflict_error", 409},
                                        {"request_too_large", 413},
                                        {"rate_limit_error", 429},
                                        {"timeout_error", 504},
                                        {"overloaded_error", 529},
                                        {"api_error", 500}}};
static_assert(kRows.size() == static_cast<std::size_t>(ErrorKind::api) + 1);

// What is not the caller's to see is never in a message; this bounds what a page of a proxy would be.
constexpr std::size_t kMostMessage = 4096;

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

}  // namespace

std::string_view error_type(ErrorKind kind) { return kRows[static_cast<std::size_t>(kind)].type; }
int error_status(ErrorKind kind) { return kRows[static_cast<std::size_t>(kind)].status; }

ErrorKind kind_of_error(std::string_view type, int status, std::string_view message) {
  ErrorKind kind = llm::kind_of_status(status);
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (kRows[i].type == type) {
      kind = static_cast<ErrorKind>(i);
      break;
    }
  }
  if (kind == ErrorKind::invalid_request) {
    // The API has one type for all of these.
    if (has(message, "prompt is too long") || has(message, "exceed context limit") || has(message, "context window")) {
      return ErrorKind::context_length;
    }
    if (has(message, "content filtering policy")) return ErrorKind::content_filter;
    if (has(message, "credit balance is too low")) return ErrorKind::billing;
  }
  return kind;
}

std::string write_chat_error(const llm::ChatError& error) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("type").string("error").key("error").begin_object();
  writer.key("type").string(error_type(error.kind)).key("message").string(error.message);
  writer.end_object().end_object();
  return out;
}

llm::ChatError read_error_object(std::string_view raw, int status) {
  llm::ChatError error;
  const json::Value object(raw);
  error.type = object["type"].string_or("");
  error.message = object["message"].string_or("").substr(0, kMostMessage);
  error.code = object["details"]["error_code"].string_or("");
  // Google's own words, in front of Vertex.
  if (error.type.empty()) error.type = object["status"].string_or("");
  error.kind = kind_of_error(error.type, status, error.message);
  error.status = status != 0 ? status : error_status(error.kind);
  if (error.message.empty()) error.message = fmt::format("The provider answered with an error ({}).", error.status);
  return error;
}

llm::ChatError read_error_body(std::string_view body, int status) {
  const auto kind = json::validate(body);
  if (kind && *kind == json::Kind::array) {
    // Vertex answers a streamed call with an array of one.
    std::string_view first;
    json::walk_array(body, [&](const json::Element& element) {
      if (first.empty()) first = element.value;
    });
    if (json::kind_of(first) == json::Kind::object) return read_error_body(first, status);
  }
  if (kind && *kind == json::Kind::object) {
    const json::Value all(body);
    if (all["error"].is(json::Kind::object)) return read_error_object(all["error"].raw(), status);
    llm::ChatError error = read_error_object(body, status);
    if (const std::string type = all["__type"].string_or(""); !type.empty()) error.type = type;
    if (all["error"].is(json::Kind::string)) error.message = all["error"].string_or("").substr(0, kMostMessage);
    return error;
  }
  return read_error_object("{}", status);
}

}  // namespace gatehouse::dialects::anthropic
