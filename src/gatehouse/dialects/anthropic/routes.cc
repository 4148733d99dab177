#include "gatehouse/dialects/anthropic/routes.h"

#include "gatehouse/dialects/route_parts.h"

namespace gatehouse::dialects::anthropic {
namespace {

using llm::Operation;

Route route(Operation operation) { return {.operation = operation, .dialect = llm::Dialect::anthropic, .model = {}}; }

}  // namespace

std::optional<ApiResult<Route>> find_route(std::string_view method, std::string_view path, bool says_so) {
  constexpr std::string_view kVersion = "/v1/";
  if (!path.starts_with(kVersion)) return std::nullopt;
  const std::string_view below = path.substr(kVersion.size());
  for (const auto& [name, operation] :
       {std::pair{"messages", Operation::messages}, std::pair{"messages/count_tokens", Operation::count_tokens}}) {
    if (below != name) continue;
    if (method != "POST") return wrong_method(method, path, "POST");
    return route(operation);
  }
  const std::string_view segment = first_segment(below);
  if (segment == "messages") {
    // Batches: made, listed, cancelled, deleted; their results. What else comes to be there is the provider's affair.
    return route(first_segment(below.substr(segment.size() + 1)) == "batches" ? Operation::batches
                                                                              : Operation::passthrough);
  }
  if (says_so && segment == "files") return route(Operation::files);
  return std::nullopt;
}

}  // namespace gatehouse::dialects::anthropic
