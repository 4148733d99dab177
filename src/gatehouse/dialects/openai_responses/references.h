#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/dialects/call.h"

// How the Responses API names what is stored. Pure, any thread.
namespace gatehouse::dialects::openai_responses {

// An item of a request's input that says nothing itself but names one that is stored somewhere: of the type
// item_reference, or (ItemReferenceParam of openapi 2.3.0, whose type may be left out or null) an id alone.
struct ItemReference {
  Span span;  // of the item, in the body
  std::string id;
};

// Those of a body that was checked, in their order; `input` as the reading of the call found it. Of items larger than
// kMostReference nothing is looked at: ids are short. At most kMostReferences + 1 are told.
std::vector<ItemReference> item_references(std::string_view body, Span input);

// "/v1/responses/{id}" or "/v1/responses/{id}/input_items": what is asked of a stored response. Nothing: another path.
struct StoredPath {
  std::string_view id;
  bool items = false;
};
std::optional<StoredPath> stored_path(std::string_view path);

inline constexpr std::size_t kMostReference = 4096;   // bytes of an item
inline constexpr std::size_t kMostReferences = 1024;  // in a request

}  // namespace gatehouse::dialects::openai_responses
