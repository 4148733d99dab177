#include "gatehouse/dialects/route_parts.h"

namespace gatehouse::dialects {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_value(text[i + 2]) : -1;
    if (low < 0) return std::nullopt;
    out.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return out;
}

std::string shown(std::string_view text) {
  constexpr std::size_t kShown = 200;
  return text.size() <= kShown ? std::string(text) : std::string(text.substr(0, kShown)) + "...";
}

std::unexpected<ApiError> wrong_method(std::string_view method, std::string_view path, std::string_view allow) {
  ApiError error(Code::method_not_allowed,
                 "Not allowed to " + shown(method) + " on " + shown(path) + ". Use " + std::string(allow) + ".");
  error.allow = allow;
  return std::unexpected<ApiError>(std::move(error));
}

ApiResult<std::string> model_of_path(std::string_view encoded) {
  auto decoded = percent_decoded(encoded);
  if (decoded) return *std::move(decoded);
  return refuse(Code::invalid_request, "The model's name in the URL has a % without two hexadecimal digits.", "model");
}

}  // namespace gatehouse::dialects
