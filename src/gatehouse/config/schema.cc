#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "gatehouse/config/fields.h"
#include "gatehouse/config/load.h"

namespace gatehouse::config {
namespace {

// Writes JSON with two spaces of indentation. The caller keeps the order of keys and values right.
class Writer {
 public:
  void open(char bracket) {
    separate();
    out_ += bracket;
    ++depth_;
    first_ = true;
  }
  void close(char bracket) {
    --depth_;
    if (!first_) line();
    out_ += bracket;
    first_ = false;
  }
  void key(std::string_view name) {
    separate();
    quote(name);
    out_ += ": ";
    after_key_ = true;
  }
  void text(std::string_view value) {
    separate();
    quote(value);
  }
  void raw(std::string_view value) {
    separate();
    out_ += value;
  }
  void number(std::uint64_t value) { raw(fmt::format("{}", value)); }
  void pair(std::string_view name, std::string_view value) {
    key(name);
    text(value);
  }
  std::string take() && { return std::move(out_) + "\n"; }

 private:
  void separate() {
    if (after_key_) {
      after_key_ = false;
      return;
    }
    if (depth_ == 0) return;
    if (!first_) out_ += ',';
    first_ = false;
    line();
  }
  void line() {
    out_ += '\n';
    out_.append(depth_ * 2, ' ');
  }
  void quote(std::string_view value) {
    out_ += '"';
    for (const char c : value) {
      if (c == '"' || c == '\\') out_ += '\\';
      if (static_cast<unsigned char>(c) < 0x20) {
        out_ += fmt::format("\\u{:04x}", c);
      } else {
        out_ += c;
      }
    }
    out_ += '"';
  }

  std::string out_;
  std::size_t depth_ = 0;
  bool first_ = true;
  bool after_key_ = false;
};

constexpr std::string_view kReference = "#/$defs/reference";

std::string_view pattern_of(Charset charset) {
  switch (charset) {
    case Charset::label:
      return "^[^\\u0000-\\u001f\\u007f]*$";
    case Charset::document:
      return "^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f]*$";
    case Charset::name:
      return "^[A-Za-z0-9._-]*$";
    case Charset::visible:
      return "^[!-~]*$";
    case Charset::pattern:
      return "^[!-)+-~]*\\*?$";
    case Charset::target_model:
      return "^[!-)+-~]*\\*?[!-)+-~]*$";
  }
  return {};
}

void write_reference(Writer& writer) {
  writer.open('{');
  writer.pair("$ref", kReference);
  writer.close('}');
}

void write_numbers(Writer& writer, const Field& field) {
  writer.open('{');
  writer.pair("type", "integer");
  writer.key("minimum");
  writer.number(field.min);
  writer.key("maximum");
  writer.number(field.max);
  writer.close('}');
}

void write_decimal(Writer& writer, const Field& field) {
  writer.open('{');
  writer.pair("type", "number");
  writer.key("minimum");
  if (field.is_signed) {
    writer.raw(fmt::format("-{}", field.max));
  } else {
    writer.number(field.min);
  }
  writer.key("maximum");
  writer.number(field.max);
  writer.close('}');
}

void write_text(Writer& writer, std::string_view pattern, std::uint64_t min, std::uint64_t max) {
  writer.open('{');
  writer.pair("type", "string");
  if (min > 0) {
    writer.key("minLength");
    writer.number(min);
  }
  if (max > 0) {
    writer.key("maxLength");
    writer.number(max);
  }
  if (!pattern.empty()) writer.pair("pattern", pattern);
  writer.close('}');
}

void write_choice(Writer& writer, const Field& field) {
  writer.open('{');
  writer.key("enum");
  writer.open('[');
  for (const Choice& choice : field.choices) writer.text(choice.name);
  writer.close(']');
  writer.close('}');
}

// One value of the field as it may be written (of a list, one item), without the reference that is always possible.
void write_value(Writer& writer, const Field& field) {
  switch (field.kind) {
    case Kind::boolean:
      writer.open('{');
      writer.pair("type", "boolean");
      writer.close('}');
      return;
    case Kind::integer:
      write_numbers(writer, field);
      return;
    case Kind::size:
      write_numbers(writer, field);
      write_text(writer, "^[0-9]+(KiB|MiB|GiB)$", 0, 0);
      return;
    case Kind::duration:
      write_text(writer, "^[0-9]+(ms|s|m|h)$", 0, 0);
      return;
    case Kind::text:
    case Kind::secret:
    case Kind::map:
      if (!field.choices.empty()) {
        write_choice(writer, field);
        return;
      }
      [[fallthrough]];
    case Kind::texts:
      write_text(writer, pattern_of(field.charset), field.min, field.max);
      return;
    case Kind::choice:
    case Kind::choices:
      write_choice(writer, field);
      return;
    case Kind::listen:
      write_text(writer, "^(\\[[0-9A-Fa-f:.]+\\]|[0-9.]+|localhost):[0-9]{1,5}$", 0, 0);
      return;
    case Kind::blocks:
      write_text(writer, "^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$", 0, 0);
      return;
    case Kind::url:
      write_text(writer, "^[Hh][Tt][Tt][Pp][Ss]?://[^?#@]+$", 0, 0);
      return;
    case Kind::decimal:
      write_decimal(writer, field);
      return;
    case Kind::scope:
      write_text(writer, "^(org|unit|team|project|user|key|end_user|tag|provider):.+$", 3, 300);
      return;
    case Kind::time:
      write_text(writer, "^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ].+)?$", 0, 0);
      return;
    case Kind::input:
    case Kind::output:
    case Kind::path:
      write_text(writer, {}, 1, 0);
      return;
    case Kind::section:
    case Kind::sections:
      return;
  }
}

void write_any_of(Writer& writer, const Field& field) {
  writer.key("anyOf");
  writer.open('[');
  write_value(writer, field);
  write_reference(writer);
  writer.close(']');
}

void write_items(Writer& writer, const Field& field) {
  writer.pair("type", "array");
  writer.key("items");
  writer.open('{');
  write_any_of(writer, field);
  writer.close('}');
}

// A section's name without its brackets, which a reference may not hold.
std::string definition_name(const Section& section) {
  std::string name;
  for (const char c : section.name) {
    if (c != '[' && c != ']') name += c;
  }
  return name;
}

// Lists whose absence means all must not be empty.
bool narrows(const Field& field) { return field.kind == Kind::texts || field.kind == Kind::choices; }

void write_section_ref(Writer& writer, const Section& section) {
  writer.pair("$ref", fmt::format("#/$defs/{}", definition_name(section)));
}

void write_default(Writer& writer, const Field& field) {
  if (field.show_default == nullptr) return;
  const std::string value = field.show_default();
  if (value.empty()) return;
  writer.key("default");
  if (field.kind == Kind::boolean || field.kind == Kind::integer || field.kind == Kind::decimal) {
    writer.raw(value);
  } else if (field.kind == Kind::size && value.find_first_not_of("0123456789") == value.npos) {
    writer.raw(value);
  } else {
    writer.text(value);
  }
}

void write_field(Writer& writer, const Field& field) {
  writer.key(field.name);
  writer.open('{');
  writer.pair("description", field.description);
  write_default(writer, field);
  switch (field.kind) {
    case Kind::section:
      write_section_ref(writer, *field.section);
      break;
    case Kind::sections:
      writer.pair("type", "array");
      if (field.is_required) {
        writer.key("minItems");
        writer.number(1);
      }
      writer.key("items");
      writer.open('{');
      write_section_ref(writer, *field.section);
      writer.close('}');
      break;
    case Kind::map:
      writer.pair("type", "object");
      writer.key("additionalProperties");
      writer.open('{');
      write_any_of(writer, field);
      writer.close('}');
      break;
    case Kind::texts:
    case Kind::choices:
    case Kind::blocks:
      write_items(writer, field);
      if (narrows(field)) {
        writer.key("minItems");
        writer.number(1);
      }
      break;
    case Kind::listen:
      writer.key("anyOf");
      writer.open('[');
      write_value(writer, field);
      write_reference(writer);
      writer.open('{');
      write_items(writer, field);
      writer.key("minItems");
      writer.number(1);
      writer.close('}');
      writer.close(']');
      break;
    default:
      write_any_of(writer, field);
      break;
  }
  writer.close('}');
}

void write_section_body(Writer& writer, const Section& section) {
  writer.pair("description", section.description);
  writer.pair("type", "object");
  writer.key("additionalProperties");
  writer.raw("false");
  writer.key("properties");
  writer.open('{');
  for (const Field& field : section.fields) write_field(writer, field);
  writer.close('}');
  bool any = false;
  for (const Field& field : section.fields) {
    if (!field.is_required) continue;
    if (!any) {
      writer.key("required");
      writer.open('[');
      any = true;
    }
    writer.text(field.name);
  }
  if (any) writer.close(']');
}

void write_definitions(Writer& writer, const Section& section) {
  for (const Field& field : section.fields) {
    if (field.section == nullptr) continue;
    writer.key(definition_name(*field.section));
    writer.open('{');
    write_section_body(writer, *field.section);
    writer.close('}');
    write_definitions(writer, *field.section);
  }
}

}  // namespace

std::string json_schema() {
  const Section& root = root_section();
  Writer writer;
  writer.open('{');
  writer.pair("$schema", "https://json-schema.org/draft/2020-12/schema");
  writer.pair("title", "Gatehouse");
  write_section_body(writer, root);
  writer.key("$defs");
  writer.open('{');
  writer.key("reference");
  writer.open('{');
  writer.pair("description", "A value from the environment or from a file: ${NAME}, ${NAME:-default}, file:PATH.");
  writer.pair("type", "string");
  writer.pair("pattern", "\\$\\{|^file:");
  writer.close('}');
  write_definitions(writer, root);
  writer.close('}');
  writer.close('}');
  return std::move(writer).take();
}

}  // namespace gatehouse::config
