#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// A JSON Schema brought to one form: what the subsets differ in is then a walk over it.
namespace gatehouse::dialects::schema {

enum class Type : std::uint8_t { null, boolean, integer, number, string, object, array };
inline constexpr std::size_t kTypeCount = 7;
inline constexpr std::array<std::string_view, kTypeCount> kTypeNames = {"null",   "boolean", "integer", "number",
                                                                        "string", "object",  "array"};

// Keywords that bound a value and keep their own words.
enum class Limit : std::uint8_t {
  minimum,
  maximum,
  exclusive_minimum,
  exclusive_maximum,
  multiple_of,
  min_length,
  max_length,
  min_items,
  max_items,
  unique_items,
  min_properties,
  max_properties,
};
inline constexpr std::size_t kLimitCount = 12;
inline constexpr std::array<std::string_view, kLimitCount> kLimitNames = {
    "minimum",   "maximum",  "exclusiveMinimum", "exclusiveMaximum", "multipleOf",    "minLength",
    "maxLength", "minItems", "maxItems",         "uniqueItems",      "minProperties", "maxProperties"};

// One schema. Either it is impossible (`false`, or a recursion that is cut), or a reference to a definition, or one of
// `any_of`, or it is described by the rest; title, description, default and notes go with each. Views are of the
// schema's text and of the Tree.
struct Place {
  struct Property;

  bool impossible = false;
  std::string_view reference;  // name of a definition
  std::vector<Place> any_of;

  std::vector<Type> types;  // in their order; none: any
  std::vector<Property> properties;
  enum class Others : std::uint8_t { untold, refused, allowed } others = Others::untold;  // additionalProperties
  std::vector<Place> items;                                                               // none or one
  std::vector<std::string_view> values;                                                   // enum and const, raw
  bool enumerated = false;                                                                // `values` counts
  std::string_view format;
  std::string_view pattern;
  std::vector<std::pair<Limit, std::string_view>> limits;

  std::string_view title;
  std::string description;
  std::string_view fallback;  // default, raw
  std::vector<std::string> notes;

  bool has(Type type) const { return std::ranges::find(types, type) != types.end(); }
  bool is_only(Type type) const { return types.size() == 1 && types.front() == type; }
  // Says nothing about the value itself.
  bool free() const {
    return !impossible && reference.empty() && any_of.empty() && types.empty() && properties.empty() && items.empty() &&
           !enumerated && format.empty() && pattern.empty() && limits.empty();
  }
  bool plain() const { return title.empty() && description.empty() && fallback.empty() && notes.empty(); }
};

struct Place::Property {
  std::string_view name;
  bool required = false;
  Place place;
};

}  // namespace gatehouse::dialects::schema
