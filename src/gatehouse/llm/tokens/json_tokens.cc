#include "gatehouse/llm/tokens/json_tokens.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "gatehouse/json/scan.h"

namespace gatehouse::llm::detail {
namespace {

using json::Element;
using json::Kind;
using json::Member;

// Around a namespace of functions: what the message that carries it costs (gpt-tokenizer's
// FUNCTION_DEFINITION_TOKEN_OVERHEAD).
constexpr std::uint64_t kNamespace = 9;

constexpr std::size_t kBlock = 4096;

std::uint32_t hex4(std::string_view digits) {
  std::uint32_t unit = 0;
  for (const char c : digits.substr(0, 4)) {
    const std::uint32_t low = static_cast<std::uint8_t>(c) & 0x0fU;
    unit = unit << 4U | (c <= '9' ? low : low + 9);
  }
  return unit;
}

std::size_t put_utf8(std::uint32_t c, char* out) {
  const auto put = [&](std::size_t i, std::uint32_t value) { out[i] = static_cast<char>(value); };
  if (c < 0x80) {
    put(0, c);
    return 1;
  }
  if (c < 0x800) {
    put(0, 0xc0U | c >> 6U);
    put(1, 0x80U | (c & 0x3fU));
    return 2;
  }
  if (c < 0x10000) {
    put(0, 0xe0U | c >> 12U);
    put(1, 0x80U | (c >> 6U & 0x3fU));
    put(2, 0x80U | (c & 0x3fU));
    return 3;
  }
  put(0, 0xf0U | c >> 18U);
  put(1, 0x80U | (c >> 12U & 0x3fU));
  put(2, 0x80U | (c >> 6U & 0x3fU));
  put(3, 0x80U | (c & 0x3fU));
  return 4;
}

// Decodes the escape at the front, which a scan found valid: how long it is, and what it stands for into `out`.
struct Escape {
  std::size_t length;
  std::size_t size;
};
Escape unescape(std::string_view at, char* out) {
  switch (at[1]) {
    case 'n':
      *out = '\n';
      return {2, 1};
    case 't':
      *out = '\t';
      return {2, 1};
    case 'r':
      *out = '\r';
      return {2, 1};
    case 'b':
      *out = '\b';
      return {2, 1};
    case 'f':
      *out = '\f';
      return {2, 1};
    case 'u': {
      const std::uint32_t unit = hex4(at.substr(2));
      if (unit < 0xd800 || unit > 0xdfff) return {6, put_utf8(unit, out)};
      const std::uint32_t low = hex4(at.substr(8));
      return {12, put_utf8(0x10000U + ((unit & 0x3ffU) << 10U) + (low & 0x3ffU), out)};
    }
    default:  // a quote, a slash, a backslash
      *out = at[1];
      return {2, 1};
  }
}

// The members of these names: their raw values, empty where there is none. The last of a name counts.
template <std::size_t kCount>
std::array<std::string_view, kCount> members(std::string_view object,
                                             const std::array<std::string_view, kCount>& names) {
  std::array<std::string_view, kCount> found{};
  json::walk_object(object, [&](const Member& member) {
    const auto* name = std::find(names.begin(), names.end(), member.key);
    if (name != names.end()) found[static_cast<std::size_t>(name - names.begin())] = member.value;
  });
  return found;
}

bool is_string(std::string_view raw) { return !raw.empty() && raw.front() == '"'; }
bool is_object(std::string_view raw) { return !raw.empty() && raw.front() == '{'; }
bool is_array(std::string_view raw) { return !raw.empty() && raw.front() == '['; }

}  // namespace

void add_string(TextCounter& counter, std::string_view raw) {
  if (raw.size() < 2) return;
  raw = raw.substr(1, raw.size() - 2);
  std::size_t escape = raw.find('\\');
  if (escape == std::string_view::npos) return counter.add(raw);
  std::array<char, kBlock> block;
  std::size_t filled = 0;
  const auto flush = [&] {
    counter.add({block.data(), filled});
    filled = 0;
  };
  for (;;) {
    const std::string_view plain = raw.substr(0, escape);
    raw.remove_prefix(plain.size());
    if (plain.size() > block.size() - filled) flush();
    if (plain.size() > block.size() / 2) {
      if (filled > 0) flush();
      counter.add(plain);
    } else {
      std::copy(plain.begin(), plain.end(), block.begin() + static_cast<std::ptrdiff_t>(filled));
      filled += plain.size();
    }
    if (raw.empty()) break;
    if (block.size() - filled < 4) flush();
    const Escape decoded = unescape(raw, block.data() + filled);
    filled += decoded.size;
    raw.remove_prefix(decoded.length);
    escape = raw.find('\\');
  }
  flush();
}

void add_compact(TextCounter& counter, std::string_view raw) {
  while (!raw.empty()) {
    // Up to the next white space outside of strings.
    std::size_t at = 0;
    for (bool in_string = false; at < raw.size(); ++at) {
      const char c = raw[at];
      if (in_string) {
        if (c == '\\') {
          ++at;
        } else if (c == '"') {
          in_string = false;
        }
      } else if (c == '"') {
        in_string = true;
      } else if (c == ' ' || c == '\n' || c == '\r' || c == '\t') {
        break;
      }
    }
    at = std::min(at, raw.size());
    counter.add(raw.substr(0, at));
    raw.remove_prefix(at);
    const std::size_t next = raw.find_first_not_of(" \n\r\t");
    raw.remove_prefix(std::min(next, raw.size()));
  }
}

void ToolCounter::add_tools(std::string_view array) {
  bool opened = false;
  json::walk_array(array, [&](const Element& tool) {
    const auto [function] = members<1>(tool.value, {"function"});
    if (!is_object(function)) {
      tokens_ += count_compact(tool.value);
      return;
    }
    if (!opened) counter_.add("namespace functions {\n\n");
    opened = true;
    add_function(function);
  });
  if (opened) close();
}

void ToolCounter::add_functions(std::string_view array) {
  bool opened = false;
  json::walk_array(array, [&](const Element& function) {
    if (function.kind != Kind::object) return;
    if (!opened) counter_.add("namespace functions {\n\n");
    opened = true;
    add_function(function.value);
  });
  if (opened) close();
}

std::uint64_t ToolCounter::count_compact(std::string_view raw) const {
  TextCounter apart(encoding_);
  add_compact(apart, raw);
  return apart.finish();
}

void ToolCounter::close() {
  counter_.add("} // namespace functions");
  tokens_ += counter_.finish() + kNamespace;
}

void ToolCounter::add_function(std::string_view function) {
  const auto [name, description, parameters] = members<3>(function, {"name", "description", "parameters"});
  if (is_string(description) && description.size() > 2) {
    counter_.add("// ");
    add_string(counter_, description);
    counter_.add("\n");
  }
  counter_.add("type ");
  if (is_string(name)) add_string(counter_, name);
  const auto [properties, defs, definitions] = members<3>(parameters, {"properties", "$defs", "definitions"});
  // What they are referred to as is unknown; the text of them is rather more.
  for (const std::string_view shared : {defs, definitions}) {
    if (!shared.empty()) tokens_ += count_compact(shared);
  }
  bool any = false;
  json::walk_object(properties, [&](const Member&) { any = true; });
  if (!any) return counter_.add(" = () => any;\n\n");
  counter_.add(" = (_: {\n");
  add_properties(parameters, 0, 0);
  counter_.add("}) => any;\n\n");
}

void ToolCounter::add_indent(int indent) {
  for (int i = 0; i < indent; ++i) counter_.add(" ");
}

void ToolCounter::add_properties(std::string_view schema, int indent, int depth) {
  const auto [properties, required] = members<2>(schema, {"properties", "required"});
  std::vector<std::string_view> needed;
  bool all_needed = false;
  json::walk_array(required, [&](const Element& name) {
    if (needed.size() < kMaxRequired) {
      needed.push_back(name.value);
    } else {
      all_needed = true;
    }
  });
  json::walk_object(properties, [&](const Member& property) {
    const auto [description] = members<1>(property.value, {"description"});
    if (is_string(description) && indent < 2) {
      add_indent(indent);
      counter_.add("// ");
      add_string(counter_, description);
      counter_.add("\n");
    }
    add_indent(indent);
    counter_.add(property.key);
    const bool is_needed = all_needed || std::any_of(needed.begin(), needed.end(), [&](std::string_view name) {
                             return name.size() == property.key.size() + 2 && name.substr(1).starts_with(property.key);
                           });
    counter_.add(is_needed ? ": " : "?: ");
    add_type(property.value, indent, depth + 1);
    counter_.add(",\n");
  });
}

void ToolCounter::add_enum(std::string_view values) {
  bool first = true;
  json::walk_array(values, [&](const Element& value) {
    if (!first) counter_.add(" | ");
    first = false;
    counter_.add(value.value);
  });
}

void ToolCounter::add_type(std::string_view schema, int indent, int depth) {
  if (depth > kMaxDepth) return add_compact(counter_, schema);
  const auto [type, values, items, properties, any_of, reference, constant] =
      members<7>(schema, {"type", "enum", "items", "properties", "anyOf", "$ref", "const"});
  if (is_array(values)) return add_enum(values);
  if (!constant.empty()) return counter_.add(constant);
  if (is_array(any_of)) {
    bool first = true;
    json::walk_array(any_of, [&](const Element& one) {
      if (!first) counter_.add(" | ");
      first = false;
      add_type(one.value, indent, depth + 1);
    });
    return;
  }
  if (type == "\"array\"") {
    if (is_object(items)) {
      add_type(items, indent, depth + 1);
    } else {
      counter_.add("any");
    }
    return counter_.add("[]");
  }
  if (type == "\"object\"" || is_object(properties)) {
    counter_.add("{\n");
    add_properties(schema, indent + 2, depth);
    add_indent(indent);
    return counter_.add("}");
  }
  if (type == "\"integer\"" || type == "\"number\"") return counter_.add("number");
  if (is_string(type)) return add_string(counter_, type);
  counter_.add(is_string(reference) ? reference : "any");
}

}  // namespace gatehouse::llm::detail
