#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "gatehouse/guard/schema/compiled.h"
#include "gatehouse/json/scan.h"

namespace gatehouse::guard::schema {
namespace {

namespace dom = simdjson::dom;
using dom::element_type;

std::string_view text_of(Value value) { return value.get_string().value_unsafe(); }
dom::object members_of(Value object) { return object.get_object().value_unsafe(); }
dom::array elements_of(Value array) { return array.get_array().value_unsafe(); }
double number_of(Value value) { return value.get_double().value_unsafe(); }

bool is_integer(Value value) {
  if (value.is_int64() || value.is_uint64()) return true;
  const double number = number_of(value);
  return std::isfinite(number) && std::floor(number) == number;
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

bool is_multiple(Value value, double of) {
  if (is_integer(value) && std::floor(of) == of && of < 9e15 && std::fabs(number_of(value)) < 9e15) {
    return std::fmod(number_of(value), of) == 0;
  }
  // Decimal fractions have no exact form; what differs by rounding alone is a multiple.
  const double times = number_of(value) / of;
  return std::isfinite(times) && std::fabs(times - std::round(times)) <= 1e-9 * std::max(1.0, std::fabs(times));
}

// One check of one answer.
class Checker {
 public:
  explicit Checker(const Compiled& schema) : schema_(schema), left_(schema.limits.steps) {}

  Result<> run(Value answer) {
    if (test(0, answer)) return {};
    if (exhausted_) return fail(Code::too_large, "the answer takes too much to be compared with its schema");
    return fail(Code::content_blocked, where_ + ": " + what_);
  }

 private:
  // A step on the way from the root, as it may be shown.
  struct Step {
    std::string_view name;  // of the schema's; empty: a number or one that is not shown
    std::size_t index = kHidden;
  };
  static constexpr std::size_t kHidden = static_cast<std::size_t>(-1);
  // Of the schema's own stack: containers inside each other times references one behind the other.
  static constexpr std::size_t kDeepest = 768;

  bool spend(std::size_t steps = 1) {
    if (left_ < steps) {
      exhausted_ = true;
      return false;
    }
    left_ -= steps;
    return true;
  }

  // Nothing satisfies anything once the steps are spent.
  bool no(std::string what) {
    if (quiet_ > 0 || exhausted_) return false;
    what_ = std::move(what);
    where_.clear();
    for (const Step& step : path_) {
      where_ += '/';
      if (!step.name.empty()) {
        for (const char c : step.name) where_ += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
      } else if (step.index != kHidden) {
        where_ += std::to_string(step.index);
      } else {
        where_ += '*';
      }
    }
    if (where_.empty()) where_ = "(root)";
    return false;
  }

  bool test(Node node, Value value) {
    if (!spend()) return false;
    if (depth_ == kDeepest) {
      exhausted_ = true;
      return false;
    }
    ++depth_;
    const bool ok = satisfies(schema_.nodes[node], value);
    --depth_;
    return ok && !exhausted_;
  }
  bool test_at(Node node, Value value, Step step) {
    path_.push_back(step);
    const bool ok = test(node, value);
    path_.pop_back();
    return ok;
  }
  // As a question: what is wrong is not told.
  bool holds(Node node, Value value) {
    ++quiet_;
    const bool ok = test(node, value);
    --quiet_;
    return ok;
  }

  bool satisfies(const Subschema& schema, Value value) {
    if (schema.never) return no("no value is allowed here");
    if (schema.types != 0 && (type_bits(value) & schema.types) == 0) return no("must be " + describe(schema.types));
    if (schema.constant && !equal(*schema.constant, value)) return no("must be the one value that the schema gives");
    if (schema.one_of_values && !is_among(*schema.one_of_values, value)) {
      return no("must be one of the values that the schema lists");
    }
    switch (value.type()) {
      case element_type::INT64:
      case element_type::UINT64:
      case element_type::DOUBLE:
        if (!number(schema, value)) return false;
        break;
      case element_type::STRING:
        if (!string(schema, text_of(value))) return false;
        break;
      case element_type::ARRAY:
        if (!array(schema, value.get_array().value_unsafe())) return false;
        break;
      case element_type::OBJECT:
        if (schema.looks_at_objects() && !object(schema, value)) return false;
        break;
      case element_type::BOOL:
      case element_type::NULL_VALUE:
        break;
    }
    return combined(schema, value);
  }

  static std::uint8_t type_bits(Value value) {
    switch (value.type()) {
      case element_type::INT64:
      case element_type::UINT64:
        return kNumber | kInteger;
      case element_type::DOUBLE:
        return is_integer(value) ? kNumber | kInteger : kNumber;
      case element_type::STRING:
        return kString;
      case element_type::ARRAY:
        return kArray;
      case element_type::OBJECT:
        return kObject;
      case element_type::BOOL:
        return kBoolean;
      case element_type::NULL_VALUE:
        return kNull;
    }
    return 0;
  }

  static std::string describe(std::uint8_t types) {
    constexpr std::pair<Type, std::string_view> kNames[] = {
        {kNull, "null"},       {kBoolean, "a boolean"}, {kObject, "an object"},  {kArray, "an array"},
        {kNumber, "a number"}, {kString, "a string"},   {kInteger, "an integer"}};
    std::string out;
    for (const auto& [type, name] : kNames) {
      if ((types & type) == 0) continue;
      if (!out.empty()) out += " or ";
      out += name;
    }
    return out;
  }

  bool number(const Subschema& schema, Value value) {
    const double number = number_of(value);
    if (schema.minimum && number < *schema.minimum) return no(fmt::format("must be at least {}", *schema.minimum));
    if (schema.maximum && number > *schema.maximum) return no(fmt::format("must be at most {}", *schema.maximum));
    if (schema.exclusive_minimum && number <= *schema.exclusive_minimum) {
      return no(fmt::format("must be above {}", *schema.exclusive_minimum));
    }
    if (schema.exclusive_maximum && number >= *schema.exclusive_maximum) {
      return no(fmt::format("must be below {}", *schema.exclusive_maximum));
    }
    if (schema.multiple_of && !is_multiple(value, *schema.multiple_of)) {
      return no(fmt::format("must be a multiple of {}", *schema.multiple_of));
    }
    return true;
  }

  bool matches(const re2::RE2& pattern, std::string_view text) {
    // Linear in the text; about so much a byte.
    return spend(1 + text.size() / 16) && re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), pattern);
  }

  bool string(const Subschema& schema, std::string_view text) {
    if (schema.min_length || schema.max_length) {
      if (!spend(1 + text.size() / 64)) return false;
      const std::size_t length = characters(text);
      if (schema.min_length && length < *schema.min_length) {
        return no(fmt::format("must have at least {} characters", *schema.min_length));
      }
      if (schema.max_length && length > *schema.max_length) {
        return no(fmt::format("must have at most {} characters", *schema.max_length));
      }
    }
    if (schema.pattern != nullptr && !matches(*schema.pattern, text)) {
      return no("must match the pattern that the schema gives");
    }
    if (schema.format != Format::any) {
      if (!spend(1 + text.size() / 64)) return false;
      if (!is_format(schema.format, text)) return no(fmt::format("must be {}", schema::describe(schema.format)));
    }
    return true;
  }

  bool array(const Subschema& schema, dom::array list) {
    const std::size_t size = static_cast<std::size_t>(std::distance(list.begin(), list.end()));
    if (schema.min_items && size < *schema.min_items) {
      return no(fmt::format("must have at least {} elements", *schema.min_items));
    }
    if (schema.max_items && size > *schema.max_items) {
      return no(fmt::format("must have at most {} elements", *schema.max_items));
    }
    std::size_t index = 0;
    std::size_t found = 0;
    if (!schema.prefix_items.empty() || schema.items != kNoNode || schema.contains != kNoNode) {
      for (const Value value : list) {
        const Node node = index < schema.prefix_items.size() ? schema.prefix_items[index] : schema.items;
        if (node != kNoNode && !test_at(node, value, {.name = {}, .index = index})) return false;
        if (schema.contains != kNoNode && holds(schema.contains, value)) ++found;
        if (exhausted_) return false;
        ++index;
      }
    }
    if (schema.contains != kNoNode) {
      const std::uint64_t least = schema.min_contains.value_or(1);
      if (found < least)
        return no(fmt::format("must have {} or more elements of the kind that the schema asks for", least));
      if (schema.max_contains && found > *schema.max_contains) {
        return no(fmt::format("must have at most {} elements of that kind", *schema.max_contains));
      }
    }
    if (schema.unique && !is_unique(list)) return no("must not have an element twice");
    return true;
  }

  static const std::pair<std::string, Node>* find(const std::vector<std::pair<std::string, Node>>& list,
                                                  std::string_view name) {
    const auto found = std::ranges::lower_bound(list, name, {}, &std::pair<std::string, Node>::first);
    return found != list.end() && found->first == name ? &*found : nullptr;
  }

  bool object(const Subschema& schema, Value value) {
    const dom::object members = value.get_object().value_unsafe();
    std::size_t size = 0;
    for (const auto field : members) {
      if (!spend()) return false;
      ++size;
      const auto* known = find(schema.properties, field.key);
      bool named = known != nullptr;
      const Step step{.name = named ? std::string_view(known->first) : std::string_view(), .index = kHidden};
      if (named && !test_at(known->second, field.value, step)) return false;
      for (const auto& [pattern, node] : schema.pattern_properties) {
        if (!matches(*pattern, field.key)) {
          if (exhausted_) return false;
          continue;
        }
        named = true;
        if (!test_at(node, field.value, step)) return false;
      }
      if (!named && schema.additional_properties != kNoNode) {
        if (schema_.nodes[schema.additional_properties].never) return no("has a member that the schema does not allow");
        if (!test_at(schema.additional_properties, field.value, step)) return false;
      }
      if (schema.property_names != kNoNode && !name_holds(schema.property_names, field.key)) {
        return no("has a member with a name that the schema does not allow");
      }
    }
    if (schema.min_properties && size < *schema.min_properties) {
      return no(fmt::format("must have at least {} members", *schema.min_properties));
    }
    if (schema.max_properties && size > *schema.max_properties) {
      return no(fmt::format("must have at most {} members", *schema.max_properties));
    }
    if (!requires_all(schema.required, members)) return false;
    for (const auto& [name, others] : schema.dependent_required) {
      if (has(members, name) && !requires_all(others, members)) return false;
    }
    for (const auto& [name, node] : schema.dependent_schemas) {
      if (has(members, name) && !test(node, value)) return false;
    }
    return true;
  }

  bool has(dom::object members, std::string_view name) {
    for (const auto field : members) {
      if (!spend()) return false;
      if (field.key == name) return true;
    }
    return false;
  }
  bool requires_all(const std::vector<std::string>& names, dom::object members) {
    for (const std::string& name : names) {
      if (!has(members, name)) return no(fmt::format("lacks the member \"{}\"", name));
    }
    return true;
  }

  // A member's name as a value: the parser has none of it, so it is parsed from its quoted form.
  bool name_holds(Node node, std::string_view name) {
    if (!spend(16 + name.size() / 16)) return false;
    std::string quoted;
    quoted += '"';
    for (const char c : name) {
      if (c == '"' || c == '\\') quoted += '\\';
      if (static_cast<unsigned char>(c) < 0x20) {
        quoted += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
      } else {
        quoted += c;
      }
    }
    quoted += '"';
    dom::parser parser;
    Value value;
    if (parser.parse(quoted).get(value) != simdjson::SUCCESS) return false;
    return holds(node, value);
  }

  bool combined(const Subschema& schema, Value value) {
    if (schema.ref != kNoNode && !test(schema.ref, value)) return false;
    for (const Node node : schema.all_of) {
      if (!test(node, value)) return false;
    }
    if (!schema.any_of.empty()) {
      const bool any = std::ranges::any_of(schema.any_of, [&](Node node) { return holds(node, value); });
      if (!any) return alternatives(schema.any_of, value);
    }
    if (!schema.one_of.empty()) {
      std::size_t count = 0;
      for (const Node node : schema.one_of) {
        if (holds(node, value) && ++count == 2) return no("satisfies more than one of the alternatives");
      }
      if (count == 0) return alternatives(schema.one_of, value);
    }
    if (schema.negated != kNoNode && holds(schema.negated, value)) return no("must not be what the schema excludes");
    if (schema.condition != kNoNode) {
      const Node node = holds(schema.condition, value) ? schema.consequence : schema.alternative;
      if (node != kNoNode && !test(node, value)) return false;
    }
    return !exhausted_;
  }

  // Of several alternatives none holds. Where only one is for a value of this type, its error says more.
  bool alternatives(const std::vector<Node>& nodes, Value value) {
    if (exhausted_) return false;
    Node only = kNoNode;
    std::size_t fitting = 0;
    for (const Node node : nodes) {
      const Subschema* schema = &schema_.nodes[node];
      if (schema->types == 0 && schema->ref != kNoNode) schema = &schema_.nodes[schema->ref];
      if (schema->types != 0 && (schema->types & type_bits(value)) == 0) continue;
      only = node;
      ++fitting;
    }
    if (fitting == 1) return test(only, value);
    return no(fmt::format("satisfies none of the {} alternatives", nodes.size()));
  }

  bool is_among(dom::array values, Value value) {
    for (const Value one : values) {
      if (equal(one, value)) return true;
      if (exhausted_) return false;
    }
    return false;
  }

  // As JSON Schema has it: numbers by value, objects without order.
  bool equal(Value a, Value b) {
    if (!spend()) return false;
    if (a.is_number() && b.is_number()) {
      if (a.is_int64() && b.is_int64()) return a.get_int64().value_unsafe() == b.get_int64().value_unsafe();
      if (a.is_uint64() && b.is_uint64()) return a.get_uint64().value_unsafe() == b.get_uint64().value_unsafe();
      return number_of(a) == number_of(b);
    }
    if (a.type() != b.type()) return false;
    switch (a.type()) {
      case element_type::STRING:
        return spend(text_of(a).size() / 64) && text_of(a) == text_of(b);
      case element_type::BOOL:
        return a.get_bool().value_unsafe() == b.get_bool().value_unsafe();
      case element_type::ARRAY: {
        const dom::array left = a.get_array().value_unsafe();
        const dom::array right = b.get_array().value_unsafe();
        auto other = right.begin();
        for (const Value one : left) {
          if (!(other != right.end()) || !equal(one, *other)) return false;
          ++other;
        }
        return !(other != right.end());
      }
      case element_type::OBJECT: {
        const dom::object left = a.get_object().value_unsafe();
        const dom::object right = b.get_object().value_unsafe();
        if (left.size() != right.size()) return false;
        for (const auto field : left) {
          bool same = false;
          for (const auto other : right) {
            if (!spend()) return false;
            if (other.key == field.key) {
              same = equal(field.value, other.value);
              break;
            }
          }
          if (!same) return false;
        }
        return true;
      }
      default:
        return true;
    }
  }

  // Equal values have equal hashes.
  std::uint64_t hash(Value value) {
    if (!spend()) return 0;
    const auto mix = [](std::uint64_t seed, std::uint64_t with) {
      seed = (seed ^ with) * 0x9E3779B97F4A7C15U;
      return seed ^ (seed >> 29);
    };
    switch (value.type()) {
      case element_type::INT64:
      case element_type::UINT64:
      case element_type::DOUBLE:
        return mix(1, std::hash<double>()(number_of(value)));
      case element_type::STRING:
        spend(text_of(value).size() / 64);
        return mix(2, std::hash<std::string_view>()(text_of(value)));
      case element_type::BOOL:
        return mix(3, value.get_bool().value_unsafe() ? 1 : 0);
      case element_type::ARRAY: {
        std::uint64_t seed = 4;
        for (const Value one : elements_of(value)) seed = mix(seed, hash(one));
        return seed;
      }
      case element_type::OBJECT: {
        std::uint64_t sum = 5;
        for (const auto field : members_of(value)) {
          sum += mix(std::hash<std::string_view>()(field.key), hash(field.value));
        }
        return sum;
      }
      default:
        return 6;
    }
  }

  bool is_unique(dom::array list) {
    std::vector<std::pair<std::uint64_t, Value>> hashes;
    for (const Value value : list) {
      hashes.emplace_back(hash(value), value);
      if (exhausted_) return false;
    }
    std::ranges::sort(hashes, {}, &std::pair<std::uint64_t, Value>::first);
    for (std::size_t i = 0; i < hashes.size(); ++i) {
      for (std::size_t j = i + 1; j < hashes.size() && hashes[j].first == hashes[i].first; ++j) {
        if (equal(hashes[i].second, hashes[j].second)) return false;
        if (exhausted_) return false;
      }
    }
    return true;
  }

  const Compiled& schema_;
  std::size_t left_;
  std::size_t depth_ = 0;
  int quiet_ = 0;
  bool exhausted_ = false;
  std::vector<Step> path_;
  std::string where_;
  std::string what_;
};

}  // namespace

Result<> check(const Compiled& schema, std::string_view answer) {
  if (answer.size() > schema.limits.answer_bytes) {
    return fail(Code::too_large, "the answer is longer than may be compared with a schema");
  }
  if (!json::validate(answer)) return fail(Code::content_blocked, "(root): must be JSON, and nothing besides");
  dom::parser parser;
  Value value;
  if (parser.parse(answer.data(), answer.size()).get(value) != simdjson::SUCCESS) {
    return fail(Code::content_blocked, "(root): has a number that is out of range");
  }
  return Checker(schema).run(value);
}

}  // namespace gatehouse::guard::schema
