#include "gatehouse/dialects/openai_chat/routes.h"

#include <array>
#include <optional>

namespace gatehouse::dialects::openai_chat {
namespace {

using llm::Operation;

constexpr std::string_view kPrefix = "/v1/";
constexpr std::string_view kModels = "models";

struct Exact {
  std::string_view path;  // below /v1/
  Operation operation;
  std::string_view method;
};
constexpr std::array kExact = {
    Exact{"chat/completions", Operation::chat_completions, "POST"},
    Exact{"embeddings", Operation::embeddings, "POST"},
    Exact{"completions", Operation::completions, "POST"},
    Exact{kModels, Operation::models_list, "GET"},
};

// The first segment below /v1/ names these; what is behind it is the provider's affair.
struct Family {
  std::string_view segment;
  Operation operation;
};
constexpr std::array kFamilies = {
    Family{"responses", Operation::responses}, Family{"moderations", Operation::moderations},
    Family{"images", Operation::images},       Family{"audio", Operation::audio},
    Family{"rerank", Operation::rerank},       Family{"files", Operation::files},
    Family{"batches", Operation::batches},
};

std::string_view first_segment(std::string_view path) { return path.substr(0, path.find('/')); }

// Whether `path`, which begins at a segment, looks like one that lacks its /v1.
bool belongs_below_v1(std::string_view path) {
  const std::string_view segment = first_segment(path);
  if (segment == kModels || segment == "chat") return true;
  for (const Exact& exact : kExact) {
    if (path == exact.path) return true;
  }
  for (const Family& family : kFamilies) {
    if (segment == family.segment) return true;
  }
  return false;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// RFC 3986 section 2.1; nothing for a % without two hexadecimal digits.
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

// What of the request line is given back in a message: enough to see the mistake.
std::string shown(std::string_view text) {
  constexpr std::size_t kShown = 200;
  return text.size() <= kShown ? std::string(text) : std::string(text.substr(0, kShown)) + "...";
}

std::unexpected<ApiError> unknown_url(std::string_view method, std::string_view path) {
  std::string message = "Unknown request URL: " + shown(method) + " " + shown(path) + ".";
  if (const std::string_view below = path.substr(path.starts_with('/') ? 1 : 0); belongs_below_v1(below)) {
    message += " Did you mean " + std::string(kPrefix) + shown(below) + "? The base URL of a client ends with /v1.";
  } else if (path.starts_with("/v1/v1/")) {
    message += " Did you mean " + shown(path.substr(3)) + "?";
  } else {
    message += " This gateway answers below /v1/, for example POST /v1/chat/completions.";
  }
  return refuse(Code::unknown_route, std::move(message));
}

std::unexpected<ApiError> wrong_method(std::string_view method, std::string_view path, std::string_view allow) {
  ApiError error(Code::method_not_allowed,
                 "Not allowed to " + shown(method) + " on " + shown(path) + ". Use " + std::string(allow) + ".");
  error.allow = allow;
  return std::unexpected<ApiError>(std::move(error));
}

}  // namespace

ApiResult<Route> find_route(std::string_view method, std::string_view path) {
  if (!path.starts_with(kPrefix) || path.size() == kPrefix.size() || path.starts_with("/v1/v1/")) {
    return unknown_url(method, path);
  }
  const std::string_view below = path.substr(kPrefix.size());
  for (const Exact& exact : kExact) {
    if (below != exact.path) continue;
    if (method != exact.method) return wrong_method(method, path, exact.method);
    return Route{.operation = exact.operation, .model = {}};
  }
  const std::string_view segment = first_segment(below);
  if (segment == kModels) {
    const std::string_view id = below.substr(kModels.size() + 1);
    if (id.empty()) return unknown_url(method, path);
    // Deleting a fine-tuned model is the provider's affair.
    if (method == "DELETE") return Route{.operation = Operation::passthrough, .model = {}};
    if (method != "GET") return wrong_method(method, path, "GET, DELETE");
    auto decoded = percent_decoded(id);
    if (!decoded)
      return refuse(Code::invalid_request, "The model's name in the URL has a % without two hexadecimal digits.",
                    "model");
    return Route{.operation = Operation::model_get, .model = *std::move(decoded)};
  }
  for (const Family& family : kFamilies) {
    if (segment == family.segment) return Route{.operation = family.operation, .model = {}};
  }
  return Route{.operation = Operation::passthrough, .model = {}};
}

}  // namespace gatehouse::dialects::openai_chat
