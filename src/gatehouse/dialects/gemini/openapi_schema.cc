#include "gatehouse/dialects/gemini/openapi_schema.h"

#include <array>

#include "gatehouse/dialects/gemini/reading.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::dialects::gemini {
namespace {

// Written in quotes where protobuf has 64 bits.
bool is_limit(const Name& name) {
  static constexpr std::array<std::string_view, 6> kLimits = {"minItems",  "maxItems",      "minLength",
                                                              "maxLength", "minProperties", "maxProperties"};
  for (const auto limit : kLimits) {
    if (name == limit) return true;
  }
  return false;
}

// One walk over all of a schema, as deep as the document, whose depth the cursor bounds. Type and enum are written
// last: `nullable`, which may stand behind them, is a part of both.
class SchemaWriter {
 public:
  SchemaWriter(std::string_view schema, std::string& out) : cursor_(schema), writer_(out) {}

  bool schema() {
    if (cursor_.first() != '{') return raw();
    writer_.begin_object();
    std::string_view type;
    std::string_view choices;
    bool nullable = false;
    const bool whole = cursor_.object([&](const Cursor::String& key) {
      const Name name(key);
      const char first = cursor_.first();
      if (name == "type") return !(type = take(cursor_)).empty();
      if (name == "enum" && first == '[') return !(choices = take(cursor_)).empty();
      if (name == "nullable" && (first == 't' || first == 'f')) {
        nullable = first == 't';
        return cursor_.skip();
      }
      if (name == "propertyOrdering") return cursor_.skip();
      if (name == "properties" && first == '{') return named("properties");
      if ((name == "$defs" || name == "defs") && first == '{') return named("$defs");
      if (name == "definitions" && first == '{') return named("definitions");
      for (const std::string_view list : {"anyOf", "oneOf", "allOf", "prefixItems"}) {
        if (name == list && first == '[') return listed(list);
      }
      for (const std::string_view one : {"items", "additionalProperties", "not"}) {
        if (name == one) {
          writer_.key(one);
          return schema();
        }
      }
      if (name == "ref" && first == '"') {
        writer_.key("$ref");
        return raw();
      }
      if (name == "example") {
        writer_.key("examples").begin_array();
        const bool read = raw();
        writer_.end_array();
        return read;
      }
      if (is_limit(name)) {
        const std::string_view value = take(cursor_);
        if (const auto limit = count_of(value)) writer_.key(name.view()).unsigned_integer(*limit);
        return !value.empty();
      }
      writer_.key(decoded(key));
      return raw();
    });
    write_type(type, nullable);
    write_choices(choices, nullable);
    writer_.end_object();
    return whole;
  }

 private:
  bool raw() {
    const std::string_view value = take(cursor_);
    if (value.empty()) return false;
    writer_.raw(value);
    return true;
  }

  bool named(std::string_view name) {
    writer_.key(name).begin_object();
    const bool whole = cursor_.object([&](const Cursor::String& key) {
      writer_.key(decoded(key));
      return schema();
    });
    writer_.end_object();
    return whole;
  }

  bool listed(std::string_view name) {
    writer_.key(name).begin_array();
    const bool whole = cursor_.array([&] { return schema(); });
    writer_.end_array();
    return whole;
  }

  void write_type(std::string_view raw, bool nullable) {
    if (raw.empty()) return;
    auto type = json::read_string(raw);
    if (!type) {
      writer_.key("type").raw(raw);
      return;
    }
    for (char& c : *type) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    if (*type == "type_unspecified") return;  // it says nothing
    writer_.key("type");
    if (nullable && *type != "null") {
      writer_.begin_array().string(*type).string("null").end_array();
    } else {
      writer_.string(*type);
    }
  }

  void write_choices(std::string_view raw, bool nullable) {
    if (raw.empty()) return;
    writer_.key("enum").begin_array();
    json::walk_array(raw, [&](const json::Element& element) { writer_.raw(element.value); });
    if (nullable) writer_.null();
    writer_.end_array();
  }

  Cursor cursor_;
  json::Writer writer_;
};

}  // namespace

std::string json_schema_of(std::string_view checked) {
  std::string out;
  out.reserve(checked.size() + 16);
  if (json::kind_of(checked) != json::Kind::object || !SchemaWriter(checked, out).schema()) return "{}";
  return out;
}

}  // namespace gatehouse::dialects::gemini
