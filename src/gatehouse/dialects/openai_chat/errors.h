#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "gatehouse/base/error.h"

namespace gatehouse::dialects::openai_chat {

// An error with what OpenAI's shape has besides: the parameter it is about (`param`, empty: null) and, of a wrong
// method, the methods that are allowed (for the Allow header, RFC 9110 section 15.5.6; empty otherwise).
struct ApiError {
  Error error;
  std::string param;
  std::string_view allow;

  ApiError() = default;
  ApiError(Error e) : error(std::move(e)) {}  // NOLINT(google-explicit-constructor): an Error without a parameter
  ApiError(Code code, std::string detail, std::string about = {})
      : error(code, std::move(detail)), param(std::move(about)) {}
};

template <class T>
using ApiResult = std::expected<T, ApiError>;

inline std::unexpected<ApiError> refuse(Code code, std::string detail, std::string param = {}) {
  return std::unexpected<ApiError>(ApiError(code, std::move(detail), std::move(param)));
}

// {"error":{"message","type","param","code"}}: `code` is the slug of base/error.h, `type` as OpenAI's API gives it for
// the same status. The status to send with it is `error.http_status()`.
std::string error_body(const ApiError& error);

// The same as the last event of a stream whose 200 has gone out already: `data: {"error":...}\n\n`. No [DONE] may
// follow: OpenAI's clients raise on `error`, and [DONE] would say that the answer is whole.
std::string error_event(const ApiError& error);

}  // namespace gatehouse::dialects::openai_chat
