#include "gatehouse/dialects/gemini/error_body.h"

#include <array>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "gatehouse/dialects/gemini/reading.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/writer.h"
#include "gatehouse/llm/chat/error_kind.h"

namespace gatehouse::dialects::gemini {
namespace {

using llm::ChatError;
using llm::ErrorKind;

constexpr std::string_view kTypes = "type.googleapis.com/google.rpc.";
constexpr std::size_t kLongestMessage = 4096;

struct Row {
  std::string_view word;
  int status;
  ErrorKind kind;
};
// google.rpc.Code and the HTTP status that goes with it.
constexpr std::array<Row, 16> kRows = {{
    {"INVALID_ARGUMENT", 400, ErrorKind::invalid_request},
    {"FAILED_PRECONDITION", 400, ErrorKind::invalid_request},
    {"OUT_OF_RANGE", 400, ErrorKind::invalid_request},
    {"UNAUTHENTICATED", 401, ErrorKind::authentication},
    {"PERMISSION_DENIED", 403, ErrorKind::permission},
    {"NOT_FOUND", 404, ErrorKind::not_found},
    {"ABORTED", 409, ErrorKind::conflict},
    {"ALREADY_EXISTS", 409, ErrorKind::conflict},
    {"RESOURCE_EXHAUSTED", 429, ErrorKind::rate_limit},
    {"CANCELLED", 499, ErrorKind::timeout},
    {"DATA_LOSS", 500, ErrorKind::api},
    {"UNKNOWN", 500, ErrorKind::api},
    {"INTERNAL", 500, ErrorKind::api},
    {"UNIMPLEMENTED", 501, ErrorKind::invalid_request},
    {"UNAVAILABLE", 503, ErrorKind::overloaded},
    {"DEADLINE_EXCEEDED", 504, ErrorKind::timeout},
}};

int status_of_kind(ErrorKind kind) {
  if (kind == ErrorKind::billing) return 403;
  if (kind == ErrorKind::api) return 500;
  return llm::status_of(kind);
}

std::string_view word_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid_request:
    case ErrorKind::context_length:
    case ErrorKind::content_filter:
    case ErrorKind::too_large:
      return "INVALID_ARGUMENT";
    case ErrorKind::authentication:
      return "UNAUTHENTICATED";
    case ErrorKind::permission:
      return "PERMISSION_DENIED";
    case ErrorKind::billing:
      return "FAILED_PRECONDITION";
    case ErrorKind::not_found:
      return "NOT_FOUND";
    case ErrorKind::conflict:
      return "ABORTED";
    case ErrorKind::rate_limit:
      return "RESOURCE_EXHAUSTED";
    case ErrorKind::timeout:
      return "DEADLINE_EXCEEDED";
    case ErrorKind::overloaded:
      return "UNAVAILABLE";
    case ErrorKind::api:
      return "INTERNAL";
  }
  return "INTERNAL";
}

// google.protobuf.Duration: "34.4s".
std::optional<std::chrono::milliseconds> duration_of(std::string_view text) {
  if (!text.ends_with('s')) return std::nullopt;
  const auto seconds = json::read_number(text.substr(0, text.size() - 1));
  if (!seconds || !(*seconds >= 0) || *seconds > 1e6) return std::nullopt;
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::ceil(*seconds * 1000)));
}

void read_detail(json::Value detail, ChatError& error) {
  const std::string type = detail["@type"].string_or("");
  if (type.ends_with("RetryInfo")) {
    if (const auto delay = duration_of(detail["retryDelay"].string_or(""))) error.retry_after = delay;
  } else if (type.ends_with("ErrorInfo")) {
    if (error.code.empty()) error.code = detail["reason"].string_or("");
  } else if (type.ends_with("BadRequest") && error.param.empty()) {
    detail["fieldViolations"].elements([&](json::Value violation) {
      if (error.param.empty()) error.param = violation["field"].string_or("");
    });
  }
}

// What the API says in words alone.
void refine(ChatError& error) {
  const std::string_view message = error.message;
  if (error.code == "API_KEY_INVALID" || error.code == "API_KEY_SERVICE_BLOCKED")
    error.kind = ErrorKind::authentication;
  if (error.code == "BILLING_DISABLED") error.kind = ErrorKind::billing;
  if (error.type == "FAILED_PRECONDITION" && message.contains("billing")) error.kind = ErrorKind::billing;
  if (error.kind == ErrorKind::invalid_request && message.contains("token count") &&
      (message.contains("exceeds the maximum") || message.contains("is too large"))) {
    error.kind = ErrorKind::context_length;
  }
}

}  // namespace

ChatError read_error(int status, std::string_view body) {
  ChatError error;
  error.status = status;
  error.kind = llm::kind_of_status(status);
  const bool valid = json::validate(body).has_value();
  json::Value root(valid ? body : std::string_view{});
  if (root.is(json::Kind::array)) {
    json::Value first;
    root.elements([&](json::Value element) {
      if (!first.exists()) first = element;
    });
    root = first;
  }
  const json::Value inside = root["error"];
  if (inside.is(json::Kind::object)) {
    error.message = inside["message"].string_or("");
    error.type = inside["status"].string_or("");
    const auto code = inside["code"].integer();
    const Row* found = nullptr;
    for (const Row& row : kRows) {
      if (row.word == error.type) found = &row;
    }
    if (error.status == 0) {
      error.status = code && *code >= 400 && *code < 600 ? static_cast<int>(*code)
                     : found != nullptr                  ? found->status
                                                         : 500;
      error.kind = llm::kind_of_status(error.status);
    }
    if (found != nullptr) error.kind = found->kind;
    std::size_t left = 64;
    inside["details"].elements([&](json::Value detail) {
      if (left > 0) {
        --left;
        read_detail(detail, error);
      }
    });
  } else if (inside.is(json::Kind::string)) {
    error.message = inside.string_or("");
  }
  if (error.status == 0) error.status = 500;
  if (error.message.empty()) error.message = fmt::format("The provider answered with status {}", error.status);
  if (error.message.size() > kLongestMessage) {
    std::size_t end = kLongestMessage;
    while (end > 0 && (static_cast<unsigned char>(error.message[end]) & 0xC0U) == 0x80U) --end;
    error.message.resize(end);
  }
  refine(error);
  return error;
}

int status_of(const ChatError& error) {
  // Anthropic's of an overload; and billing, which Google forbids rather than demands payment for.
  const bool unknown = error.status < 400 || error.status > 599 || error.status == 529 || error.status == 402;
  return unknown ? status_of_kind(error.kind) : error.status;
}

std::string write_error(const ChatError& error) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("error").begin_object();
  writer.key("code").integer(status_of(error));
  writer.key("message").string(error.message);
  writer.key("status").string(word_of(error.kind));
  std::string_view reason = error.code.empty() ? error.type : error.code;
  if (reason == word_of(error.kind)) reason = {};  // it says so already
  if (!reason.empty() || !error.param.empty() || error.retry_after) {
    writer.key("details").begin_array();
    const auto begin = [&](std::string_view type) {
      writer.begin_object().key("@type").string(std::string(kTypes).append(type));
    };
    if (!reason.empty()) {
      std::string word;
      for (const char c : reason.substr(0, 63)) {
        const bool lower = c >= 'a' && c <= 'z';
        const bool kept = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        word.push_back(lower ? static_cast<char>(c - 'a' + 'A') : kept ? c : '_');
      }
      begin("ErrorInfo");
      writer.key("reason").string(word).end_object();
    }
    if (!error.param.empty()) {
      begin("BadRequest");
      writer.key("fieldViolations").begin_array().begin_object();
      writer.key("field").string(error.param).key("description").string(error.message);
      writer.end_object().end_array().end_object();
    }
    if (error.retry_after) {
      const auto delay = error.retry_after->count();
      begin("RetryInfo");
      writer.key("retryDelay")
          .string(delay % 1000 == 0 ? fmt::format("{}s", delay / 1000)
                                    : fmt::format("{}.{:03}s", delay / 1000, delay % 1000));
      writer.end_object();
    }
    writer.end_array();
  }
  writer.end_object().end_object();
  return out;
}

}  // namespace gatehouse::dialects::gemini
