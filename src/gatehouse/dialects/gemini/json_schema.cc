#include "gatehouse/dialects/gemini/json_schema.h"

#include <array>

#include "gatehouse/dialects/gemini/reading.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::dialects::gemini {
namespace {

// One walk, as deep as the document, whose depth the cursor bounds.
class SchemaWriter {
 public:
  SchemaWriter(std::string_view schema, std::string& out) : cursor_(schema), writer_(out) {}

  bool schema() {
    if (cursor_.first() != '{') return raw();
    ++depth_;
    writer_.begin_object();
    std::string_view reference;
    std::string_view constant;
    bool neighbours = false;
    bool enumerated = false;
    bool alternatives = false;
    const bool whole = cursor_.object([&](const Cursor::String& key) {
      const std::string name = decoded(key);
      const char first = cursor_.first();
      if (name == "$ref" && first == '"') return !(reference = take(cursor_)).empty();
      if (name == "const") return !(constant = take(cursor_)).empty();
      neighbours = neighbours || !name.starts_with('$');
      enumerated = enumerated || name == "enum";
      alternatives = alternatives || name == "anyOf";
      writer_.key(name);
      static constexpr std::array<std::string_view, 5> kNamed = {"properties", "$defs", "definitions",
                                                                 "patternProperties", "dependentSchemas"};
      for (const auto named : kNamed) {
        if (name == named && first == '{') return object();
      }
      static constexpr std::array<std::string_view, 4> kListed = {"anyOf", "oneOf", "allOf", "prefixItems"};
      for (const auto listed : kListed) {
        if (name == listed && first == '[') return array();
      }
      static constexpr std::array<std::string_view, 4> kSingle = {"items", "additionalProperties", "not", "contains"};
      for (const auto single : kSingle) {
        if (name == single) return schema();
      }
      return raw();
    });
    if (!reference.empty()) {
      // At the root neighbours are taken. Two lists of alternatives would be one member twice.
      if (neighbours && !alternatives && depth_ > 1) {
        writer_.key("anyOf").begin_array().begin_object().key("$ref").raw(reference).end_object().end_array();
      } else {
        writer_.key("$ref").raw(reference);
      }
    }
    // Only words and numbers can be enumerated; of true, false and null the type says enough.
    const bool word = !constant.empty() && (constant.front() == '"' || constant.front() == '-' ||
                                            (constant.front() >= '0' && constant.front() <= '9'));
    if (word && !enumerated) writer_.key("enum").begin_array().raw(constant).end_array();
    writer_.end_object();
    --depth_;
    return whole;
  }

 private:
  bool raw() {
    const std::string_view value = take(cursor_);
    if (value.empty()) return false;
    writer_.raw(value);
    return true;
  }

  bool object() {
    writer_.begin_object();
    const bool whole = cursor_.object([&](const Cursor::String& key) {
      writer_.key(decoded(key));
      return schema();
    });
    writer_.end_object();
    return whole;
  }

  bool array() {
    writer_.begin_array();
    const bool whole = cursor_.array([&] { return schema(); });
    writer_.end_array();
    return whole;
  }

  Cursor cursor_;
  json::Writer writer_;
  std::size_t depth_ = 0;
};

}  // namespace

std::string gemini_schema_of(std::string_view checked) {
  // Most schemas have neither.
  if (!checked.contains("\"const\"") && !checked.contains("\"$ref\"")) return std::string(checked);
  std::string out;
  out.reserve(checked.size() + 64);
  if (!SchemaWriter(checked, out).schema()) return std::string(checked);
  return out;
}

}  // namespace gatehouse::dialects::gemini
