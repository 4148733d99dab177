#include "gatehouse/dialects/openai_chat/routes.h"

#include <array>

#include "gatehouse/dialects/route_parts.h"

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
    Family{"batches", Operation::batches},     Family{"realtime", Operation::realtime},
};

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

std::unexpected<ApiError> unknown_url(std::string_view method, std::string_view path) {
  std::string message = "Unknown request URL: " + shown(method) + " " + shown(path) + ".";
  if (const std::string_view below = path.substr(path.starts_with('/') ? 1 : 0); belongs_below_v1(below)) {
    message += " Did you mean " + std::string(kPrefix) + shown(below) + "? The base URL of a client ends with /v1.";
  } else if (path.starts_with("/v1/v1/")) {
    message += " Did you mean " + shown(path.substr(3)) + "?";
  } else {
    message += " This gateway answers below /v1/ and /v1beta/, for example POST /v1/chat/completions.";
  }
  return refuse(Code::unknown_route, std::move(message));
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
    auto model = model_of_path(id);
    if (!model) return std::unexpected(std::move(model.error()));
    return Route{.operation = Operation::model_get, .model = *std::move(model)};
  }
  for (const Family& family : kFamilies) {
    if (segment == family.segment) return Route{.operation = family.operation, .model = {}};
  }
  return Route{.operation = Operation::passthrough, .model = {}};
}

}  // namespace gatehouse::dialects::openai_chat
