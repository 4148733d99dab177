#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "gatehouse/guard/schema/compiled.h"
#include "gatehouse/json/scan.h"

namespace gatehouse::guard::schema {
namespace {

namespace dom = simdjson::dom;

// Of a value of that kind; empty or false of another.
std::string_view text_of(Value value) {
  return value.is_string() ? value.get_string().value_unsafe() : std::string_view();
}
dom::object members_of(Value object) { return object.get_object().value_unsafe(); }
bool is_true(Value value) { return value.is_bool() && value.get_bool().value_unsafe(); }
std::optional<Value> member(Value value, std::string_view name) {
  Value found;
  if (!value.is_object() || value.get_object().value_unsafe().at_key(name).get(found) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  return found;
}

// Words that would change the verdict and are not known here.
constexpr std::string_view kRefused[] = {
    "$dynamicRef",           "$recursiveRef",    "$dynamicAnchor", "$recursiveAnchor",
    "unevaluatedProperties", "unevaluatedItems", "extends",        "disallow"};

// ECMA-262 has \uXXXX where RE2 has \x{XXXX}. What RE2 has not (looking around, going back) it refuses itself.
std::string to_re2(std::string_view pattern) {
  std::string out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '\\' || i + 1 == pattern.size()) {
      out += pattern[i];
      continue;
    }
    const bool unicode =
        pattern[i + 1] == 'u' && i + 6 <= pattern.size() && std::ranges::all_of(pattern.substr(i + 2, 4), [](char c) {
          return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        });
    if (unicode) {
      out += fmt::format("\\x{{{}}}", pattern.substr(i + 2, 4));
      i += 5;
    } else {
      out += pattern.substr(i, 2);
      ++i;
    }
  }
  return out;
}

class Compiler {
 public:
  Compiler(Compiled& out) : out_(out) {}

  Result<> run() {
    const Value root = out_.document;
    if (const auto declared = member(root, "$schema")) {
      for (const std::string_view draft : {"draft-03", "draft-04", "draft-06", "draft-07"}) {
        ref_alone_ = ref_alone_ || text_of(*declared).find(draft) != std::string_view::npos;
      }
    }
    node(root, 0);
    while (error_.empty() && !pending_.empty()) {  // targets of references, which may refer on
      Pending next = std::move(pending_.back());
      pending_.pop_back();
      path_ = std::move(next.path);
      fill(next.value, next.node, 0);
    }
    if (error_.empty()) find_loops();
    if (!error_.empty()) return fail(code_, path() + error_);
    return {};
  }

 private:
  // The first error stops everything.
  void wrong(std::string_view what, Code code = Code::invalid_request) {
    if (!error_.empty()) return;
    error_ = what;
    code_ = code;
    at_error_ = path_;
  }
  std::string path() const {
    std::string out = "schema";
    for (const std::string& step : at_error_) out += "/" + step;
    return out + ": ";
  }
  class Step {
   public:
    Step(Compiler& compiler, std::string step) : compiler_(compiler) { compiler_.path_.push_back(std::move(step)); }
    ~Step() { compiler_.path_.pop_back(); }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

   private:
    Compiler& compiler_;
  };

  // Values have no identity but their place.
  static std::string key_of(const std::vector<std::string>& path) {
    std::string key;
    for (const std::string& step : path) {
      key += step;
      key += '\0';
    }
    return key;
  }

  Node reserve(std::string key) {
    if (out_.nodes.size() >= out_.limits.schema_nodes) {
      wrong("more subschemas than allowed", Code::too_large);
      return kNoNode;
    }
    const auto id = static_cast<Node>(out_.nodes.size());
    out_.nodes.emplace_back();
    known_.emplace(std::move(key), id);
    return id;
  }

  Node node(const Value& value, std::size_t depth) {
    if (!error_.empty()) return kNoNode;
    std::string key = key_of(path_);
    // Where a reference came first, it is filled from the list.
    if (const auto known = known_.find(key); known != known_.end()) return known->second;
    const Node id = reserve(std::move(key));
    if (id != kNoNode) fill(value, id, depth);
    return id;
  }
  Node node(const Value& value, std::size_t depth, std::string step) {
    Step scope(*this, std::move(step));
    return node(value, depth + 1);
  }

  static dom::array elements(Value value) { return value.is_array() ? value.get_array().value_unsafe() : dom::array(); }

  std::vector<Node> list(const Value& value, std::size_t depth, std::string_view word) {
    std::vector<Node> out;
    Step scope(*this, std::string(word));
    if (!value.is_array() || elements(value).size() == 0) {
      wrong("must be an array of schemas");
      return out;
    }
    for (const Value inner : elements(value)) out.push_back(node(inner, depth, std::to_string(out.size())));
    return out;
  }

  std::optional<std::uint64_t> count(const Value& value) {
    if (value.is_uint64()) return value.get_uint64().value_unsafe();
    if (const double whole = value.is_double() ? value.get_double().value_unsafe() : -1;
        whole >= 0 && whole < 1e15 && std::floor(whole) == whole) {
      return static_cast<std::uint64_t>(whole);
    }
    wrong("must be a count");
    return std::nullopt;
  }
  std::optional<double> number(const Value& value) {
    if (value.is_number()) return value.get_double().value_unsafe();
    wrong("must be a number");
    return std::nullopt;
  }

  std::vector<std::string> names(const Value& value) {
    std::vector<std::string> out;
    if (!value.is_array()) {
      wrong("must be an array of names");
      return out;
    }
    for (const Value name : elements(value)) {
      if (!name.is_string()) wrong("must be an array of names");
      out.emplace_back(text_of(name));
    }
    return out;
  }

  const re2::RE2* pattern(std::string_view pattern) {
    if (pattern.size() > SchemaLimits::kLongestPattern || out_.patterns.size() >= out_.limits.patterns) {
      wrong("too many regular expressions, or too long ones", Code::too_large);
      return nullptr;
    }
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(512 << 10);
    auto made = std::make_unique<re2::RE2>(to_re2(pattern), options);
    if (!made->ok()) {
      wrong("not a regular expression that is supported (RE2: no looking around, no references back)",
            Code::unsupported);
      return nullptr;
    }
    out_.patterns.push_back(std::move(made));
    return out_.patterns.back().get();
  }

  std::uint8_t types(const Value& value) {
    constexpr std::pair<std::string_view, Type> kTypes[] = {
        {"null", kNull},     {"boolean", kBoolean}, {"object", kObject},  {"array", kArray},
        {"number", kNumber}, {"string", kString},   {"integer", kInteger}};
    const auto one = [&](const Value& name) -> std::uint8_t {
      if (name.is_string()) {
        for (const auto& [known, type] : kTypes) {
          if (known == text_of(name)) return type;
        }
      }
      wrong("no type of JSON");
      return 0;
    };
    if (!value.is_array()) return one(value);
    std::uint8_t out = 0;
    for (const Value name : elements(value)) out |= one(name);
    if (out == 0) wrong("no type of JSON");
    return out;
  }

  // The value that a reference names, and its path: "#" and a JSON pointer in a URI's fragment (RFC 6901, section 6).
  std::optional<Value> target(std::string_view ref, std::vector<std::string>& path) {
    if (ref.empty() || ref[0] != '#') {
      wrong("refers to another document, and none is fetched", Code::unsupported);
      return std::nullopt;
    }
    ref.remove_prefix(1);
    if (!ref.empty() && ref[0] != '/') {
      wrong("refers to an anchor; only JSON pointers are supported", Code::unsupported);
      return std::nullopt;
    }
    std::optional<Value> at = out_.document;
    while (!ref.empty() && at) {
      ref.remove_prefix(1);
      const std::size_t end = std::min(ref.find('/'), ref.size());
      path.push_back(unescaped(ref.substr(0, end)));
      ref.remove_prefix(end);
      at = at->is_array() ? element(*at, path.back()) : member(*at, path.back());
    }
    if (!at) wrong("refers to nothing");
    return at;
  }
  static std::optional<Value> element(Value array, std::string_view index) {
    std::size_t number = 0;
    if (index.empty() || index.size() > 9 || (index.size() > 1 && index[0] == '0')) return std::nullopt;
    for (const char c : index) {
      if (c < '0' || c > '9') return std::nullopt;
      number = number * 10 + static_cast<std::size_t>(c - '0');
    }
    Value found;
    if (elements(array).at(number).get(found) != simdjson::SUCCESS) return std::nullopt;
    return found;
  }
  static std::string unescaped(std::string_view token) {
    const auto hex = [](char c) {
      return c >= '0' && c <= '9'   ? c - '0'
             : c >= 'a' && c <= 'f' ? c - 'a' + 10
             : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                    : -1;
    };
    std::string decoded;
    for (std::size_t i = 0; i < token.size(); ++i) {
      if (token[i] == '%' && i + 2 < token.size() && hex(token[i + 1]) >= 0 && hex(token[i + 2]) >= 0) {
        decoded += static_cast<char>(hex(token[i + 1]) * 16 + hex(token[i + 2]));
        i += 2;
      } else {
        decoded += token[i];
      }
    }
    std::string out;
    for (std::size_t i = 0; i < decoded.size(); ++i) {
      const bool escape =
          decoded[i] == '~' && i + 1 < decoded.size() && (decoded[i + 1] == '0' || decoded[i + 1] == '1');
      out += escape ? (decoded[i + 1] == '0' ? '~' : '/') : decoded[i];
      if (escape) ++i;
    }
    return out;
  }

  void refer(const Value& value, Subschema& made) {
    Step scope(*this, "$ref");
    if (!value.is_string()) return wrong("must be a string");
    std::vector<std::string> path;
    const auto to = target(text_of(value), path);
    if (!to) return;
    std::string key = key_of(path);
    if (const auto known = known_.find(key); known != known_.end()) {
      made.ref = known->second;
      return;
    }
    made.ref = reserve(std::move(key));
    if (made.ref != kNoNode) pending_.push_back({*to, made.ref, std::move(path)});
  }

  void fill(const Value& value, Node id, std::size_t depth) {
    if (!filled_.insert(id).second) return;
    if (depth > out_.limits.schema_depth) return wrong("subschemas too deep inside each other", Code::too_large);
    Subschema made;  // the vector of nodes grows meanwhile
    if (value.is_bool()) {
      made.never = !is_true(value);
    } else if (value.is_object()) {
      const auto ref = member(value, "$ref");
      if (ref) refer(*ref, made);
      if (!ref || !ref_alone_) {
        for (const auto field : members_of(value)) {
          if (!error_.empty()) return;
          keyword(field.key, field.value, value, made, depth);
        }
        std::ranges::sort(made.properties, {}, &std::pair<std::string, Node>::first);
      }
    } else {
      return wrong("must be an object or a boolean");
    }
    out_.nodes[id] = std::move(made);
  }

  void keyword(std::string_view word, const Value& value, const Value& schema, Subschema& made, std::size_t depth) {
    if (std::ranges::find(kRefused, word) != std::end(kRefused)) {
      Step scope(*this, std::string(word));
      if (is_true(value) && word.starts_with("unevaluated")) return;  // allows all
      return wrong("this word is not supported", Code::unsupported);
    }
    if (applies(word, value, schema, made, depth)) return;
    Step scope(*this, std::string(word));
    if (word == "type") {
      made.types = types(value);
    } else if (word == "enum") {
      if (!value.is_array()) return wrong("must be an array");
      made.one_of_values = elements(value);
    } else if (word == "const") {
      made.constant = value;
    } else if (word == "minimum" || word == "maximum") {
      // Draft-04 had exclusiveMinimum as a boolean beside minimum.
      const auto beside = member(schema, word == "minimum" ? "exclusiveMinimum" : "exclusiveMaximum");
      const bool exclusive = beside && is_true(*beside);
      (word == "minimum" ? exclusive ? made.exclusive_minimum : made.minimum
       : exclusive       ? made.exclusive_maximum
                         : made.maximum) = number(value);
    } else if (word == "exclusiveMinimum" || word == "exclusiveMaximum") {
      if (value.is_bool()) return;
      (word == "exclusiveMinimum" ? made.exclusive_minimum : made.exclusive_maximum) = number(value);
    } else if (word == "multipleOf") {
      made.multiple_of = number(value);
      if (made.multiple_of && !(*made.multiple_of > 0)) wrong("must be above zero");
    } else if (word == "minLength") {
      made.min_length = count(value);
    } else if (word == "maxLength") {
      made.max_length = count(value);
    } else if (word == "minItems") {
      made.min_items = count(value);
    } else if (word == "maxItems") {
      made.max_items = count(value);
    } else if (word == "minProperties") {
      made.min_properties = count(value);
    } else if (word == "maxProperties") {
      made.max_properties = count(value);
    } else if (word == "minContains") {
      made.min_contains = count(value);
    } else if (word == "maxContains") {
      made.max_contains = count(value);
    } else if (word == "pattern") {
      if (!value.is_string()) return wrong("must be a string");
      made.pattern = pattern(text_of(value));
    } else if (word == "format") {
      if (!value.is_string()) return wrong("must be a string");
      made.format = format_of(text_of(value));
    } else if (word == "uniqueItems") {
      if (!value.is_bool()) return wrong("must be a boolean");
      made.unique = is_true(value);
    } else if (word == "required") {
      made.required = names(value);
    } else if (word == "dependentRequired") {
      if (!value.is_object()) return wrong("must be an object");
      for (const auto field : members_of(value)) {
        made.dependent_required.emplace_back(field.key, names(field.value));
      }
    }
    // Everything else is a remark: title, description, default, examples, $comment, contentEncoding ...
  }

  // Words that have schemas in them. False: none of these.
  bool applies(std::string_view word, const Value& value, const Value& schema, Subschema& made, std::size_t depth) {
    const auto map = [&](auto&& each) {
      Step scope(*this, std::string(word));
      if (!value.is_object()) return wrong("must be an object");
      for (const auto field : members_of(value)) {
        if (!error_.empty()) return;
        each(field.key, field.value);
      }
    };
    if (word == "properties") {
      map([&](std::string_view name, const Value& inner) {
        made.properties.emplace_back(name, node(inner, depth, std::string(name)));
      });
    } else if (word == "patternProperties") {
      map([&](std::string_view name, const Value& inner) {
        const re2::RE2* made_pattern = pattern(name);
        made.pattern_properties.emplace_back(made_pattern, node(inner, depth, std::string(name)));
      });
    } else if (word == "additionalProperties") {
      made.additional_properties = node(value, depth, std::string(word));
    } else if (word == "propertyNames") {
      made.property_names = node(value, depth, std::string(word));
    } else if (word == "dependentSchemas") {
      map([&](std::string_view name, const Value& inner) {
        made.dependent_schemas.emplace_back(name, node(inner, depth, std::string(name)));
      });
    } else if (word == "dependencies") {
      map([&](std::string_view name, const Value& inner) {
        if (inner.is_array()) {
          made.dependent_required.emplace_back(name, names(inner));
        } else {
          made.dependent_schemas.emplace_back(name, node(inner, depth, std::string(name)));
        }
      });
    } else if (word == "prefixItems" || (word == "items" && value.is_array())) {
      if (!value.is_array() || elements(value).size() != 0) made.prefix_items = list(value, depth, word);
    } else if (word == "items") {
      made.items = node(value, depth, std::string(word));
    } else if (word == "additionalItems") {
      if (const auto items = member(schema, "items"); items && items->is_array())
        made.items = node(value, depth, std::string(word));
    } else if (word == "contains") {
      made.contains = node(value, depth, std::string(word));
    } else if (word == "allOf") {
      made.all_of = list(value, depth, word);
    } else if (word == "anyOf") {
      made.any_of = list(value, depth, word);
    } else if (word == "oneOf") {
      made.one_of = list(value, depth, word);
    } else if (word == "not") {
      made.negated = node(value, depth, std::string(word));
    } else if (word == "if") {
      made.condition = node(value, depth, std::string(word));
    } else if (word == "then") {
      made.consequence = node(value, depth, std::string(word));
    } else if (word == "else") {
      made.alternative = node(value, depth, std::string(word));
    } else {
      return word == "$ref" || word == "$defs" || word == "definitions";
    }
    return true;
  }

  // Schemas that come back to themselves without a step into the value would never end.
  void find_loops() {
    enum class Mark : std::uint8_t { fresh, open, done };
    std::vector<Mark> marks(out_.nodes.size(), Mark::fresh);
    struct Frame {
      Node node;
      std::vector<Node> next;
    };
    for (Node start = 0; start < out_.nodes.size(); ++start) {
      if (marks[start] != Mark::fresh) continue;
      std::vector<Frame> stack;
      stack.push_back({start, in_place(out_.nodes[start])});
      marks[start] = Mark::open;
      while (!stack.empty()) {
        Frame& top = stack.back();
        if (top.next.empty()) {
          marks[top.node] = Mark::done;
          stack.pop_back();
          continue;
        }
        const Node next = top.next.back();
        top.next.pop_back();
        if (marks[next] == Mark::open) return wrong("a reference leads back to itself");
        if (marks[next] == Mark::done) continue;
        marks[next] = Mark::open;
        if (stack.size() > kLongestChain) return wrong("references too long one behind the other", Code::too_large);
        stack.push_back({next, in_place(out_.nodes[next])});
      }
    }
  }
  static constexpr std::size_t kLongestChain = 128;

  static std::vector<Node> in_place(const Subschema& schema) {
    std::vector<Node> out;
    for (const auto* nodes : {&schema.all_of, &schema.any_of, &schema.one_of})
      out.insert(out.end(), nodes->begin(), nodes->end());
    for (const Node node : {schema.negated, schema.condition, schema.consequence, schema.alternative, schema.ref}) {
      if (node != kNoNode) out.push_back(node);
    }
    for (const auto& [name, node] : schema.dependent_schemas) out.push_back(node);
    std::erase(out, kNoNode);
    return out;
  }

  Compiled& out_;
  bool ref_alone_ = false;  // up to draft-07 what stands beside a $ref is passed over
  struct Pending {
    Value value;
    Node node;
    std::vector<std::string> path;
  };
  std::unordered_map<std::string, Node> known_;  // by key_of their path
  std::unordered_set<Node> filled_;
  std::vector<Pending> pending_;
  std::vector<std::string> path_;
  std::vector<std::string> at_error_;
  std::string error_;
  Code code_ = Code::invalid_request;
};

}  // namespace

Result<Compiled> compile(std::string_view schema, const SchemaLimits& limits) {
  if (schema.size() > limits.schema_bytes) return fail(Code::too_large, "schema: longer than allowed");
  // Checked here, so that the parser behind meets no depth and no bytes that it might not bear.
  if (auto valid = json::validate(schema); !valid) {
    return fail(Code::invalid_request, "schema: not JSON: " + valid.error().detail);
  }
  Compiled out;
  out.limits = limits;
  out.parser = std::make_unique<simdjson::dom::parser>();
  if (out.parser->parse(schema.data(), schema.size()).get(out.document) != simdjson::SUCCESS) {
    return fail(Code::invalid_request, "schema: not JSON that can be read");
  }
  if (auto done = Compiler(out).run(); !done) return std::unexpected(std::move(done.error()));
  return out;
}

}  // namespace gatehouse::guard::schema
