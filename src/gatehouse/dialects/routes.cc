#include "gatehouse/dialects/routes.h"

#include "gatehouse/dialects/anthropic/routes.h"
#include "gatehouse/dialects/gemini/routes.h"
#include "gatehouse/dialects/openai_chat/routes.h"
#include "gatehouse/dialects/wire.h"

namespace gatehouse::dialects {
namespace {

// `path` or something below it.
bool is_below(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

bool lists_models(llm::Operation operation) {
  return operation == llm::Operation::models_list || operation == llm::Operation::model_get;
}

}  // namespace

CallerSigns signs_of(bool anthropic_version, bool goog_api_key, std::string_view query) {
  bool twice = false;
  return {.anthropic = anthropic_version,
          .google = goog_api_key || (!query.empty() && !gemini::query_key(query, twice).empty())};
}

llm::Dialect dialect_of_path(std::string_view path, CallerSigns signs) {
  if (is_below(path, "/v1/messages")) return llm::Dialect::anthropic;
  if (is_below(path, "/v1beta") || is_below(path, "/upload")) return llm::Dialect::gemini;
  if (path.starts_with("/v1/models/") && path.find(':') != std::string_view::npos && gemini::find_route("POST", path)) {
    return llm::Dialect::gemini;
  }
  const bool batches = is_below(path, "/v1/batches");
  if (is_below(path, "/v1/models") || is_below(path, "/v1/files") || batches) {
    if (signs.anthropic && !batches) return llm::Dialect::anthropic;
    if (signs.google) return llm::Dialect::gemini;
  }
  return llm::Dialect::openai_chat;
}

ApiResult<Route> find_route(std::string_view method, std::string_view path, CallerSigns signs) {
  if (auto route = anthropic::find_route(method, path, signs.anthropic)) return std::move(*route);
  if (auto route = gemini::find_route(method, path, signs.google)) return std::move(*route);
  auto route = openai_chat::find_route(method, path);
  if (!route) return route;
  route->dialect = lists_models(route->operation) ? dialect_of_path(path, signs) : dialect_of(route->operation);
  return route;
}

}  // namespace gatehouse::dialects
