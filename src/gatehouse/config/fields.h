#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "gatehouse/config/tree.h"

// The tables of fields that everything else is made from: the loader, the check for unknown keys, the JSON Schema and
// the reference of docs/configuration.md. A field that is not in a table does not exist.
namespace gatehouse::config {

class Reader;
struct Section;

enum class Kind : std::uint8_t {
  boolean,
  integer,
  size,
  duration,
  text,
  secret,   // text that never appears in a message
  choice,   // one of `choices`
  choices,  // a list of them
  texts,    // a list of text
  input,    // a file that must be readable now
  output,   // a file that is written later, or `-`
  path,     // a file or folder that is looked for when it is used
  listen,   // an address and port, or a list of them
  blocks,   // a list of address blocks
  url,
  time,
  decimal,  // an amount, at most nine places
  scope,    // kind:id of the identity tree
  map,      // of free names to text
  section,  // a map with its own table
  sections  // a list of such maps
};

// What a text may hold.
enum class Charset : std::uint8_t {
  label,         // anything but control characters
  document,      // the same, with line ends and tabs
  name,          // letters, digits, `.`, `_`, `-`
  visible,       // visible ASCII: no spaces
  pattern,       // visible ASCII, `*` only at its end
  target_model,  // visible ASCII, `*` once
};

struct Choice {
  std::string_view name;
  int value;
};

struct Field {
  std::string_view name;
  Kind kind;
  std::string_view description;
  std::uint64_t min = 0;  // of a number; a size in bytes, a duration in milliseconds, the length of a text
  std::uint64_t max = 0;
  Charset charset = Charset::label;
  bool is_required = false;
  bool is_signed = false;  // a decimal from -max on
  std::string_view inherited_from{};
  std::span<const Choice> choices{};
  std::span<const std::string_view> not_available{};  // choices of the public surface that this version does not serve
  const Section* section = nullptr;
  // Reads the value into the structure that the table belongs to; says what is wrong to the reader.
  void (*read)(Reader& reader, const Field& field, const Node& node, void* into) = nullptr;
  // The default as it would be written, "" for none.
  std::string (*show_default)() = nullptr;

  constexpr Field required() const {
    Field copy = *this;
    copy.is_required = true;
    copy.show_default = nullptr;
    return copy;
  }
  // Where the default is another field's value.
  constexpr Field inherits_from(std::string_view other) const {
    Field copy = *this;
    copy.inherited_from = other;
    copy.show_default = nullptr;
    return copy;
  }
};

struct Section {
  std::string_view name;  // for the schema and the reference: "listen", "models[].targets[]"
  std::string_view description;
  std::span<const Field> fields;
  // Names of the public surface that this version does not serve. Refused by name; an issue that adds one takes its
  // line away.
  std::span<const std::string_view> not_available{};
  // Before any field of it is read, and after all were: also after problems, and where `node` is no map at all.
  void (*before)(Reader& reader, void* into) = nullptr;
  void (*after)(Reader& reader, const Node& node, void* into) = nullptr;
};

// The table of the whole file, over a Snapshot.
const Section& root_section();

// "" where a kind has none. Of numbers: "1 to 256", "1KiB to 1GiB".
std::string show_range(const Field& field);
std::string show_number(const Field& field, std::uint64_t value);

}  // namespace gatehouse::config
