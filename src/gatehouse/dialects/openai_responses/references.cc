#include "gatehouse/dialects/openai_responses/references.h"

#include <utility>

#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"

namespace gatehouse::dialects::openai_responses {
namespace {

// As ItemReader takes items: the last of two members counts.
std::optional<std::string> referred(std::string_view item) {
  std::string type;
  std::string id;
  bool has_role = false;
  json::walk_object(item, [&](const json::Member& member) {
    if (member.key == "type") type = json::read_string(member.value).value_or("");
    if (member.key == "id") id = json::read_string(member.value).value_or("");
    if (member.key == "role" && member.kind == json::Kind::string) has_role = true;
  });
  const bool refers = type == "item_reference" || (type.empty() && !has_role);
  if (!refers || id.empty()) return std::nullopt;
  return id;
}

}  // namespace

std::vector<ItemReference> item_references(std::string_view body, Span input) {
  std::vector<ItemReference> out;
  if (input.length == 0 || body[input.offset] != '[') return out;
  json::walk_array(body.substr(input.offset, input.length), [&](const json::Element& element) {
    if (element.kind != json::Kind::object || element.value.size() > kMostReference) return;
    if (out.size() > kMostReferences) return;
    if (auto id = referred(element.value)) {
      out.push_back(
          {.span = {.offset = input.offset + element.offset, .length = element.value.size()}, .id = std::move(*id)});
    }
  });
  return out;
}

std::optional<StoredPath> stored_path(std::string_view path) {
  constexpr std::string_view kPrefix = "/v1/responses/";
  constexpr std::string_view kItems = "/input_items";
  if (!path.starts_with(kPrefix)) return std::nullopt;
  path.remove_prefix(kPrefix.size());
  const bool items = path.ends_with(kItems);
  if (items) path.remove_suffix(kItems.size());
  if (path.empty() || path.find('/') != std::string_view::npos) return std::nullopt;
  return StoredPath{.id = path, .items = items};
}

}  // namespace gatehouse::dialects::openai_responses
