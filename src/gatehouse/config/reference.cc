#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "gatehouse/config/fields.h"
#include "gatehouse/config/load.h"

namespace gatehouse::config {
namespace {

std::string choices_of(const Field& field) {
  std::string result;
  for (const Choice& choice : field.choices) {
    if (!result.empty()) result += ", ";
    result += fmt::format("`{}`", choice.name);
  }
  return result;
}

std::string type_of(const Field& field) {
  switch (field.kind) {
    case Kind::boolean:
      return "true or false";
    case Kind::integer:
      return fmt::format("number, {}", show_range(field));
    case Kind::size:
      return fmt::format("size, {}", show_range(field));
    case Kind::duration:
      return fmt::format("duration, {}", show_range(field));
    case Kind::text:
      return "text";
    case Kind::secret:
      return field.min > 1 ? fmt::format("secret, {} to {} characters", field.min, field.max) : "secret";
    case Kind::choice:
      return choices_of(field);
    case Kind::choices:
      return fmt::format("list of {}", choices_of(field));
    case Kind::texts:
      return "list of text";
    case Kind::input:
    case Kind::output:
    case Kind::path:
      return "path";
    case Kind::listen:
      return "address or list of addresses";
    case Kind::blocks:
      return "list of address blocks";
    case Kind::url:
      return "URL";
    case Kind::decimal:
      return fmt::format("decimal, {}", show_range(field));
    case Kind::scope:
      return "`kind:name`";
    case Kind::time:
      return "date or time";
    case Kind::map:
      return "map of names to text";
    case Kind::section:
      return "map";
    case Kind::sections:
      return "list of maps";
  }
  return {};
}

std::string cell(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '|') result += '\\';
    result += c;
  }
  return result;
}

void write_row(std::string& out, const Field& field) {
  const std::string shown = field.show_default != nullptr ? field.show_default() : std::string(field.inherited_from);
  const std::string standard = field.is_required ? "required" : shown.empty() ? "" : fmt::format("`{}`", shown);
  out += fmt::format("| `{}` | {} | {} | {} |\n", field.name, cell(type_of(field)), cell(standard),
                     cell(field.description));
}

// A table that several fields share is written once.
void write(std::string& out, const Section& section, std::vector<const Section*>& written) {
  if (std::ranges::find(written, &section) != written.end()) return;
  written.push_back(&section);
  out += fmt::format("### `{}`\n\n{}\n\n| field | type | default | |\n|---|---|---|---|\n", section.name,
                     section.description);
  for (const Field& field : section.fields) write_row(out, field);
  out += '\n';
  for (const Field& field : section.fields) {
    if (field.section != nullptr) write(out, *field.section, written);
  }
}

}  // namespace

std::string reference_markdown() {
  std::string result;
  std::vector<const Section*> written;
  result += "### Single values\n\n| field | type | default | |\n|---|---|---|---|\n";
  for (const Field& field : root_section().fields) {
    if (field.section == nullptr) write_row(result, field);
  }
  result += '\n';
  for (const Field& field : root_section().fields) {
    if (field.section != nullptr) write(result, *field.section, written);
  }
  result.pop_back();  // one line end is enough
  return result;
}

}  // namespace gatehouse::config
