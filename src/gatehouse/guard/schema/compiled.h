#pragma once

#include <re2/re2.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <simdjson.h>

#include "gatehouse/base/error.h"
#include "gatehouse/guard/schema/answer_schema.h"
#include "gatehouse/guard/schema/formats.h"

// What a schema becomes, between compile.cc and check.cc. Not for other folders.
namespace gatehouse::guard::schema {

using Node = std::uint32_t;
inline constexpr Node kNoNode = 0xFFFFFFFF;
using Value = simdjson::dom::element;  // holds as long as its parser

enum Type : std::uint8_t {
  kNull = 1,
  kBoolean = 2,
  kObject = 4,
  kArray = 8,
  kNumber = 16,
  kString = 32,
  kInteger = 64,  // a number without a fraction
};

struct Subschema {
  bool never = false;      // the schema `false`
  std::uint8_t types = 0;  // 0: any
  std::optional<double> minimum, maximum, exclusive_minimum, exclusive_maximum, multiple_of;
  std::optional<std::uint64_t> min_length, max_length, min_items, max_items, min_properties, max_properties;
  std::optional<std::uint64_t> min_contains, max_contains;
  const re2::RE2* pattern = nullptr;
  Format format = Format::any;
  bool unique = false;
  std::optional<simdjson::dom::array> one_of_values;  // enum
  std::optional<Value> constant;
  std::vector<std::string> required;
  std::vector<std::pair<std::string, Node>> properties;  // ascending
  std::vector<std::pair<const re2::RE2*, Node>> pattern_properties;
  Node additional_properties = kNoNode;
  Node property_names = kNoNode;
  std::vector<std::pair<std::string, std::vector<std::string>>> dependent_required;
  std::vector<std::pair<std::string, Node>> dependent_schemas;
  std::vector<Node> prefix_items;
  Node items = kNoNode;  // behind prefix_items
  Node contains = kNoNode;
  std::vector<Node> all_of, any_of, one_of;
  Node negated = kNoNode, condition = kNoNode, consequence = kNoNode, alternative = kNoNode, ref = kNoNode;

  bool looks_at_objects() const {
    return !properties.empty() || !pattern_properties.empty() || additional_properties != kNoNode ||
           property_names != kNoNode || !required.empty() || min_properties || max_properties ||
           !dependent_required.empty() || !dependent_schemas.empty();
  }
};

// The schema's own document holds the values that it names.
struct Compiled {
  std::unique_ptr<simdjson::dom::parser> parser;  // where it is, its values stay
  Value document;
  std::vector<Subschema> nodes;  // the first is the root
  std::vector<std::unique_ptr<re2::RE2>> patterns;
  SchemaLimits limits;
};

Result<Compiled> compile(std::string_view schema, const SchemaLimits& limits);
Result<> check(const Compiled& schema, std::string_view answer);

}  // namespace gatehouse::guard::schema
