#include "gatehouse/config/provider_kinds.h"

#include "gatehouse/config/snapshot.h"

namespace gatehouse::config {
namespace {

// The parts of the world that Google serves under names of their own.
std::string vertex_url(std::string_view location) {
  if (location == "global") return "https://aiplatform.googleapis.com";
  if (location == "eu" || location == "us")
    return "https://aiplatform." + std::string(location) + ".rep.googleapis.com";
  return "https://" + std::string(location) + "-aiplatform.googleapis.com";
}

}  // namespace

std::string base_url_of(const Provider& provider, std::string_view& missing) {
  missing = {};
  std::string_view rest = row_of(provider.kind).base_url;
  std::string url;
  for (;;) {
    const auto open = rest.find('{');
    url += rest.substr(0, open);
    if (open == std::string_view::npos) break;
    const auto close = rest.find('}', open);
    const auto name = rest.substr(open + 1, close - open - 1);
    const std::string& value = name == "resource"   ? provider.resource
                               : name == "location" ? provider.location
                               : name == "host"     ? provider.host
                                                    : provider.aws.region;
    if (value.empty()) {
      missing = name == "region" ? std::string_view("aws.region") : name;
      return {};
    }
    url += value;
    rest.remove_prefix(close + 1);
  }
  if (provider.kind == ProviderKind::vertex) return vertex_url(provider.location);
  // AWS in China has names of its own.
  if (provider.kind == ProviderKind::bedrock && provider.aws.region.starts_with("cn-")) url += ".cn";
  return url;
}

}  // namespace gatehouse::config
