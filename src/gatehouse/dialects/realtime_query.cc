#include "gatehouse/dialects/realtime_query.h"

#include <algorithm>
#include <utility>

#include "gatehouse/dialects/route_parts.h"

namespace gatehouse::dialects {

ApiResult<std::string> realtime_model(std::string_view query) {
  std::string model;
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const auto parameter = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (parameter.empty()) continue;
    const auto equals = std::min(parameter.find('='), parameter.size());
    const auto name = parameter.substr(0, equals);
    if (name == "api-version") continue;
    if (name != "model" && name != "deployment") {
      return refuse(Code::invalid_request, "A realtime session takes no other parameter than `model`: " + shown(name));
    }
    auto value = percent_decoded(parameter.substr(std::min(equals + 1, parameter.size())));
    if (!value || !model.empty()) return refuse(Code::invalid_request, "The query must name one model", "model");
    model = *std::move(value);
  }
  if (model.empty()) return refuse(Code::invalid_request, "The query must name the model: ?model=...", "model");
  return model;
}

}  // namespace gatehouse::dialects
