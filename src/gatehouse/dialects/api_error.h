#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include "gatehouse/base/error.h"

namespace gatehouse::dialects {

// An error of ours with what the dialects' shapes have besides: the parameter it is about (`param`, empty: none) and,
// of a wrong method, the methods that are allowed (for the Allow header, RFC 9110 section 15.5.6; empty otherwise).
struct ApiError {
  Error error;
  std::string param;
  std::string_view allow;

  ApiError() = default;
  ApiError(Error e) : error(std::move(e)) {}  // NOLINT(google-explicit-constructor): an Error without a parameter
  ApiError(Code code, std::string detail, std::string about = {})
      : error(code, std::move(detail)), param(std::move(about)) {}
};

template <class T = void>
using ApiResult = std::expected<T, ApiError>;

inline std::unexpected<ApiError> refuse(Code code, std::string detail, std::string param = {}) {
  return std::unexpected<ApiError>(ApiError(code, std::move(detail), std::move(param)));
}

}  // namespace gatehouse::dialects
