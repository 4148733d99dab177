#include "gatehouse/dialects/routes.h"

#include "gatehouse/dialects/openai_chat/routes.h"
#include "gatehouse/dialects/wire.h"

namespace gatehouse::dialects {
namespace {

// `path` or something below it.
bool is_below(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

}  // namespace

llm::Dialect dialect_of_path(std::string_view path, CallerSigns signs) {
  if (signs.anthropic || is_below(path, "/v1/messages")) return llm::Dialect::anthropic;
  if (is_below(path, "/v1beta")) return llm::Dialect::gemini;
  return llm::Dialect::openai_chat;
}

ApiResult<Route> find_route(std::string_view method, std::string_view path, CallerSigns /*signs*/) {
  auto route = openai_chat::find_route(method, path);
  if (route) route->dialect = dialect_of(route->operation);
  return route;
}

}  // namespace gatehouse::dialects
