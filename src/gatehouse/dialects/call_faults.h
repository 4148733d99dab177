#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "gatehouse/dialects/api_error.h"
#include "gatehouse/json/scan.h"

// What readers of calls complain about: the first fault is kept while the scan goes on, since a body that is no JSON at
// all is the better complaint. For this room only.
namespace gatehouse::dialects {

class CallFaults {
 public:
  bool failed() const { return !error_.error.detail.empty(); }
  ApiError take() { return std::move(error_); }

  void complain(std::string message, std::string_view param) {
    if (!failed()) error_ = ApiError(Code::invalid_request, std::move(message), std::string(param));
  }
  void wrong_type(std::string_view param, std::string_view expected, json::Kind got) {
    complain(
        std::string(param) + ": expected " + std::string(expected) + ", but got " + std::string(json::describe(got)),
        param);
  }
  void misspelt(std::string_view key, std::string_view name) {
    complain(std::string(key) + ": not known; did you mean " + std::string(name) + "?", key);
  }
  void twice(std::string_view param) { complain(std::string(param) + ": given twice", param); }
  void missing(std::string_view param) { complain(std::string(param) + ": field required", param); }

 private:
  ApiError error_;
};

}  // namespace gatehouse::dialects
